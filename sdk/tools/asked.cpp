#include "sdk/tools/asked.h"

#include <cstdint>
#include <vector>

namespace guidon::tools {
namespace {

using ruleset::Op;
using ruleset::StepKind;

class Collector {
 public:
  Collector(const ruleset::Ruleset& rules, Asked* out) : rules_(rules), out_(*out) {}

  void AddFlag(std::uint32_t flag) {
    if (!flags_.insert(flag).second || !rules_.flags[flag].is_valid) return;
    std::uint32_t at = rules_.flags[flag].first_step;
    do AddStep(rules_.steps[at]);
    while (rules_.steps[at++].kind != StepKind::kDefault);
  }

 private:
  void AddExperiment(std::uint32_t experiment) {
    std::uint32_t at = rules_.experiments[experiment].first_step;
    if (!experiments_.insert(experiment).second || at == ruleset::kNone) return;
    const bool ships = rules_.experiments[experiment].ship.variant != ruleset::kNone;
    const StepKind last = ships ? StepKind::kShip : StepKind::kSplit;
    do AddStep(rules_.steps[at]);
    while (rules_.steps[at++].kind != last);
  }

  void AddStep(const ruleset::Step& step) {
    if (step.kind == StepKind::kGate || step.kind == StepKind::kAudience) AddCondition(step.index);
  }

  void AddCondition(std::uint32_t first) {
    if (first == ruleset::kNone || !conditions_.insert(first).second) return;
    for (std::uint32_t i = first; i < rules_.nodes[first].end; ++i) {
      const ruleset::Node& node = rules_.nodes[i];
      switch (node.op) {
        case Op::kAnd:
        case Op::kOr:
        case Op::kNot:
        case Op::kSince:
        case Op::kBefore:
        case Op::kUnsupported: break;
        case Op::kSegment: AddCondition(rules_.segments[node.segment].condition); break;
        case Op::kBehavior: out_.behavior = true; break;
        case Op::kFlag: AddFlag(node.slot); break;
        case Op::kVariant: AddExperiment(node.slot); break;
        default: out_.attributes.insert(rules_.slots[node.slot].name);
      }
    }
  }

  const ruleset::Ruleset& rules_;
  Asked& out_;
  std::set<std::uint32_t> flags_;
  std::set<std::uint32_t> experiments_;
  std::set<std::uint32_t> conditions_;
};

}  // namespace

bool Asked::HasAttribute(const std::string& name) const {
  for (const std::string& each : attributes) {
    const std::string& shorter = each.size() < name.size() ? each : name;
    const std::string& longer = each.size() < name.size() ? name : each;
    if (longer.compare(0, shorter.size(), shorter) != 0) continue;
    if (longer.size() == shorter.size() || longer[shorter.size()] == '.') return true;
  }
  return false;
}

Asked AskedBy(const ruleset::Ruleset& rules, const ruleset::Flag& flag) {
  Asked asked;
  Collector(rules, &asked).AddFlag(rules.IndexOf(flag));
  return asked;
}

}  // namespace guidon::tools
