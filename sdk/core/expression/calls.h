// Functions and methods of expressions, from the bracket behind their name on. Used by the parser alone.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/core/expression/comparison.h"
#include "sdk/core/expression/expression.h"
#include "sdk/core/expression/token_stream.h"

namespace guidon::expression {

class Calls {
 public:
  explicit Calls(TokenStream* in) : in_(*in) {}

  // `name` is what stands before the bracket, which is the current token. Fills `operand`; or, where `leaf` may be and
  // the call is a whole condition such as has(x), fills that and sets `is_done`.
  bool ReadCall(const Token& name, Operand* operand, Tree* leaf, bool* is_done);

 private:
  bool ReadMethod(const Token& name, std::size_t dot, Operand* operand, Tree* leaf, bool* is_done);
  bool ReadTest(const Token& method, const Operand& of, Tree* leaf, bool* is_done);
  bool ReadListOf(const std::string& method, Tree* leaf);
  bool ReadOf(const Token& function, Operand* operand);
  bool ReadDuration(Operand* operand);
  bool ReadConversion(const Token& function, Operand* operand);
  bool ReadBehavior(const Token& function, Operand* operand);
  bool ReadWindowText(const Operand& asked, behavior::Window* window);
  bool ReadNamed(const Token& function, Operand* operand);
  bool ReadPattern(Tree* leaf);
  bool ReadCidr(const Token& function, Tree* leaf, bool* is_done);
  bool ReadWholeCall(const Token& function, Tree* leaf, bool* is_done);

  TokenStream& in_;
};

}  // namespace guidon::expression
