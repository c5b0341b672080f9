#include "samples/terminal/simulate/person.h"

#include <algorithm>
#include <cstdio>

#include "samples/terminal/simulate/dice.h"

namespace notes::simulate {
namespace {

constexpr int kShareWindow = 7;
constexpr int kWriteWindow = 3;

}  // namespace

Person::Person(std::uint64_t seed, int number, int days, const Behaviour& behaviour)
    : seed_(seed), number_(static_cast<std::uint64_t>(number)), behaviour_(behaviour) {
  char name[32];
  std::snprintf(name, sizeof name, "p%04d", number);
  name_ = name;
  is_pro_ = Dice(seed_, number_, "plan").Happens(0.2);
  const int arrival = Dice(seed_, number_, "arrival").Below(std::max(1, days - kShareWindow));
  Dice activity(seed_, number_, "activity");
  for (int day = arrival; day < days; ++day) {
    if (activity.Happens(behaviour_.opens_on_a_day) || day == arrival) active_days_.push_back(day);
  }
  share_throw_ = Dice(seed_, number_, "share").Uniform();
  write_throw_ = Dice(seed_, number_, "write").Uniform();
  nudge_throw_ = Dice(seed_, number_, "nudge").Uniform();
  share_day_ = DayWithin(kShareWindow, "share day");
  write_day_ = DayWithin(kWriteWindow, "write day");
}

int Person::DayWithin(int days, const char* purpose) const {
  const int end = active_days_.front() + days;
  const auto count = std::lower_bound(active_days_.begin(), active_days_.end(), end) - active_days_.begin();
  return active_days_[static_cast<std::size_t>(Dice(seed_, number_, purpose).Below(static_cast<int>(count)))];
}

int Person::opens_at_minute(int day) const {
  return 7 * 60 + Dice(seed_, number_ * 1000 + static_cast<std::uint64_t>(day), "minute").Below(15 * 60);
}

double Person::ShareChance(const Behaviour& behaviour, AttachLook look) {
  if (look == AttachLook::kNone) return 0;
  return behaviour.shares + (look == AttachLook::kLabelled ? behaviour.label_adds : 0);
}

double Person::WriteChance(const Behaviour& behaviour, bool sees_checklist) {
  return behaviour.writes + (sees_checklist ? behaviour.checklist_adds : 0);
}

double Person::NudgeChance(const Behaviour& behaviour, bool sees_prompt) {
  return behaviour.shares_at_length + (sees_prompt ? behaviour.nudge_adds : 0);
}

bool Person::Writes(int day, bool sees_checklist) const {
  const int since = day - active_days_.front();
  if (since > kShareWindow) return false;  // they write at length by now
  // Later notes say nothing about the first days. One more day is left out, so that none falls in the window's last
  // hour.
  if (since > kWriteWindow) return Dice(seed_, number_ * 1000 + static_cast<std::uint64_t>(day), "note").Happens(0.5);
  return day == write_day_ && write_throw_ < WriteChance(behaviour_, sees_checklist);
}

bool Person::Shares(int day, AttachLook look) const {
  return look != AttachLook::kNone && day == share_day_ && share_throw_ < ShareChance(behaviour_, look);
}

// One more day is left out here, too: what is shared at length is not in the week that the button is measured by.
bool Person::WritesAtLength(int day) const { return day - active_days_.front() > kShareWindow; }

bool Person::SharesAtLength(int day, AttachLook look, bool sees_prompt) const {
  if (look == AttachLook::kNone) return false;
  const auto first = std::upper_bound(active_days_.begin(), active_days_.end(), active_days_.front() + kShareWindow);
  return first != active_days_.end() && day == *first && nudge_throw_ < NudgeChance(behaviour_, sees_prompt);
}

Shrug Person::Shrugs(int day) const {
  const double thrown = Dice(seed_, number_ * 1000 + static_cast<std::uint64_t>(day), "shrug").Uniform();
  return thrown < 0.55 ? Shrug::kDismiss : thrown < 0.9 ? Shrug::kSnooze : Shrug::kLeave;
}

bool Person::AcceptsInvite(int day) const {
  return day == active_days_.front() && Dice(seed_, number_, "invited").Happens(behaviour_.invited);
}

bool Person::Upgrades(int day) const { return IsChosen(behaviour_.upgrades, day, "upgrade"); }

int Person::Feedback(int day) const {
  if (!IsChosen(behaviour_.gives_feedback, day, "feedback")) return 0;
  constexpr int kStars[] = {1, 2, 3, 3, 4, 4, 4, 5, 5, 5};
  return kStars[Dice(seed_, number_, "stars").Below(10)];
}

bool Person::IsChosen(double chance, int day, const char* purpose) const {
  Dice dice(seed_, number_, purpose);
  const bool is_chosen = dice.Happens(chance);
  return is_chosen && day == active_days_[static_cast<std::size_t>(dice.Below(static_cast<int>(active_days_.size())))];
}

}  // namespace notes::simulate
