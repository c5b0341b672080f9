// Sources built as `guidon build` does, loaded as a device does, and decided for one unit after the other.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "guidon/context.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/previous.h"
#include "tests/property/bucketing_under_test.h"

namespace guidon::property {

using Rules = std::shared_ptr<const ruleset::Ruleset>;

// What is in force after one edit after the other.
class Publication {
 public:
  // The source's members. The test fails when the source has an error or the device finds a problem.
  Rules Next(const std::string& members);

 private:
  std::optional<tools::Previous> previous_;
};

// A device with nothing but its id; borrows both.
class Device {
 public:
  Device(const ruleset::Ruleset& rules, const std::string& id);
  const std::string& id() const { return id_; }
  const evaluation::PreparedContext& prepared() const { return prepared_; }

 private:
  const std::string& id_;
  Context context_;
  evaluation::PreparedContext prepared_;
};

// Where a unit stands in an experiment.
struct Place {
  bool is_held_out = false;
  bool is_compared = false;  // in the group that those held out are compared with
  bool is_in = false;
  int variant = -1;  // below 0: none
  int variants = 0;  // how many say it is theirs

  bool operator==(const Place& other) const {
    return is_held_out == other.is_held_out && is_compared == other.is_compared && is_in == other.is_in &&
           variant == other.variant && variants == other.variants;
  }
};

// By the formula of the format, without the evaluator. Conditions and dates are not asked.
Place PlaceByFormula(const BucketingUnderTest& bucketing, const ruleset::Ruleset& rules,
                     const ruleset::Experiment& experiment, const Device& device);

// By the exposures that the evaluator answers with. The experiment's first flag has no other rule.
Place PlaceByEvaluator(const ruleset::Ruleset& rules, const ruleset::Experiment& experiment, const Device& device);

// By the evaluator where the bucketing is ours; there `disagrees` is set when the formula comes to something else.
Place PlaceOf(const BucketingUnderTest& bucketing, const ruleset::Ruleset& rules, const ruleset::Experiment& experiment,
              const Device& device, bool* disagrees);

// The integer that a rollout gives a unit; -1 when it is in no part, -2 when it is in several.
std::int64_t RolloutOf(const BucketingUnderTest& bucketing, const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                       const Device& device, bool* disagrees);

}  // namespace guidon::property
