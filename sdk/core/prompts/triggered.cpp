#include "sdk/core/prompts/triggered.h"

#include <algorithm>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "sdk/core/evaluation/targeting.h"

namespace guidon::prompts {

bool IsTrue(const ruleset::Ruleset& rules, const evaluation::PreparedContext& prepared, Timestamp now,
            const evaluation::Forced* forced, std::uint32_t condition) {
  const evaluation::Question asked{rules, prepared, now, forced};
  evaluation::Prerequisites prerequisites(asked);
  return prerequisites.targeting().Evaluate(condition) == evaluation::Truth::kTrue;
}

void PutInOrder(const ruleset::Ruleset& rules, const evaluation::PreparedContext& prepared, std::vector<Fired>* fired) {
  struct Offer {
    Fired fired;
    std::int32_t priority;
    std::uint64_t turn;
  };
  std::vector<Offer> offers;
  offers.reserve(fired->size());
  for (const Fired& each : *fired) {
    const ruleset::Campaign& campaign = rules.campaigns[each.campaign];
    const std::string_view id = prepared.unit(campaign.unit).id;
    offers.push_back({each, campaign.priority,
                      evaluation::BucketHash(static_cast<char>(evaluation::Purpose::kTurn), campaign.key, id)});
  }
  // Campaigns are sorted by key, so equal hashes keep that order.
  std::stable_sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
    if (a.priority != b.priority) return a.priority > b.priority;
    return a.turn != b.turn ? a.turn < b.turn : a.fired.campaign < b.fired.campaign;
  });
  fired->clear();
  for (const Offer& offer : offers) {
    if (fired->empty() || fired->back().campaign != offer.fired.campaign) fired->push_back(offer.fired);
  }
}

std::vector<std::uint32_t> TriggeredBy(const ruleset::Ruleset& rules, const evaluation::PreparedContext& prepared,
                                       std::string_view event) {
  std::vector<std::uint32_t> found;
  const std::vector<ruleset::TriggerUse>* uses = rules.FindTriggerUses(event);
  if (uses == nullptr) return found;
  std::vector<Fired> fired;
  for (const ruleset::TriggerUse& use : *uses) {
    if (use.trigger == ruleset::kNone || rules.campaigns[use.campaign].triggers[use.trigger].id != 0) continue;
    fired.push_back({use.campaign, use.trigger});
  }
  PutInOrder(rules, prepared, &fired);
  found.reserve(fired.size());
  for (const Fired& each : fired) found.push_back(each.campaign);
  return found;
}

Context WithEvent(const Context& context, const std::vector<std::pair<std::string, Value>>& properties) {
  Context out;
  for (const Context::UnitId& unit : context.units()) out.Unit(unit.kind, unit.id);
  // In front: of too many attributes the first ones are read.
  for (const auto& [name, value] : properties) out.SetFor(ruleset::kEventKind, name, value);
  for (const Context::Attribute& attribute : context.attributes()) {
    if (attribute.kind != ruleset::kEventKind) out.SetFor(attribute.kind, attribute.name, attribute.value);
  }
  return out;
}

}  // namespace guidon::prompts
