// What the project calls success, by the five names that a datafile may give events to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/collector/database.h"
#include "samples/collector/people.h"
#include "samples/collector/statistics.h"
#include "samples/collector/versions.h"

namespace guidon::collector {

struct KpiWeek {
  std::int64_t start_ms = 0;
  bool is_over = false;
  std::uint64_t people = 0;   // acquisition: new; activation, retention: new, and their time is over; revenue: active
  std::uint64_t reached = 0;  // activation, retention: of those
  std::uint64_t open = 0;     // activation, retention: new, and still have time
  std::uint64_t events = 0;   // acquisition, revenue
  double sum = 0;             // revenue
};

struct ValueCount {
  double from = 0;
  double to = 0;  // the same as `from` for one value; else up to, and of the last one including
  std::uint64_t n = 0;
};

struct KpiResult {
  std::string name;  // acquisition, activation, retention, revenue, feedback
  std::string event;
  std::string within;
  std::vector<std::string> moved_by;  // "campaign try-file-share", "experiment attach-button"
  std::uint64_t people = 0;           // activation, retention: whose time is over; acquisition: all, ever
  std::uint64_t reached = 0;
  std::uint64_t open = 0;
  double share = 0;
  Interval interval;
  std::uint64_t events = 0;  // with a value, for feedback
  double sum = 0;
  double mean = 0;                 // feedback
  std::vector<ValueCount> values;  // feedback
  std::vector<KpiWeek> weeks;      // all but feedback: the weeks of `People`
};

// In the order above; acquisition and retention are there without a datafile that names them.
std::vector<KpiResult> ComputeKpis(Database* database, const Published* newest, const People& people);

}  // namespace guidon::collector
