#include "sdk/core/expression/token_stream.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"

namespace guidon::expression {

std::string Quote(std::string_view word) { return "'" + std::string(word) + "'"; }

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool TokenStream::Fail(std::size_t offset, std::size_t size, std::string reason, std::string advice) {
  *error_ = {offset, size, std::move(reason), std::move(advice)};
  return false;
}

bool TokenStream::FailHere(std::string reason, std::string advice) {
  return Fail(token_.offset, token_.text.size(), std::move(reason), std::move(advice));
}

bool TokenStream::FailAt(const Operand& operand, std::string reason, std::string advice) {
  return Fail(operand.offset, operand.size, std::move(reason), std::move(advice));
}

bool TokenStream::Advance() {
  end_of_last_ = token_.offset + token_.text.size();
  return lexer_.Next(&token_, error_);
}

bool TokenStream::Expect(std::string_view sign, const std::string& why) {
  if (token_.Is(sign)) return Advance();
  const std::string found = token_.kind == TokenKind::kEnd ? "the end" : Quote(token_.text);
  return FailHere("expected " + Quote(sign) + " " + why + ", found " + found, "");
}

std::string TokenStream::Found() const { return token_.kind == TokenKind::kEnd ? "the end" : Quote(token_.text); }

bool TokenStream::Measure(Operand* operand) {
  operand->size = end_of_last_ - operand->offset;
  return true;
}

bool TokenStream::CheckName(const Token& name) {
  if (name.text.size() <= limits::kAttributeNameBytes) return true;
  return Fail(name.offset, name.text.size(), "an attribute name has more than 256 bytes", "shorten it");
}

bool TokenStream::ReadValues(List* out) {
  if (!Advance()) return false;
  while (!token_.Is("]")) {
    const bool is_bool = token_.IsName("true") || token_.IsName("false");
    if (token_.kind != TokenKind::kText && token_.kind != TokenKind::kNumber && !is_bool) {
      return FailHere(
          token_.kind == TokenKind::kEnd ? "this list is not closed" : "expected a value in the list, found " + Found(),
          token_.kind == TokenKind::kName ? "put texts in quotes" : "write [..., 'a'], with ] at its end");
    }
    if (out->size() == limits::kListValues)
      return FailHere("the list has more than 10,000 values", "use a segment the app decides");
    out->push_back(is_bool ? Value(token_.IsName("true")) : token_.value);
    if (!Advance()) return false;
    if (token_.Is(",")) {
      if (!Advance()) return false;
    } else if (!token_.Is("]")) {
      return FailHere("expected , or ] in the list, found " + Found(), "separate values with commas");
    }
  }
  return Advance();
}

}  // namespace guidon::expression
