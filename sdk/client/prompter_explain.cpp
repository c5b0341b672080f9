// Why a prompt is shown or not, asked from any thread: the gates as the prompter asks them, and what it noted.

#include "sdk/client/prompter.h"
#include "sdk/core/prompts/explain_prompt.h"

namespace guidon::client {
namespace {

using prompts::Why;

// Copied, so that explaining, which takes a while, holds nobody up.
struct Noted {
  std::shared_ptr<const behavior::Behavior> behavior;
  behavior::Session session;
  std::shared_ptr<const prompts::Showings> showings;
  std::optional<prompts::HostAbilities> host;
  std::optional<prompts::TriggerEvent> event;
  std::optional<PromptNotes::Said> said;
  std::vector<prompts::TriggerWatch::Progress> progress;  // parallel to Campaign::triggers
  bool has_host = false;
  std::string on_screen;
  Timestamp session_began{};
};

Noted Note(PromptNotes* notes, const ruleset::Campaign* campaign, MonoTime mono) {
  const std::lock_guard<std::mutex> lock(notes->mutex);
  Noted noted;
  noted.behavior = notes->behavior;
  noted.session = notes->session;
  noted.showings = notes->showings;
  noted.host = notes->host;
  noted.has_host = notes->has_host;
  noted.on_screen = notes->on_screen;
  noted.session_began = notes->session_began;
  if (campaign == nullptr) return noted;
  for (const ruleset::Trigger& trigger : campaign->triggers) {
    noted.progress.push_back(notes->watch.ProgressOf(trigger, mono));
    if (trigger.kind != ruleset::TriggerKind::kEvent) continue;
    const auto event = notes->events.find(trigger.steps.front().event);
    if (event == notes->events.end() || (noted.event && noted.event->when > event->second.when)) continue;
    noted.event = {event->first, event->second.properties, event->second.when};
  }
  const auto completed = notes->completed.find(campaign->key);
  const bool is_completed = completed != notes->completed.end();
  if (is_completed && (!noted.event || noted.event->when <= completed->second.when)) noted.event = completed->second;
  const auto said = notes->said.find(campaign->key);
  if (said != notes->said.end()) noted.said = said->second;
  return noted;
}

// What stands in the way at present comes before what became of the last opportunity.
std::optional<prompts::ClientReason> ReasonOf(Consents consent, const Noted& noted, Durability durability,
                                              bool is_follower, Timestamp now) {
  if (!consent.Allows(Purpose::kFunctional)) return prompts::ClientReason{Why::kNoConsent, now};
  if (is_follower) return prompts::ClientReason{Why::kOtherProcess, now};
  if (!noted.has_host) return prompts::ClientReason{Why::kNoHost, now};
  if (durability < Durability::kProcess) return prompts::ClientReason{Why::kStoreDown, now};
  const Why why = noted.said ? noted.said->why : Why::kMayShow;
  const bool is_told = why == Why::kHostLater || why == Why::kHostNever || why == Why::kDelayed ||
                       why == Why::kCancelled || why == Why::kExpired;
  if (!is_told) return std::nullopt;
  return prompts::ClientReason{why, noted.said->when, noted.said->event, noted.said->until};
}

}  // namespace

prompts::PromptExplanation Prompter::Explain(std::string_view campaign, bool is_closed, Timestamp checked) const {
  const Pins::Pin pin = ports_.pins->Acquire();
  const Timestamp time = Time();
  const Timestamp now = pin->At(time);
  prompts::PromptExplanation explanation;
  explanation.campaign = std::string(campaign);
  explanation.at = now;
  if (pin->rules() != nullptr && !pin->inputs.is_closed && !is_closed) {
    const ruleset::Campaign* known = pin->rules()->FindCampaign(campaign);
    prompts::PromptQuestion question{*pin->rules(), campaign, pin->context};
    question.now = now;
    const ForcedPrompt* forced = known == nullptr ? nullptr : FindForced(*pin, *known);
    if (forced != nullptr) {
      question.forcing = !forced->is_shown    ? prompts::Forcing::kOff
                         : forced->keeps_caps ? prompts::Forcing::kWithinCaps
                                              : prompts::Forcing::kShow;
    }
    const MonoTime mono = Now();
    const Noted noted = Note(&notes_, known, mono);
    for (const prompts::TriggerWatch::Progress& each : noted.progress) {
      const bool runs = each.until != MonoTime::max();
      question.progress.push_back({each.done, runs ? now + (each.until - mono) : ruleset::kNever});
    }
    question.surroundings = client::SurroundingsOf(pin->inputs, time, pin->shift());
    const bool may_fit = pin->inputs.consent.Allows(Purpose::kPersonalization);
    question.surroundings.behavior = may_fit ? noted.behavior.get() : nullptr;
    question.surroundings.session = noted.session;
    question.forced = &pin->overrides.forced;
    question.showings = noted.showings.get();
    question.event = noted.event ? &*noted.event : nullptr;
    question.host = noted.host ? &*noted.host : nullptr;
    question.on_screen = noted.on_screen;
    question.session_began = noted.session_began;
    question.client =
        ReasonOf(pin->inputs.consent, noted, ports_.durability(), ports_.is_follower && ports_.is_follower(), now);
    explanation = prompts::ExplainPrompt(question);
    explanation.origin = client::OriginOf(pin->inputs, checked);
    explanation.clock_ahead = Wall() - time;
    for (prompts::ExplainedGate& gate : explanation.gates) {
      if (gate.condition) evaluation::HideValues(pin->inputs.private_attributes, &*gate.condition);
      for (prompts::ExplainedTrigger& trigger : gate.triggers) {
        for (auto& condition : trigger.conditions) {
          if (condition) evaluation::HideValues(pin->inputs.private_attributes, &*condition);
        }
      }
    }
  }
  return explanation;
}

}  // namespace guidon::client
