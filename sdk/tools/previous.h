// The last published file, as far as the next one depends on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "guidon/value.h"
#include "sdk/tools/allocation.h"
#include "sdk/tools/retired.h"

namespace guidon::tools {

struct PreviousLayer {
  std::string name;
  std::string unit;
  std::int64_t epoch = 1;
  std::int64_t fresh = -1;  // below 0: not said
  Ranges freed;
};

struct PreviousHoldout {
  std::string name;
  std::string unit;
  std::int64_t size = 0;
};

// Of an experiment or a campaign.
struct PreviousVariant {
  std::string name;
  Ranges slots;
  std::map<std::string, Value> flags;  // of an experiment's
  std::string show = {};               // of a campaign's: JSON
};

struct PreviousAudience {
  std::string name;
  std::string when;  // JSON
  Ranges slots;
  std::vector<PreviousVariant> variants;  // without flags
};

struct PreviousShip {
  std::string variant;
  std::int64_t size = 0;
};

struct PreviousExperiment {
  std::string name;
  std::int64_t iteration = 1;
  std::string status;
  std::string layer;
  Ranges slots;  // in use, sorted
  Ranges held;   // in the order of growth
  std::vector<PreviousVariant> variants;
  std::vector<PreviousAudience> audiences;
  bool is_sticky = false;
  std::optional<PreviousShip> ship;

  bool HoldsSlots() const { return status != "ended"; }
};

struct PreviousPart {
  Part part;
  Value serve;
};

struct PreviousRule {
  std::string id;
  std::string when;  // JSON, or empty
  bool is_rollout = false;
  std::string unit;
  std::string salt;
  std::vector<PreviousPart> parts;
  Value serve;
  std::string experiment;
};

struct PreviousFlag {
  std::string name;
  std::string type;
  std::int64_t rollouts = 0;  // the highest number a rollout's salt ever had
  std::vector<PreviousRule> rules;
};

struct PreviousCampaign {
  std::string name;
  std::int64_t iteration = 1;
  std::string status;
  std::string unit;
  std::int64_t holdout = 0;
  std::vector<PreviousVariant> variants;  // one without a name and slots where there is one content

  bool has_variants() const { return !variants.front().name.empty(); }
};

struct Previous {
  std::string hash;  // of the payload, as chain.h says
  std::string project;
  std::string environment;
  std::int64_t epoch = 1;
  std::int64_t version = 0;
  std::vector<PreviousLayer> layers;
  std::vector<PreviousHoldout> holdouts;
  std::map<std::string, std::string> segments;  // JSON
  std::map<std::string, std::string> counts;    // likewise
  std::vector<PreviousExperiment> experiments;
  std::vector<PreviousFlag> flags;
  std::vector<PreviousCampaign> campaigns;
  Retired retired;            // experiments, by their last iteration
  Retired retired_campaigns;  // likewise
  Retired retired_layers;     // by their last epoch
  Retired retired_flags;      // those that had rollouts, by their number
  std::set<std::string> retired_holdouts;
};

// `payload` is the published JSON. What is needed and not there is an error; this is a file the tool wrote.
Result<Previous> ReadPrevious(std::string_view payload);

}  // namespace guidon::tools
