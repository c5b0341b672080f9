// How values are written into events. Permanent (docs/formats/storage.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/value.h"
#include "sdk/core/base/bytes.h"

namespace guidon::events {

// Permanent.
enum class ValueByte : std::uint8_t {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kDouble = 4,
  kString = 5,
  kList = 6,
  kObject = 7
};

template <class Out>
void WriteValue(const Value& value, Out* out) {
  const auto type = [out](ValueByte byte) { out->Byte(static_cast<std::uint8_t>(byte)); };
  switch (value.type()) {
    case Value::Type::kNull: type(ValueByte::kNull); break;
    case Value::Type::kBool: type(*value.AsBool() ? ValueByte::kTrue : ValueByte::kFalse); break;
    case Value::Type::kInt:
      type(ValueByte::kInt);
      out->Signed(*value.AsInt());
      break;
    case Value::Type::kDouble:
      type(ValueByte::kDouble);
      out->Double(*value.AsDouble());
      break;
    case Value::Type::kString:
      type(ValueByte::kString);
      out->Text(*value.AsString());
      break;
    case Value::Type::kList:
      type(ValueByte::kList);
      out->Number(value.AsList()->size());
      for (const Value& item : *value.AsList()) WriteValue(item, out);
      break;
    case Value::Type::kObject:
      type(ValueByte::kObject);
      out->Number(value.AsObject()->size());
      for (const Member& member : *value.AsObject()) {
        out->Text(member.name);
        WriteValue(member.value, out);
      }
      break;
  }
}

// Names and their values.
template <class Out, class Named>
void WriteNamed(const Named& values, Out* out) {
  out->Number(values.size());
  for (const auto& [name, value] : values) {
    out->Text(name);
    WriteValue(value, out);
  }
}

// What is nested deeper than an event may be fails.
Value ReadValue(ByteReader* in);
// Appends what it read; what is nested deeper than an event may be fails.
void ReadNamed(std::vector<std::pair<std::string, Value>>* values, ByteReader* in);

}  // namespace guidon::events
