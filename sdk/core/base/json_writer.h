// Writes compact JSON by appending to a string. The caller opens and closes; commas are placed here.
//
//   JsonWriter json(&out);
//   json.BeginObject().Key("id").String(id).Key("n").Int(3).End();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/value.h"

namespace guidon::json {

class Writer {
 public:
  // Appends to `out`, which must outlive the writer. With `indent` above 0 the text is laid out for people.
  explicit Writer(std::string* out, int indent = 0) : out_(out), indent_(indent) {}

  Writer& BeginObject();
  Writer& BeginArray();
  Writer& End();  // whichever was begun last

  Writer& Key(std::string_view name);
  Writer& Null();
  Writer& Bool(bool value);
  Writer& Int(std::int64_t value);
  Writer& Uint(std::uint64_t value);
  // The shortest text that reads back as the same double, always with a fraction or an exponent. Not a number or
  // infinite: null.
  Writer& Double(double value);
  // Bytes that are not UTF-8 become U+FFFD.
  Writer& String(std::string_view value);
  Writer& Any(const Value& value);
  // Text that is JSON already.
  Writer& Raw(std::string_view json);

 private:
  void BeforeValue();
  void NewLine();

  struct Level {
    bool is_object;
    bool is_empty = true;
  };
  std::string* out_;
  int indent_;
  bool after_key_ = false;
  std::vector<Level> levels_;
};

// `value` as compact JSON.
std::string ToText(const Value& value);

}  // namespace guidon::json
