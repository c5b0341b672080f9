// What became of the chances that campaigns had: a chance begins when a trigger fires for somebody, and ends with the
// prompt on screen, with somebody held out, or with what kept it back. Made of what a simulated device tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/simulated_device.h"

namespace guidon::tools {

enum class Fate : std::uint8_t {
  kShown,
  kHeldOut,
  kNotShown,  // for `why`
  kWaiting,   // when the simulation ended
};

struct Chance {
  std::size_t campaign = 0;  // of the ruleset
  Timestamp began{};
  Timestamp ended{};       // of its waiting
  Duration utc_offset{0};  // of the device's clock
  Fate fate = Fate::kNotShown;
  std::string why;      // of kNotShown, by its name: "capped", "outranked", "replaced"
  std::string by;       // which cap, gap or campaign: "1 per 7d"; may be empty
  std::string title;    // of kShown
  std::string variant;  // likewise
  std::string answer;   // likewise: what was done with it; empty: nothing yet
  std::string button;   // that was pressed
  Timestamp answered{};
};

// Of one person.
class Chances {
 public:
  explicit Chances(const ruleset::Ruleset& rules) : rules_(rules) {}

  void Take(const DeviceNote& note);
  // Nothing happens any more.
  void Finish(Timestamp at);
  // In the order in which they began.
  const std::vector<Chance>& all() const { return all_; }

 private:
  struct Open {
    std::size_t chance = 0;
    prompts::Why why = prompts::Why::kMayShow;
    std::string by;
    std::string outranked_by;  // the first other campaign that was shown meanwhile
  };
  void TakeStep(const DeviceNote& note);
  std::size_t Begin(std::size_t campaign, Timestamp at, Duration utc_offset);
  void End(std::map<std::size_t, Open>::iterator open, Timestamp at, Fate fate, prompts::Why why, std::string by);
  std::string DetailOf(std::size_t campaign, const client::PromptStep& step) const;

  const ruleset::Ruleset& rules_;
  std::vector<Chance> all_;
  std::map<std::size_t, Open> open_;  // by campaign
  std::size_t on_screen_ = SIZE_MAX;  // of all_
};

// "1 per 7d", "3 ever".
std::string CapText(const ruleset::Cap& cap);

}  // namespace guidon::tools
