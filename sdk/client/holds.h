// What flags that hold for the session were first in it, for this identity. All of it copies, so that rules which were
// replaced are let go, and so that what is told of it is what was true when it was decided.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/decision.h"
#include "guidon/event.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::client {

// An exposure by names.
struct NamedExposure {
  bool is_holdout = false;
  bool is_forced = false;
  bool is_sticky = false;  // by an enrollment
  std::string key;         // of the experiment or holdout
  std::int64_t iteration = 0;
  std::string variant;  // "held_out" or "comparison" of a holdout
  std::string audience;
  std::string unit_kind;
  std::string unit_id;
  std::int32_t layer_slot = -1;
  std::int32_t slot = -1;
  std::uint64_t propensity = 0;  // as of events::Fact
  std::string datafile_set;      // "project/environment"
  std::string datafile_version;  // "epoch.version"
};

NamedExposure NameExposure(const ruleset::Ruleset& rules, const evaluation::Exposure& exposure,
                           const evaluation::PreparedContext& prepared);

struct Hold {
  ruleset::FlagValue value;
  Reason reason = Reason::kDefault;
  std::string variant;  // as Decision::variant
  std::string experiment;
  std::int64_t iteration = 0;
  std::string rule;
  std::vector<NamedExposure> exposures;
};

// By flag.
using Holds = std::map<std::string, std::shared_ptr<const Hold>, std::less<>>;

// What is held of `flag` from now on, `before` being what was until now. Null: nothing, so it is what `outcome` says,
// also where that is a kill, an override, or no value at all. `may_begin`: not while something it rests on is still to
// be read.
std::shared_ptr<const Hold> NextHold(const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                                     const evaluation::Outcome& outcome, const evaluation::PreparedContext& prepared,
                                     const Holds& before, bool may_begin);

// Restates what the rules say now as what was held.
void ExplainHold(const Hold& hold, evaluation::Explanation* explanation);

}  // namespace guidon::client
