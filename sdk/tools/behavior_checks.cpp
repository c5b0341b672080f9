// Conditions that nobody can ever meet, and such as everybody meets. Sound, not complete: what is reported is so
// whatever happened. The idea: in a conjunction each comparison leaves a range of numbers; a total over a part of the
// time, or of days instead of times, is never more than the total over all of it. So count('x', '14d') == 0 leaves
// nothing to count('x', '7d') >= 1, while the other way about both may hold.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <tuple>

#include "guidon/limits.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

using behavior::Measure;
using behavior::Window;
using expression::Kind;
using expression::Op;
using expression::Tree;

constexpr double kInfinite = std::numeric_limits<double>::infinity();

struct Span {
  double least = -kInfinite;
  double most = kInfinite;
};

// The numbers that a comparison lets through; for `!=` all, which says less than it does.
Span SpanOf(Op op, double value, bool is_whole) {
  const double step = is_whole ? 1 : 0;
  switch (op) {
    case Op::kEqual: return {value, value};
    case Op::kLess: return {-kInfinite, is_whole ? value - step : std::nextafter(value, -kInfinite)};
    case Op::kLessEqual: return {-kInfinite, value};
    case Op::kGreater: return {is_whole ? value + step : std::nextafter(value, kInfinite), kInfinite};
    case Op::kGreaterEqual: return {value, kInfinite};
    default: return {};
  }
}

std::optional<double> NumberOf(const Value& value) {
  if (const std::int64_t* integer = value.AsInt()) return static_cast<double>(*integer);
  if (const double* real = value.AsDouble()) return *real;
  return std::nullopt;
}

Span SpanOf(const Tree& leaf) {
  const std::optional<double> number = NumberOf(leaf.value);
  return number ? SpanOf(leaf.op, *number, leaf.kind == Kind::kBehavior) : Span();
}

// The most that it can be at all.
double MostOf(const Tree& leaf) {
  if (leaf.measure != Measure::kActiveDays || leaf.window.unit == Window::Unit::kEver) return kInfinite;
  // 36 hours may reach into three days.
  return leaf.window.unit == Window::Unit::kDays ? leaf.window.length : (leaf.window.length + 22) / 24 + 1;
}

bool IsWithin(Window part, Window whole) {
  if (whole.unit == Window::Unit::kEver) return true;
  if (part.unit == whole.unit) return part.length <= whole.length;
  return part.unit == Window::Unit::kHours && (part.length + 22) / 24 + 1 <= whole.length;
}

// Whether what `a` asks is never more than what `b` asks.
bool IsAtMost(const Tree& a, const Tree& b) {
  if (a.name != b.name || !IsWithin(a.window, b.window)) return false;
  return a.measure == b.measure || a.measure == Measure::kActiveDays;
}

bool Exclude(const Tree& a, const Tree& b) {
  if (a.kind == Kind::kBehavior && b.kind == Kind::kBehavior) {
    return (IsAtMost(a, b) && SpanOf(a).least > SpanOf(b).most) || (IsAtMost(b, a) && SpanOf(b).least > SpanOf(a).most);
  }
  if (a.kind != Kind::kCompare || b.kind != Kind::kCompare || a.name != b.name || a.lower != b.lower) return false;
  if (NumberOf(a.value) && NumberOf(b.value)) {
    return SpanOf(a).least > SpanOf(b).most || SpanOf(b).least > SpanOf(a).most;
  }
  if (a.op == Op::kEqual && b.op == Op::kEqual) return a.value != b.value;
  const bool are_opposite =
      (a.op == Op::kEqual && b.op == Op::kNotEqual) || (a.op == Op::kNotEqual && b.op == Op::kEqual);
  return are_opposite && a.value == b.value;
}

std::string Quoted(const Tree& leaf) { return "`" + expression::ToText(leaf) + "`"; }

void Flatten(const Tree& tree, std::vector<const Tree*>* parts) {
  if (tree.kind != Kind::kAnd) {
    parts->push_back(&tree);
    return;
  }
  for (const Tree& part : tree.of) Flatten(part, parts);
}

std::optional<std::string> WhyNeverTrue(const Tree& tree);

std::optional<std::string> WhyNeverTogether(const Tree& tree) {
  std::vector<const Tree*> parts;
  Flatten(tree, &parts);
  for (const Tree* part : parts) {
    if (std::optional<std::string> why = WhyNeverTrue(*part)) return why;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t j = i + 1; j < parts.size(); ++j) {
      if (Exclude(*parts[i], *parts[j])) return Quoted(*parts[i]) + " and " + Quoted(*parts[j]) + " exclude each other";
    }
  }
  return std::nullopt;
}

std::optional<std::string> WhyNeverTrue(const Tree& tree) {
  if (tree.kind == Kind::kAnd) return WhyNeverTogether(tree);
  if (tree.kind == Kind::kOr) {
    std::optional<std::string> why;
    for (const Tree& part : tree.of) {
      why = WhyNeverTrue(part);
      if (!why) return std::nullopt;
    }
    return why;
  }
  if (tree.kind != Kind::kBehavior) return std::nullopt;
  const Span span = SpanOf(tree);
  if (span.most < 0) return Quoted(tree) + " would need less than none";
  if (span.least <= MostOf(tree)) return std::nullopt;
  return Quoted(tree) + ": that time has " + std::to_string(static_cast<int>(MostOf(tree))) + " days";
}

class ConditionCheck {
 public:
  ConditionCheck(const Members& members, const PlacedCondition& condition) : members_(members), condition_(condition) {}

  void Run() {
    if (const std::optional<std::string> why = WhyNeverTrue(*condition_.tree)) {
      members_.problems().Error("never-true", *condition_.at, "nobody can ever meet this: " + *why,
                                "change a number or a time, or join them with ||");
      return;
    }
    LookIntoParts(*condition_.tree);
    expression::ForEachLeaf(*condition_.tree, [&](const Tree& leaf) {
      if (leaf.kind != Kind::kBehavior) return;
      const Span span = SpanOf(leaf);
      if (leaf.op == Op::kNotEqual || span.least > 0 || span.most < MostOf(leaf)) return;
      members_.problems().Warning("always-true", *condition_.at, Quoted(leaf) + " holds for everybody",
                                  "leave it out, or ask for 1 or more");
    });
  }

 private:
  // Of alternatives, those that never apply.
  void LookIntoParts(const Tree& tree) {
    if (tree.kind == Kind::kNot) return;
    for (const Tree& part : tree.of) {
      const std::optional<std::string> why = tree.kind == Kind::kOr ? WhyNeverTrue(part) : std::nullopt;
      if (why) {
        members_.problems().Warning("never-true", *condition_.at, "one side of || can never be met: " + *why,
                                    "change it, or leave it out");
      } else {
        LookIntoParts(part);
      }
    }
  }

  const Members& members_;
  const PlacedCondition& condition_;
};

}  // namespace

std::vector<PlacedCondition> ConditionsOf(const Source& source) {
  std::vector<PlacedCondition> out;
  for (const SourceSegment& segment : source.segments) {
    if (segment.when) out.push_back({&*segment.when, segment.at, false});
  }
  for (const SourceFlag& flag : source.flags) {
    for (const SourceRule& rule : flag.rules) {
      if (rule.when) out.push_back({&*rule.when, rule.at->Find("when"), false});
    }
  }
  for (const SourceExperiment& experiment : source.experiments) {
    if (experiment.when) out.push_back({&*experiment.when, experiment.at->Find("when"), false});
    for (const SourceAudience& audience : experiment.audiences) {
      if (audience.when) out.push_back({&*audience.when, audience.at->Find("when"), false});
    }
  }
  for (const SourceCampaign& campaign : source.campaigns) {
    if (campaign.when) out.push_back({&*campaign.when, campaign.at->Find("when"), false});
    if (campaign.trigger.where) out.push_back({&*campaign.trigger.where, campaign.trigger.at, true});
  }
  return out;
}

void CheckBehavior(const Members& members, const Source& source) {
  std::set<std::tuple<Measure, std::string, Window::Unit, std::uint16_t>> terms;
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    ConditionCheck(members, condition).Run();
    expression::ForEachLeaf(*condition.tree, [&](const Tree& leaf) {
      if (leaf.kind == Kind::kBehavior) terms.emplace(leaf.measure, leaf.name, leaf.window.unit, leaf.window.length);
    });
  }
  if (terms.size() <= limits::kBehaviorTerms) return;
  members.problems().Error("too-many", *source.at,
                           std::to_string(terms.size()) +
                               " different questions of count() and active_days(), and at most 1000 "
                               "are allowed",
                           "let rules ask for the same windows");
}

}  // namespace guidon::tools
