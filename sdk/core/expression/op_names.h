// What operators are called, in the order of the enumeration. Used by what writes and reads trees.
#pragma once

#include <cstddef>
#include <string_view>

#include "sdk/core/expression/expression.h"

namespace guidon::expression {

struct OpNames {
  Op op;
  std::string_view json;
  std::string_view text;
};

inline constexpr OpNames kOps[] = {{Op::kEqual, "==", "=="},
                                   {Op::kNotEqual, "!=", "!="},
                                   {Op::kLess, "<", "<"},
                                   {Op::kLessEqual, "<=", "<="},
                                   {Op::kGreater, ">", ">"},
                                   {Op::kGreaterEqual, ">=", ">="},
                                   {Op::kContains, "contains", "contains"},
                                   {Op::kStartsWith, "starts_with", "startsWith"},
                                   {Op::kEndsWith, "ends_with", "endsWith"},
                                   {Op::kMatchesGlob, "matches_glob", "matchesGlob"},
                                   {Op::kMatches, "matches", "matches"},
                                   {Op::kContainsAny, "contains_any", "containsAny"},
                                   {Op::kContainsAll, "contains_all", "containsAll"},
                                   {Op::kContainsNone, "contains_none", "containsNone"}};

inline const OpNames& NamesOf(Op op) { return kOps[static_cast<std::size_t>(op)]; }

}  // namespace guidon::expression
