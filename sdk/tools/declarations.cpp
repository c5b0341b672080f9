#include "sdk/tools/declarations.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>

#include "sdk/core/base/json_writer.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kCommentColumns = 97;  // behind "// "

bool IsNameStart(char c) noexcept { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsNamePart(char c) noexcept { return IsNameStart(c) || (c >= '0' && c <= '9'); }

// A text as C++ writes it. Octal escapes have three digits, so that what follows is never taken for one more.
std::string TextLiteral(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += '\\';
      for (const int shift : {6, 3, 0}) out += static_cast<char>('0' + ((byte >> shift) & 7));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string FallbackLiteral(ruleset::ValueType type, const Value& value) {
  switch (type) {
    case ruleset::ValueType::kBool: return value.AsBool() != nullptr && *value.AsBool() ? "true" : "false";
    case ruleset::ValueType::kInt: {
      const std::int64_t number = value.AsInt() == nullptr ? 0 : *value.AsInt();
      const bool is_least = number == std::numeric_limits<std::int64_t>::min();  // C++ has no literal for it
      return is_least ? "-9223372036854775807 - 1" : std::to_string(number);
    }
    case ruleset::ValueType::kDouble:
      return value.AsInt() != nullptr ? json::ToText(Value(static_cast<double>(*value.AsInt()))) : json::ToText(value);
    case ruleset::ValueType::kString: return TextLiteral(value.AsString() == nullptr ? "" : *value.AsString());
    case ruleset::ValueType::kJson: return TextLiteral(json::ToText(value));
  }
  return "false";
}

// A backslash at the end of a line would go on in the next one.
std::string CommentLines(const std::string& paragraph) {
  std::string out;
  const std::string wrapped = Wrap(Plain(paragraph), 0, kCommentColumns);
  for (std::size_t begin = 0; begin < wrapped.size();) {
    const std::size_t end = std::min(wrapped.find('\n', begin), wrapped.size());
    std::string line = wrapped.substr(begin, end - begin);
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (!line.empty() && line.back() == '\\') line += '.';
    if (!line.empty()) out += "// " + line + "\n";
    begin = end + 1;
  }
  return out;
}

// The text with comments blanked out, so that places stay.
std::string WithoutComments(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size(); ++at) {
    if (out[at] == '"') {
      for (++at; at < out.size() && out[at] != '"' && out[at] != '\n'; ++at) at += out[at] == '\\' ? 1u : 0u;
    } else if (out.compare(at, 2, "//") == 0) {
      for (; at < out.size() && out[at] != '\n'; ++at) out[at] = ' ';
    } else if (out.compare(at, 2, "/*") == 0) {
      const std::size_t end = std::min(out.find("*/", at + 2), out.size());
      for (; at < out.size() && at < end + 2; ++at) out[at] = out[at] == '\n' ? '\n' : ' ';
      --at;
    }
  }
  return out;
}

// What a declaration says from behind "Flag<" on; nothing when it is none.
std::optional<DeclaredFlag> ReadOne(std::string_view text) {
  const auto skip_space = [&text] {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  };
  DeclaredFlag out;
  const std::size_t close = text.find('>');
  if (close == std::string_view::npos || close > 64) return std::nullopt;
  for (const char c : text.substr(0, close)) {
    if (c != ' ') out.type += c;
  }
  text.remove_prefix(close + 1);
  skip_space();
  if (text.empty() || !IsNameStart(text.front())) return std::nullopt;
  while (!text.empty() && IsNamePart(text.front())) text.remove_prefix(1);
  skip_space();
  if (text.empty() || (text.front() != '{' && text.front() != '(')) return std::nullopt;
  text.remove_prefix(1);
  skip_space();
  if (text.empty() || text.front() != '"') return std::nullopt;
  const std::size_t end = text.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  out.key = std::string(text.substr(1, end - 1));
  return out;
}

}  // namespace

std::string_view DeclaredType(ruleset::ValueType type) noexcept {
  switch (type) {
    case ruleset::ValueType::kBool: return "bool";
    case ruleset::ValueType::kInt: return "std::int64_t";
    case ruleset::ValueType::kDouble: return "double";
    case ruleset::ValueType::kString: return "std::string";
    case ruleset::ValueType::kJson: return "guidon::Json";
  }
  return "bool";
}

bool IsDeclaredAs(std::string_view type, ruleset::ValueType flag) noexcept {
  const std::string_view wanted = DeclaredType(flag);
  if (type == wanted) return true;
  // Without its namespace, where the app says `using`.
  const std::size_t colons = wanted.rfind("::");
  return colons != std::string_view::npos && type == wanted.substr(colons + 2);
}

std::string DeclaredName(std::string_view key) {
  std::string name = "k";
  bool begins = true;
  for (const char c : key) {
    if (!IsNamePart(c) || c == '_') {
      begins = true;
    } else {
      name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      begins = false;
    }
  }
  return name.size() == 1 ? std::string() : name;
}

bool IsNamespace(std::string_view text) {
  while (true) {
    const std::size_t colons = text.find("::");
    const std::string_view part = text.substr(0, colons);
    if (part.empty() || !IsNameStart(part.front())) return false;
    for (const char c : part) {
      if (!IsNamePart(c)) return false;
    }
    if (colons == std::string_view::npos) return true;
    text.remove_prefix(colons + 2);
  }
}

Result<std::string> WriteDeclarations(const std::vector<FlagToDeclare>& flags, const std::string& about,
                                      const std::string& name_space) {
  std::string out = CommentLines(about) +
                    "#pragma once\n\n#include <guidon/flag.h>\n\n#include <cstdint>\n#include <string>\n\nnamespace " +
                    name_space + " {\n";
  std::map<std::string, std::string> keys;  // by name
  for (const FlagToDeclare& flag : flags) {
    const std::string name = DeclaredName(flag.key);
    if (name.empty()) {
      return Status(StatusCode::kInvalidArgument, "flag \"" + flag.key + "\" has no letter or digit for a name in C++");
    }
    const auto [other, is_new] = keys.emplace(name, flag.key);
    if (!is_new) {
      return Status(StatusCode::kInvalidArgument,
                    "flags \"" + other->second + "\" and \"" + flag.key + "\" would both be " + name);
    }
    out += "\n";
    for (const std::string& comment : flag.comments) out += CommentLines(comment);
    if (!flag.decided.empty()) out += "[[deprecated(" + TextLiteral(flag.decided) + ")]]\n";
    out += "inline constexpr guidon::Flag<" + std::string(DeclaredType(flag.type)) + "> " + name + "{" +
           TextLiteral(flag.key) + ", " + FallbackLiteral(flag.type, flag.fallback) + "};\n";
  }
  return out + "\n}  // namespace " + name_space + "\n";
}

std::vector<DeclaredFlag> ReadDeclarations(std::string_view text) {
  std::vector<DeclaredFlag> out;
  const std::string code = WithoutComments(text);
  std::size_t line = 1, counted = 0;
  for (std::size_t at = code.find("Flag<"); at != std::string::npos; at = code.find("Flag<", at + 1)) {
    if (at > 0 && IsNamePart(code[at - 1])) continue;
    std::optional<DeclaredFlag> found = ReadOne(std::string_view(code).substr(at + 5));
    if (!found) continue;
    for (; counted < at; ++counted) line += code[counted] == '\n' ? 1u : 0u;
    found->line = line;
    out.push_back(*std::move(found));
  }
  return out;
}

}  // namespace guidon::tools
