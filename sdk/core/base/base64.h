// Base64 as RFC 4648 section 4 writes it: keys in options, signatures in tools. And as its section 5 does for URLs,
// without padding: QA tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace guidon {

std::string EncodeBase64(std::string_view bytes);

// Strict, so that one value has one spelling: nothing for white space, other alphabets, missing or surplus padding, or
// bits behind the last byte that are not zero. The empty text is the empty value.
std::optional<std::string> DecodeBase64(std::string_view text);

std::string EncodeBase64Url(std::string_view bytes);
std::optional<std::string> DecodeBase64Url(std::string_view text);  // as strict

}  // namespace guidon
