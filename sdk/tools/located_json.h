// JSON as people write it by hand, with the place of every value, so that each problem can say where. Goes on behind a
// duplicate name, which the strict reader refuses; everything else that is not JSON ends the reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/value.h"
#include "sdk/core/base/json.h"

namespace guidon::tools {

struct Located {
  json::Type type = json::Type::kNull;
  bool is_out_of_range = false;  // a number beyond int64 or double; then it is null
  std::string name;              // in an object
  std::size_t name_offset = 0;
  std::size_t offset = 0;  // of the value's first byte
  std::size_t size = 0;
  std::string pointer;         // RFC 6901
  Value value;                 // of a bool, number or text
  std::vector<Located> items;  // of an array or object

  bool is(json::Type wanted) const { return type == wanted; }
  bool IsNumber() const { return type == json::Type::kInt || type == json::Type::kDouble; }
  // Empty when it is no text.
  std::string_view Text() const {
    const std::string* text = value.AsString();
    return text == nullptr ? std::string_view() : std::string_view(*text);
  }
  double Number() const {
    const std::int64_t* integer = value.AsInt();
    const double* real = value.AsDouble();
    return integer != nullptr ? static_cast<double>(*integer) : real != nullptr ? *real : 0;
  }
  // The member of that name, or null.
  const Located* Find(std::string_view member) const;
  // All of it, arrays and objects too.
  Value ToValue() const;
};

// What is wrong with the text, as JSON.
struct JsonFault {
  std::size_t offset = 0;
  std::string pointer;
  std::string reason;
  std::string advice;
  bool is_duplicate = false;  // reading went on; the first of the two counts
};

// False when `text` could not be read to its end; the reason is then the last fault. `example` is how such
// a file looks, for whoever wrote an empty one.
inline constexpr std::string_view kSourceExample = "{ \"format\": \"guidon-source/1\", … }";
bool ReadLocated(std::string_view text, Located* out, std::vector<JsonFault>* faults,
                 std::string_view example = kSourceExample);

// Line and column, both from 1; the column in characters.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;
};
LineColumn PlaceOf(std::string_view text, std::size_t offset);

}  // namespace guidon::tools
