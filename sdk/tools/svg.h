// Pieces of pictures.
#pragma once

#include <string>
#include <string_view>

namespace guidon::tools::svg {

std::string Number(double value);  // with one digit behind the point
std::string Escaped(std::string_view text);
// Lengths are pixels; `classes` are those of the picture's style.
std::string TextAt(double x, double y, std::string_view classes, std::string_view text);
std::string Box(double x, double y, double width, double height, std::string_view classes);  // empty without a height

}  // namespace guidon::tools::svg
