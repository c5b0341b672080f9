#include "sdk/core/evaluation/looks.h"

#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/evaluation/targeting.h"

namespace guidon::evaluation {

std::vector<behavior::Look> LookAt(const ruleset::Ruleset& rules, std::string_view event, const Context& properties) {
  std::vector<behavior::Look> looks;
  const auto [first, end] = rules.CountsOf(event);
  if (first == end) return looks;
  const PreparedContext prepared(rules, properties, {}, Timestamp(), Preparation::kAsAsked);
  for (const ruleset::Count* count = first; count != end; ++count) {
    const bool is_told = !looks.empty() && looks.back().part == count->part;  // by another name
    if (is_told || count->condition == ruleset::kNone) continue;
    Targeting targeting(rules, prepared, Timestamp());
    looks.push_back({count->part, targeting.Evaluate(count->condition) == Truth::kTrue});
  }
  return looks;
}

}  // namespace guidon::evaluation
