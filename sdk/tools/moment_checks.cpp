// What holds at the moment at which a campaign could be shown: its event has happened by then and is counted, and its
// hours are open only where no group's are quiet.
#include <algorithm>
#include <bitset>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

using expression::Op;
using expression::Tree;
using Week = std::bitset<7 * 24 * 60>;  // minutes

// What a comparison of `event`'s own past comes to when it has just happened. Never true, or true for certain.
bool IsFalseAfter(const Tree& leaf, const std::string& event) {
  if (leaf.kind != expression::Kind::kBehavior || leaf.name != event) return false;
  if (leaf.measure == behavior::Measure::kSinceLast) return leaf.op == Op::kGreater || leaf.op == Op::kGreaterEqual;
  const std::int64_t* count = leaf.value.AsInt();
  if (behavior::IsElapsed(leaf.measure) || count == nullptr) return false;
  switch (leaf.op) {
    case Op::kEqual:
    case Op::kLessEqual: return *count < 1;
    case Op::kLess: return *count <= 1;
    default: return false;
  }
}

bool IsTrueAfter(const Tree& leaf, const std::string& event) {
  if (leaf.kind != expression::Kind::kBehavior || leaf.name != event) return false;
  const std::int64_t* count = leaf.value.AsInt();
  if (behavior::IsElapsed(leaf.measure) || count == nullptr) return false;
  return (leaf.op == Op::kGreaterEqual && *count <= 1) || (leaf.op == Op::kGreater && *count < 1);
}

// The leaf because of which the whole is never true, or always; null when it may be either.
const Tree* Decides(const Tree& tree, const std::string& event, bool is_true) {
  using expression::Kind;
  if (IsLeaf(tree.kind)) {
    const bool decides = is_true ? IsTrueAfter(tree, event) : IsFalseAfter(tree, event);
    return decides ? &tree : nullptr;
  }
  if (tree.kind == Kind::kNot) return nullptr;
  const bool is_one_enough = (tree.kind == Kind::kOr) == is_true;
  const Tree* last = nullptr;
  for (const Tree& part : tree.of) {
    last = Decides(part, event, is_true);
    if ((last != nullptr) == is_one_enough) return last;
  }
  return last;
}

// Of all its triggers; then no moment is left.
const Tree* DecidesAlways(const SourceCampaign& campaign, const Tree& tree, bool is_true, std::string* event) {
  const Tree* leaf = nullptr;
  for (const SourceTrigger& trigger : campaign.triggers) {
    const bool has_just_happened =
        trigger.kind == ruleset::TriggerKind::kEvent || trigger.kind == ruleset::TriggerKind::kThen;
    if (!has_just_happened || trigger.steps.empty()) return nullptr;
    *event = trigger.steps.back().event;
    leaf = Decides(tree, *event, is_true);
    if (leaf == nullptr) return nullptr;
  }
  return leaf;
}

void CheckAfterTrigger(const Members& members, const SourceCampaign& campaign) {
  std::string event;
  const Tree* leaf = campaign.when ? DecidesAlways(campaign, *campaign.when, false, &event) : nullptr;
  if (leaf != nullptr) {
    const bool is_age = leaf->measure == behavior::Measure::kSinceLast;
    members.problems().Warning("when-after-trigger", *campaign.at->Find("when"),
                               "'" + event + "' has just happened when this is asked, so \"" +
                                   expression::ToText(*leaf) + "\" is never true and nobody is shown anything",
                               is_age ? "ask another event, or since_first()"
                                      : "it counts itself: for the first time write count('" + event + "') == 1");
  }
  leaf = campaign.until ? DecidesAlways(campaign, *campaign.until, true, &event) : nullptr;
  if (leaf == nullptr) return;
  members.problems().Warning("until-after-trigger", *campaign.at->Find("until"),
                             "'" + event + "' also starts the campaign, and has happened by then: \"" +
                                 expression::ToText(*leaf) + "\" ends it before it was ever shown",
                             "name what people do because of the prompt");
}

void AddHours(const ruleset::OpenHours& hours, Week* out) {
  constexpr std::size_t kDayMinutes = 24 * 60;
  const std::size_t length = static_cast<std::size_t>(hours.until > hours.from ? hours.until - hours.from
                                                                               : 24 * 60 + hours.until - hours.from);
  for (std::size_t day = 0; day < 7; ++day) {
    if ((hours.days >> day & 1) == 0) continue;
    const std::size_t from = day * kDayMinutes + static_cast<std::size_t>(hours.from);
    for (std::size_t i = 0; i < length; ++i) out->set((from + i) % out->size());
  }
}

// Hours by other clocks are apart in some places and not in others, so those by one clock are compared.
void CheckOpen(const Members& members, const Source& source, const SourceCampaign& campaign) {
  if (!campaign.hours) return;
  Week open, quiet;
  AddHours(*campaign.hours, &open);
  std::string names;
  for (const SourceGroup& group : source.groups) {
    const bool is_in =
        group.name == ruleset::kGroupOfAll || std::any_of(campaign.groups.begin(), campaign.groups.end(),
                                                          [&](const Located* at) { return at->Text() == group.name; });
    if (!is_in || !group.quiet || group.quiet->zone != campaign.hours->zone) continue;
    AddHours(*group.quiet, &quiet);
    names += (names.empty() ? "'" : " and '") + group.name + "'";
  }
  const Located* at = campaign.at->Find("hours");
  if (at == nullptr) at = campaign.at;
  if ((open & ~quiet).none()) {
    members.problems().Warning("never-open", *at,
                               "these hours lie within the quiet hours of " + names + ", so it is never shown",
                               "move the one or the other");
  }
  const bool may_be_skipped = campaign.hours->from >= 120 && campaign.hours->until <= 180 &&
                              campaign.hours->from < campaign.hours->until && !campaign.hours->zone;
  if (!may_be_skipped) return;
  members.problems().Note("hours-skipped", *at, "where clocks go forward at two, these hours are left out on that day",
                          "if that matters, let them reach beyond 03:00, or name a \"zone\"");
}

}  // namespace

void CheckMoments(const Members& members, const Source& source) {
  for (const SourceCampaign& campaign : source.campaigns) {
    if (campaign.at->items.empty()) continue;  // reported
    CheckAfterTrigger(members, campaign);
    CheckOpen(members, source, campaign);
  }
}

}  // namespace guidon::tools
