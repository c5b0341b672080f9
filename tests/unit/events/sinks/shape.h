// JSON checked against a table of messages: every member is known and of its type, nothing that must be there is
// missing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/json.h"

namespace guidon::events::test {

enum class Kind {
  kText,
  kNumber,  // a JSON number
  kWhole,   // a JSON number without fraction, 0 or above
  kBool,
  kInt64Text,  // a 64-bit integer as proto3's JSON has it: a string
  kUint64Text,
  kBase64,
  kHex,
  kUuid,
  kTime,     // RFC 3339 in UTC
  kScalars,  // an object of the app's own names, with scalars
  kValues,   // with anything
  kMessage,
  kMessages,  // an array of them
};

struct Field {
  std::string_view name;
  Kind kind;
  std::string_view message = {};  // of kMessage, kMessages
  bool is_required = false;
};

struct Message {
  std::string_view name;
  std::vector<Field> fields = {};
  bool is_one_of = false;             // at most one member
  std::string_view open_prefix = {};  // members that begin so are the app's, scalars
  bool is_open = false;               // so are all others
};

using Shape = std::vector<Message>;

// Where and why, a line each; empty when the text has the shape of that message.
std::vector<std::string> Misfits(const Shape& shape, std::string_view message, json::Node node);
std::vector<std::string> Misfits(const Shape& shape, std::string_view message, const std::string& text);

// Proves that the check can fail: the text once for every member it holds, that one renamed, and once made another
// type. Returns the places of changes that still fit.
std::vector<std::string> Unnoticed(const Shape& shape, std::string_view message, const std::string& text);

}  // namespace guidon::events::test
