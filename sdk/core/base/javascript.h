// What JavaScript makes of values: several vendors' rules are defined by it. Its specification is ECMA-262.
#pragma once

#include <string>
#include <string_view>

#include "guidon/value.h"

namespace guidon::javascript {

// A number's text, by Number::toString: "42", "0.1", "1e+21", "1e-7", "-0" is "0", "NaN", "Infinity".
std::string ToText(double number);
// A value's text, by ToString: null is "null", lists are joined by commas, with nothing for null, an object is
// "[object Object]". What is deeper than 32 lists counts as nothing.
std::string ToText(const Value& value);

// A value's number, by ToNumber: null and "" are 0, true is 1, a list is its text's number; not a number otherwise.
double ToNumber(const Value& value);
double ToNumber(std::string_view text);

// All but null, false, 0, not a number and "".
bool IsTruthy(const Value& value) noexcept;

// By JSON.stringify: compact, with the members in their order and numbers as ToText writes them; what is no number is
// null. What is deeper than 32 lists and objects is null.
std::string ToJson(const Value& value);

// JavaScript orders texts by UTF-16 code units. Of these, bytes are in the same order: the text itself but for
// characters beyond U+FFFF, whose surrogates are written as characters of their own.
std::string OrderKey(std::string_view utf8);
// Whether that is not the text itself.
bool HasOrderKey(std::string_view utf8) noexcept;

}  // namespace guidon::javascript
