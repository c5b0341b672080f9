// Rules that decide nothing: conditions that nobody meets or that everybody does, and rules that those above them leave
// nobody to. Only what is proved is reported.
#include <algorithm>
#include <set>
#include <string>

#include "sdk/tools/condition_proof.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

class ConditionCheck {
 public:
  ConditionCheck(const Members& members, const Source& source, const PlacedCondition& condition, Timestamp now,
                 Effort* effort)
      : members_(members),
        condition_(condition),
        is_segment_(FindNamed(source.segments, condition.at->name) != nullptr &&
                    FindNamed(source.segments, condition.at->name)->at == condition.at),
        proof_(source, *condition.tree, condition.is_trigger, now, effort) {}

  void Run() {
    if (const std::optional<std::string> why = proof_.WhyNever()) {
      return Warn("never-true", (is_segment_ ? "nobody is ever in this segment: " : "nobody ever meets this: ") + *why,
                  "change one of them, or join them with ||");
    }
    if (const std::optional<std::string> why = proof_.WhyNever(true)) {
      return Warn("never-true-again",
                  (is_segment_ ? "nobody is in this segment any more: " : "nobody meets this any more: ") + *why,
                  "remove it, or write a later date");
    }
    const bool is_named = condition_.tree->kind == Kind::kSegment;  // said where the segment stands
    if (!is_named && proof_.IsAlways()) {
      return Warn("always-true", is_segment_ ? "everybody is in this segment" : "everybody meets this",
                  "leave it out, or ask for less");
    }
    if (!is_named && proof_.IsNeverFalse()) return WarnOfNeverFalse();
    for (const ConditionProof::DeadSide& dead : proof_.DeadSides()) {
      Warn("never-true", "one side of || can never be met: " + dead.why, "change it, or leave it out");
    }
    for (const Tree* test : proof_.EmptyTests()) {
      Warn("always-true", Quoted(*test) + " " + HoldsForWhom(*test), AdviceFor(*test));
    }
  }

 private:
  void Warn(const char* code, std::string reason, std::string advice) {
    members_.problems().Warning(code, *condition_.at, std::move(reason), std::move(advice));
  }

  static std::string HoldsForWhom(const Tree& test) {
    return test.kind == Kind::kBehavior ? "holds for everybody" : "is never false: it holds wherever it can be asked";
  }
  static std::string AdviceFor(const Tree& test) {
    if (test.kind == Kind::kBehavior) return "leave it out, or ask for 1 or more";
    return expression::ReadsAttribute(test.kind) ? "leave it out, or write has(" + test.name + ") if that is meant"
                                                 : "leave it out";
  }

  void WarnOfNeverFalse() {
    const Tree& tree = *condition_.tree;
    if (expression::IsLeaf(tree.kind))
      return Warn("always-true", Quoted(tree) + " " + HoldsForWhom(tree), AdviceFor(tree));
    std::set<std::string> names;
    expression::ForEachLeaf(tree, [&](const Tree& leaf) {
      if (expression::ReadsAttribute(leaf.kind)) names.insert("has(" + leaf.name + ")");
    });
    std::string asked;
    for (const std::string& name : names) asked += (asked.empty() ? "" : " && ") + name;
    Warn("always-true", "this is never false: who does not meet it is only whom not all of it can be asked of",
         asked.empty() || names.size() > 3 ? "leave it out, or ask for less"
                                           : "leave it out, or write " + asked + " if that is meant");
  }

  const Members& members_;
  const PlacedCondition& condition_;
  bool is_segment_;
  ConditionProof proof_;
};

// Which of a flag's rules anybody comes to.
class RuleOrder {
 public:
  RuleOrder(const Members& members, const Source& source, const SourceFlag& flag, Timestamp now, Effort* effort)
      : members_(members), source_(source), flag_(flag), prover_(source, now, effort) {}

  void Run() {
    std::vector<Goal> passed;  // not held up by any rule above that decides for all who meet it
    std::vector<const SourceRule*> held_by;
    struct Asked {
      const SourceRule* rule = nullptr;
      const SourceExperiment* experiment = nullptr;
      std::vector<Goal> goals;
      std::size_t above = 0;  // of `passed`
    };
    std::vector<Asked> all;
    for (const SourceRule& rule : flag_.rules) {
      const SourceExperiment* experiment =
          rule.kind == RuleKind::kExperiment ? FindNamed(source_.experiments, rule.experiment) : nullptr;
      Asked asked{&rule, experiment, {}, passed.size()};
      if (!AddGoal(rule, &asked.goals) || (experiment != nullptr && !AddGoal(*experiment, &asked.goals))) continue;
      all.push_back(asked);
      if (!DecidesForAll(rule)) continue;
      if (!rule.has_when) break;  // what stands below is reported without a proof
      passed.push_back({asked.goals[0].condition, kFalse | kUnknown});
      held_by.push_back(&rule);
    }
    const bool ends = !flag_.rules.empty() && std::any_of(flag_.rules.begin(), flag_.rules.end(), [](const auto& rule) {
      return DecidesForAll(rule) && !rule.has_when;
    });
    for (const SourceExperiment& experiment : source_.experiments) {
      Asked asked{nullptr, &experiment, {}, passed.size()};
      if (!ends && Sets(experiment) && AddGoal(experiment, &asked.goals)) all.push_back(asked);
    }
    for (Asked& asked : all) {
      if (asked.above == 0) continue;
      // Nobody meets it anyway: that is said of its condition.
      if (!asked.goals.empty() && IsNever(asked.goals)) continue;
      std::vector<Goal> above(passed.begin(), passed.begin() + static_cast<std::ptrdiff_t>(asked.above));
      std::vector<const SourceRule*> rules(held_by.begin(), held_by.begin() + static_cast<std::ptrdiff_t>(asked.above));
      if (!IsNever(Joined(asked.goals, above))) continue;
      LeaveOut(asked.goals, &above, &rules);
      Report(asked.rule, asked.experiment, rules);
    }
  }

 private:
  static bool DecidesForAll(const SourceRule& rule) {
    if (rule.kind == RuleKind::kExperiment) return false;
    if (rule.kind == RuleKind::kServe) return true;
    std::int64_t sum = 0;
    for (const SourcePart& part : rule.parts) sum += part.size;
    return sum == kSlots;
  }

  // Live, and not named by a rule, after which it would come.
  bool Sets(const SourceExperiment& experiment) const {
    return experiment.IsLive() && !experiment.variants.empty() &&
           experiment.variants[0].at->Find(flag_.name) != nullptr &&
           std::none_of(flag_.rules.begin(), flag_.rules.end(),
                        [&](const SourceRule& rule) { return rule.experiment == experiment.name; });
  }

  // False when it has a condition that cannot be followed.
  template <class Conditional>
  bool AddGoal(const Conditional& item, std::vector<Goal>* goals) {
    if (!item.has_when) return true;
    const std::optional<std::size_t> number = item.when ? prover_.Add(*item.when) : std::nullopt;
    if (number) goals->push_back({*number, kTrue});
    return number.has_value();
  }

  static std::vector<Goal> Joined(std::vector<Goal> a, const std::vector<Goal>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  bool IsNever(const std::vector<Goal>& goals) { return prover_.Ask(goals).finding == Finding::kNever; }

  // The rules above that it does not take.
  void LeaveOut(const std::vector<Goal>& goals, std::vector<Goal>* above, std::vector<const SourceRule*>* rules) {
    for (std::size_t i = above->size(); i-- > 0 && above->size() > 1;) {
      std::vector<Goal> rest = *above;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (!IsNever(Joined(goals, rest))) continue;
      *above = std::move(rest);
      rules->erase(rules->begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void Report(const SourceRule* rule, const SourceExperiment* experiment, const std::vector<const SourceRule*>& by) {
    std::string above;
    for (std::size_t i = 0; i < by.size(); ++i) {
      above += i == 0 ? "" : i + 1 == by.size() ? " or " : ", ";
      above += Quoted(*by[i]->when) + " at " + by[i]->at->pointer;
    }
    if (rule == nullptr) {
      members_.problems().Warning(
          "unreachable-experiment", *experiment->at,
          "the experiment never reaches '" + flag_.name + "': whoever is asked meets " + above + " before",
          "name it in a rule above: { \"experiment\": \"" + experiment->name + "\" }");
      return;
    }
    const bool is_for_everybody = !rule->has_when && (experiment == nullptr || !experiment->has_when);
    members_.problems().Warning("shadowed-rule", *rule->at,
                                std::string("this rule is never reached: ") +
                                    (is_for_everybody ? "everybody" : "whoever would meet it") + " meets " + above +
                                    " before",
                                by.size() == 1 ? "move it up, or narrow the one above" : "move it up, or remove it");
  }

  const Members& members_;
  const Source& source_;
  const SourceFlag& flag_;
  Prover prover_;
};

// Audiences are asked in order, of those whom the experiment asks.
void CheckAudiences(const Members& members, const Source& source, const SourceExperiment& experiment, Timestamp now,
                    Effort* effort) {
  Prover prover(source, now, effort);
  std::vector<Goal> goals;
  if (experiment.when) {
    const std::optional<std::size_t> number = prover.Add(*experiment.when);
    if (!number) return;
    goals.push_back({*number, kTrue});
  }
  std::vector<std::optional<std::size_t>> numbers;
  for (const SourceAudience& audience : experiment.audiences) {
    numbers.push_back(audience.when ? prover.Add(*audience.when) : std::nullopt);
  }
  std::string above;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!numbers[i]) continue;
    const SourceAudience& audience = experiment.audiences[i];
    goals.push_back({*numbers[i], kTrue});
    const bool is_alone_never = prover.Ask({goals.back()}).finding == Finding::kNever;
    const bool is_never = !is_alone_never && goals.size() > 1 && prover.Ask(goals).finding == Finding::kNever;
    if (is_never) {
      members.problems().Warning(
          "shadowed-audience", *audience.at,
          above.empty()
              ? "nobody is of this audience: the experiment asks nobody who meets its `when`"
              : "nobody is of this audience: whom the experiment asks and this describes is of " + above + " before",
          above.empty() ? "remove it, or let the experiment ask more people" : "move it up, or narrow those above");
    }
    goals.back().wanted = kFalse | kUnknown;
    above += (above.empty() ? "'" : " or '") + audience.name + "'";
  }
}

}  // namespace

void CheckConditions(const Members& members, const Source& source, Timestamp now) {
  Effort effort;
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    ConditionCheck(members, source, condition, now, &effort).Run();
  }
  for (const SourceFlag& flag : source.flags) {
    if (flag.rules.empty()) continue;
    RuleOrder(members, source, flag, now, &effort).Run();
  }
  for (const SourceExperiment& experiment : source.experiments) {
    if (!experiment.audiences.empty()) CheckAudiences(members, source, experiment, now, &effort);
  }
  if (effort.left > 0) return;
  members.problems().Note("not-proved", *source.at,
                          "there is too much to prove of these rules, so not all of them were looked at for conditions "
                          "that nobody meets",
                          "");
}

}  // namespace guidon::tools
