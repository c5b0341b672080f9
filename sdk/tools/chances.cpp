#include "sdk/tools/chances.h"

#include <utility>

#include "sdk/core/prompts/explain_prompt.h"

namespace guidon::tools {

using prompts::GateResult;
using prompts::Why;
using StepWhat = client::PromptStep::What;

std::string CapText(const ruleset::Cap& cap) {
  const std::string per = prompts::PerText(cap);
  return std::to_string(cap.count) + (per.empty() ? " ever" : " per " + per);
}

void Chances::Take(const DeviceNote& note) {
  if (note.step != nullptr) return TakeStep(note);
  if (on_screen_ == SIZE_MAX) return;
  Chance& shown = all_[on_screen_];
  shown.title = note.prompt->title;
  shown.variant = note.prompt->variant;
  if (note.end.empty()) return;
  shown.answer = std::string(note.end);
  shown.button = std::string(note.button);
  shown.answered = note.at;
  on_screen_ = SIZE_MAX;
}

void Chances::TakeStep(const DeviceNote& note) {
  const client::PromptStep& step = *note.step;
  const Timestamp at = note.at;
  const ruleset::Campaign* found = rules_.FindCampaign(step.campaign);
  // Another value of the same event than the trigger asks for is no chance.
  if (found == nullptr || step.why == Why::kNoTrigger) return;
  const std::size_t campaign = static_cast<std::size_t>(found - rules_.campaigns.data());
  auto open = open_.find(campaign);
  switch (step.what) {
    case StepWhat::kRefused: {
      const std::size_t chance = Begin(campaign, at, note.utc_offset);
      all_[chance].why = std::string(prompts::WhyName(step.why));
      all_[chance].by = DetailOf(campaign, step);
      return;
    }
    case StepWhat::kOpened: {
      if (open != open_.end()) {
        Chance& before = all_[open->second.chance];
        before.why = "replaced";
        before.ended = at;
        open_.erase(open);
      }
      Open opened;
      opened.chance = Begin(campaign, at, note.utc_offset);
      opened.why = step.why;
      opened.by = DetailOf(campaign, step);
      if (step.why == Why::kBusy && on_screen_ != SIZE_MAX) {
        opened.outranked_by = rules_.campaigns[all_[on_screen_].campaign].key;
      }
      all_[opened.chance].fate = Fate::kWaiting;
      open_.emplace(campaign, std::move(opened));
      return;
    }
    case StepWhat::kWaits:
      if (open == open_.end()) return;
      open->second.why = step.why;
      open->second.by = DetailOf(campaign, step);
      return;
    case StepWhat::kDropped:
      if (open != open_.end()) End(open, at, Fate::kNotShown, step.why, DetailOf(campaign, step));
      return;
    case StepWhat::kHeldOut:
      if (open != open_.end()) End(open, at, Fate::kHeldOut, Why::kMayShow, {});
      return;
    case StepWhat::kShown:
      if (open == open_.end()) return;
      on_screen_ = open->second.chance;
      End(open, at, Fate::kShown, Why::kMayShow, {});
      for (auto& [other, waiting] : open_) {
        if (waiting.outranked_by.empty()) waiting.outranked_by = rules_.campaigns[campaign].key;
      }
      return;
  }
}

std::size_t Chances::Begin(std::size_t campaign, Timestamp at, Duration utc_offset) {
  Chance& chance = all_.emplace_back();
  chance.campaign = campaign;
  chance.began = at;
  chance.ended = at;
  chance.utc_offset = utc_offset;
  return all_.size() - 1;
}

// What loses its turn to another is outranked by that, whatever the words for it are in the end: not timely any more,
// or too soon after the other.
void Chances::End(std::map<std::size_t, Open>::iterator open, Timestamp at, Fate fate, Why why, std::string by) {
  Chance& chance = all_[open->second.chance];
  chance.ended = at;
  chance.fate = fate;
  if (fate == Fate::kNotShown) {
    const bool may_be_outranked =
        why == Why::kExpired || why == Why::kGap || why == Why::kGroupCapped || why == Why::kBusy;
    if (may_be_outranked && !open->second.outranked_by.empty()) {
      chance.why = "outranked";
      chance.by = open->second.outranked_by;
    } else {
      chance.why = std::string(prompts::WhyName(why));
      chance.by = std::move(by);
      if (why == Why::kExpired && open->second.why != Why::kMayShow) {
        chance.by = std::string(prompts::WhyName(open->second.why));
        if (!open->second.by.empty()) chance.by += ", " + open->second.by;
      }
    }
  }
  open_.erase(open);
}

std::string Chances::DetailOf(std::size_t campaign, const client::PromptStep& step) const {
  if (step.gate == nullptr) return {};
  const GateResult& gate = *step.gate;
  const auto of_group = [&](const std::string& what) { return rules_.groups[gate.group].key + ", " + what; };
  switch (gate.gate) {
    case prompts::Gate::kCap: return CapText(rules_.campaigns[campaign].caps[gate.cap]);
    case prompts::Gate::kGroupCap: return of_group(CapText(rules_.groups[gate.group].caps[gate.cap]));
    case prompts::Gate::kGap: return of_group(prompts::DurationText(rules_.groups[gate.group].gap));
    case prompts::Gate::kQuietHours: return rules_.groups[gate.group].key;
    case prompts::Gate::kTexts: return gate.unfilled;
    default: return {};
  }
}

void Chances::Finish(Timestamp at) {
  for (auto& [campaign, open] : open_) all_[open.chance].ended = at;
  open_.clear();
}

}  // namespace guidon::tools
