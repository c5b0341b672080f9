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
#include "sdk/tools/event_totals.h"
#include "sdk/tools/sample_values.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

constexpr std::size_t kMostSteps = 20'000;     // of one search
constexpr std::size_t kMostConfirmations = 8;  // likewise
constexpr std::size_t kMostShown = 20;         // elements of a list
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

// One of the ways that what a variable stands for can be.
struct Prover::Choice {
  std::vector<Truths> truths;  // by Variable::atoms
  bool is_real = true;
  std::optional<Value> value;  // of an attribute
  std::optional<EventWay> event;
  std::optional<Timestamp> moment;
};

struct Prover::Variable {
  std::string name;
  bool is_of_event = false;
  std::vector<std::size_t> atoms;
  std::vector<Choice> choices;  // real ones first
};

// Depth-first over the choices of one variable after the other.
class Prover::Search {
 public:
  Search(const Prover& prover, const std::vector<Goal>& goals, bool from_now)
      : prover_(prover), goals_(goals), from_now_(from_now), truths_(prover.formulas_.atoms().size(), kAnyTruth) {
    std::vector<std::size_t> roots;
    for (const Goal& goal : goals) roots.push_back(prover.formula_of_[goal.condition]);
    const std::vector<bool> atoms = prover.formulas_.AtomsOf(roots);
    for (const Variable& variable : prover.variables_) {
      const bool takes_part =
          std::any_of(variable.atoms.begin(), variable.atoms.end(), [&](std::size_t atom) { return atoms[atom]; });
      if (takes_part) variables_.push_back(&variable);
    }
    std::stable_sort(variables_.begin(), variables_.end(),
                     [](const Variable* a, const Variable* b) { return a->choices.size() < b->choices.size(); });
    chosen_.assign(variables_.size(), nullptr);
  }

  Conclusion Run() {
    Conclusion answer;
    if (variables_.empty()) return answer;
    only_real_ = true;
    if (Narrow() && Step(0)) {
      answer.finding = Finding::kWitness;
      answer.witness = std::move(witness_);
      return answer;
    }
    if (steps_ >= kMostSteps || !IsAffordable()) return answer;
    only_real_ = false;
    if (confirmations_ == 0 && AreAllReal()) {
      answer.finding = Finding::kNever;
      return answer;
    }
    is_possible_ = false;
    if (Narrow()) Step(0);
    if (!is_possible_ && steps_ < 2 * kMostSteps && IsAffordable()) answer.finding = Finding::kNever;
    return answer;
  }

 private:
  bool IsOpen(const Choice& choice) const {
    if (only_real_ && !choice.is_real) return false;
    return !from_now_ || !choice.moment || *choice.moment >= prover_.now_;
  }

  bool AreAllReal() const {
    return std::all_of(variables_.begin(), variables_.end(), [](const Variable* variable) {
      return std::all_of(variable->choices.begin(), variable->choices.end(),
                         [](const Choice& choice) { return choice.is_real; });
    });
  }

  // Drops choices that alone leave a goal impossible, until none is left that does. False: there is no way.
  bool Narrow() {
    open_.assign(variables_.size(), {});
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      for (const Choice& choice : variables_[i]->choices) {
        if (IsOpen(choice)) open_[i].push_back(&choice);
      }
      Release(i);
    }
    for (bool has_changed = true; has_changed && IsAffordable();) {
      has_changed = false;
      for (std::size_t i = 0; i < variables_.size() && IsAffordable(); ++i) {
        std::vector<const Choice*> left;
        for (const Choice* choice : open_[i]) {
          Choose(i, *choice);
          if (IsPossible(nullptr)) left.push_back(choice);
        }
        has_changed |= left.size() < open_[i].size();
        open_[i] = std::move(left);
        Release(i);
        if (open_[i].empty()) return false;
      }
    }
    return true;
  }

  bool IsAffordable() const { return prover_.effort_->left > 0; }

  // `is_settled`, when given: nothing that is still open matters.
  bool IsPossible(bool* is_settled) {
    const std::uint64_t cost = prover_.formulas_.size() + 1;
    prover_.effort_->left -= std::min(prover_.effort_->left, cost);
    prover_.formulas_.Evaluate(truths_, &formulas_);
    if (is_settled != nullptr) *is_settled = true;
    for (const Goal& goal : goals_) {
      const Truths can_be = formulas_[prover_.formula_of_[goal.condition]];
      if ((can_be & goal.wanted) == 0) return false;
      if (is_settled != nullptr) *is_settled &= (can_be & ~goal.wanted) == 0;
    }
    return true;
  }

  // The variable may be anything that is still open again.
  void Release(std::size_t at) {
    const Variable& variable = *variables_[at];
    chosen_[at] = nullptr;
    for (std::size_t i = 0; i < variable.atoms.size(); ++i) {
      Truths any = 0;
      for (const Choice* choice : open_[at]) any |= choice->truths[i];
      truths_[variable.atoms[i]] = any;
    }
  }

  void Choose(std::size_t at, const Choice& choice) {
    chosen_[at] = &choice;
    for (std::size_t i = 0; i < choice.truths.size(); ++i) truths_[variables_[at]->atoms[i]] = choice.truths[i];
  }

  // True when a witness was found, or, in the second run, that somebody is possible.
  bool Step(std::size_t at) {
    if (++steps_ >= (only_real_ ? kMostSteps : 2 * kMostSteps) || !IsAffordable()) return false;
    bool is_settled = false;
    if (!IsPossible(&is_settled)) return false;
    if (is_settled || at == variables_.size()) return Settle();
    bool is_found = false;
    for (const Choice* choice : open_[at]) {
      Choose(at, *choice);
      is_found = Step(at + 1);
      if (is_found) break;
    }
    if (!is_found) Release(at);
    return is_found;
  }

  bool Settle() {
    if (!only_real_) return is_possible_ = true;
    if (confirmations_ == kMostConfirmations) return false;
    ++confirmations_;
    witness_ = Build();
    return prover_.Confirms(goals_, witness_);
  }

  // Null when it does not matter, and so is left out.
  const Choice* ChoiceOf(std::size_t at) const {
    const bool is_any = open_[at].size() == variables_[at]->choices.size();
    return chosen_[at] != nullptr || is_any ? chosen_[at] : open_[at].front();
  }

  Situation Build() const {
    Situation out;
    out.now = prover_.now_;
    bool has_events = false;
    bool is_known = true;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const Choice* choice = ChoiceOf(i);
      if (choice == nullptr) continue;
      if (choice->moment) out.now = *choice->moment;
      out.is_timed |= choice->moment.has_value() || choice->event.has_value();
      has_events |= choice->event.has_value();
      is_known &= !choice->event || choice->event->is_known;
    }
    if (has_events && is_known) out.history.emplace();
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const Choice* choice = ChoiceOf(i);
      if (choice == nullptr) continue;
      const Variable& variable = *variables_[i];
      if (choice->event && is_known) {
        const std::vector<HistoryEntry> entries = HistoryOf(variable.name, choice->event->totals, out.now);
        out.history->insert(out.history->end(), entries.begin(), entries.end());
      } else if (choice->value) {
        (variable.is_of_event ? out.properties : out.attributes).emplace_back(variable.name, *choice->value);
      }
    }
    return out;
  }

  const Prover& prover_;
  const std::vector<Goal>& goals_;
  bool from_now_;
  bool only_real_ = true;
  std::vector<const Variable*> variables_;        // that take part
  std::vector<const Choice*> chosen_;             // parallel
  std::vector<std::vector<const Choice*>> open_;  // parallel, what is not dropped
  std::vector<Truths> truths_;                    // by atom
  std::vector<Truths> formulas_;
  Situation witness_;
  std::size_t steps_ = 0;
  std::size_t confirmations_ = 0;
  bool is_possible_ = false;
};

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
    if (atom.leaf.kind != Kind::kBehavior || atom.leaf.value.AsInt() == nullptr || !judge_->Knows(i)) continue;
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

Conclusion Prover::Ask(const std::vector<Goal>& goals, bool from_now) {
  if (effort_->left == 0) return Conclusion();
  if (judge_ == nullptr) Prepare();
  return Search(*this, goals, from_now).Run();
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
