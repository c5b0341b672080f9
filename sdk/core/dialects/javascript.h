// What JavaScript makes of values: several vendors' rules are defined by it. Its specification is ECMA-262.
#pragma once

#include <string>

#include "sdk/core/base/json.h"

namespace guidon::dialects {

// A number's text, by Number::toString: "42", "0.1", "1e+21", "1e-7", "-0" is "0", "NaN", "Infinity".
std::string JavaScriptText(double number);
// A value's text, by ToString: null is "null", lists are joined by commas, with nothing for null, an object is
// "[object Object]". What is deeper than 32 lists counts as nothing.
std::string JavaScriptText(json::Node value);

}  // namespace guidon::dialects
