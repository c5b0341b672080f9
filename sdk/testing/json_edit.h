// Members of a Value that is an object, to be changed in place.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "guidon/value.h"

namespace guidon::testing {

// The object in `value`, which is made one where it is something else.
inline Object& ObjectIn(Value& value) {
  if (value.AsObject() == nullptr) value = Value(Object());
  return const_cast<Object&>(*value.AsObject());  // of a Value that may be changed
}

inline List& ListIn(Value& value) {
  if (value.AsList() == nullptr) value = Value(List());
  return const_cast<List&>(*value.AsList());
}

// Null when there is none.
inline Value* FindIn(Value& value, std::string_view name) { return const_cast<Value*>(value.Find(name)); }

// Null at first.
inline Value& MemberOf(Value& value, const std::string& name) {
  if (Value* found = FindIn(value, name)) return *found;
  Object& object = ObjectIn(value);
  object.push_back({name, Value()});
  return object.back().value;
}

inline void EraseFrom(Value& value, std::string_view name) {
  Object& object = ObjectIn(value);
  object.erase(std::remove_if(object.begin(), object.end(), [&](const Member& member) { return member.name == name; }),
               object.end());
}

// The text of a member; empty when there is none.
inline std::string TextIn(const Value& value, std::string_view name) {
  const Value* found = value.Find(name);
  const std::string* text = found == nullptr ? nullptr : found->AsString();
  return text == nullptr ? std::string() : *text;
}

}  // namespace guidon::testing
