// Recursive descent, bounded: brackets and ! nest at most kNesting deep, so hostile texts cost an error and no stack.
//
//   or      = and { "||" and }
//   and     = not { "&&" not }
//   not     = "!" not | "(" or ")" | leaf
//   leaf    = operand compare operand | operand "in" list | literal "in" NAME | text ".contains" "(" TEXT ")" |
//             NAME ".containsAny" "(" list ")" | has(NAME) | segment(TEXT) |
//             cidr(NAME, TEXT | list)
//   list    = "[" literals "]"
//   text    = NAME | NAME ".lowerAscii" "(" ")"
//   operand = text | literal | now | version(NAME | TEXT) | date(NAME | TEXT) | count(TEXT [, WINDOW]) |
//             active_days(TEXT [, WINDOW]) | size(NAME) | type(NAME)
#include "sdk/core/expression/parser.h"

#include <algorithm>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/glob.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/network.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/comparison.h"
#include "sdk/core/expression/lexer.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/core/expression/window.h"

namespace guidon::expression {
namespace {

constexpr std::size_t kNesting = 48;

struct Method {
  std::string_view name;
  Op op;
};
constexpr Method kMethods[] = {{"contains", Op::kContains},        {"startsWith", Op::kStartsWith},
                               {"endsWith", Op::kEndsWith},        {"matchesGlob", Op::kMatchesGlob},
                               {"containsAny", Op::kContainsAny},  {"containsAll", Op::kContainsAll},
                               {"containsNone", Op::kContainsNone}};

bool TakesList(Op op) { return op >= Op::kContainsAny; }

const std::vector<std::string_view>& MethodNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Method& method : kMethods) all.push_back(method.name);
    return all;
  }();
  return names;
}

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

const std::vector<std::string_view>& Functions() {
  static const std::vector<std::string_view> names = {"version",     "date", "has",  "segment", "count",
                                                      "active_days", "size", "type", "cidr"};
  return names;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string Quote(std::string_view word) { return "'" + std::string(word) + "'"; }

class Parser {
 public:
  Parser(std::string_view text, Error* error) : text_(text), lexer_(text), error_(error) {}

  bool Run(Tree* out) {
    if (!Advance()) return false;
    if (token_.kind == TokenKind::kEnd)
      return Fail(0, 0, "the condition is empty", "leave `when` out to mean everybody");
    if (!Or(out)) return false;
    if (token_.kind != TokenKind::kEnd) return FailAfterCondition();
    return CheckSize(*out);
  }

 private:
  bool Fail(std::size_t offset, std::size_t size, std::string reason, std::string advice) {
    *error_ = {offset, size, std::move(reason), std::move(advice)};
    return false;
  }
  bool FailHere(std::string reason, std::string advice) {
    return Fail(token_.offset, token_.text.size(), std::move(reason), std::move(advice));
  }
  bool FailAt(const Operand& operand, std::string reason, std::string advice) {
    return Fail(operand.offset, operand.size, std::move(reason), std::move(advice));
  }

  bool Advance() {
    end_of_last_ = token_.offset + token_.text.size();
    return lexer_.Next(&token_, error_);
  }

  bool Expect(std::string_view sign, const std::string& why) {
    if (token_.Is(sign)) return Advance();
    const std::string found = token_.kind == TokenKind::kEnd ? "the end" : Quote(token_.text);
    return FailHere("expected " + Quote(sign) + " " + why + ", found " + found, "");
  }

  std::string Found() const { return token_.kind == TokenKind::kEnd ? "the end" : Quote(token_.text); }

  bool FailAfterCondition() {
    if (token_.IsName("and") || token_.IsName("AND")) return FailHere("'and' is not known here", "write &&");
    if (token_.IsName("or") || token_.IsName("OR")) return FailHere("'or' is not known here", "write ||");
    for (const Sign& comparison : kComparisons) {
      if (token_.Is(comparison.sign)) {
        return FailHere("one comparison follows another", "split it: 1 < x && x < 5");
      }
    }
    if (token_.Is(")")) return FailHere("this ) closes nothing", "remove it, or put a ( before");
    return FailHere("expected && or || or the end, found " + Found(), "join conditions with && or ||");
  }

  bool Or(Tree* out) { return Chain(Kind::kOr, "||", &Parser::And, out); }
  bool And(Tree* out) { return Chain(Kind::kAnd, "&&", &Parser::Not, out); }

  // a && (b && c) is a && b && c: flat, so that depth counts real nesting.
  bool Chain(Kind kind, std::string_view sign, bool (Parser::*part)(Tree*), Tree* out) {
    Tree first;
    if (!(this->*part)(&first)) return false;
    if (!token_.Is(sign)) {
      *out = std::move(first);
      return true;
    }
    out->kind = kind;
    Absorb(kind, std::move(first), &out->of);
    while (token_.Is(sign)) {
      Tree next;
      if (!Advance() || !(this->*part)(&next)) return false;
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
    if (token_.IsName("not") || token_.IsName("NOT"))
      return FailHere("'not' is not known here", "write !, as in !(plan == 'pro')");
    if (!token_.Is("!") && !token_.Is("(")) return Leaf(out);
    if (nesting_ == kNesting) return FailHere("nested too deeply", "name a part of it as a segment");
    ++nesting_;
    const bool negates = token_.Is("!");
    const std::size_t opened = token_.offset;
    if (!Advance()) return false;
    if (negates) {
      out->kind = Kind::kNot;
      out->of.resize(1);
      if (!Not(&out->of[0])) return false;
    } else {
      if (!Or(out)) return false;
      if (token_.kind == TokenKind::kEnd)
        return Fail(opened, 1, "this ( is not closed", "put a ) where the group ends");
      if (!token_.Is(")")) return FailAfterCondition();
      if (!Advance()) return false;
    }
    --nesting_;
    return true;
  }

  bool Leaf(Tree* out) {
    Operand left;
    bool is_done = false;
    if (!ReadOperand(&left, out, &is_done)) return false;
    if (is_done) return true;
    if (token_.IsName("in")) return ReadIn(left, out);
    for (const Sign& comparison : kComparisons) {
      if (!token_.Is(comparison.sign)) continue;
      const Token sign = token_;
      Operand right;
      if (!Advance() || !ReadOperand(&right, nullptr, nullptr)) return false;
      if (left.IsConstant()) {
        if (right.IsConstant()) {
          return FailAt(left, "both sides are constants", "compare an attribute, such as plan == 'pro'");
        }
        std::swap(left, right);
        return Comparison(text_, error_).Read(left, comparison.mirrored, sign, right, out);
      }
      return Comparison(text_, error_).Read(left, comparison.op, sign, right, out);
    }
    return FailAfterOperand(left);
  }

  bool FailAfterOperand(const Operand& left) {
    const std::string name = left.kind == OperandKind::kAttribute ? left.name : std::string();
    if (!name.empty() && token_.kind == TokenKind::kName &&
        IsOneOf(token_.text, {"is", "equals", "eq", "contains", "startsWith", "endsWith", "matches", "not"})) {
      if (token_.IsName("not")) return FailHere("'not' is not known here", "write !(" + name + " in [...])");
      if (IsOneOf(token_.text, {"is", "equals", "eq"}))
        return FailHere(Quote(token_.text) + " is not known here", "write ==");
      return FailHere(Quote(token_.text) + " stands alone",
                      "write " + name + "." + std::string(token_.text) + "('text')");
    }
    if (token_.Is("(")) return FailHere("found ( behind a value", "only functions are followed by (");
    if (left.kind == OperandKind::kBehavior) {
      return FailHere("expected a comparison with a number, found " + Found(),
                      "write " + std::string(text_.substr(left.offset, left.size)) + " >= 1");
    }
    const std::string what = name.empty() ? "a comparison" : "a comparison of " + Quote(name);
    return Fail(token_.offset, token_.text.size(), "expected " + what + ", found " + Found(),
                name.empty() ? "a condition looks like plan == 'pro'"
                             : "write " + name + " == 'text', " + name + " == true or has(" + name + ")");
  }

  // Fills `operand`; or, where `leaf` may be and is a whole condition such as has(x), fills that and sets `is_done`.
  bool ReadOperand(Operand* operand, Tree* leaf, bool* is_done) {
    operand->offset = token_.offset;
    if (token_.kind == TokenKind::kText || token_.kind == TokenKind::kNumber) {
      operand->value = token_.value;
      return Advance() && Measure(operand);
    }
    if (token_.kind != TokenKind::kName) {
      if (token_.Is("[")) return FailHere("a list stands where a value is expected", "write x in ['a', 'b']");
      return FailHere(
          "expected an attribute or a value, found " + Found(),
          token_.kind == TokenKind::kEnd ? "something is missing at the end" : "a condition looks like plan == 'pro'");
    }
    const Token name = token_;
    if (!Advance()) return false;
    if (token_.Is("(")) return ReadCall(name, operand, leaf, is_done);
    if (name.text == "true" || name.text == "false") {
      operand->value = Value(name.text == "true");
    } else if (name.text == "now") {
      operand->kind = OperandKind::kNow;
    } else if (name.text == "null") {
      return Fail(name.offset, 4, "null cannot be compared", "write has(x), or !has(x)");
    } else if (name.text == "in" || IsOneOf(name.text, {"and", "or", "not", "AND", "OR", "NOT"})) {
      return Fail(name.offset, name.text.size(), "expected an attribute or a value, found " + Quote(name.text), "");
    } else {
      if (!CheckName(name)) return false;
      operand->kind = OperandKind::kAttribute;
      operand->name = std::string(name.text);
    }
    return Measure(operand);
  }

  bool Measure(Operand* operand) {
    operand->size = end_of_last_ - operand->offset;
    return true;
  }

  bool CheckName(const Token& name) {
    if (name.text.size() <= limits::kAttributeNameBytes) return true;
    return Fail(name.offset, name.text.size(), "an attribute name has more than 256 bytes", "shorten it");
  }

  bool ReadCall(const Token& name, Operand* operand, Tree* leaf, bool* is_done) {
    const std::size_t dot = name.text.rfind('.');
    if (dot != std::string_view::npos) return ReadMethod(name, dot, operand, leaf, is_done);
    const std::string_view function = name.text;
    if (function == "count" || function == "active_days") return ReadBehavior(name, operand);
    if (function == "since_last" || function == "since_first") {
      return Fail(name.offset, function.size(), std::string(function) + "() is not supported by this version",
                  function == "since_last" ? "count('app_open', '14d') == 0 is true when that was 14 days ago or more"
                                           : "count('app_open', '14d') > 0 is true when it happened in 14 days");
    }
    if (IsOneOf(function, {"flag", "variant", "answer", "matches"})) {
      return Fail(name.offset, function.size(), std::string(function) + "() is not supported by this version", "");
    }
    for (const Method& method : kMethods) {
      if (function != method.name) continue;
      return Fail(name.offset, function.size(), std::string(function) + " needs an attribute before it",
                  "write x." + std::string(function) + (TakesList(method.op) ? "(['a', 'b'])" : "('text')"));
    }
    if (function == "size" || function == "type") return ReadOf(name, operand);
    if (function == "version" || function == "date") return ReadConversion(name, operand);
    if (function == "cidr") return ReadCidr(name, leaf, is_done);
    if (function == "has" || function == "segment") return ReadWholeCall(name, leaf, is_done);
    const std::string_view meant = Closest(function, Functions());
    return Fail(
        name.offset, function.size(), "unknown function " + Quote(function),
        meant.empty()
            ? "there are version(x), date(x), has(x), size(x), type(x), cidr(x, '10.0.0.0/8'), segment('name'), "
              "count('event', '14d') and active_days('event', '14d')"
            : "did you mean " + std::string(meant) + "?");
  }

  // x.contains('a'), x.lowerAscii(), x.lowerAscii().contains('a').
  bool ReadMethod(const Token& name, std::size_t dot, Operand* operand, Tree* leaf, bool* is_done) {
    const Token called{TokenKind::kName, name.offset + dot + 1, name.text.substr(dot + 1), Value()};
    const Token attribute{TokenKind::kName, name.offset, name.text.substr(0, dot), Value()};
    if (!CheckName(attribute)) return false;
    operand->name = std::string(attribute.text);
    if (called.text != "lowerAscii") return ReadTest(called, *operand, leaf, is_done);
    operand->kind = OperandKind::kAttribute;
    operand->lower = true;
    if (!Advance() || !Expect(")", "to close lowerAscii(") || !Measure(operand)) return false;
    if (!token_.Is(".")) return true;
    if (!Advance()) return false;
    const Token next = token_;
    if (next.kind != TokenKind::kName)
      return FailHere("expected a method, found " + Found(), "write .endsWith('text')");
    if (!Advance()) return false;
    if (!token_.Is("(")) return FailHere("expected '(' behind " + std::string(next.text) + ", found " + Found(), "");
    return ReadTest(next, *operand, leaf, is_done);
  }

  // .contains('a') of `of`, from the bracket on.
  bool ReadTest(const Token& method, const Operand& of, Tree* leaf, bool* is_done) {
    const std::string_view called = method.text;
    const std::size_t at = method.offset;
    const Method* found = nullptr;
    for (const Method& known : kMethods) {
      if (called == known.name) found = &known;
    }
    if (found == nullptr) {
      if (called == "matches")
        return Fail(at, called.size(), "matches() is not supported by this version",
                    "use contains, startsWith, endsWith or matchesGlob");
      const std::string_view meant = Closest(called, MethodNames());
      return Fail(at, called.size(), "unknown method " + Quote(called),
                  meant.empty() ? "there are contains, startsWith, endsWith, matchesGlob, containsAny, containsAll, "
                                  "containsNone and lowerAscii"
                                : "did you mean " + std::string(meant) + "?");
    }
    if (leaf == nullptr) return Fail(at, called.size(), "a condition stands where a value is expected", "");
    if (of.lower && TakesList(found->op)) {
      return Fail(at, called.size(), "lowerAscii() is for texts, and " + std::string(called) + " for lists",
                  "write " + of.name + "." + std::string(called) + "(['a', 'b'])");
    }
    if (!Advance()) return false;
    leaf->op = found->op;
    leaf->name = of.name;
    leaf->lower = of.lower;
    *is_done = true;
    if (TakesList(found->op)) return ReadListOf(std::string(called), leaf);
    if (token_.kind != TokenKind::kText) {
      return FailHere(std::string(called) + " needs a text in quotes, found " + Found(),
                      "write " + of.name + (of.lower ? ".lowerAscii()." : ".") + std::string(called) + "('text')");
    }
    leaf->kind = Kind::kText;
    leaf->value = token_.value;
    if (of.lower && !Comparison(text_, error_).CheckLower(leaf->value, token_.offset, token_.text.size())) return false;
    const std::string why = found->op == Op::kMatchesGlob ? glob::WhyBad(*leaf->value.AsString()) : std::string();
    if (!why.empty()) {
      return FailHere("the pattern " + why, "* stands for any characters, ? for one: 'docs/*/edit'");
    }
    return Advance() && Expect(")", "behind the text");
  }

  // roles.containsAny(['a', 'b']), from the bracket on.
  bool ReadListOf(const std::string& method, Tree* leaf) {
    leaf->kind = Kind::kList;
    const Token list = token_;
    const std::string advice = "write " + leaf->name + "." + method + "(['a', 'b'])";
    if (!token_.Is("[")) return FailHere(method + " needs a list, found " + Found(), advice);
    if (!ReadValues(&leaf->values)) return false;
    if (leaf->values.empty()) return Fail(list.offset, 1, "the list is empty", "put values in it");
    if (leaf->op == Op::kContainsAll && leaf->values.size() > limits::kAttributeElements) {
      return Fail(list.offset, 1, "no list contains all of more than 256 values", "ask for fewer");
    }
    return Expect(")", "behind the list");
  }

  // size(roles), type(x).
  bool ReadOf(const Token& function, Operand* operand) {
    const bool is_size = function.text == "size";
    operand->kind = is_size ? OperandKind::kSizeOf : OperandKind::kTypeOf;
    if (!Advance()) return false;
    if (token_.kind != TokenKind::kName) {
      return FailHere(std::string(function.text) + "() needs an attribute, found " + Found(),
                      is_size ? "write size(roles) >= 2" : "write type(x) == 'string'");
    }
    if (!CheckName(token_)) return false;
    operand->name = std::string(token_.text);
    return Advance() && Expect(")", "to close " + std::string(function.text) + "(") && Measure(operand);
  }

  // version(x), version('4.2.0'), date(x), date('2026-12-01').
  bool ReadConversion(const Token& function, Operand* operand) {
    const bool is_version = function.text == "version";
    if (!Advance()) return false;
    if (token_.kind == TokenKind::kName && !IsOneOf(token_.text, {"true", "false", "null"})) {
      if (token_.text == "now") return FailHere("now is a date already", "write now >= date('2026-12-01')");
      if (!CheckName(token_)) return false;
      operand->kind = is_version ? OperandKind::kVersionOf : OperandKind::kDateOf;
      operand->name = std::string(token_.text);
    } else if (token_.kind == TokenKind::kText) {
      operand->kind = is_version ? OperandKind::kVersion : OperandKind::kDate;
      operand->value = token_.value;
      operand->size = token_.text.size();
      Operand inner = *operand;
      inner.offset = token_.offset;
      Comparison comparison(text_, error_);
      if (!(is_version ? comparison.ToVersion(inner, &operand->value) : comparison.ToDate(inner, &operand->value))) {
        return false;
      }
    } else {
      return FailHere(std::string(function.text) + "() needs an attribute or a text in quotes, found " + Found(),
                      is_version ? "write version('4.2.0')" : "write date('2026-12-01')");
    }
    return Advance() && Expect(")", "to close " + std::string(function.text) + "(") && Measure(operand);
  }

  // count('app_open', '14d'), active_days('app_open').
  bool ReadBehavior(const Token& function, Operand* operand) {
    operand->kind = OperandKind::kBehavior;
    operand->measure = function.text == "count" ? behavior::Measure::kCount : behavior::Measure::kActiveDays;
    if (!Advance()) return false;
    const std::string call = std::string(function.text) + "(";
    if (token_.kind != TokenKind::kText) {
      const std::string event = token_.kind == TokenKind::kName ? std::string(token_.text) : "app_open";
      return FailHere(call + ") needs the event's name in quotes, found " + Found(),
                      "write " + call + "'" + event + "')");
    }
    operand->name = *token_.value.AsString();
    if (operand->name.empty()) return FailHere("the event's name is empty", "write " + call + "'app_open')");
    if (operand->name.size() > limits::kEventNameBytes) {
      return FailHere("the event's name has more than " + std::to_string(limits::kEventNameBytes) + " bytes",
                      "no event has so long a name");
    }
    if (!Advance()) return false;
    if (token_.Is(",") && !ReadWindowText(&operand->window)) return false;
    return Expect(")", "to close " + call) && Measure(operand);
  }

  bool ReadWindowText(behavior::Window* window) {
    if (!Advance()) {
      // "14d" without quotes is a number gone wrong.
      const std::string written(text_.substr(error_->offset, error_->size));
      if (!behavior::ParseWindow(written)) return false;
      return Fail(error_->offset, error_->size, "a window is written in quotes", "write " + Quote(written));
    }
    if (token_.kind != TokenKind::kText) {
      return FailHere("expected a window in quotes, found " + Found(), "write '14d', or leave it out to mean ever");
    }
    std::string reason;
    std::string advice;
    if (ReadWindow(*token_.value.AsString(), window, &reason, &advice)) return Advance();
    return FailHere(std::move(reason), std::move(advice));
  }

  // cidr(ip, '10.0.0.0/8'), cidr(ip, ['10.0.0.0/8', 'fd00::/8']).
  bool ReadCidr(const Token& function, Tree* leaf, bool* is_done) {
    const char* advice = "write cidr(ip, '10.0.0.0/8')";
    if (leaf == nullptr) {
      return Fail(function.offset, function.text.size(), "a condition stands where a value is expected",
                  "cidr() is true or false by itself");
    }
    if (!Advance()) return false;
    if (token_.kind != TokenKind::kName) return FailHere("cidr() needs an attribute, found " + Found(), advice);
    if (!CheckName(token_)) return false;
    leaf->kind = Kind::kCidr;
    leaf->name = std::string(token_.text);
    *is_done = true;
    if (!Advance() || !Expect(",", "behind the attribute")) return false;
    const Token networks = token_;
    if (token_.kind == TokenKind::kText) {
      leaf->values.push_back(token_.value);
      if (!Advance()) return false;
    } else if (!token_.Is("[")) {
      return FailHere("cidr() needs a network in quotes, or a list of them, found " + Found(), advice);
    } else if (!ReadValues(&leaf->values)) {
      return false;
    }
    const std::size_t size = end_of_last_ - networks.offset;
    const std::size_t count = leaf->values.size();
    if (count == 0) return Fail(networks.offset, size, "the list is empty, so it never matches", "put networks in it");
    if (count > limits::kNetworks) return Fail(networks.offset, size, "the list has more than 256 networks", "");
    for (const Value& value : leaf->values) {
      const std::string* text = value.AsString();
      std::string why = "is no text";
      if (text != nullptr && network::ReadNetwork(*text, &why)) continue;
      return Fail(networks.offset, size, (text != nullptr ? Quote(*text) : json::ToText(value)) + " " + why, advice);
    }
    return Expect(")", "to close cidr(");
  }

  // has(x), segment('s').
  bool ReadWholeCall(const Token& function, Tree* leaf, bool* is_done) {
    if (leaf == nullptr) {
      return Fail(function.offset, function.text.size(), "a condition stands where a value is expected",
                  std::string(function.text) + "() is true or false by itself");
    }
    if (!Advance()) return false;
    const bool is_has = function.text == "has";
    if (is_has ? token_.kind != TokenKind::kName : token_.kind != TokenKind::kText) {
      return FailHere(std::string(function.text) + "() needs " +
                          (is_has ? "an attribute" : "a segment's name in quotes") + ", found " + Found(),
                      is_has ? "write has(plan), without quotes" : "write segment('beta')");
    }
    if (is_has && !CheckName(token_)) return false;
    leaf->kind = is_has ? Kind::kExists : Kind::kSegment;
    leaf->name = is_has ? std::string(token_.text) : *token_.value.AsString();
    *is_done = true;
    return Advance() && Expect(")", "to close " + std::string(function.text) + "(");
  }

  // `plan in ['pro', 'team']`, and `'pro' in roles`.
  bool ReadIn(const Operand& left, Tree* out) {
    const Token in = token_;
    if (left.kind == OperandKind::kLiteral) return ReadMembership(left, out);
    if (left.kind != OperandKind::kAttribute) {
      return FailAt(left, "`in` needs an attribute before it", "write plan in ['pro', 'team']");
    }
    out->kind = Kind::kIn;
    out->name = left.name;
    if (!Advance()) return false;
    if (token_.kind == TokenKind::kName) {
      return FailAt(
          left, "two attributes cannot be compared",
          "write '" + left.name + "' in " + std::string(token_.text) + ", or " + left.name + " in ['a', 'b']");
    }
    if (!token_.Is("["))
      return FailHere("expected '[' behind `in`, found " + Found(), "write " + left.name + " in ['a', 'b']");
    if (!ReadValues(&out->values)) return false;
    if (out->values.empty()) return Fail(in.offset, 2, "the list is empty, so it never matches", "put values in it");
    for (const Value& value : out->values) {
      if (left.lower && !Comparison(text_, error_).CheckLower(value, in.offset, end_of_last_ - in.offset)) return false;
    }
    out->lower = left.lower;
    return true;
  }

  bool ReadMembership(const Operand& left, Tree* out) {
    if (!Advance()) return false;
    if (token_.Is("[")) return FailAt(left, "both sides are constants", "write plan in ['pro', 'team']");
    if (token_.kind != TokenKind::kName || IsOneOf(token_.text, {"true", "false", "null", "now", "in"})) {
      return FailHere("expected an attribute that is a list, found " + Found(), "write 'pro' in roles");
    }
    if (!CheckName(token_)) return false;
    out->kind = Kind::kList;
    out->op = Op::kContainsAny;
    out->name = std::string(token_.text);
    out->values.push_back(left.value);
    return Advance();
  }

  // ['a', 3, true]
  bool ReadValues(List* out) {
    if (!Advance()) return false;
    while (!token_.Is("]")) {
      const bool is_bool = token_.IsName("true") || token_.IsName("false");
      if (token_.kind != TokenKind::kText && token_.kind != TokenKind::kNumber && !is_bool) {
        return FailHere(
            token_.kind == TokenKind::kEnd ? "this list is not closed"
                                           : "expected a value in the list, found " + Found(),
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

  // What devices accept: see limits.h.
  bool CheckSize(const Tree& tree) {
    std::size_t leaves = 0;
    ForEachLeaf(tree, [&leaves](const Tree&) { ++leaves; });
    if (leaves > limits::kConditionsPerRule) {
      return Fail(0, text_.size(), "this has " + std::to_string(leaves) + " comparisons, and at most 64 are allowed",
                  "use `in [...]`, or name a part of it as a segment");
    }
    if (Depth(tree) > limits::kConditionDepth) {
      return Fail(0, text_.size(), "&&, || and ! are nested deeper than 8", "name a part of it as a segment");
    }
    return true;
  }

  static std::size_t Depth(const Tree& tree) {
    std::size_t deepest = 0;
    for (const Tree& part : tree.of) deepest = std::max(deepest, Depth(part));
    return deepest + (IsLeaf(tree.kind) ? 0 : 1);
  }

  std::string_view text_;
  Lexer lexer_;
  Error* error_;
  Token token_;
  std::size_t end_of_last_ = 0;
  std::size_t nesting_ = 0;
};

}  // namespace

std::optional<Tree> Parse(std::string_view text, Error* error) {
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
  if (!Parser(text, error).Run(&tree)) return std::nullopt;
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
