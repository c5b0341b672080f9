// What rules and explanations call the types of values.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "guidon/value.h"

namespace guidon {

inline constexpr std::array<std::string_view, 8> kTypeNames = {"missing", "null",   "bool", "int",
                                                               "double",  "string", "list", "object"};

// Of kTypeNames; null: there is no value.
inline std::size_t TypeIndex(const Value* value) noexcept {
  static_assert(static_cast<int>(Value::Type::kNull) == 0 && static_cast<int>(Value::Type::kObject) == 6);
  return value == nullptr ? 0 : 1 + static_cast<std::size_t>(value->type());
}

// kTypeNames.size() when there is none of this name.
inline std::size_t TypeIndex(std::string_view name) noexcept {
  std::size_t at = 0;
  while (at < kTypeNames.size() && kTypeNames[at] != name) ++at;
  return at;
}

}  // namespace guidon
