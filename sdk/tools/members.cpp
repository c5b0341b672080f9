#include "sdk/tools/members.h"

#include <algorithm>
#include <cmath>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/moment.h"
#include "sdk/tools/source.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

constexpr std::size_t kUnitBytes = 64;

constexpr Synonym kSynonyms[] = {
    {"prompts", "write \"campaigns\""},
    {"messages", "write \"campaigns\""},
    {"description", "write \"about\""},
    {"if", "write \"when\""},
    {"condition", "write \"when\""},
    {"value", "write \"serve\" in a rule, \"default\" in a flag"},
    {"unit", "the unit belongs to the layer: \"layers\": { \"name\": { \"unit\": \"account\" } }"},
    {"traffic", "write \"percent\""},
    {"rollout", "write \"percent\" and \"serve\""},
    {"metrics", "write \"goals\""},
    {"namespace", "write \"layer\""},
    {"enabled", "to switch a flag off for all write \"kill\": true; an experiment has a \"status\""},
};

}  // namespace

bool LooksPersonal(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos && at > 0 && text.find('.', at + 2) != std::string_view::npos &&
      text.find(' ') == std::string_view::npos && text.back() != '.') {
    return true;
  }
  std::size_t digits = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      ++digits;
    } else if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '/' && !(c == '+' && digits == 0)) {
      return false;
    }
  }
  return digits >= 7 && digits <= 15 && (text[0] == '+' || text[0] == '0' || text[0] == '(');
}

std::string Describe(const Located& at) {
  if (at.is_out_of_range) return "a number too large for 64 bits";
  switch (at.type) {
    case json::Type::kNull: return "null";
    case json::Type::kBool: return *at.value.AsBool() ? "true" : "false";
    case json::Type::kInt:
    case json::Type::kDouble: return "the number " + json::ToText(at.value);
    case json::Type::kString: return "the text " + Shown(at.value);
    case json::Type::kArray: return "a list";
    case json::Type::kObject: return "an object";
  }
  return "";
}

std::string Shown(const Value& value) {
  std::string text = json::ToText(value);
  if (Width(text) <= 40) return text;
  std::size_t end = 36;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string PercentText(std::int64_t slots) {
  return slots % 10'000 == 0 ? std::to_string(slots / 10'000) : Shown(Value(static_cast<double>(slots) / 10'000));
}

std::string NameList(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) out += (i > 0 ? ", '" : "'") + std::string(names[i]) + "'";
  return names.size() > 8 ? out + ", …" : out;
}

std::string Suggest(std::string_view word, const std::vector<std::string_view>& known, const std::string& otherwise) {
  const std::string_view meant = expression::Closest(word, known);
  if (!meant.empty()) return "did you mean '" + std::string(meant) + "'?";
  return known.empty() || known.size() > 8 ? otherwise : "there is " + NameList(known);
}

bool Members::Want(const Located& at, json::Type type, const std::string& example) const {
  if (at.is(type)) return true;
  const char* wanted = type == json::Type::kObject   ? "an object"
                       : type == json::Type::kArray  ? "a list"
                       : type == json::Type::kString ? "a text"
                       : type == json::Type::kBool   ? "true or false"
                                                     : "a whole number";
  problems_->Error("wrong-type", at, std::string("expected ") + wanted + ", found " + Describe(at), "write " + example);
  return false;
}

void Members::CheckKnown(const Located& object, std::initializer_list<std::string_view> known, std::string_view what,
                         std::initializer_list<Synonym> synonyms) const {
  for (const Located& member : object.items) {
    if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
    const std::string_view meant = expression::Closest(member.name, known);
    std::string advice =
        meant.empty() ? std::string(what) + " has " + NameList(known) : "did you mean '" + std::string(meant) + "'?";
    for (const Synonym& synonym : kSynonyms) {
      if (synonym.wrong == member.name) advice = std::string(synonym.advice);
    }
    for (const Synonym& synonym : synonyms) {
      if (synonym.wrong == member.name) advice = std::string(synonym.advice);
    }
    problems_->ErrorAtName("unknown-member", member, "'" + member.name + "' is not known in " + std::string(what),
                           advice);
  }
}

bool Members::CheckName(std::string_view name, const Located& at, bool is_member, std::string_view what) const {
  const auto fail = [&](const char* code, const std::string& reason, const std::string& advice) {
    is_member ? problems_->ErrorAtName(code, at, reason, advice) : problems_->Error(code, at, reason, advice);
    return false;
  };
  const bool has_vowel = !what.empty() && std::string_view("aeiou").find(what[0]) != std::string_view::npos;
  const std::string noun = (has_vowel ? "an " : "a ") + std::string(what);
  if (name.empty()) return fail("bad-name", noun + " has an empty name", "name it");
  if (name.size() > limits::kKeyBytes) {
    return fail("name-too-long", "a name of " + std::to_string(name.size()) + " bytes, and at most 128 are allowed",
                "shorten it");
  }
  if (!std::all_of(name.begin(), name.end(), IsNameByte)) {
    return fail("bad-name", "'" + std::string(name) + "' is no name for " + noun,
                "use letters a to z, digits, '-', '_' and '.'; say the rest in \"about\"");
  }
  return true;
}

std::optional<std::string> Members::Text(const Located& object, std::string_view member) const {
  const Located* at = object.Find(member);
  if (at == nullptr || !Want(*at, json::Type::kString, "\"" + std::string(member) + "\": \"…\"")) return std::nullopt;
  return std::string(at->Text());
}

std::optional<bool> Members::Bool(const Located& object, std::string_view member) const {
  const Located* at = object.Find(member);
  if (at == nullptr || !Want(*at, json::Type::kBool, "true or false, without quotes")) return std::nullopt;
  return *at->value.AsBool();
}

std::optional<std::int64_t> Members::Int(const Located& object, std::string_view member, std::int64_t least,
                                         std::int64_t most) const {
  const Located* at = object.Find(member);
  if (at == nullptr || !Want(*at, json::Type::kInt, "a whole number such as 1, without quotes")) return std::nullopt;
  const std::int64_t value = *at->value.AsInt();
  if (value >= least && value <= most) return value;
  problems_->Error("out-of-range", *at, std::to_string(value) + " is out of range",
                   "write " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<std::string> Members::Unit(const Located& object) const {
  std::optional<std::string> unit = Text(object, "unit");
  if (!unit || !CheckName(*unit, *object.Find("unit"), false, "unit")) return std::nullopt;
  if (unit->size() > kUnitBytes) {
    problems_->Error("name-too-long", *object.Find("unit"), "a unit's name has at most 64 bytes", "shorten it");
    return std::nullopt;
  }
  return unit;
}

std::optional<Timestamp> Members::Date(const Located& object, std::string_view member) const {
  const Located* at = object.Find(member);
  if (at == nullptr || !Want(*at, json::Type::kString, "\"2026-12-01\"")) return std::nullopt;
  const std::optional<Timestamp> date = text::ParseTimestamp(at->Text());
  if (!date) {
    problems_->Error("bad-date", *at, Shown(at->value) + " is not a date",
                     "write \"2026-12-01\" or \"2026-12-01T09:00:00Z\"");
  }
  return date;
}

std::optional<SourceTime> Members::Moment(const Located& object, std::string_view member) const {
  const Located* at = object.Find(member);
  if (at == nullptr || !Want(*at, json::Type::kString, "\"2026-12-01\"")) return std::nullopt;
  std::string reason;
  std::string advice;
  const std::optional<SourceTime> moment = ParseMoment(at->Text(), &reason, &advice);
  if (!moment) problems_->Error("bad-date", *at, Shown(at->value) + " " + reason, advice);
  return moment;
}

std::optional<std::int64_t> Members::Percent(const Located& at) const {
  if (!at.IsNumber()) {
    problems_->Error("wrong-type", at, "expected a percentage, found " + Describe(at),
                     "write a number such as 10 or 2.5, without quotes");
    return std::nullopt;
  }
  const double percent = at.Number();
  if (percent < 0 || percent > 100) {
    problems_->Error("percent-out-of-range", at, Shown(at.value) + " is not between 0 and 100",
                     "write the share in per cent");
    return std::nullopt;
  }
  const double slots = percent * 10'000;
  if (std::fabs(slots - std::round(slots)) > 1e-6) {
    problems_->Error("percent-too-fine", at, Shown(at.value) + " has more than four decimals",
                     "steps of 0.0001 % are the finest");
    return std::nullopt;
  }
  if (percent > 0 && percent < 1 && at.is(json::Type::kDouble) && percent <= 0.5 && slots >= 1000) {
    problems_->Note("tiny-percent", at,
                    Shown(at.value) + " means " + Shown(at.value) + " %, not " +
                        Shown(Value(static_cast<std::int64_t>(std::llround(percent * 100)))) + " %",
                    "");
  }
  return std::llround(slots);
}

std::optional<expression::Tree> Members::Condition(const Located& at) const {
  if (!Want(at, json::Type::kString, "an expression such as \"plan == 'pro'\"")) return std::nullopt;
  expression::Error error;
  std::optional<expression::Tree> tree = expression::Parse(at.Text(), &error, ToolPatterns());
  if (tree) {
    LookForPersonalData(at, *tree);
    return tree;
  }
  const bool is_empty = at.Text().find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (is_empty) {
    problems_->Error("empty-expression", at, error.reason, error.advice);
  } else {
    ErrorWithin("bad-expression", at, error);
  }
  return std::nullopt;
}

void Members::ErrorWithin(const char* code, const Located& at, const expression::Error& error) const {
  // Where the text is written without escapes, its bytes in the file are its own.
  const bool is_plain = text_.substr(at.offset, at.size).find('\\') == std::string_view::npos;
  problems_->Add({Severity::kError, code, at.pointer, at.offset + (is_plain ? 1 + error.offset : 0), error.reason,
                  error.advice, expression::PointAt(at.Text(), error)});
}

void Members::LookForPersonalData(const Located& at, const expression::Tree& tree) const {
  const auto look = [&](const Value& value) {
    const std::string* text = value.AsString();
    if (text == nullptr || text->empty() || !LooksPersonal(*text)) return;
    problems_->Warning("personal-data", at,
                       Shown(value) + " looks like somebody's address or number, and every device receives it",
                       "let the app set an attribute such as 'tester' and compare that");
  };
  expression::ForEachLeaf(tree, [&](const expression::Tree& leaf) {
    const bool is_plain = leaf.kind == expression::Kind::kCompare || leaf.kind == expression::Kind::kText;
    if (is_plain) look(leaf.value);
    for (const Value& value : leaf.values) look(value);
  });
}

}  // namespace guidon::tools
