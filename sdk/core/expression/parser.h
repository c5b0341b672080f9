// Reads expressions: a subset of CEL, the Common Expression Language.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/ports/patterns.h"
#include "sdk/core/expression/expression.h"

namespace guidon::expression {

// Why a text is no expression.
struct Error {
  std::size_t offset = 0;  // bytes from the start, of what is wrong
  std::size_t size = 0;    // its bytes; 0 at the end of the text
  std::string reason;      // what was found
  std::string advice;      // what would be right; may be empty
};

// `error` is filled in when the result is empty; null when nobody wants it. Any bytes may be given: what is too long,
// too deep or not UTF-8 is an error like every other.
// Patterns are checked where `patterns` can compile them; null: any text is taken for one.
std::optional<Tree> Parse(std::string_view text, Error* error, Patterns* patterns = nullptr);

// Two lines: the text (or the part of it that matters) and a caret below what is wrong.
std::string PointAt(std::string_view text, const Error& error);

}  // namespace guidon::expression
