#include "sdk/core/prompts/explain_prompt.h"

#include <algorithm>
#include <utility>

#include "sdk/core/evaluation/condition_text.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/core/prompts/content.h"
#include "sdk/core/prompts/triggered.h"

namespace guidon::prompts {
namespace {

using evaluation::PreparedContext;
using evaluation::Targeting;
using evaluation::Truth;
using ruleset::Campaign;
using ruleset::kNever;
using ruleset::kNone;

bool IsOfTheStore(Gate gate) noexcept {
  return gate == Gate::kWait || gate == Gate::kCap || gate == Gate::kGroupCap || gate == Gate::kGap;
}

// Nothing is shown at all as long as it stands.
bool Stands(const std::optional<ClientReason>& client) noexcept {
  return client && (client->why == Why::kStoreDown || client->why == Why::kOtherProcess ||
                    client->why == Why::kNoConsent || client->why == Why::kNoHost);
}

// Looks for the first moment at which the audience's condition is true. What is true of a person's behavior now is
// taken to stay so: they will go on using the app, and "opened five times in two weeks" is not lost for having waited.
class LookAhead {
 public:
  LookAhead(const PromptQuestion& question, const Campaign& campaign, const Context& context)
      : question_(question),
        rules_(question.rules),
        campaign_(campaign),
        context_(context),
        present_(question.rules, context, question.surroundings, question.now),
        ends_at_(present_.When(campaign.ends_at)),
        stays_(rules_.behavior_terms.size(), Stays::kNotAsked),
        seen_(rules_.segments.size(), false) {
    if (campaign.condition != kNone) FindWhatStays(campaign.condition);
  }

  Timestamp From(Timestamp from) const {
    if (campaign_.condition == kNone || from == kNever) return from;
    for (int i = 0; i < kLookAhead && from < ends_at_; ++i) {
      PreparedContext prepared(rules_, context_, question_.surroundings, from);
      for (std::uint32_t term = 0; term < stays_.size(); ++term) {
        if (stays_[term] != Stays::kYes) continue;
        behavior::Total total = present_.total(term);
        total.valid_until = kNever;
        if (behavior::IsElapsed(rules_.behavior_terms[term].measure)) {
          // As long ago then as it is now.
          total.value += (from - question_.now).count();
          total.latest += (from - question_.now).count();
        }
        prepared.SetTotal(term, total);
      }
      const evaluation::Question asked{rules_, prepared, from, question_.forced};
      evaluation::Prerequisites prerequisites(asked);
      Targeting& targeting = prerequisites.targeting();
      if (targeting.Evaluate(campaign_.condition) == Truth::kTrue) return from;
      if (targeting.valid_until() == kNever || targeting.valid_until() <= from) return kNever;
      from = targeting.valid_until();
    }
    return kNever;
  }

 private:
  enum class Stays : std::uint8_t { kNotAsked, kYes, kNo };

  // A term stays when every comparison with it is true. Each segment is walked once, so this ends.
  void FindWhatStays(std::uint32_t root) {
    for (std::uint32_t i = root; i < rules_.nodes[root].end; ++i) {
      const ruleset::Node& node = rules_.nodes[i];
      if (node.op == ruleset::Op::kSegment && !seen_[node.segment]) {
        seen_[node.segment] = true;
        FindWhatStays(rules_.segments[node.segment].condition);
      }
      if (node.op != ruleset::Op::kBehavior) continue;
      // What came first stays the first.
      if (rules_.behavior_terms[node.slot].measure == behavior::Measure::kSinceFirst) continue;
      const bool is_true = Targeting(rules_, present_, question_.now).Evaluate(i) == Truth::kTrue;
      Stays& stays = stays_[node.slot];
      stays = is_true && stays != Stays::kNo ? Stays::kYes : Stays::kNo;
    }
  }

  const PromptQuestion& question_;
  const ruleset::Ruleset& rules_;
  const Campaign& campaign_;
  const Context& context_;
  PreparedContext present_;
  Timestamp ends_at_;
  std::vector<Stays> stays_;  // parallel to Ruleset::behavior_terms
  std::vector<bool> seen_;    // parallel to Ruleset::segments
};

void FindNext(const PromptQuestion& question, const Context& context, PromptExplanation* out) {
  if (!out->is_remembered || Stands(out->client)) return;
  Timestamp next = question.now;
  const Why last = out->client ? out->client->why : Why::kMayShow;
  out->needs_trigger = last == Why::kExpired || last == Why::kCancelled || last == Why::kHostNever;
  if (last == Why::kDelayed) next = std::max(next, out->client->until);
  for (const ExplainedGate& gate : out->gates) {
    const GateResult& result = gate.result;
    if (result.passed) continue;
    // A prompt on screen goes away sooner or later.
    const bool is_asked_otherwise =
        result.gate == Gate::kTrigger || result.gate == Gate::kAudience || result.gate == Gate::kOneAtATime;
    if (!is_asked_otherwise) next = std::max(next, result.passes_at);
    out->needs_trigger |= result.gate == Gate::kTrigger;
  }
  const LookAhead ahead(question, out->rules, context);
  const evaluation::LocalClock clock(question.surroundings.utc_offset, question.now);
  for (int i = 0; i < kLookAhead; ++i) {
    const Timestamp open = OpenFrom(question.rules, out->rules, clock, next);
    const Timestamp then = ahead.From(open);
    if (std::exchange(next, then) == then) break;
    if (i + 1 == kLookAhead) next = kNever;
  }
  out->next = next < out->ends_at ? next : kNever;
  out->needs_trigger |= out->next > (last == Why::kDelayed ? out->client->until : question.now);
}

// Of the gates alone. Without an event there is nothing to be said against it yet, so the trigger comes last.
Why WhyOfGates(const PromptExplanation& explanation) {
  Why why = Why::kMayShow;
  for (const ExplainedGate& gate : explanation.gates) {
    if (gate.result.passed) continue;
    if (gate.result.gate != Gate::kTrigger || explanation.event) return gate.result.why;
    why = gate.result.why;
  }
  return why;
}

void Conclude(PromptExplanation* out) {
  const Why of_gates = WhyOfGates(*out);
  // What became of the last opportunity matters where nothing else stands in the way.
  const bool has_passed = of_gates == Why::kMayShow || (of_gates == Why::kNoTrigger && !out->event);
  out->natural = out->client && (Stands(out->client) || has_passed) ? out->client->why : of_gates;
  if (!out->is_remembered && has_passed && !out->client) out->natural = Why::kStoreDown;
  out->why = out->natural;
  if (out->forcing == Forcing::kOff) out->why = Why::kForcedOff;
  if (out->forcing != Forcing::kShow && out->forcing != Forcing::kWithinCaps) return;
  out->why = out->client ? out->client->why : Why::kMayShow;
  if (out->forcing == Forcing::kShow || out->why != Why::kMayShow) return;
  for (const ExplainedGate& gate : out->gates) {
    if (!IsAboutFrequency(gate.result.gate) || gate.result.passed) continue;
    out->why = gate.result.why;
    return;
  }
}

std::vector<ExplainedTrigger> ExplainTriggers(const PromptQuestion& question, const Campaign& campaign, bool is_told,
                                              evaluation::ConditionExplainer* conditions) {
  std::vector<ExplainedTrigger> triggers;
  const TriggerEvent* event = question.event;
  for (const ruleset::Trigger& trigger : campaign.triggers) {
    ExplainedTrigger each;
    const std::size_t index = triggers.size();
    if (index < question.progress.size()) each.progress = question.progress[index];
    for (const ruleset::TriggerStep& step : trigger.steps) {
      auto& condition = each.conditions.emplace_back();
      if (step.condition != kNone && is_told) condition = conditions->Explain(step.condition);
    }
    const bool is_plain = trigger.kind == ruleset::TriggerKind::kEvent;
    each.has_happened =
        event != nullptr && event->trigger == trigger.id && (!is_plain || event->name == trigger.steps.front().event);
    each.passed = each.has_happened;
    if (is_plain && trigger.steps.front().condition != kNone) {
      each.passed = each.passed && each.conditions[0] && each.conditions[0]->truth == Truth::kTrue;
    }
    triggers.push_back(std::move(each));
  }
  return triggers;
}

}  // namespace

PromptExplanation ExplainPrompt(const PromptQuestion& question) {
  PromptExplanation out;
  const ruleset::Ruleset& rules = question.rules;
  out.campaign = std::string(question.campaign);
  out.datafile = rules.header;
  out.at = question.now;
  out.client = question.client;
  out.on_screen = std::string(question.on_screen);
  out.forcing = question.forcing;
  out.is_remembered = question.showings != nullptr;
  if (question.event != nullptr) out.event = *question.event;
  if (question.host != nullptr) out.host = *question.host;
  const Campaign* campaign = rules.FindCampaign(question.campaign);
  if (campaign == nullptr || !campaign->is_valid) {
    out.why = out.natural = campaign == nullptr ? Why::kUnknownCampaign : Why::kInvalid;
    if (campaign != nullptr) return out;
    std::vector<std::string_view> keys;
    for (const Campaign& each : rules.campaigns) keys.push_back(each.key);
    out.suggestion = std::string(expression::Closest(question.campaign, keys));
    return out;
  }
  out.rules = *campaign;
  const Context context =
      WithEvent(question.context, out.event ? out.event->properties : std::vector<std::pair<std::string, Value>>());
  const PreparedContext prepared(rules, context, question.surroundings, question.now);
  out.starts_at = prepared.When(campaign->starts_at);
  out.ends_at = prepared.When(campaign->ends_at);
  out.unit_kind = rules.unit_kinds[campaign->unit];
  out.unit_id = std::string(prepared.unit(campaign->unit).id);
  const auto showings =
      question.showings != nullptr ? question.showings->Of(campaign->key) : std::make_shared<const CampaignShowings>();
  out.shown = showings->made;
  out.groups = rules.groups;
  out.holdouts = rules.holdouts;
  const evaluation::LocalClock clock(question.surroundings.utc_offset, question.now);
  const std::vector<GroupShowings> groups =
      question.showings != nullptr ? ShowingsByGroup(rules, *question.showings) : std::vector<GroupShowings>();
  std::vector<GateResult> trace;
  const Verdict verdict = Consider(
      {rules, *campaign, prepared, out.event ? out.event->name : std::string_view(), *showings, question.now,
       question.host, !question.on_screen.empty(), question.forced, question.showings != nullptr ? &groups : nullptr,
       &clock, question.session_began, out.event ? out.event->trigger : 0},
      &trace);
  out.is_held_out = verdict.is_held_out;
  if (verdict.is_kept_out) out.kept_out_by = rules.holdouts[verdict.holdouts.back().holdout].key;
  out.variant = verdict.variant;
  out.language = TextsFor(out.content(), context).language;
  evaluation::ConditionExplainer conditions(rules, context, prepared, question.now, ruleset::kEventKind,
                                            question.forced);
  for (const GateResult& result : trace) {
    if (!out.is_remembered && IsOfTheStore(result.gate)) continue;
    ExplainedGate gate;
    gate.result = result;
    const bool is_told = result.why != Why::kBudget;
    if (result.gate == Gate::kTrigger) gate.triggers = ExplainTriggers(question, *campaign, is_told, &conditions);
    const std::uint32_t condition = result.gate == Gate::kAudience ? campaign->condition
                                    : result.gate == Gate::kUntil  ? campaign->until
                                                                   : kNone;
    if (condition != kNone && is_told) gate.condition = conditions.Explain(condition);
    out.gates.push_back(std::move(gate));
  }
  Conclude(&out);
  FindNext(question, context, &out);
  return out;
}

std::string DurationText(Duration duration) {
  const struct {
    std::int64_t ms;
    const char* unit;
  } units[] = {{24 * 3'600'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}};
  for (const auto& each : units) {
    if (duration.count() % each.ms == 0 && duration.count() != 0) {
      return std::to_string(duration.count() / each.ms) + each.unit;
    }
  }
  return duration.count() == 0 ? "0s" : std::to_string(duration.count()) + "ms";
}

std::string PerText(const ruleset::Cap& cap) {
  switch (cap.per) {
    case ruleset::Cap::Per::kTime: return cap.is_ever() ? "" : DurationText(cap.window);
    case ruleset::Cap::Per::kDay: return "day";
    case ruleset::Cap::Per::kSession: return "session";
  }
  return "";
}

std::string_view ForcingName(Forcing forcing) noexcept {
  switch (forcing) {
    case Forcing::kNone: return "";
    case Forcing::kShow: return "show";
    case Forcing::kWithinCaps: return "within_caps";
    case Forcing::kOff: return "off";
  }
  return "";
}

std::string_view GateName(Gate gate) noexcept {
  switch (gate) {
    case Gate::kStatus: return "status";
    case Gate::kTrigger: return "trigger";
    case Gate::kAudience: return "audience";
    case Gate::kUnit: return "unit";
    case Gate::kHoldout: return "holdout";
    case Gate::kArm: return "arm";
    case Gate::kWait: return "wait";
    case Gate::kCap: return "cap";
    case Gate::kUntil: return "until";
    case Gate::kGroupCap: return "group_cap";
    case Gate::kGap: return "gap";
    case Gate::kHours: return "hours";
    case Gate::kQuietHours: return "quiet_hours";
    case Gate::kKind: return "kind";
    case Gate::kActions: return "actions";
    case Gate::kQuestions: return "questions";
    case Gate::kTexts: return "texts";
    case Gate::kOneAtATime: return "one_at_a_time";
  }
  return "status";
}

}  // namespace guidon::prompts
