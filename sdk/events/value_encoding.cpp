#include "sdk/events/value_encoding.h"

namespace guidon::events {
namespace {

constexpr int kValueDepth = 16;

Value ReadValue(ByteReader* in, int depth) {
  const auto type = static_cast<ValueByte>(in->Byte());
  if (!in->ok() || (type >= ValueByte::kList && depth == 0)) {
    in->Fail();
    return Value();
  }
  switch (type) {
    case ValueByte::kNull: return Value();
    case ValueByte::kFalse: return Value(false);
    case ValueByte::kTrue: return Value(true);
    case ValueByte::kInt: return Value(in->Signed());
    case ValueByte::kDouble: return Value(in->Double());
    case ValueByte::kString: return Value(in->Text());
    case ValueByte::kList: {
      List list;
      for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) list.push_back(ReadValue(in, depth - 1));
      return Value(std::move(list));
    }
    case ValueByte::kObject: {
      Object object;
      for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
        std::string name(in->Text());
        object.push_back({std::move(name), ReadValue(in, depth - 1)});
      }
      return Value(std::move(object));
    }
  }
  in->Fail();
  return Value();
}

}  // namespace

Value ReadValue(ByteReader* in) { return ReadValue(in, kValueDepth); }

void ReadNamed(std::vector<std::pair<std::string, Value>>* values, ByteReader* in) {
  for (std::size_t left = in->Count(); left > 0 && in->ok(); --left) {
    std::string name(in->Text());
    values->emplace_back(std::move(name), ReadValue(in, kValueDepth));
  }
}

}  // namespace guidon::events
