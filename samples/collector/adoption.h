// Which features the people of today ever used, overall and by segment: whom there is to tell about what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/collector/database.h"
#include "samples/collector/datafile_reader.h"
#include "samples/collector/people.h"

namespace guidon::collector {

struct Used {
  std::uint64_t people = 0;  // active in the last 28 days
  std::uint64_t used = 0;    // of those, ever
  std::uint64_t not_yet() const { return people - used; }
  double share() const { return people > 0 ? static_cast<double>(used) / static_cast<double>(people) : 0; }
};

struct Segment {
  enum class Kind { kValue, kOther, kNone };
  std::string attribute;
  std::string value;  // of kOther and kNone: what people read
  Kind kind = Kind::kValue;
  std::uint64_t people = 0;
};

struct FeatureAdoption {
  std::string event;
  bool is_goal = false;  // of a campaign or an experiment
  Used all;
  std::vector<Used> by_segment;  // in the order of Adoption::segments
};

struct Adoption {
  static constexpr std::int64_t kActiveDays = 28;
  static constexpr std::size_t kMostFeatures = 20;
  static constexpr std::size_t kMostValues = 8;  // of an attribute

  std::uint64_t people = 0;               // active in the last 28 days before the last event
  std::vector<Segment> segments;          // attribute by attribute, the largest first
  std::vector<FeatureAdoption> features;  // goals first, then by use
  std::uint64_t features_left_out = 0;
};

// `newest` may be null: then there are neither goals nor segments.
Adoption ComputeAdoption(Database* database, const Published* newest, const People& people);

}  // namespace guidon::collector
