#include "guidon/decision.h"

namespace guidon {
namespace {

struct ReasonRow {
  Reason reason;
  std::string_view name;
  std::string_view open_feature;
  std::string_view error;
};

// In the order of the enum. OpenFeature: https://openfeature.dev/specification/types, resolution reasons and error
// codes.
constexpr ReasonRow kReasons[] = {
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

const ReasonRow& Row(Reason reason) noexcept { return kReasons[static_cast<std::size_t>(reason)]; }

static_assert(sizeof kReasons / sizeof kReasons[0] == static_cast<std::size_t>(Reason::kNoVariant) + 1);

}  // namespace

std::string_view ReasonName(Reason reason) noexcept { return Row(reason).name; }
std::string_view OpenFeatureReason(Reason reason) noexcept { return Row(reason).open_feature; }
std::string_view OpenFeatureError(Reason reason) noexcept { return Row(reason).error; }

}  // namespace guidon
