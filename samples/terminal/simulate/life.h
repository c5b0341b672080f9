// One simulated person's days with the app: a real client with its own state folder, opened on the days they open the
// app.
#pragma once

#include <functional>

#include "samples/terminal/simulate/simulation.h"

namespace notes::simulate {

// What the app is at, for whoever watches from outside.
enum class Stage : char {
  kKillMe = 'k',  // a day begins on which this person's app is to be killed
  kOpening = 'o',
  kTelling = 't',
  kPrompting = 'q',  // a prompt may come up, and be answered
  kDelivering = 'd',
  kDayDone = '.',
  kPersonDone = 'p',
};

// Continues where the diary says the person is. Ok when all days are done and nothing is pending any more.
guidon::Status Live(const Simulation& simulation, int number, const std::function<void(Stage)>& at);

}  // namespace notes::simulate
