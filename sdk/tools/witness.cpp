#include "sdk/tools/witness.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/event_condition.h"
#include "sdk/tools/sample_values.h"
#include "sdk/tools/witness_choices.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

constexpr std::size_t kMostShown = 20;  // elements of a list
constexpr std::size_t kMostTextShown = 200;

bool IsOfFlag(Kind kind) { return kind == Kind::kFlag || kind == Kind::kVariant || kind == Kind::kVariantIn; }

// The kinds whose meaning is known here. What a later one reads, nobody can tell.
bool IsOfAttribute(Kind kind) {
  switch (kind) {
    case Kind::kCompare:
    case Kind::kVersion:
    case Kind::kDate:
    case Kind::kIn:
    case Kind::kText:
    case Kind::kList:
    case Kind::kSize:
    case Kind::kType:
    case Kind::kCidr:
    case Kind::kExists: return true;
    default: return false;
  }
}

// A member that is not known here, such as the unit whose id is compared, would change what the comparison means.
bool HasKnownMembers(const Atom& atom) {
  const std::optional<json::Document> document = json::Document::Parse(atom.published, nullptr);
  if (!document) return false;
  for (json::Node member : document->root()) {
    const std::string_view name = member.name();
    if (name != "op" && name != "attribute" && name != "kind" && name != "lower" && name != "value" &&
        name != "values" && name != "version" && name != "date" && name != "size" && name != "type") {
      return false;
    }
  }
  return true;
}

// Of kBehavior.
bool IsFollowed(const Tree& leaf) {
  if (!behavior::IsElapsed(leaf.measure)) return leaf.value.AsInt() != nullptr;
  return leaf.value.AsString() != nullptr && text::ParseDuration(*leaf.value.AsString()).has_value();
}

// What compares an attribute as this one compares a flag or variant: a flag's value is one of those an attribute has,
// and of no variant is of none of those that are named.
Tree StandIn(const Tree& leaf) {
  Tree out = leaf;
  out.kind = leaf.kind == Kind::kVariantIn ? Kind::kIn : Kind::kCompare;
  out.name = "x";
  return out;
}

bool IsShown(const Value& value) {
  if (const double* number = value.AsDouble()) return std::isfinite(*number);
  if (const std::string* text = value.AsString()) return text->size() <= kMostTextShown && text::IsUtf8(*text);
  const List* list = value.AsList();
  return list == nullptr || (list->size() <= kMostShown && std::all_of(list->begin(), list->end(), IsShown));
}

void WriteValues(const char* key, const std::vector<std::pair<std::string, Value>>& values, json::Writer* out) {
  if (values.empty()) return;
  out->Key(key).BeginObject();
  for (const auto& [name, value] : values) out->Key(name).Any(value);
  out->End();
}

}  // namespace

Prover::Prover(const Source& source, Timestamp now, Effort* effort)
    : source_(source), now_(now), effort_(effort), formulas_(source) {}

Prover::~Prover() = default;

std::optional<std::size_t> Prover::AddPart(const Tree& tree, bool is_trigger) {
  const std::optional<std::size_t> formula = formulas_.Add(tree, is_trigger);
  if (!formula) return std::nullopt;
  published_.emplace_back();
  formula_of_.push_back(*formula);
  return formula_of_.size() - 1;
}

std::optional<std::size_t> Prover::Add(const Tree& tree, bool is_trigger) {
  const std::optional<std::size_t> number = AddPart(tree, is_trigger);
  if (!number) return std::nullopt;
  std::string text;
  json::Writer json(&text);
  if (is_trigger) {
    EventConditionToJson(tree, json);
  } else {
    expression::ToJson(tree, json);
  }
  published_[*number] = std::move(text);
  return number;
}

void Prover::Prepare() {
  std::vector<std::string> conditions;
  for (const Atom& atom : formulas_.atoms()) conditions.push_back(atom.published);
  for (const std::string& condition : published_) {
    judged_as_.push_back(conditions.size());
    if (!condition.empty()) conditions.push_back(condition);
  }
  const std::size_t stand_ins = conditions.size();
  for (const Atom& atom : formulas_.atoms()) {
    if (IsOfFlag(atom.leaf.kind)) conditions.push_back(expression::ToJson(StandIn(atom.leaf)));
  }
  judge_ = std::make_unique<Judge>(source_, conditions, formulas_.segments());
  AddAttributes(stand_ins);
  AddEvents();
  AddClock();
  AddRest();
  std::uint64_t cost = 0;
  for (const Variable& variable : variables_) cost += 20 * variable.choices.size() * variable.atoms.size();
  effort_->left -= std::min(effort_->left, cost);
}

void Prover::AddAttributes(std::size_t stand_ins) {
  struct Group {
    std::vector<std::size_t> atoms;
    AttributeAtoms asked;
  };
  std::map<std::tuple<bool, bool, std::string>, Group> groups;
  std::vector<Tree> trees;
  trees.reserve(formulas_.atoms().size());  // pointed to
  for (std::size_t i = 0; i < formulas_.atoms().size(); ++i) {
    const Atom& atom = formulas_.atoms()[i];
    const bool is_of_flag = IsOfFlag(atom.leaf.kind);
    const std::size_t condition = is_of_flag ? stand_ins++ : i;
    const bool is_of_attribute = IsOfAttribute(atom.leaf.kind) && HasKnownMembers(atom);
    if ((!is_of_attribute && !is_of_flag) || !judge_->Knows(condition)) continue;
    trees.push_back(is_of_flag ? StandIn(atom.leaf) : atom.leaf);
    // A flag and an experiment may have one name.
    const std::string kind = atom.leaf.kind == Kind::kFlag ? "flag " : is_of_flag ? "variant " : "";
    Group& group = groups[{is_of_flag, atom.is_of_event, kind + atom.leaf.name}];
    group.asked.name = trees.back().name;
    group.asked.is_of_event = atom.is_of_event && !is_of_flag;
    group.asked.leaves.push_back(&trees.back());
    group.asked.conditions.push_back(condition);
    group.atoms.push_back(i);
  }
  for (auto& [key, group] : groups) {
    Variable variable;
    variable.name = group.asked.name;
    variable.is_of_event = group.asked.is_of_event;
    variable.atoms = std::move(group.atoms);
    for (Way& way : WaysOf(group.asked, *judge_)) {
      const bool is_real = way.is_real && !std::get<0>(key);  // no context says what a flag is
      variable.choices.push_back({std::move(way.truths), is_real, std::move(way.value), {}, {}});
    }
    variables_.push_back(std::move(variable));
  }
}

void Prover::AddEvents() {
  struct Group {
    std::vector<std::size_t> atoms;
    std::vector<const Tree*> leaves;
  };
  std::map<std::string, Group> groups;
  for (std::size_t i = 0; i < formulas_.atoms().size(); ++i) {
    const Atom& atom = formulas_.atoms()[i];
    if (atom.leaf.kind != Kind::kBehavior || !IsFollowed(atom.leaf) || !judge_->Knows(i)) continue;
    groups[atom.leaf.name].atoms.push_back(i);
    groups[atom.leaf.name].leaves.push_back(&atom.leaf);
  }
  for (auto& [name, group] : groups) {
    Variable variable;
    variable.name = name;
    variable.atoms = std::move(group.atoms);
    for (EventWay& way : EventWaysOf(group.leaves)) {
      std::vector<Truths> truths = way.truths;
      const bool is_real = way.is_exact;
      variable.choices.push_back({std::move(truths), is_real, {}, std::move(way), {}});
    }
    variables_.push_back(std::move(variable));
  }
}

void Prover::AddClock() {
  Variable variable;
  std::set<Timestamp> later = {now_};
  std::set<Timestamp> earlier;
  for (std::size_t i = 0; i < formulas_.atoms().size(); ++i) {
    const Atom& atom = formulas_.atoms()[i];
    if (atom.leaf.kind != Kind::kNow || !judge_->Knows(i)) continue;
    const std::string* text = atom.leaf.value.AsString();
    const std::optional<Timestamp> date = text != nullptr ? text::ParseTimestamp(*text) : std::nullopt;
    if (!date) continue;
    variable.atoms.push_back(i);
    for (const Timestamp moment : {*date, *date - Duration(1'000), *date - Duration(1)}) {
      (moment < now_ ? earlier : later).insert(moment);
    }
  }
  if (variable.atoms.empty()) return;
  std::vector<Timestamp> moments(later.begin(), later.end());
  moments.insert(moments.end(), earlier.rbegin(), earlier.rend());
  for (const Timestamp moment : moments) {
    Situation situation;
    situation.now = moment;
    variable.choices.push_back({judge_->Ask(situation, variable.atoms), true, {}, {}, moment});
  }
  variables_.push_back(std::move(variable));
}

// What nothing is known of.
void Prover::AddRest() {
  std::vector<bool> is_known(formulas_.atoms().size(), false);
  for (const Variable& variable : variables_) {
    for (const std::size_t atom : variable.atoms) is_known[atom] = true;
  }
  for (std::size_t i = 0; i < is_known.size(); ++i) {
    if (is_known[i]) continue;
    Variable variable;
    variable.atoms.push_back(i);
    for (const Truths truth : {kTrue, kFalse, kUnknown}) variable.choices.push_back({{truth}, false, {}, {}, {}});
    variables_.push_back(std::move(variable));
  }
}

bool Prover::Confirms(const std::vector<Goal>& goals, const Situation& situation) const {
  std::vector<std::size_t> conditions;
  std::vector<Truths> wanted;
  for (const Goal& goal : goals) {
    if (published_[goal.condition].empty()) continue;
    conditions.push_back(judged_as_[goal.condition]);
    wanted.push_back(goal.wanted);
  }
  const std::vector<Truths> truths = judge_->Ask(situation, conditions);
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if ((truths[i] & ~wanted[i]) != 0) return false;
  }
  return true;
}

std::string ContextText(const Situation& situation, const std::string& event) {
  for (const auto* values : {&situation.attributes, &situation.properties}) {
    for (const auto& [name, value] : *values) {
      if (!IsShown(value)) return "";
    }
  }
  std::string text;
  json::Writer out(&text);
  out.BeginObject();
  WriteValues("attributes", situation.attributes, &out);
  if (situation.is_timed) out.Key("now").String(text::FormatTimestamp(situation.now));
  if (situation.history) {
    out.Key("history").BeginArray();
    for (const HistoryEntry& entry : *situation.history) {
      out.BeginObject().Key("at").String(text::FormatTimestamp(entry.at)).Key("event").String(entry.event);
      if (entry.times != 1) out.Key("times").Int(entry.times);
      out.End();
    }
    out.End();
  }
  if (!event.empty()) {
    out.Key("event").BeginObject().Key("name").String(event);
    WriteValues("properties", situation.properties, &out);
    out.End();
  }
  out.End();
  return text;
}

}  // namespace guidon::tools
