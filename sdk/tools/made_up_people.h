// People who are made up from a seed: how often they come, what they do and what is known of them follows from it and
// from what a datafile asks for. Nobody is like them; they show how campaigns get in each other's way, not how many
// people a campaign will reach.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/base/json.h"
#include "sdk/tools/timeline.h"

namespace guidon::tools {

// What people may do and be.
struct Repertoire {
  struct Choice {
    std::string name;
    std::vector<Value> values;  // on either side of what rules compare with; never empty
  };
  struct Event {
    std::string name;
    std::vector<Choice> properties;
  };
  std::vector<Event> events;  // by name
  std::vector<Choice> attributes;
  std::vector<std::string> screens;
};

// Of a published datafile; `more` are events that are declared.
Repertoire RepertoireOf(json::Node published, const std::vector<std::string>& more);

// Numbers that follow from a seed: SplitMix64.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next();
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }  // `bound` above 0
  bool Happens(double share) { return static_cast<double>(Next() >> 11) < share * 9'007'199'254'740'992.0; }

 private:
  std::uint64_t state_;
};

// Days of one of them, in order; the first one comes within the first half. Never empty.
std::vector<TimelineStep> MakeUp(const Repertoire& repertoire, std::uint64_t seed, std::uint64_t person, int days,
                                 Timestamp from, Duration utc_offset);

}  // namespace guidon::tools
