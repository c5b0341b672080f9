// What the collector needs of a published datafile: who may be in which arm, what the goals are, and what
// the project calls success.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/status.h"
#include "samples/collector/published_survey.h"

namespace guidon::collector {

using SlotRanges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // half-open
bool Holds(const SlotRanges& ranges, std::uint32_t slot);

struct PublishedVariant {
  std::string name;
  SlotRanges slots;   // of the split
  double weight = 0;  // how many slots
};

// Of a goal nothing; of a guardrail which way it may not go.
enum class Guard { kNone, kNoMore, kNoLess };

struct PublishedGoal {
  std::string event;
  std::string within;          // as written, "7d"; empty when there is no end
  std::int64_t window_ms = 0;  // 0: no end
  bool is_by_prompt = false;   // of events that name the showing which brought them
  Guard guard = Guard::kNone;
};

// How an experiment, or an audience of it, shares its units out.
struct PublishedShares {
  std::string audience;    // empty: of units in no audience
  SlotRanges layer_slots;  // whose units are in it
  std::vector<PublishedVariant> variants;

  const PublishedVariant* FindVariant(std::string_view name) const;
};

// What an experiment that has ended gives to those who had another variant.
struct PublishedShip {
  std::string variant;  // empty: nothing
  double share = 0;     // 0 to 1
};

struct PublishedExperiment {
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  std::string layer_salt;
  std::string salt;
  PublishedShares own;                     // its variants in the order of the file: others are compared with the first
  std::vector<PublishedShares> audiences;  // in order: a unit is in the first that takes it
  bool is_sticky = false;                  // whoever was exposed keeps the variant
  PublishedShip ship;
  std::vector<PublishedGoal> goals;
  std::vector<PublishedGoal> guardrails;
  std::string kpi;

  // Null when there is no such audience.
  const PublishedShares* SharesOf(std::string_view audience) const;
};

struct PublishedHoldout {
  std::string unit;
  std::string salt;
  std::uint32_t size = 0;
};

struct PublishedCampaign {
  std::int64_t iteration = 0;
  std::string status;
  std::string unit;
  std::string salt;
  std::uint32_t holdout = 0;               // slots 0 to holdout - 1 are held out
  std::vector<PublishedVariant> variants;  // in the order of the file; one, "prompt", where there is one content
  std::map<std::string, std::vector<PublishedQuestion>, std::less<>> questions;  // by variant, of those that ask any
  std::vector<PublishedGoal> goals;
  std::vector<PublishedGoal> guardrails;
  std::string kpi;

  // Null when there is no such variant.
  const PublishedVariant* FindVariant(std::string_view name) const;
  bool has_variants() const { return variants.size() > 1; }
};

struct PublishedFlag {
  std::vector<std::string> mixed_rules;  // ids of rules that give several values: rollouts with a split
};

struct Published {
  std::string project;
  std::string environment;
  std::int64_t epoch = 0;
  std::int64_t version = 0;
  std::map<std::string, PublishedExperiment, std::less<>> experiments;
  std::map<std::string, PublishedHoldout, std::less<>> holdouts;
  std::map<std::string, PublishedCampaign, std::less<>> campaigns;
  std::map<std::string, PublishedFlag, std::less<>> flags;
  std::map<std::string, PublishedGoal, std::less<>> kpis;  // by their five names
  std::vector<std::string> event_attributes;
};

// Reads the bytes of a datafile, signed or not; the signature is not checked, since whoever starts the collector hands
// the file in. An experiment, holdout or campaign that makes no sense is left out, and with it the events that name
// it are quarantined.
Result<Published> ReadDatafile(std::string_view bytes);

}  // namespace guidon::collector
