// Trees out and in: the published form, and the expression that says the same.
#pragma once

#include <optional>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/expression.h"

namespace guidon::expression {

// The published form, docs/formats/datafile.md "Conditions".
void ToJson(const Tree& tree, json::Writer& out);
std::string ToJson(const Tree& tree);

// The expression that parses to this tree, always written the same way.
std::string ToText(const Tree& tree);

// A published condition as a tree, for showing it. Nothing when it holds what expressions cannot say: an operator of a
// later version, or `kind`.
std::optional<Tree> FromJson(json::Node condition);

}  // namespace guidon::expression
