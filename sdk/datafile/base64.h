// Base64 as RFC 4648 section 4 writes it: keys in options, signatures in tools.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace guidon::datafile {

std::string EncodeBase64(std::string_view bytes);

// Strict, so that one value has one spelling: nothing for white space, other alphabets, missing or surplus padding, or
// bits behind the last byte that are not zero. The empty text is the empty value.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace guidon::datafile
