// A herd: many apps that ask one datafile's server, through an outage that they all share, and how many come each
// second. The refreshers are the library's own; the network, the clock and the lanes are one queue of events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guidon/time.h"

namespace guidon::simulation {

struct HerdSettings {
  std::uint64_t apps = 1'000'000;
  Duration poll_interval = std::chrono::minutes(5);
  Duration outage_begins = std::chrono::minutes(20);
  Duration outage_ends = std::chrono::minutes(50);
  Duration ends = std::chrono::minutes(80);
  // What the failing server asks for; zero: it takes no connection at all.
  Duration retry_after{0};
  bool names_the_end = false;  // or it says when it will be back, the same moment to all
  // They start within so long of the beginning; zero: at once.
  Duration starts_within = std::chrono::minutes(5);
  // For the test of the test: all apps draw the same jitter.
  bool has_one_id = false;
};

struct Herd {
  HerdSettings settings;
  std::vector<std::uint32_t> requests;  // by second
  std::uint64_t served = 0;

  // A second, of a working server, once its apps have spread: apps / poll interval.
  double steady() const;
  std::uint32_t Most(Duration from, Duration to) const;  // in one second
  double Mean(Duration from, Duration to) const;         // a second
};

Herd RunHerd(const HerdSettings& settings);

// What is wrong with it, a line each; empty: nothing. While the server fails, and when it is back, no second has more
// than three times the steady number; from two poll intervals after the outage on, each second has what chance gives.
std::string FaultsOf(const Herd& herd);

// A line for each minute, with a bar.
std::string Histogram(const Herd& herd);

}  // namespace guidon::simulation
