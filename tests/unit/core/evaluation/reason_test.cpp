#include <doctest/doctest.h>

#include <set>
#include <string>

#include "guidon/decision.h"

using namespace guidon;

TEST_CASE("every reason has a name of its own and OpenFeature's equivalent") {
  const struct {
    Reason reason;
    std::string name;
    const char* open_feature;
    const char* error;
  } rows[] = {
      {Reason::kStatic, "static", "STATIC", ""},
      {Reason::kDefault, "default", "DEFAULT", ""},
      {Reason::kRule, "rule", "TARGETING_MATCH", ""},
      {Reason::kRollout, "rollout", "SPLIT", ""},
      {Reason::kExperiment, "experiment", "SPLIT", ""},
      {Reason::kHoldout, "holdout", "SPLIT", ""},
      {Reason::kForced, "forced", "STATIC", ""},
      {Reason::kKilled, "killed", "DISABLED", ""},
      {Reason::kExpired, "expired", "STALE", ""},
      {Reason::kNotReady, "not_ready", "ERROR", "PROVIDER_NOT_READY"},
      {Reason::kFlagNotFound, "flag_not_found", "ERROR", "FLAG_NOT_FOUND"},
      {Reason::kInvalidFlag, "invalid_flag", "ERROR", "PARSE_ERROR"},
      {Reason::kTypeMismatch, "type_mismatch", "ERROR", "TYPE_MISMATCH"},
      {Reason::kNoUnit, "no_unit", "ERROR", "TARGETING_KEY_MISSING"},
      {Reason::kInvalidUnit, "invalid_unit", "ERROR", "INVALID_CONTEXT"},
      {Reason::kBudget, "budget", "ERROR", "GENERAL"},
      {Reason::kClosed, "closed", "ERROR", "PROVIDER_FATAL"},
      {Reason::kPrerequisite, "prerequisite", "DEFAULT", ""},
      {Reason::kCircular, "circular", "ERROR", "PARSE_ERROR"},
      {Reason::kDisabled, "disabled", "DISABLED", ""},
      {Reason::kNoVariant, "no_variant", "ERROR", "GENERAL"},
  };
  std::set<std::string> names;
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(ReasonName(row.reason) == row.name);
    CHECK(OpenFeatureReason(row.reason) == row.open_feature);
    CHECK(OpenFeatureError(row.reason) == row.error);
    names.emplace(ReasonName(row.reason));
  }
  CHECK(names.size() == static_cast<std::size_t>(Reason::kNoVariant) + 1);
}
