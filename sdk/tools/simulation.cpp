#include "sdk/tools/simulation.h"

#include <algorithm>
#include <set>

#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::tools {
namespace {

using StepKind = TimelineStep::Kind;

// So long after the last line: no delay is longer, and what is on screen is answered.
constexpr Duration kAftermath = std::chrono::hours(2);

Status NothingUp(const TimelineStep& step) {
  const std::string of = step.name.empty() ? "" : " with the button '" + step.name + "'";
  return Status(StatusCode::kInvalidArgument, "line " + std::to_string(step.line) + ": no prompt" + of +
                                                  " is on screen of '" + step.user + "' at " +
                                                  text::FormatTimestamp(step.at));
}

// What a prompt does not take, where the timeline says it.
Status Said(const TimelineStep& step, const Status& status) {
  if (status.ok()) return status;
  return Status(status.code(), "line " + std::to_string(step.line) + ": " + status.message() + ", of '" + step.user +
                                   "' at " + text::FormatTimestamp(step.at));
}

Status Happen(const TimelineStep& step, SimulatedDevice* device) {
  switch (step.kind) {
    case StepKind::kEvent: device->Track(step.name, step.values); break;
    case StepKind::kAttributes: device->SetAttributes(step.values); break;
    case StepKind::kDismiss: return device->Give(PromptAnswer::kDismiss) ? Status() : NothingUp(step);
    case StepKind::kPress: return device->Give(PromptAnswer::kPress, step.name) ? Status() : NothingUp(step);
    case StepKind::kSnooze: return device->Give(PromptAnswer::kSnooze) ? Status() : NothingUp(step);
    case StepKind::kAnswer: return Said(step, device->Answer(step.name, step.values.front().second));
    case StepKind::kComplete: return Said(step, device->Complete());
    case StepKind::kForeground: device->Foreground(); break;
    case StepKind::kBackground: device->Background(); break;
    case StepKind::kScreen: device->SetScreen(step.name); break;
    case StepKind::kActivity: device->NoteActivity(); break;
  }
  return Status();
}

// By the seed and who it is, so that it does not change with the number of people.
SimulatedDevice::Answers AnswersOf(const Cast& cast, const std::string& person) {
  if (cast.answers.size() == 1) return [answer = cast.answers.front().answer](const Prompt&) { return answer; };
  const std::uint64_t seed = cast.seed * 0x9E3779B97F4A7C15u + HashBytes64(person);
  return [shares = cast.answers, dice = std::make_shared<Dice>(seed)](const Prompt&) {
    std::uint64_t drawn = dice->Below(100);
    for (const AnswerShare& share : shares) {
      if (drawn < share.percent) return share.answer;
      drawn -= share.percent;
    }
    return PromptAnswer::kDismiss;
  };
}

// Steps of one person, in order.
Status RunPerson(const std::shared_ptr<const client::Datafile>& datafile, const std::vector<const TimelineStep*>& steps,
                 const Cast& cast, Timestamp opened, Chances* chances) {
  const TimelineStep& first = *steps.front();
  SimulatedDevice device(datafile, first.user, cast.context, opened, first.utc_offset.value_or(cast.utc_offset),
                         AnswersOf(cast, first.user), [chances](const DeviceNote& note) { chances->Take(note); });
  for (const TimelineStep* step : steps) {
    device.AdvanceTo(step->at);
    if (step->utc_offset) device.SetUtcOffset(*step->utc_offset);
    const Status status = Happen(*step, &device);
    if (!status.ok()) return status;
  }
  device.AdvanceTo(steps.back()->at + kAftermath);
  chances->Finish(device.now());
  return Status();
}

void AddChances(const std::vector<Chance>& chances, Simulation* out) {
  std::set<std::size_t> had, saw, held_out;
  for (const Chance& chance : chances) {
    CampaignTally& tally = out->campaigns[chance.campaign];
    CampaignTally::Day& day = tally.days[text::UtcDay(chance.began + chance.utc_offset)];
    ++tally.chances;
    had.insert(chance.campaign);
    switch (chance.fate) {
      case Fate::kShown:
        ++tally.shown;
        ++day.shown;
        ++tally.answers[chance.answer];
        if (saw.insert(chance.campaign).second) ++tally.people_by_variant[chance.variant];
        break;
      case Fate::kHeldOut:
        ++tally.held_out;
        ++day.held_out;
        held_out.insert(chance.campaign);
        break;
      case Fate::kNotShown:
        ++tally.not_shown[{chance.why, chance.by}];
        ++day.not_shown;
        break;
      case Fate::kWaiting: ++tally.waiting; break;
    }
  }
  for (const std::size_t campaign : had) ++out->campaigns[campaign].people;
  for (const std::size_t campaign : saw) ++out->campaigns[campaign].people_shown;
  for (const std::size_t campaign : held_out) ++out->campaigns[campaign].people_held_out;
}

}  // namespace

Result<Simulation> RunTimeline(const std::shared_ptr<const client::Datafile>& datafile,
                               const std::vector<TimelineStep>& timeline, const Cast& cast, Timestamp from,
                               const std::function<void(std::uint64_t people)>& progress) {
  Simulation out;
  out.from = std::min(from, timeline.front().at);
  out.to = timeline.back().at;
  out.campaigns.resize(datafile->rules->campaigns.size());
  std::map<std::string_view, std::vector<const TimelineStep*>> people;
  for (const TimelineStep& step : timeline) people[step.user].push_back(&step);
  for (const auto& [person, steps] : people) {
    Chances chances(*datafile->rules);
    const Status status = RunPerson(datafile, steps, cast, std::min(from, steps.front()->at), &chances);
    if (!status.ok()) return status;
    AddChances(chances.all(), &out);
    if (people.size() == 1) {
      out.person = std::string(person);
      out.chances = chances.all();
    }
    progress(++out.people);
  }
  return out;
}

Simulation RunMadeUp(const std::shared_ptr<const client::Datafile>& datafile, const Repertoire& repertoire,
                     const MadeUp& made_up, const Cast& cast,
                     const std::function<void(std::uint64_t people)>& progress) {
  Simulation out;
  out.from = made_up.from;
  out.to = made_up.from + Duration((made_up.days - 1) * std::int64_t{86'400'000});
  out.campaigns.resize(datafile->rules->campaigns.size());
  for (std::uint64_t person = 0; person < made_up.people; ++person) {
    const std::vector<TimelineStep> steps =
        MakeUp(repertoire, cast.seed, person, made_up.days, made_up.from, cast.utc_offset);
    std::vector<const TimelineStep*> in_order;
    for (const TimelineStep& step : steps) in_order.push_back(&step);
    Chances chances(*datafile->rules);
    (void)RunPerson(datafile, in_order, cast, steps.front().at, &chances);  // they answer no prompt by a line
    AddChances(chances.all(), &out);
    if (made_up.people == 1) {
      out.person = steps.front().user;
      out.chances = chances.all();
    }
    progress(++out.people);
  }
  return out;
}

std::vector<std::string> WarningsOf(const ruleset::Ruleset& rules, const Simulation& simulation) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rules.campaigns.size(); ++i) {
    const ruleset::Campaign& campaign = rules.campaigns[i];
    const CampaignTally& tally = simulation.campaigns[i];
    if (!campaign.is_valid || tally.shown > 0 || campaign.status != ruleset::CampaignStatus::kRunning) continue;
    const std::string never = "'" + campaign.key + "' is never shown: ";
    if (tally.chances == 0) {
      out.push_back(never + "nothing that happens starts it");
      continue;
    }
    if (tally.not_shown.empty()) continue;  // all of them are held out, or wait
    const auto most = std::max_element(tally.not_shown.begin(), tally.not_shown.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto& [why, by] = most->first;
    const std::string reason = why == "outranked" ? "outranked by '" + by + "'"
                               : by.empty()       ? why
                                                  : why + " (" + by + ")";
    out.push_back(never + reason + " in " + std::to_string(100 * most->second / tally.chances) + " % of its chances");
  }
  return out;
}

}  // namespace guidon::tools
