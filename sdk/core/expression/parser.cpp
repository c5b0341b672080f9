// Recursive descent, bounded: brackets and ! nest at most kNesting deep, so hostile texts cost an error and no stack.
//
//   or      = and { "||" and }
//   and     = not { "&&" not }
//   not     = "!" not | "(" or ")" | leaf
//   leaf    = operand compare operand | operand "in" list | literal "in" NAME | text ".contains" "(" TEXT ")" |
//             NAME ".containsAny" "(" list ")" | has(NAME) | segment(TEXT) |
//             cidr(NAME, TEXT | list) | flag(TEXT) | variant(TEXT) "in" list
//   list    = "[" literals "]"
//   text    = NAME | NAME ".lowerAscii" "(" ")"
//   operand = text | literal | now | version(NAME | TEXT) | date(NAME | TEXT) | count(TEXT [, WINDOW]) |
//             active_days(TEXT [, WINDOW]) | since_last(TEXT) | since_first(TEXT) | duration(TEXT) | size(NAME) |
//             type(NAME) | flag(TEXT) | variant(TEXT)
#include "sdk/core/expression/parser.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/calls.h"
#include "sdk/core/expression/comparison.h"
#include "sdk/core/expression/token_stream.h"

namespace guidon::expression {
namespace {

constexpr std::size_t kNesting = 48;

struct Sign {
  std::string_view sign;
  Op op;
  Op mirrored;
};
constexpr Sign kComparisons[] = {{"==", Op::kEqual, Op::kEqual},
                                 {"!=", Op::kNotEqual, Op::kNotEqual},
                                 {"<=", Op::kLessEqual, Op::kGreaterEqual},
                                 {">=", Op::kGreaterEqual, Op::kLessEqual},
                                 {"<", Op::kLess, Op::kGreater},
                                 {">", Op::kGreater, Op::kLess}};

class Parser {
 public:
  Parser(std::string_view text, Error* error, Patterns* patterns) : in_(text, error, patterns) {}

  bool Run(Tree* out) {
    if (!in_.Advance()) return false;
    if (in_.token().kind == TokenKind::kEnd)
      return in_.Fail(0, 0, "the condition is empty", "leave `when` out to mean everybody");
    if (!Or(out)) return false;
    if (in_.token().kind != TokenKind::kEnd) return FailAfterCondition();
    return CheckSize(*out);
  }

 private:
  bool FailAfterCondition() {
    if (in_.token().IsName("and") || in_.token().IsName("AND"))
      return in_.FailHere("'and' is not known here", "write &&");
    if (in_.token().IsName("or") || in_.token().IsName("OR")) return in_.FailHere("'or' is not known here", "write ||");
    for (const Sign& comparison : kComparisons) {
      if (in_.token().Is(comparison.sign)) {
        return in_.FailHere("one comparison follows another", "split it: 1 < x && x < 5");
      }
    }
    if (in_.token().Is(")")) return in_.FailHere("this ) closes nothing", "remove it, or put a ( before");
    return in_.FailHere("expected && or || or the end, found " + in_.Found(), "join conditions with && or ||");
  }

  bool Or(Tree* out) { return Chain(Kind::kOr, "||", &Parser::And, out); }

  bool And(Tree* out) { return Chain(Kind::kAnd, "&&", &Parser::Not, out); }

  // a && (b && c) is a && b && c: flat, so that depth counts real nesting.
  bool Chain(Kind kind, std::string_view sign, bool (Parser::*part)(Tree*), Tree* out) {
    Tree first;
    if (!(this->*part)(&first)) return false;
    if (!in_.token().Is(sign)) {
      *out = std::move(first);
      return true;
    }
    out->kind = kind;
    Absorb(kind, std::move(first), &out->of);
    while (in_.token().Is(sign)) {
      Tree next;
      if (!in_.Advance() || !(this->*part)(&next)) return false;
      Absorb(kind, std::move(next), &out->of);
    }
    return true;
  }

  static void Absorb(Kind kind, Tree part, std::vector<Tree>* into) {
    if (part.kind != kind) {
      into->push_back(std::move(part));
      return;
    }
    for (Tree& inner : part.of) into->push_back(std::move(inner));
  }

  bool Not(Tree* out) {
    if (in_.token().IsName("not") || in_.token().IsName("NOT"))
      return in_.FailHere("'not' is not known here", "write !, as in !(plan == 'pro')");
    if (!in_.token().Is("!") && !in_.token().Is("(")) return Leaf(out);
    if (nesting_ == kNesting) return in_.FailHere("nested too deeply", "name a part of it as a segment");
    ++nesting_;
    const bool negates = in_.token().Is("!");
    const std::size_t opened = in_.token().offset;
    if (!in_.Advance()) return false;
    if (negates) {
      out->kind = Kind::kNot;
      out->of.resize(1);
      if (!Not(&out->of[0])) return false;
    } else {
      if (!Or(out)) return false;
      if (in_.token().kind == TokenKind::kEnd)
        return in_.Fail(opened, 1, "this ( is not closed", "put a ) where the group ends");
      if (!in_.token().Is(")")) return FailAfterCondition();
      if (!in_.Advance()) return false;
    }
    --nesting_;
    return true;
  }

  bool Leaf(Tree* out) {
    Operand left;
    bool is_done = false;
    if (!ReadOperand(&left, out, &is_done)) return false;
    if (is_done) return true;
    if (in_.token().IsName("in")) return ReadIn(left, out);
    for (const Sign& comparison : kComparisons) {
      if (!in_.token().Is(comparison.sign)) continue;
      const Token sign = in_.token();
      Operand right;
      if (!in_.Advance() || !ReadOperand(&right, nullptr, nullptr)) return false;
      if (left.IsConstant()) {
        if (right.IsConstant()) {
          return in_.FailAt(left, "both sides are constants", "compare an attribute, such as plan == 'pro'");
        }
        std::swap(left, right);
        return Comparison(in_.text(), in_.error()).Read(left, comparison.mirrored, sign, right, out);
      }
      return Comparison(in_.text(), in_.error()).Read(left, comparison.op, sign, right, out);
    }
    const bool is_whole =
        in_.token().kind == TokenKind::kEnd || in_.token().Is(")") || in_.token().Is("&&") || in_.token().Is("||");
    if (left.kind != OperandKind::kFlagOf || !is_whole) return FailAfterOperand(left);
    out->kind = Kind::kFlag;
    out->name = left.name;
    out->value = Value(true);
    return true;
  }

  bool FailAfterOperand(const Operand& left) {
    const std::string name = left.kind == OperandKind::kAttribute ? left.name : std::string();
    if (!name.empty() && in_.token().kind == TokenKind::kName &&
        IsOneOf(in_.token().text, {"is", "equals", "eq", "contains", "startsWith", "endsWith", "matches", "not"})) {
      if (in_.token().IsName("not")) return in_.FailHere("'not' is not known here", "write !(" + name + " in [...])");
      if (IsOneOf(in_.token().text, {"is", "equals", "eq"}))
        return in_.FailHere(Quote(in_.token().text) + " is not known here", "write ==");
      return in_.FailHere(Quote(in_.token().text) + " stands alone",
                          "write " + name + "." + std::string(in_.token().text) + "('text')");
    }
    if (in_.token().Is("(")) return in_.FailHere("found ( behind a value", "only functions are followed by (");
    if (left.kind == OperandKind::kBehavior) {
      const bool is_elapsed = behavior::IsElapsed(left.measure);
      const std::string with = is_elapsed ? "a duration" : "a number";
      return in_.FailHere("expected a comparison with " + with + ", found " + in_.Found(),
                          "write " + std::string(in_.text().substr(left.offset, left.size)) +
                              (is_elapsed ? " >= duration('7d')" : " >= 1"));
    }
    if (left.kind == OperandKind::kFlagOf || left.kind == OperandKind::kVariantOf) {
      const std::string written(in_.text().substr(left.offset, left.size));
      return in_.FailHere("expected a comparison of " + written + ", found " + in_.Found(),
                          left.kind == OperandKind::kFlagOf
                              ? "write " + written + " == 'text', or " + written + " alone where it is true or false"
                              : "write " + written + " == 'control'");
    }
    const std::string what = name.empty() ? "a comparison" : "a comparison of " + Quote(name);
    return in_.Fail(in_.token().offset, in_.token().text.size(), "expected " + what + ", found " + in_.Found(),
                    name.empty() ? "a condition looks like plan == 'pro'"
                                 : "write " + name + " == 'text', " + name + " == true or has(" + name + ")");
  }

  // Fills `operand`; or, where `leaf` may be and is a whole condition such as has(x), fills that and sets `is_done`.
  bool ReadOperand(Operand* operand, Tree* leaf, bool* is_done) {
    operand->offset = in_.token().offset;
    if (in_.token().kind == TokenKind::kText || in_.token().kind == TokenKind::kNumber) {
      operand->value = in_.token().value;
      return in_.Advance() && in_.Measure(operand);
    }
    if (in_.token().kind != TokenKind::kName) {
      if (in_.token().Is("[")) return in_.FailHere("a list stands where a value is expected", "write x in ['a', 'b']");
      return in_.FailHere("expected an attribute or a value, found " + in_.Found(),
                          in_.token().kind == TokenKind::kEnd ? "something is missing at the end"
                                                              : "a condition looks like plan == 'pro'");
    }
    const Token name = in_.token();
    if (!in_.Advance()) return false;
    if (in_.token().Is("(")) return Calls(&in_).ReadCall(name, operand, leaf, is_done);
    if (name.text == "true" || name.text == "false") {
      operand->value = Value(name.text == "true");
    } else if (name.text == "now") {
      operand->kind = OperandKind::kNow;
    } else if (name.text == "null") {
      return in_.Fail(name.offset, 4, "null cannot be compared", "write has(x), or !has(x)");
    } else if (name.text == "in" || IsOneOf(name.text, {"and", "or", "not", "AND", "OR", "NOT"})) {
      return in_.Fail(name.offset, name.text.size(), "expected an attribute or a value, found " + Quote(name.text), "");
    } else {
      if (!in_.CheckName(name)) return false;
      operand->kind = OperandKind::kAttribute;
      operand->name = std::string(name.text);
    }
    return in_.Measure(operand);
  }

  // `plan in ['pro', 'team']`, and `'pro' in roles`.
  bool ReadIn(const Operand& left, Tree* out) {
    const Token in = in_.token();
    if (left.kind == OperandKind::kLiteral) return ReadMembership(left, out);
    if (left.kind == OperandKind::kVariantOf) return ReadVariantIn(left, out);
    if (left.kind == OperandKind::kFlagOf) {
      const std::string written(in_.text().substr(left.offset, left.size));
      return in_.FailHere("a flag is compared with one value",
                          "write " + written + " == 'a' || " + written + " == 'b'");
    }
    if (left.kind != OperandKind::kAttribute) {
      return in_.FailAt(left, "`in` needs an attribute before it", "write plan in ['pro', 'team']");
    }
    out->kind = Kind::kIn;
    out->name = left.name;
    if (!in_.Advance()) return false;
    if (in_.token().kind == TokenKind::kName) {
      return in_.FailAt(
          left, "two attributes cannot be compared",
          "write '" + left.name + "' in " + std::string(in_.token().text) + ", or " + left.name + " in ['a', 'b']");
    }
    if (!in_.token().Is("["))
      return in_.FailHere("expected '[' behind `in`, found " + in_.Found(), "write " + left.name + " in ['a', 'b']");
    if (!in_.ReadValues(&out->values)) return false;
    if (out->values.empty())
      return in_.Fail(in.offset, 2, "the list is empty, so it never matches", "put values in it");
    for (const Value& value : out->values) {
      if (left.lower &&
          !Comparison(in_.text(), in_.error()).CheckLower(value, in.offset, in_.end_of_last() - in.offset))
        return false;
    }
    out->lower = left.lower;
    return true;
  }

  // variant('attach-button') in ['control', 'labelled'], at the `in`.
  bool ReadVariantIn(const Operand& left, Tree* out) {
    out->kind = Kind::kVariantIn;
    out->name = left.name;
    const std::string advice = "write variant('" + left.name + "') in ['a', 'b']";
    const Token in = in_.token();
    if (!in_.Advance()) return false;
    const Token list = in_.token();
    if (!list.Is("[")) return in_.FailHere("expected '[' behind `in`, found " + in_.Found(), advice);
    if (!in_.ReadValues(&out->values)) return false;
    const std::size_t size = in_.end_of_last() - list.offset;
    if (out->values.empty()) {
      return in_.Fail(in.offset, 2, "the list is empty, so it never matches", "put variants in it");
    }
    if (out->values.size() > limits::kVariants) {
      return in_.Fail(list.offset, size, "no experiment has more than 32 variants", "name each once");
    }
    for (const Value& value : out->values) {
      if (value.AsString() == nullptr) return in_.Fail(list.offset, size, "variants have names in quotes", advice);
    }
    return true;
  }

  bool ReadMembership(const Operand& left, Tree* out) {
    if (!in_.Advance()) return false;
    if (in_.token().Is("[")) return in_.FailAt(left, "both sides are constants", "write plan in ['pro', 'team']");
    if (in_.token().kind != TokenKind::kName || IsOneOf(in_.token().text, {"true", "false", "null", "now", "in"})) {
      return in_.FailHere("expected an attribute that is a list, found " + in_.Found(), "write 'pro' in roles");
    }
    if (!in_.CheckName(in_.token())) return false;
    out->kind = Kind::kList;
    out->op = Op::kContainsAny;
    out->name = std::string(in_.token().text);
    out->values.push_back(left.value);
    return in_.Advance();
  }

  // What devices accept: see limits.h.
  bool CheckSize(const Tree& tree) {
    std::size_t leaves = 0;
    ForEachLeaf(tree, [&leaves](const Tree&) { ++leaves; });
    if (leaves > limits::kConditionsPerRule) {
      return in_.Fail(0, in_.text().size(),
                      "this has " + std::to_string(leaves) + " comparisons, and at most 64 are allowed",
                      "use `in [...]`, or name a part of it as a segment");
    }
    if (Depth(tree) > limits::kConditionDepth) {
      return in_.Fail(0, in_.text().size(), "&&, || and ! are nested deeper than 8", "name a part of it as a segment");
    }
    return true;
  }

  static std::size_t Depth(const Tree& tree) {
    std::size_t deepest = 0;
    for (const Tree& part : tree.of) deepest = std::max(deepest, Depth(part));
    return deepest + (IsLeaf(tree.kind) ? 0 : 1);
  }

  TokenStream in_;
  std::size_t nesting_ = 0;
};

}  // namespace

std::optional<Tree> Parse(std::string_view text, Error* error, Patterns* patterns) {
  Error unwanted;
  if (error == nullptr) error = &unwanted;
  if (text.size() > limits::kJsonStringBytes) {
    *error = {0, 0, "the condition has more than 16 KiB", "name parts of it as segments"};
    return std::nullopt;
  }
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = text::Utf8Length(text.substr(at));
    if (length == 0) {
      *error = {at, 1, "these bytes are not UTF-8", "save the file as UTF-8"};
      return std::nullopt;
    }
    at += length;
  }
  Tree tree;
  if (!Parser(text, error, patterns).Run(&tree)) return std::nullopt;
  return tree;
}

std::string PointAt(std::string_view text, const Error& error) {
  // A window around the fault, so that the caret stands below it on any terminal.
  constexpr std::size_t kBefore = 48;
  constexpr std::size_t kWindow = 72;
  const std::size_t offset = std::min(error.offset, text.size());
  std::size_t begin = offset > kBefore ? offset - kBefore : 0;
  while (begin > 0 && begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  std::size_t end = std::min(text.size(), begin + kWindow);
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  std::string line = begin > 0 ? "..." : "";
  std::string below(line.size(), ' ');
  for (std::size_t i = begin; i < end; ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    line.push_back(c < 0x20 || c == 0x7F ? ' ' : text[i]);
    if (i < offset && (c & 0xC0) != 0x80) below.push_back(' ');
  }
  if (end < text.size()) line.append("...");
  below.push_back('^');
  for (std::size_t i = offset + 1; i < std::min(end, offset + error.size); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) below.push_back('~');
  }
  return line + "\n" + below;
}

}  // namespace guidon::expression
