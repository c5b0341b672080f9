#include "sdk/events/value_encoding.h"

namespace guidon::events {
namespace {

constexpr int kValueDepth = 16;

// Permanent.
enum ValueByte : std::uint8_t {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kDouble = 4,
  kString = 5,
  kList = 6,
  kObject = 7
};

Value ReadValue(ByteReader* in, int depth) {
  const std::uint8_t type = in->Byte();
  if (!in->ok() || (type >= kList && depth == 0)) {
    in->Fail();
    return Value();
  }
  switch (type) {
    case kNull: return Value();
    case kFalse: return Value(false);
    case kTrue: return Value(true);
    case kInt: return Value(in->Signed());
    case kDouble: return Value(in->Double());
    case kString: return Value(in->Text());
    case kList: {
      List list;
      for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) list.push_back(ReadValue(in, depth - 1));
      return Value(std::move(list));
    }
    case kObject: {
      Object object;
      for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
        std::string name(in->Text());
        object.push_back({std::move(name), ReadValue(in, depth - 1)});
      }
      return Value(std::move(object));
    }
    default: in->Fail(); return Value();
  }
}

}  // namespace

void WriteValue(const Value& value, ByteWriter* out) {
  switch (value.type()) {
    case Value::Type::kNull: out->Byte(kNull); break;
    case Value::Type::kBool: out->Byte(*value.AsBool() ? kTrue : kFalse); break;
    case Value::Type::kInt:
      out->Byte(kInt);
      out->Signed(*value.AsInt());
      break;
    case Value::Type::kDouble:
      out->Byte(kDouble);
      out->Double(*value.AsDouble());
      break;
    case Value::Type::kString:
      out->Byte(kString);
      out->Text(*value.AsString());
      break;
    case Value::Type::kList:
      out->Byte(kList);
      out->Number(value.AsList()->size());
      for (const Value& item : *value.AsList()) WriteValue(item, out);
      break;
    case Value::Type::kObject:
      out->Byte(kObject);
      out->Number(value.AsObject()->size());
      for (const Member& member : *value.AsObject()) {
        out->Text(member.name);
        WriteValue(member.value, out);
      }
      break;
  }
}

void WriteNamed(const NamedValues& values, ByteWriter* out) {
  out->Number(values.size());
  for (const auto& entry : values) {
    out->Text(entry.first);
    WriteValue(entry.second, out);
  }
}

void ReadNamed(NamedValues* values, ByteReader* in) {
  for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
    std::string name(in->Text());
    values->emplace_back(std::move(name), ReadValue(in, kValueDepth));
  }
}

}  // namespace guidon::events
