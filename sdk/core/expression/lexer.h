// Words of an expression. Used by the parser alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "guidon/value.h"
#include "sdk/core/expression/parser.h"

namespace guidon::expression {

enum class TokenKind {
  kEnd,
  kName,    // app.version, plan, true, in
  kText,    // 'pro'; value is the text
  kNumber,  // value is an int or a double
  kSign,    // == && ( …
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;
  std::string_view text;  // as written
  Value value;

  bool Is(std::string_view sign) const { return kind == TokenKind::kSign && text == sign; }
  bool IsName(std::string_view name) const { return kind == TokenKind::kName && text == name; }
};

class Lexer {
 public:
  // `text` is valid UTF-8 and outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  // False after an error, which is then in `error`. At the end it goes on giving kEnd.
  bool Next(Token* token, Error* error);

 private:
  bool ReadName(Token* token, Error* error);
  bool ReadNumber(Token* token, Error* error);
  bool ReadText(Token* token, Error* error);
  bool ReadEscape(std::string* out, Error* error);
  bool ReadSign(Token* token, Error* error);
  bool Foreign(Error* error) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace guidon::expression
