#include "sdk/core/base/json_writer.h"

#include <charconv>
#include <cmath>

#include "sdk/core/base/text.h"

namespace guidon::json {
namespace {

// ASCII that stands for itself.
bool IsPlain(char c) noexcept { return c >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\'; }

}  // namespace

void Writer::NewLine() {
  if (indent_ <= 0) return;
  *out_ += '\n';
  out_->append(levels_.size() * static_cast<std::size_t>(indent_), ' ');
}

void Writer::BeforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  if (!levels_.back().is_empty) *out_ += ',';
  levels_.back().is_empty = false;
  NewLine();
}

Writer& Writer::BeginObject() {
  BeforeValue();
  *out_ += '{';
  levels_.push_back({true});
  return *this;
}

Writer& Writer::BeginArray() {
  BeforeValue();
  *out_ += '[';
  levels_.push_back({false});
  return *this;
}

Writer& Writer::End() {
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.is_empty) NewLine();
  *out_ += level.is_object ? '}' : ']';
  return *this;
}

Writer& Writer::Key(std::string_view name) {
  String(name);
  *out_ += indent_ > 0 ? ": " : ":";
  after_key_ = true;
  return *this;
}

Writer& Writer::Null() { return Raw("null"); }
Writer& Writer::Bool(bool value) { return Raw(value ? "true" : "false"); }

Writer& Writer::Int(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return Raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

Writer& Writer::Uint(std::uint64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return Raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

Writer& Writer::Double(double value) {
  if (!std::isfinite(value)) return Null();
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits - 2, value).ptr;
  std::string_view text(digits, static_cast<std::size_t>(end - digits));
  Raw(text);
  if (text.find_first_of(".e") == std::string_view::npos) *out_ += ".0";
  return *this;
}

Writer& Writer::String(std::string_view value) {
  static constexpr char kHex[] = "0123456789abcdef";
  BeforeValue();
  *out_ += '"';
  std::size_t at = 0;
  while (at < value.size()) {
    std::size_t plain = at;
    while (plain < value.size() && IsPlain(value[plain])) ++plain;
    out_->append(value, at, plain - at);
    at = plain;
    if (at == value.size()) break;
    const auto c = static_cast<unsigned char>(value[at]);
    if (c >= 0x80) {
      const std::size_t size = text::Utf8Length(value.substr(at));
      if (size == 0) {
        *out_ += "\xEF\xBF\xBD";
        ++at;
      } else {
        out_->append(value, at, size);
        at += size;
      }
      continue;
    }
    ++at;
    switch (c) {
      case '"': *out_ += "\\\""; break;
      case '\\': *out_ += "\\\\"; break;
      case '\n': *out_ += "\\n"; break;
      case '\r': *out_ += "\\r"; break;
      case '\t': *out_ += "\\t"; break;
      default:
        *out_ += "\\u00";
        *out_ += kHex[c >> 4];
        *out_ += kHex[c & 15];
    }
  }
  *out_ += '"';
  return *this;
}

Writer& Writer::Any(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull: return Null();
    case Value::Type::kBool: return Bool(*value.AsBool());
    case Value::Type::kInt: return Int(*value.AsInt());
    case Value::Type::kDouble: return Double(*value.AsDouble());
    case Value::Type::kString: return String(*value.AsString());
    case Value::Type::kList:
      BeginArray();
      for (const Value& item : *value.AsList()) Any(item);
      return End();
    case Value::Type::kObject:
      BeginObject();
      for (const Member& member : *value.AsObject()) Key(member.name).Any(member.value);
      return End();
  }
  return *this;
}

Writer& Writer::Raw(std::string_view json) {
  BeforeValue();
  out_->append(json);
  return *this;
}

std::string ToText(const Value& value) {
  std::string text;
  Writer(&text).Any(value);
  return text;
}

}  // namespace guidon::json
