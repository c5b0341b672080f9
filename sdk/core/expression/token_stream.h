// The words of one expression, one by one, and the errors that point at them. Used by the parser alone.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "sdk/core/expression/comparison.h"
#include "sdk/core/expression/lexer.h"

namespace guidon::expression {

class TokenStream {
 public:
  // `text` outlives the stream; `error` is not null.
  TokenStream(std::string_view text, Error* error, Patterns* patterns)
      : text_(text), lexer_(text), error_(error), patterns_(patterns) {}

  std::string_view text() const { return text_; }
  Error* error() const { return error_; }
  Patterns* patterns() const { return patterns_; }  // null: not checked
  const Token& token() const { return token_; }     // the current one
  std::size_t end_of_last() const { return end_of_last_; }

  // Of these, false means that there is an error, which is then told.
  bool Advance();
  bool Expect(std::string_view sign, const std::string& why);
  // The name of an attribute.
  bool CheckName(const Token& name);
  // ['a', 3, true]
  bool ReadValues(List* out);
  // Sets how long the operand is that began at its offset. True.
  bool Measure(Operand* operand);

  // All false.
  bool Fail(std::size_t offset, std::size_t size, std::string reason, std::string advice);
  bool FailHere(std::string reason, std::string advice);
  bool FailAt(const Operand& operand, std::string reason, std::string advice);

  // The current token, for an error's reason.
  std::string Found() const;

 private:
  std::string_view text_;
  Lexer lexer_;
  Error* error_;
  Patterns* patterns_;
  Token token_;
  std::size_t end_of_last_ = 0;
};

std::string Quote(std::string_view word);
bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words);

}  // namespace guidon::expression
