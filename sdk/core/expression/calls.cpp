#include "sdk/core/expression/calls.h"

#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/glob.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/network.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/core/expression/window.h"

namespace guidon::expression {
namespace {

struct Method {
  std::string_view name;
  Op op;
};
constexpr Method kMethods[] = {{"contains", Op::kContains},       {"startsWith", Op::kStartsWith},
                               {"endsWith", Op::kEndsWith},       {"matchesGlob", Op::kMatchesGlob},
                               {"matches", Op::kMatches},         {"containsAny", Op::kContainsAny},
                               {"containsAll", Op::kContainsAll}, {"containsNone", Op::kContainsNone}};

constexpr behavior::Measure kMeasures[] = {behavior::Measure::kCount, behavior::Measure::kActiveDays,
                                           behavior::Measure::kSinceLast, behavior::Measure::kSinceFirst};

bool TakesList(Op op) { return op >= Op::kContainsAny; }

const std::vector<std::string_view>& MethodNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Method& method : kMethods) all.push_back(method.name);
    return all;
  }();
  return names;
}

const std::vector<std::string_view>& Functions() {
  static const std::vector<std::string_view> names = {"version",     "date",       "has",         "segment",  "count",
                                                      "active_days", "since_last", "since_first", "duration", "size",
                                                      "type",        "cidr",       "flag",        "variant"};
  return names;
}

}  // namespace

bool Calls::ReadCall(const Token& name, Operand* operand, Tree* leaf, bool* is_done) {
  const std::size_t dot = name.text.rfind('.');
  if (dot != std::string_view::npos) return ReadMethod(name, dot, operand, leaf, is_done);
  const std::string_view function = name.text;
  for (const behavior::Measure measure : kMeasures) {
    if (function != behavior::MeasureName(measure)) continue;
    operand->measure = measure;
    return ReadBehavior(name, operand);
  }
  if (function == "duration") return ReadDuration(operand);
  if (function == "answer") {
    return in_.Fail(name.offset, function.size(), "answer() is not supported by this version", "");
  }
  for (const Method& method : kMethods) {
    if (function != method.name) continue;
    return in_.Fail(name.offset, function.size(), std::string(function) + " needs an attribute before it",
                    "write x." + std::string(function) + (TakesList(method.op) ? "(['a', 'b'])" : "('text')"));
  }
  if (function == "size" || function == "type") return ReadOf(name, operand);
  if (function == "flag" || function == "variant") return ReadNamed(name, operand);
  if (function == "version" || function == "date") return ReadConversion(name, operand);
  if (function == "cidr") return ReadCidr(name, leaf, is_done);
  if (function == "has" || function == "segment") return ReadWholeCall(name, leaf, is_done);
  const std::string_view meant = Closest(function, Functions());
  return in_.Fail(
      name.offset, function.size(), "unknown function " + Quote(function),
      meant.empty()
          ? "there are version(x), date(x), has(x), size(x), type(x), cidr(x, '10.0.0.0/8'), segment('name'), "
            "flag('name'), variant('experiment'), count('event', '14d'), active_days('event', '14d'), "
            "since_last('event'), since_first('event') and duration('7d')"
          : "did you mean " + std::string(meant) + "?");
}

// x.contains('a'), x.lowerAscii(), x.lowerAscii().contains('a').
bool Calls::ReadMethod(const Token& name, std::size_t dot, Operand* operand, Tree* leaf, bool* is_done) {
  const Token called{TokenKind::kName, name.offset + dot + 1, name.text.substr(dot + 1), Value()};
  const Token attribute{TokenKind::kName, name.offset, name.text.substr(0, dot), Value()};
  if (!in_.CheckName(attribute)) return false;
  operand->name = std::string(attribute.text);
  if (called.text != "lowerAscii") return ReadTest(called, *operand, leaf, is_done);
  operand->kind = OperandKind::kAttribute;
  operand->lower = true;
  if (!in_.Advance() || !in_.Expect(")", "to close lowerAscii(") || !in_.Measure(operand)) return false;
  if (!in_.token().Is(".")) return true;
  if (!in_.Advance()) return false;
  const Token next = in_.token();
  if (next.kind != TokenKind::kName)
    return in_.FailHere("expected a method, found " + in_.Found(), "write .endsWith('text')");
  if (!in_.Advance()) return false;
  if (!in_.token().Is("("))
    return in_.FailHere("expected '(' behind " + std::string(next.text) + ", found " + in_.Found(), "");
  return ReadTest(next, *operand, leaf, is_done);
}

// .contains('a') of `of`, from the bracket on.
bool Calls::ReadTest(const Token& method, const Operand& of, Tree* leaf, bool* is_done) {
  const std::string_view called = method.text;
  const std::size_t at = method.offset;
  const Method* found = nullptr;
  for (const Method& known : kMethods) {
    if (called == known.name) found = &known;
  }
  if (found == nullptr) {
    const std::string_view meant = Closest(called, MethodNames());
    return in_.Fail(at, called.size(), "unknown method " + Quote(called),
                    meant.empty() ? "there are contains, startsWith, endsWith, matchesGlob, matches, containsAny, "
                                    "containsAll, containsNone and lowerAscii"
                                  : "did you mean " + std::string(meant) + "?");
  }
  if (leaf == nullptr) return in_.Fail(at, called.size(), "a condition stands where a value is expected", "");
  if (of.lower && TakesList(found->op)) {
    return in_.Fail(at, called.size(), "lowerAscii() is for texts, and " + std::string(called) + " for lists",
                    "write " + of.name + "." + std::string(called) + "(['a', 'b'])");
  }
  if (of.lower && found->op == Op::kMatches) {
    return in_.Fail(at, called.size(), "a pattern folds capitals itself",
                    "write " + of.name + ".matches('(?i)...'), without lowerAscii()");
  }
  if (!in_.Advance()) return false;
  leaf->op = found->op;
  leaf->name = of.name;
  leaf->lower = of.lower;
  *is_done = true;
  if (TakesList(found->op)) return ReadListOf(std::string(called), leaf);
  if (in_.token().kind != TokenKind::kText) {
    return in_.FailHere(std::string(called) + " needs a text in quotes, found " + in_.Found(),
                        "write " + of.name + (of.lower ? ".lowerAscii()." : ".") + std::string(called) + "('text')");
  }
  leaf->kind = Kind::kText;
  leaf->value = in_.token().value;
  if (found->op == Op::kMatches) return ReadPattern(leaf);
  if (of.lower &&
      !Comparison(in_.text(), in_.error()).CheckLower(leaf->value, in_.token().offset, in_.token().text.size()))
    return false;
  if (found->op != Op::kMatchesGlob && leaf->value.AsString()->empty()) {
    return in_.FailHere("the text is empty, so every text would match",
                        "has(" + of.name + ") asks whether there is one");
  }
  const std::string why = found->op == Op::kMatchesGlob ? glob::WhyBad(*leaf->value.AsString()) : std::string();
  if (!why.empty()) {
    return in_.FailHere("the pattern " + why, "* stands for any characters, ? for one: 'docs/*/edit'");
  }
  return in_.Advance() && in_.Expect(")", "behind the text");
}

// name.matches('^a'), at the pattern.
bool Calls::ReadPattern(Tree* leaf) {
  const std::string& pattern = *leaf->value.AsString();
  if (pattern.empty()) return in_.FailHere("the pattern is empty, so it matches every text", "write '^a' or 'b$'");
  if (pattern.size() > limits::kPatternBytes) {
    return in_.FailHere("the pattern has more than " + std::to_string(limits::kPatternBytes) + " bytes",
                        "split it: x.matches('a') || x.matches('b')");
  }
  if (in_.patterns() != nullptr) {
    const Status compiled = in_.patterns()->Compile(pattern).status();
    if (!compiled.ok()) {
      return in_.FailHere("this is no pattern: " + compiled.message(),
                          "patterns are RE2's; for plain texts there are contains, startsWith and endsWith");
    }
  }
  return in_.Advance() && in_.Expect(")", "behind the pattern");
}

// roles.containsAny(['a', 'b']), from the bracket on.
bool Calls::ReadListOf(const std::string& method, Tree* leaf) {
  leaf->kind = Kind::kList;
  const Token list = in_.token();
  const std::string advice = "write " + leaf->name + "." + method + "(['a', 'b'])";
  if (!in_.token().Is("[")) return in_.FailHere(method + " needs a list, found " + in_.Found(), advice);
  if (!in_.ReadValues(&leaf->values)) return false;
  if (leaf->values.empty()) return in_.Fail(list.offset, 1, "the list is empty", "put values in it");
  if (leaf->op == Op::kContainsAll && leaf->values.size() > limits::kAttributeElements) {
    return in_.Fail(list.offset, 1, "no list contains all of more than 256 values", "ask for fewer");
  }
  return in_.Expect(")", "behind the list");
}

// size(roles), type(x).
bool Calls::ReadOf(const Token& function, Operand* operand) {
  const bool is_size = function.text == "size";
  operand->kind = is_size ? OperandKind::kSizeOf : OperandKind::kTypeOf;
  if (!in_.Advance()) return false;
  if (in_.token().kind != TokenKind::kName) {
    return in_.FailHere(std::string(function.text) + "() needs an attribute, found " + in_.Found(),
                        is_size ? "write size(roles) >= 2" : "write type(x) == 'string'");
  }
  if (!in_.CheckName(in_.token())) return false;
  operand->name = std::string(in_.token().text);
  return in_.Advance() && in_.Expect(")", "to close " + std::string(function.text) + "(") && in_.Measure(operand);
}

// version(x), version('4.2.0'), date(x), date('2026-12-01').
bool Calls::ReadConversion(const Token& function, Operand* operand) {
  const bool is_version = function.text == "version";
  if (!in_.Advance()) return false;
  if (in_.token().kind == TokenKind::kName && !IsOneOf(in_.token().text, {"true", "false", "null"})) {
    if (in_.token().text == "now") return in_.FailHere("now is a date already", "write now >= date('2026-12-01')");
    if (!in_.CheckName(in_.token())) return false;
    operand->kind = is_version ? OperandKind::kVersionOf : OperandKind::kDateOf;
    operand->name = std::string(in_.token().text);
  } else if (in_.token().kind == TokenKind::kText) {
    operand->kind = is_version ? OperandKind::kVersion : OperandKind::kDate;
    operand->value = in_.token().value;
    operand->size = in_.token().text.size();
    Operand inner = *operand;
    inner.offset = in_.token().offset;
    Comparison comparison(in_.text(), in_.error());
    if (!(is_version ? comparison.ToVersion(inner, &operand->value) : comparison.ToDate(inner, &operand->value))) {
      return false;
    }
  } else {
    return in_.FailHere(std::string(function.text) + "() needs an attribute or a text in quotes, found " + in_.Found(),
                        is_version ? "write version('4.2.0')" : "write date('2026-12-01')");
  }
  return in_.Advance() && in_.Expect(")", "to close " + std::string(function.text) + "(") && in_.Measure(operand);
}

// duration('7d')
bool Calls::ReadDuration(Operand* operand) {
  constexpr const char* kAdvice = "write it like duration('7d'), duration('36h') or duration('30m')";
  operand->kind = OperandKind::kDuration;
  if (!in_.Advance()) return false;
  const std::string* written = in_.token().kind == TokenKind::kText ? in_.token().value.AsString() : nullptr;
  if (written == nullptr) return in_.FailHere("duration() needs a time in quotes, found " + in_.Found(), kAdvice);
  const std::optional<Duration> time = text::ParseDuration(*written);
  if (!time) return in_.FailHere(Quote(*written) + " is no time, from 1s to 3650d, with s, m, h, d or w", kAdvice);
  operand->value = Value(text::FormatDuration(*time));
  return in_.Advance() && in_.Expect(")", "to close duration(") && in_.Measure(operand);
}

// count('app_open', '14d'), active_days('app_open'), since_last('app_open').
bool Calls::ReadBehavior(const Token& function, Operand* operand) {
  operand->kind = OperandKind::kBehavior;
  if (!in_.Advance()) return false;
  const std::string call = std::string(function.text) + "(";
  if (in_.token().kind != TokenKind::kText) {
    const std::string event = in_.token().kind == TokenKind::kName ? std::string(in_.token().text) : "app_open";
    return in_.FailHere(call + ") needs the event's name in quotes, found " + in_.Found(),
                        "write " + call + "'" + event + "')");
  }
  operand->name = *in_.token().value.AsString();
  if (operand->name.empty()) return in_.FailHere("the event's name is empty", "write " + call + "'app_open')");
  if (operand->name.size() > limits::kEventNameBytes) {
    return in_.FailHere("the event's name has more than " + std::to_string(limits::kEventNameBytes) + " bytes",
                        "no event has so long a name");
  }
  if (!in_.Advance()) return false;
  if (in_.token().Is(",") && behavior::IsElapsed(operand->measure)) {
    return in_.FailHere(call + ") asks how long ago it was, and takes no window",
                        "write " + call + "'" + operand->name + "') < duration('7d')");
  }
  if (in_.token().Is(",") && !ReadWindowText(*operand, &operand->window)) return false;
  return in_.Expect(")", "to close " + call) && in_.Measure(operand);
}

bool Calls::ReadWindowText(const Operand& asked, behavior::Window* window) {
  if (!in_.Advance()) {
    // "14d" without quotes is a number gone wrong.
    const std::string written(in_.text().substr(in_.error()->offset, in_.error()->size));
    if (!behavior::ParseWindow(written)) return false;
    return in_.Fail(in_.error()->offset, in_.error()->size, "a window is written in quotes", "write " + Quote(written));
  }
  if (in_.token().kind != TokenKind::kText) {
    return in_.FailHere("expected a window in quotes, found " + in_.Found(),
                        "write '14d', or leave it out to mean ever");
  }
  std::string reason;
  std::string advice;
  const bool is_window = ReadWindow(*in_.token().value.AsString(), window, &reason, &advice);
  const bool has_days = window->unit != behavior::Window::Unit::kSession || asked.measure == behavior::Measure::kCount;
  if (is_window && has_days) return in_.Advance();
  if (is_window) {
    reason = "a session has no days to count";
    advice = "write count(" + Quote(asked.name) + ", 'session')";
  }
  return in_.FailHere(std::move(reason), std::move(advice));
}

// cidr(ip, '10.0.0.0/8'), cidr(ip, ['10.0.0.0/8', 'fd00::/8']).
bool Calls::ReadCidr(const Token& function, Tree* leaf, bool* is_done) {
  const char* advice = "write cidr(ip, '10.0.0.0/8')";
  if (leaf == nullptr) {
    return in_.Fail(function.offset, function.text.size(), "a condition stands where a value is expected",
                    "cidr() is true or false by itself");
  }
  if (!in_.Advance()) return false;
  if (in_.token().kind != TokenKind::kName)
    return in_.FailHere("cidr() needs an attribute, found " + in_.Found(), advice);
  if (!in_.CheckName(in_.token())) return false;
  leaf->kind = Kind::kCidr;
  leaf->name = std::string(in_.token().text);
  *is_done = true;
  if (!in_.Advance() || !in_.Expect(",", "behind the attribute")) return false;
  const Token networks = in_.token();
  if (in_.token().kind == TokenKind::kText) {
    leaf->values.push_back(in_.token().value);
    if (!in_.Advance()) return false;
  } else if (!in_.token().Is("[")) {
    return in_.FailHere("cidr() needs a network in quotes, or a list of them, found " + in_.Found(), advice);
  } else if (!in_.ReadValues(&leaf->values)) {
    return false;
  }
  const std::size_t size = in_.end_of_last() - networks.offset;
  const std::size_t count = leaf->values.size();
  if (count == 0)
    return in_.Fail(networks.offset, size, "the list is empty, so it never matches", "put networks in it");
  if (count > limits::kNetworks) return in_.Fail(networks.offset, size, "the list has more than 256 networks", "");
  for (const Value& value : leaf->values) {
    const std::string* text = value.AsString();
    std::string why = "is no text";
    if (text != nullptr && network::ReadNetwork(*text, &why)) continue;
    return in_.Fail(networks.offset, size, (text != nullptr ? Quote(*text) : json::ToText(value)) + " " + why, advice);
  }
  return in_.Expect(")", "to close cidr(");
}

// flag('composer'), variant('attach-button').
bool Calls::ReadNamed(const Token& function, Operand* operand) {
  const bool is_flag = function.text == "flag";
  operand->kind = is_flag ? OperandKind::kFlagOf : OperandKind::kVariantOf;
  const std::string call = std::string(function.text) + "(";
  const std::string what = is_flag ? "flag's name" : "experiment's name";
  if (!in_.Advance()) return false;
  if (in_.token().kind != TokenKind::kText) {
    const bool is_name = in_.token().kind == TokenKind::kName;
    const std::string name = is_name ? std::string(in_.token().text) : is_flag ? "composer" : "attach-button";
    return in_.FailHere(call + ") needs the " + what + " in quotes, found " + in_.Found(),
                        "write " + call + "'" + name + "')");
  }
  operand->name = *in_.token().value.AsString();
  if (operand->name.empty() || operand->name.size() > limits::kKeyBytes) {
    return in_.FailHere(operand->name.empty()
                            ? "the " + what + " is empty"
                            : "the " + what + " has more than " + std::to_string(limits::kKeyBytes) + " bytes",
                        "nothing is called so");
  }
  return in_.Advance() && in_.Expect(")", "to close " + call) && in_.Measure(operand);
}

// has(x), segment('s').
bool Calls::ReadWholeCall(const Token& function, Tree* leaf, bool* is_done) {
  if (leaf == nullptr) {
    return in_.Fail(function.offset, function.text.size(), "a condition stands where a value is expected",
                    std::string(function.text) + "() is true or false by itself");
  }
  if (!in_.Advance()) return false;
  const bool is_has = function.text == "has";
  if (is_has ? in_.token().kind != TokenKind::kName : in_.token().kind != TokenKind::kText) {
    return in_.FailHere(std::string(function.text) + "() needs " +
                            (is_has ? "an attribute" : "a segment's name in quotes") + ", found " + in_.Found(),
                        is_has ? "write has(plan), without quotes" : "write segment('beta')");
  }
  if (is_has && !in_.CheckName(in_.token())) return false;
  leaf->kind = is_has ? Kind::kExists : Kind::kSegment;
  leaf->name = is_has ? std::string(in_.token().text) : *in_.token().value.AsString();
  *is_done = true;
  return in_.Advance() && in_.Expect(")", "to close " + std::string(function.text) + "(");
}

}  // namespace guidon::expression
