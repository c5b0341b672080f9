// An experiment that some people met, for the proofs of what they keep of it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/property/checks.h"
#include "tests/property/deciding_under_test.h"

namespace guidon::property {

// The experiment "x" on the flag "f", for whoever has an n from `first` to below `end`; below it a rollout of 9.
struct ExperimentSource {
  std::string name;
  std::string status = "running";
  bool is_sticky = true;
  int first = 0;
  int end = 70;  // 100: with `first` 0, for everybody
  int percent = 60;
  int iteration = 1;
  std::array<int, 3> weights{50, 30, 20};
  std::string audiences = {};  // members
  std::string holdouts = {};   // likewise

  bool IsFor(const Person& person) const { return person.n >= first && person.n < end; }
  // Without the file before, as the worst that may happen: what the format says is all that keeps anybody anywhere.
  Rules Publish() const;
};

// Everybody when the experiment began, and what the devices of those who met it remember.
struct Beginning {
  static constexpr double kMeet = 0.5;  // of those in it
  std::vector<int> variants;            // by slots; below 0: not in it
  std::vector<enrollment::Enrollments> enrollments;
  std::vector<bool> is_enrolled;
};

Beginning Begin(const Deciding& deciding, const ExperimentSource& source, Checks* checks);

}  // namespace guidon::property
