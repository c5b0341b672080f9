// How simulated people behave. Pure: everything follows from the seed, the person's number, and what the app shows
// them.
//
// The truth that experiments are to find is planted here: whether a person shares a file within a week is one throw of
// a dice, against a chance that depends on the button they see and on nothing else. In the same way, a later throw says
// whether they share with the first long note they write, against a chance that depends on whether they see a prompt;
// each truth has its own throw and its own time, so neither changes the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/terminal/view.h"

namespace notes::simulate {

// Chances, not percent.
struct Behaviour {
  double shares = 0.25;            // within 7 days of the first sight of a plain button
  double label_adds = 0.12;        // when it has a label
  double writes = 0.60;            // a note within 3 days of the first sight of the app
  double checklist_adds = 0.0;     // when there is a checklist
  double opens_on_a_day = 0.35;    // after the first
  double shares_at_length = 0.08;  // with the first long note
  double nudge_adds = 0.25;        // when a prompt says so
  double invited = 0.15;
  double upgrades = 0.06;
  double gives_feedback = 0.20;
};

// What people do with a prompt that does not move them.
enum class Shrug { kDismiss, kSnooze, kLeave };

class Person {
 public:
  // `days` is how long the simulation lasts, 1 to 366. People arrive early enough for a week to be left, where there is
  // one.
  Person(std::uint64_t seed, int number, int days, const Behaviour& behaviour);

  // "p0042"
  const std::string& name() const noexcept { return name_; }
  bool is_pro() const noexcept { return is_pro_; }
  const std::vector<int>& active_days() const noexcept { return active_days_; }  // sorted; the first is the arrival
  int opens_at_minute(int day) const;  // of that UTC day; an hour or more before its end

  // What they do on one of their days, given what they see.
  bool Writes(int day, bool sees_checklist) const;
  bool Shares(int day, AttachLook look) const;

  // From a week and a day after the arrival on, each day has a note that is long enough for a nudge.
  static constexpr std::size_t kLongNote = 450;
  bool WritesAtLength(int day) const;
  // Whether they share a file with that day's long note. Decided at the first one, once and for all.
  bool SharesAtLength(int day, AttachLook look, bool sees_prompt) const;
  Shrug Shrugs(int day) const;

  // What a growth team counts besides.
  bool AcceptsInvite(int day) const;
  bool Upgrades(int day) const;
  int Feedback(int day) const;  // 1 to 5 stars; 0: none on that day

  // Chances as planted, for the report.
  static double ShareChance(const Behaviour& behaviour, AttachLook look);
  static double WriteChance(const Behaviour& behaviour, bool sees_checklist);
  static double NudgeChance(const Behaviour& behaviour, bool sees_prompt);

 private:
  // The day, among those in [arrival, arrival + days), on which something planned happens.
  int DayWithin(int days, const char* purpose) const;
  bool IsChosen(double chance, int day, const char* purpose) const;

  std::uint64_t seed_;
  std::uint64_t number_;
  Behaviour behaviour_;
  std::string name_;
  bool is_pro_ = false;
  std::vector<int> active_days_;
  double share_throw_ = 0;
  double write_throw_ = 0;
  double nudge_throw_ = 0;
  int share_day_ = 0;
  int write_day_ = 0;
};

}  // namespace notes::simulate
