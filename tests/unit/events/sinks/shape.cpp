#include "tests/unit/events/sinks/shape.h"

#include <algorithm>
#include <charconv>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::events::test {
namespace {

using json::Node;
using json::Type;

bool IsScalar(Node node) { return !node.is(Type::kArray) && !node.is(Type::kObject); }

bool IsOf(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

template <class T>
bool IsInteger(std::string_view text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::to_string(number) == text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !IsOf(text.substr(i, 1), "0123456789abcdef")) return false;
  }
  return (text[14] >= '1' && text[14] <= '8') && IsOf(text.substr(19, 1), "89ab");
}

bool Fits(Kind kind, Node node) {
  const std::string_view text = node.AsString().value_or(std::string_view());
  const bool is_text = node.is(Type::kString);
  switch (kind) {
    case Kind::kText: return is_text;
    case Kind::kNumber: return node.AsNumber().has_value();
    case Kind::kWhole: return node.AsInt().value_or(-1) >= 0;
    case Kind::kBool: return node.is(Type::kBool);
    case Kind::kInt64Text: return is_text && IsInteger<std::int64_t>(text);
    case Kind::kUint64Text: return is_text && IsInteger<std::uint64_t>(text);
    case Kind::kBase64:
      return is_text && text.size() % 4 == 0 &&
             IsOf(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    case Kind::kHex: return is_text && text.size() % 2 == 0 && IsOf(text, "0123456789abcdefABCDEF");
    case Kind::kUuid: return is_text && IsUuid(text);
    case Kind::kTime: return is_text && text.size() >= 20 && text.back() == 'Z' && text::ParseTimestamp(text);
    case Kind::kScalars:
    case Kind::kValues: {
      if (!node.is(Type::kObject)) return false;
      for (Node each : node) {
        if (kind == Kind::kScalars && !IsScalar(each)) return false;
      }
      return true;
    }
    case Kind::kMessage: return node.is(Type::kObject);
    case Kind::kMessages: return node.is(Type::kArray);
  }
  return false;
}

class Checker {
 public:
  explicit Checker(const Shape& shape) : shape_(shape) {}

  void Check(std::string_view name, Node node, const std::string& where) {
    const auto message =
        std::find_if(shape_.begin(), shape_.end(), [name](const Message& each) { return each.name == name; });
    if (message == shape_.end()) return Add(where, "no table for " + std::string(name));
    if (!node.is(Type::kObject)) return Add(where, "is no object");
    if (message->is_one_of && node.size() > 1) Add(where, "has more than one member");
    for (const Field& field : message->fields) {
      if (field.is_required && !node[field.name].exists()) Add(where, "lacks " + std::string(field.name));
    }
    for (Node member : node) CheckMember(*message, member, where + "/" + std::string(member.name()));
  }

  std::vector<std::string> problems;

 private:
  void CheckMember(const Message& message, Node node, const std::string& where) {
    const auto field = std::find_if(message.fields.begin(), message.fields.end(),
                                    [node](const Field& each) { return each.name == node.name(); });
    if (field == message.fields.end()) {
      const bool is_apps =
          message.is_open ||
          (!message.open_prefix.empty() && node.name().substr(0, message.open_prefix.size()) == message.open_prefix);
      if (!is_apps) Add(where, "is not known");
      return;
    }
    if (!Fits(field->kind, node)) return Add(where, "has the wrong type: " + node.ToText().substr(0, 80));
    if (field->kind == Kind::kMessage) Check(field->message, node, where);
    if (field->kind != Kind::kMessages) return;
    std::size_t index = 0;
    for (Node item : node) Check(field->message, item, where + "/" + std::to_string(index++));
  }
  void Add(const std::string& where, const std::string& why) { problems.push_back(where + " " + why); }

  const Shape& shape_;
};

// Writes `node` again, the `at`-th member (depth first) renamed or of another type.
class Spoiler {
 public:
  Spoiler(std::size_t at, bool renames) : at_(at), renames_(renames) {}

  void Write(Node node, const std::string& where, json::Writer* json) {
    if (node.is(Type::kObject)) {
      json->BeginObject();
      for (Node member : node) {
        const bool is_it = next_++ == at_;
        const std::string place = where + "/" + std::string(member.name());
        if (is_it) spoiled = place;
        json->Key(is_it && renames_ ? "zz" + std::string(member.name()) : std::string(member.name()));
        if (is_it && !renames_) {
          // Neither a text, a number, a bool nor an object can be this, nor an array of messages.
          json->BeginArray().Null().End();
        } else {
          Write(member, place, json);
        }
      }
      json->End();
    } else if (node.is(Type::kArray)) {
      json->BeginArray();
      std::size_t index = 0;
      for (Node item : node) Write(item, where + "/" + std::to_string(index++), json);
      json->End();
    } else {
      json->Raw(node.ToText());
    }
  }

  std::string spoiled;  // empty: there is no such member

 private:
  std::size_t at_;
  bool renames_;
  std::size_t next_ = 0;
};

json::Limits Plenty() {
  json::Limits limits;
  limits.nodes = 1'000'000;
  limits.string_bytes = 1'000'000;
  return limits;
}

}  // namespace

std::vector<std::string> Misfits(const Shape& shape, std::string_view message, Node node) {
  Checker checker(shape);
  checker.Check(message, node, std::string());
  return checker.problems;
}

std::vector<std::string> Misfits(const Shape& shape, std::string_view message, const std::string& text) {
  json::Error error;
  const auto document = json::Document::Parse(text, &error, Plenty());
  if (!document) return {error.ToText()};
  return Misfits(shape, message, document->root());
}

std::vector<std::string> Unnoticed(const Shape& shape, std::string_view message, const std::string& text) {
  std::vector<std::string> unnoticed;
  const auto document = json::Document::Parse(text, nullptr, Plenty());
  for (const bool renames : {true, false}) {
    for (std::size_t at = 0;; ++at) {
      Spoiler spoiler(at, renames);
      std::string spoiled;
      json::Writer json(&spoiled);
      spoiler.Write(document->root(), std::string(), &json);
      if (spoiler.spoiled.empty()) break;
      if (Misfits(shape, message, spoiled).empty()) unnoticed.push_back(spoiler.spoiled);
    }
  }
  return unnoticed;
}

}  // namespace guidon::events::test
