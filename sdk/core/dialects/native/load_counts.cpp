#include <algorithm>
#include <map>
#include <tuple>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/native_loader.h"
#include "sdk/core/hash/hash.h"

namespace guidon::dialects {
namespace {

using ruleset::Node;
using ruleset::Op;

// Whether the condition asks the event that is told, and nothing else.
bool AsksEventAlone(const ruleset::Ruleset& rules, const Node& node) {
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot:
    case Op::kUnsupported: return true;
    case Op::kInDigests:
    case Op::kSegment:
    case Op::kSince:
    case Op::kBefore:
    case Op::kBehavior:
    case Op::kFlag:
    case Op::kVariant: return false;
    default: break;
  }
  const ruleset::AttributeSlot& slot = rules.slots[node.slot];
  return !slot.is_unit && slot.kind == ruleset::kEventKind;
}

}  // namespace

// Before all conditions, which may ask them. One with an error is known, too: else its name would be an event's.
void NativeLoader::LoadCounts(const Place& counts) {
  std::map<std::string, std::vector<std::uint64_t>> parts;
  for (const json::Node node : counts.node()) {
    const Place place = counts.Child(node);
    ruleset::Count count;
    count.name = std::string(node.name());
    Named::Count& named = named_.counts[count.name];
    if (!IsName(count.name, limits::kKeyBytes)) {
      place.Error("has a name that is not 1 to 128 letters, digits, dots, underscores or dashes");
      continue;
    }
    if (!place.IsObject() || !LoadCount(place, &count)) continue;
    std::vector<std::uint64_t>& of_event = parts[count.event];
    if (std::find(of_event.begin(), of_event.end(), count.part) == of_event.end()) {
      if (of_event.size() == limits::kCountsPerEvent) {
        place.Error("is one count too many: of one event there may be " + std::to_string(limits::kCountsPerEvent) +
                    " different ones");
        continue;
      }
      of_event.push_back(count.part);
    }
    named = {count.event, count.part};
    rules_->counts.push_back(std::move(count));
  }
  std::sort(rules_->counts.begin(), rules_->counts.end(), [](const ruleset::Count& a, const ruleset::Count& b) {
    return std::tie(a.event, a.part, a.name) < std::tie(b.event, b.part, b.name);
  });
}

bool NativeLoader::LoadCount(const Place& place, ruleset::Count* count) {
  const auto event = LoadText(place.Member("event"), 1, limits::kEventNameBytes);
  const Place where = place.Member("where");
  if (!where.IsObject()) return false;
  const auto first = static_cast<std::uint32_t>(rules_->nodes.size());
  const auto condition = conditions_.Load(where);
  if (!event || !condition) return false;
  count->event = *event;
  count->condition = *condition;
  for (std::uint32_t i = first; i < rules_->nodes.size(); ++i) {
    if (!AsksEventAlone(*rules_, rules_->nodes[i])) {
      where.Error("asks something besides the properties of the event");
      return false;
    }
    // What this version cannot tell it does not count as untrue: it does not look.
    if (rules_->nodes[i].op == Op::kUnsupported) count->condition = ruleset::kNone;
  }
  // Permanent, as devices keep it: another condition is another part, which begins anew.
  count->part = std::max<std::uint64_t>(1, HashBytes64(where.node().ToText()));
  return true;
}

void NativeLoader::BuildCountIndex() {
  const std::vector<ruleset::Count>& counts = rules_->counts;
  if (counts.empty()) return;
  std::vector<std::string_view> events;
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    if (i == 0 || counts[i].event != counts[i - 1].event) {
      events.push_back(counts[i].event);
      rules_->count_ranges.emplace_back(i, i);
    }
    rules_->count_ranges.back().second = i + 1;
  }
  rules_->count_index.Build(events);
}

}  // namespace guidon::dialects
