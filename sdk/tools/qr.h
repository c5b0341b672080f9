// QR codes for a terminal. The only file of the tool that names libqrencode is qr.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace guidon::tools {

// Two rows of it in a line of text, black on white whatever the terminal's colours are. Nothing when the text is too
// long, or the command was built without libqrencode.
std::optional<std::string> DrawQr(std::string_view text);

// Empty, or why there are none.
std::string WhyNoQr();

}  // namespace guidon::tools
