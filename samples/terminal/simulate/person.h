// How simulated people behave. Pure: everything follows from the seed, the person's number, and what the app shows
// them.
//
// The truth that experiments are to find is planted here: whether a person shares a file within a week is one throw of
// a dice, against a chance that depends on the button they see and on nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/terminal/view.h"

namespace notes::simulate {

// Chances, not percent.
struct Behaviour {
  double shares = 0.25;          // within 7 days of the first sight of a plain button
  double label_adds = 0.12;      // when it has a label
  double writes = 0.60;          // a note within 3 days of the first sight of the app
  double checklist_adds = 0.0;   // when there is a checklist
  double opens_on_a_day = 0.35;  // after the first
};

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

  // Chances as planted, for the report.
  static double ShareChance(const Behaviour& behaviour, AttachLook look);
  static double WriteChance(const Behaviour& behaviour, bool sees_checklist);

 private:
  // The day, among those in [arrival, arrival + days), on which something planned happens.
  int DayWithin(int days, const char* purpose) const;

  std::uint64_t seed_;
  std::uint64_t number_;
  Behaviour behaviour_;
  std::string name_;
  bool is_pro_ = false;
  std::vector<int> active_days_;
  double share_throw_ = 0;
  double write_throw_ = 0;
  int share_day_ = 0;
  int write_day_ = 0;
};

}  // namespace notes::simulate
