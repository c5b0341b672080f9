#include "sdk/core/expression/lexer.h"

#include <cstdint>
#include <utility>

#include "sdk/core/base/json.h"

namespace guidon::expression {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool Fail(Error* error, std::size_t offset, std::size_t size, std::string reason, std::string advice) {
  *error = {offset, size, std::move(reason), std::move(advice)};
  return false;
}

struct Typographic {
  std::string_view text;
  std::string_view instead;
};

// What word processors make of plain signs.
constexpr Typographic kTypographic[] = {
    {"\u2018", "'"},  {"\u2019", "'"},  {"\u201a", "'"},  {"\u201c", "\""}, {"\u201d", "\""},
    {"\u201e", "\""}, {"\u00ab", "\""}, {"\u00bb", "\""}, {"\u2265", ">="}, {"\u2264", "<="},
    {"\u2260", "!="}, {"\u2013", "-"},  {"\u2014", "-"},  {"\u2212", "-"},
};

struct WrongSign {
  std::string_view text;
  std::string_view instead;
};

// Longest first where one begins another.
constexpr WrongSign kWrongSigns[] = {{"===", "=="}, {"!==", "!="}, {"=>", ">="}, {"=<", "<="}, {"<>", "!="},
                                     {"=", "=="},   {"&", "&&"},   {"|", "||"},  {";", "&&"}};

constexpr std::string_view kSigns[] = {"&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", "."};

void AppendUtf8(std::uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (code >> 6)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xE0 | (code >> 12)));
    out->push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

}  // namespace

bool Lexer::Next(Token* token, Error* error) {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
    ++at_;
  *token = Token();
  token->offset = at_;
  if (at_ == text_.size()) return true;
  const char c = text_[at_];
  if (IsLetter(c)) return ReadName(token, error);
  if (c == '\'' || c == '"') return ReadText(token, error);
  if (IsDigit(c) || c == '-' || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) {
    return ReadNumber(token, error);
  }
  return ReadSign(token, error);
}

// Parts joined by dots. A dash inside a part belongs to it: there is no arithmetic here that could mean another thing.
bool Lexer::ReadName(Token* token, Error* error) {
  const std::size_t begin = at_;
  for (;;) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool dash = c == '-' && at_ + 1 < text_.size() && (IsLetter(text_[at_ + 1]) || IsDigit(text_[at_ + 1]));
      if (!IsLetter(c) && !IsDigit(c) && !dash) break;
      ++at_;
    }
    if (at_ == text_.size() || text_[at_] != '.') break;
    if (at_ + 1 == text_.size() || !IsLetter(text_[at_ + 1])) {
      return Fail(error, at_, 1, "the name ends with a dot",
                  "write a name behind the dot, such as app.version, or drop it");
    }
    ++at_;
  }
  token->kind = TokenKind::kName;
  token->text = text_.substr(begin, at_ - begin);
  return true;
}

bool Lexer::ReadNumber(Token* token, Error* error) {
  const std::size_t begin = at_;
  if (text_[at_] == '-') ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const bool sign = (c == '+' || c == '-') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
    if (!IsLetter(c) && !IsDigit(c) && c != '.' && !sign) break;
    ++at_;
  }
  token->kind = TokenKind::kNumber;
  token->text = text_.substr(begin, at_ - begin);
  json::Error reason;
  // The JSON room reads numbers the same way on every machine and in every locale.
  const std::optional<json::Document> number = json::Document::Parse(token->text, &reason);
  if (number && number->root().AsNumber()) {
    token->value = number->root().ToValue();
    return true;
  }
  const std::string found = "'" + std::string(token->text) + "'";
  std::size_t dots = 0;
  for (char c : token->text) dots += c == '.' ? 1 : 0;
  if (dots > 1) {
    return Fail(error, begin, token->text.size(), found + " is not a number",
                "a version is written version('" + std::string(token->text) + "')");
  }
  return Fail(error, begin, token->text.size(), found + " is not a number, or too large for one",
              "write numbers like 5, -3 or 2.5, and texts in quotes");
}

bool Lexer::ReadText(Token* token, Error* error) {
  const std::size_t begin = at_;
  const char quote = text_[at_++];
  std::string out;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\') {
      if (!ReadEscape(&out, error)) return false;
    } else if (static_cast<unsigned char>(text_[at_]) < 0x20) {
      return Fail(error, at_, 1, "a text goes over the end of the line",
                  std::string("close it with ") + quote + ", or write \\n for a line break");
    } else {
      out.push_back(text_[at_++]);
    }
  }
  if (at_ == text_.size()) {
    return Fail(error, begin, at_ - begin, std::string("expected a closing ") + quote + " for this text",
                std::string("put ") + quote + " where the text ends");
  }
  ++at_;
  token->kind = TokenKind::kText;
  token->text = text_.substr(begin, at_ - begin);
  token->value = Value(std::move(out));
  return true;
}

bool Lexer::ReadEscape(std::string* out, Error* error) {
  const std::size_t begin = at_++;
  const char c = at_ < text_.size() ? text_[at_++] : '\0';
  switch (c) {
    case '\\':
    case '\'':
    case '"': out->push_back(c); return true;
    case 'n': out->push_back('\n'); return true;
    case 'r': out->push_back('\r'); return true;
    case 't': out->push_back('\t'); return true;
    case 'u': {
      std::uint32_t code = 0;
      for (int i = 0; i < 4; ++i, ++at_) {
        const char digit = at_ < text_.size() ? text_[at_] : '\0';
        if (!IsDigit(digit) && !(digit >= 'a' && digit <= 'f') && !(digit >= 'A' && digit <= 'F')) {
          return Fail(error, begin, at_ - begin, "\\u needs four hexadecimal digits",
                      "write \\u00e9, or the letter itself");
        }
        code = code * 16 + static_cast<std::uint32_t>(IsDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
      }
      if (code == 0 || (code >= 0xD800 && code < 0xE000)) {
        return Fail(error, begin, at_ - begin, "this \\u stands for no character", "write the character itself");
      }
      AppendUtf8(code, out);
      return true;
    }
    default: break;
  }
  return Fail(error, begin, 1, "a backslash stands before something it does not go with",
              "use \\\\ for a backslash, \\' and \\\" for quotes, \\n, \\r, \\t or \\u00e9");
}

bool Lexer::ReadSign(Token* token, Error* error) {
  const std::string_view rest = text_.substr(at_);
  token->kind = TokenKind::kSign;
  for (const WrongSign& wrong : kWrongSigns) {
    // "==" and "&&" begin like what they are mistaken for.
    if (rest.substr(0, wrong.text.size()) != wrong.text) continue;
    if (wrong.text.size() == 1 && rest.size() > 1 && rest[1] == rest[0]) continue;
    const std::string instead(wrong.instead);
    return Fail(error, at_, wrong.text.size(), "'" + std::string(wrong.text) + "' is not known here",
                wrong.text == "="   ? "to compare, write =="
                : wrong.text == ";" ? "join conditions with && or ||"
                                    : "write " + instead);
  }
  for (std::string_view sign : kSigns) {
    if (rest.substr(0, sign.size()) != sign) continue;
    token->text = rest.substr(0, sign.size());
    at_ += sign.size();
    return true;
  }
  return Foreign(error);
}

bool Lexer::Foreign(Error* error) const {
  const std::string_view rest = text_.substr(at_);
  for (const Typographic& sign : kTypographic) {
    if (rest.substr(0, sign.text.size()) != sign.text) continue;
    return Fail(error, at_, sign.text.size(), "found '" + std::string(sign.text) + "', as word processors write it",
                "write " + std::string(sign.instead));
  }
  std::size_t size = 1;
  while (size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xC0) == 0x80) ++size;
  const std::string found(rest.substr(0, size));
  if (static_cast<unsigned char>(rest[0]) >= 0x80) {
    return Fail(error, at_, size, "'" + found + "' cannot stand outside quotes",
                "put texts in quotes; attribute names use the letters a to z, digits, _, - and dots");
  }
  if (static_cast<unsigned char>(rest[0]) < 0x20 || rest[0] == 0x7F) {
    return Fail(error, at_, size, "a control character stands here", "remove it");
  }
  const bool arithmetic = rest[0] == '+' || rest[0] == '*' || rest[0] == '/' || rest[0] == '%';
  return Fail(
      error, at_, size, "'" + found + "' is not known here",
      arithmetic ? "conditions compare, they do not calculate" : "put texts in quotes, join conditions with && or ||");
}

}  // namespace guidon::expression
