// What flags, experiments and segments ask of each other: whether that leads in a circle, or too deep.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/core/ruleset/ruleset.h"

namespace guidon::dialects {

class Cycles {
 public:
  // Follows everything that is valid in the ruleset so far; borrows it.
  explicit Cycles(const ruleset::Ruleset& rules);

  // Why it cannot be used, such as "leads back to itself: a → b → a"; empty when it can. Of an object that has an error
  // of its own nothing is said.
  std::string WhyNotFlag(std::uint32_t flag) const { return Why(flag); }
  std::string WhyNotExperiment(std::uint32_t experiment) const;
  std::string WhyNotSegment(std::uint32_t segment) const;
  // Likewise of a condition that is nobody's, such as a campaign's.
  std::string WhyNotCondition(std::uint32_t root) const;

 private:
  enum class Fault : std::uint8_t { kNone, kCircle, kBroken, kDeep, kDeepSegments };
  struct Object {
    bool is_open = false;  // on the way that is being followed
    bool is_done = false;
    bool is_broken = false;  // had an error of its own
    bool asks = false;       // by flag() or variant(), or leads to what does
    Fault fault = Fault::kNone;
    std::uint32_t depth = 0;              // of the objects it leads through, with itself
    std::uint32_t segment_depth = 0;      // of those, the segments right below each other
    std::uint32_t next = ruleset::kNone;  // towards the fault
  };
  struct Step {
    std::uint32_t object = 0;
    std::vector<std::uint32_t> asked;
    std::size_t at = 0;
  };

  void Follow(std::uint32_t start);
  void CloseCircle(const std::vector<Step>& way, std::uint32_t object);
  void Take(std::uint32_t object, std::uint32_t asked);
  std::vector<std::uint32_t> AskedBy(std::uint32_t object, bool* asks) const;
  void AddAsked(std::uint32_t root, bool* asks, std::vector<std::uint32_t>* out) const;
  bool IsSegment(std::uint32_t object) const { return object >= first_segment_; }
  bool IsBroken(std::uint32_t object) const;
  std::string Why(std::uint32_t object) const;
  std::string Name(std::uint32_t object) const;

  const ruleset::Ruleset& rules_;
  const std::uint32_t first_experiment_;
  const std::uint32_t first_segment_;
  std::vector<Object> objects_;  // flags, experiments, segments
};

}  // namespace guidon::dialects
