// Whom the rules put where somebody wants them: ids are tried one after the other, each decided as a device decides,
// and nothing is forced. Pure: ids are made of numbers, and time is an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::tools {

struct Want {
  enum class Of : std::uint8_t { kFlag, kExperiment, kCampaign, kNotHeldOut };
  Of of = Of::kFlag;
  std::uint32_t index = 0;  // of the ruleset's flags, experiments or campaigns
  std::string key;
  std::string value;                   // as it is shown: a value's JSON, a variant, an arm
  std::uint32_t arm = ruleset::kNone;  // of an experiment or a campaign; kNone: in none
};

// "composer=icon", "attach-button=labelled", "attach-button=none", "try-file-share=held_out". A key that stands for
// several things says which: "flag:composer=icon", "experiment:…", "campaign:…". An error says what there is.
Result<Want> ReadWant(const ruleset::Ruleset& rules, std::string_view text);
// In none of the holdouts over experiments and campaigns.
Want NotHeldOut();

struct Search {
  std::vector<Want> wants;
  Context context;                      // attributes, and units that are not made up
  std::vector<std::string> unit_kinds;  // that are
  std::string prefix;
  std::uint64_t most_tries = 0;
  std::size_t count = 0;  // that are wanted
  Timestamp now{};
  evaluation::Surroundings surroundings;
};

struct Found {
  std::vector<std::string> ids;  // each stands for every kind of unit that is made up
  std::uint64_t tried = 0;
  std::vector<std::uint64_t> met;  // by want, of those tried: how many it put there, whatever else was wanted
};

// "qa-000042"
std::string TriedId(const std::string& prefix, std::uint64_t number);

// `progress` is told now and then how many were tried.
Found Find(const ruleset::Ruleset& rules, const Search& search,
           const std::function<void(std::uint64_t)>& progress = nullptr);

}  // namespace guidon::tools
