// What a flag can be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "guidon/value.h"

namespace guidon::ruleset {

enum class ValueType : std::uint8_t { kBool, kInt, kDouble, kString, kJson };

// "bool", "int", "double", "string", "json": as in the datafile.
std::string_view ValueTypeName(ValueType type) noexcept;

struct FlagValue {
  ValueType type = ValueType::kBool;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;  // of an int flag, too
  std::string text;   // of a string flag; of a JSON flag its compact text
};

bool operator==(const FlagValue& a, const FlagValue& b) noexcept;

// JSON flags are parsed.
Value ToValue(const FlagValue& value);

// Empty when `value` is not of that type. An int is taken for a double.
bool FromValue(const Value& value, ValueType type, FlagValue* out);

}  // namespace guidon::ruleset
