// SHA-256 (FIPS 180-4), so that a digest needs nothing but a compiler. Checked by statistics_test.cpp.
#pragma once

#include <string>
#include <string_view>

namespace guidon::property {

// In lower-case hexadecimal.
std::string Sha256Hex(std::string_view bytes);

}  // namespace guidon::property
