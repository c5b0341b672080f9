#pragma once

#include <string>

namespace guidon::property {

// As printf would write it, at most 255 bytes.
[[gnu::format(printf, 1, 2)]] std::string Line(const char* format, ...);

}  // namespace guidon::property
