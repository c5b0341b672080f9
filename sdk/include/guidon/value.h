// A JSON-like value: what attributes, event properties and JSON flags hold. A plain value type; copying copies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace guidon {

class Value;
struct Member;

using List = std::vector<Value>;
using Object = std::vector<Member>;  // in the order written; names are unique

class Value {
 public:
  enum class Type { kNull, kBool, kInt, kDouble, kString, kList, kObject };

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  inline Value(List value);
  inline Value(Object value);
  // Any integer but bool. Unsigned values above the int64 range become doubles.
  template <class I, std::enable_if_t<std::is_integral_v<I> && !std::is_same_v<I, bool>, int> = 0>
  Value(I value) {
    if constexpr (std::is_unsigned_v<I> && sizeof(I) >= sizeof(std::int64_t)) {
      if (value > static_cast<I>(INT64_MAX)) {
        data_ = static_cast<double>(value);
        return;
      }
    }
    data_ = static_cast<std::int64_t>(value);
  }
  // A pointer is not a bool.
  template <class P, std::enable_if_t<std::is_pointer_v<P> && !std::is_convertible_v<P, const char*>, int> = 0>
  Value(P) = delete;

  Type type() const noexcept { return static_cast<Type>(data_.index()); }
  bool is_null() const noexcept { return type() == Type::kNull; }

  // Null when the value is of another type. An int is not a double here; `AsNumber` takes both.
  const bool* AsBool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* AsInt() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const double* AsDouble() const noexcept { return std::get_if<double>(&data_); }
  const std::string* AsString() const noexcept { return std::get_if<std::string>(&data_); }
  inline const List* AsList() const noexcept;
  inline const Object* AsObject() const noexcept;

  // The member of an object, or null when there is none or this is no object.
  inline const Value* Find(std::string_view name) const noexcept;

  friend inline bool operator==(const Value& a, const Value& b);
  friend bool operator!=(const Value& a, const Value& b) { return !(a == b); }

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Object> data_;
};

struct Member {
  std::string name;
  Value value;
};

inline bool operator==(const Member& a, const Member& b) { return a.name == b.name && a.value == b.value; }

inline Value::Value(List value) : data_(std::move(value)) {}
inline Value::Value(Object value) : data_(std::move(value)) {}
inline const List* Value::AsList() const noexcept { return std::get_if<List>(&data_); }
inline const Object* Value::AsObject() const noexcept { return std::get_if<Object>(&data_); }

inline const Value* Value::Find(std::string_view name) const noexcept {
  const Object* object = AsObject();
  if (object == nullptr) return nullptr;
  for (const Member& member : *object) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

// Types and contents are equal; objects compare in the order written.
inline bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

}  // namespace guidon
