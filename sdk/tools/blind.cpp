#include "sdk/tools/blind.h"

#include <set>
#include <string>
#include <vector>

#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/evaluation/prerequisites.h"

namespace guidon::tools {
namespace {

using evaluation::Truth;
using ruleset::Node;
using ruleset::Op;
using ruleset::Ruleset;

// Looks at one ruleset with the eyes of one profile.
class Search {
 public:
  // `context` is the profile's with ids, and outlives this.
  Search(const Ruleset& rules, const Profile& profile, const Context& context)
      : rules_(rules), prepared_(rules, context, profile.surroundings(), profile.now), now_(profile.now) {}

  void Run(std::set<std::string>* flags, std::set<std::string>* asked) {
    for (const ruleset::Flag& flag : rules_.flags) {
      if (!flag.is_valid || flag.is_killed) continue;
      for (std::uint32_t at = flag.first_step; rules_.steps[at].kind != ruleset::StepKind::kDefault; ++at) {
        const ruleset::StepKind kind = rules_.steps[at].kind;
        const bool asks = kind == ruleset::StepKind::kGate || kind == ruleset::StepKind::kAudience;
        if (!asks || !IsUnknown(rules_.steps[at].index)) continue;
        flags->insert(flag.key);
        Collect(rules_.steps[at].index, asked);
      }
    }
  }

 private:
  // What a flag or an experiment lacks itself is found where it stands.
  bool IsUnknown(std::uint32_t node) {
    const evaluation::Question question{rules_, prepared_, now_};
    evaluation::Prerequisites prerequisites(question);
    return prerequisites.targeting().Evaluate(node) == Truth::kUnknown;
  }

  // The leaves because of which it is unknown.
  void Collect(std::uint32_t root, std::set<std::string>* asked) {
    if (!visited_.insert(root).second) return;
    const std::uint32_t end = rules_.nodes[root].end;
    for (std::uint32_t at = root; at < end; ++at) {
      const Node& node = rules_.nodes[at];
      switch (node.op) {
        case Op::kSegment: Collect(rules_.segments[node.segment].condition, asked); break;
        case Op::kBehavior:
          if (IsUnknown(at)) asked->insert("history of " + rules_.behavior_terms[node.slot].event);
          break;
        case Op::kAnd:
        case Op::kOr:
        case Op::kNot:
        case Op::kSince:
        case Op::kBefore:
        case Op::kFlag:
        case Op::kVariant:
        case Op::kUnsupported: break;
        default:  // all others read one attribute
          if (node.slot < rules_.slots.size() && IsUnknown(at)) asked->insert(rules_.slots[node.slot].name);
      }
    }
  }

  const Ruleset& rules_;
  const evaluation::PreparedContext prepared_;
  Timestamp now_;
  std::set<std::uint32_t> visited_;
};

}  // namespace

Blind FindBlind(const Ruleset& before, const Ruleset& after, const Crowd& crowd) {
  std::set<std::string> flags;
  std::set<std::string> asked;
  std::vector<std::string> kinds = before.unit_kinds;
  kinds.insert(kinds.end(), after.unit_kinds.begin(), after.unit_kinds.end());
  std::uint64_t person = 1;
  for (const Profile& profile : crowd.profiles) {
    const Context context = crowd.ContextOf(person++, kinds);
    Search(before, profile, context).Run(&flags, &asked);
    Search(after, profile, context).Run(&flags, &asked);
  }
  Blind out;
  out.flags = flags.size();
  out.asked.assign(asked.begin(), asked.end());
  return out;
}

}  // namespace guidon::tools
