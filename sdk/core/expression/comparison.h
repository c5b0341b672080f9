// What a comparison such as `version(x) >= '4.2.0'` means: its two sides, checked against each other. Used by the
// parser alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sdk/core/expression/expression.h"
#include "sdk/core/expression/lexer.h"
#include "sdk/core/expression/parser.h"

namespace guidon::expression {

enum class OperandKind {
  kAttribute,
  kLiteral,
  kVersionOf,
  kVersion,
  kDateOf,
  kDate,
  kNow,
  kBehavior,
  kDuration,
  kSizeOf,
  kTypeOf,
  kFlagOf,
  kVariantOf
};

struct Operand {
  OperandKind kind = OperandKind::kLiteral;
  std::string name;  // of an attribute; of kBehavior the event's, of kFlagOf the flag's, of kVariantOf the experiment's
  bool lower = false;  // x.lowerAscii()
  Value value;
  behavior::Measure measure = behavior::Measure::kCount;
  behavior::Window window;
  std::size_t offset = 0;
  std::size_t size = 0;

  bool IsConstant() const {
    return kind == OperandKind::kLiteral || kind == OperandKind::kVersion || kind == OperandKind::kDate ||
           kind == OperandKind::kDuration;
  }
};

class Comparison {
 public:
  // `text` is the whole expression, `sign` what stands between the sides.
  Comparison(std::string_view text, Error* error) : text_(text), error_(error) {}

  // `left` is no constant; `op` is what `sign` says when read from there.
  bool Read(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);

  // Of what is compared with x.lowerAscii() and stands at `offset`: it has to be a text without capitals.
  bool CheckLower(const Value& value, std::size_t offset, std::size_t size);

  // The text of a version or date in its published form.
  bool ToVersion(const Operand& operand, Value* out);
  bool ToDate(const Operand& operand, Value* out);

 private:
  bool ReadBehavior(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);
  bool ReadElapsed(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);
  bool ReadType(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);
  bool ReadSize(const Operand& left, const Operand& right, Tree* out);
  bool ReadFlag(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);
  bool ReadVariant(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);
  bool ReadPlain(const Operand& left, Op op, const Token& sign, const Operand& right, Tree* out);
  bool IsComparedWithLiteral(const Operand& left, const Token& sign, const Operand& right);
  bool CheckOrder(const Operand& left, const Token& sign, const Operand& right);
  bool Fail(std::size_t offset, std::size_t size, std::string reason, std::string advice);
  bool FailAt(const Operand& operand, std::string reason, std::string advice);

  std::string_view text_;
  Error* error_;
};

}  // namespace guidon::expression
