// The answer to "which value of this flag, here and now?", with the variant and the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/export.h"
#include "guidon/value.h"

namespace guidon {

// Why a decision is what it is. Names and OpenFeature's equivalents: ReasonName, OpenFeatureReason, OpenFeatureError.
// The numbers reach logs and events as names only, so they may change.
enum class Reason : std::uint8_t {
  kStatic,      // the flag has no rules: its default
  kDefault,     // no rule applied: the flag's default
  kRule,        // a rule's condition held and it serves one value
  kRollout,     // the unit's slot is in a rollout
  kExperiment,  // the unit is in an experiment and met its variant
  kHoldout,     // a holdout keeps the unit out: the flag's default
  kForced,      // an override
  kKilled,      // the flag's kill switch is on: the flag's default
  kExpired,     // the datafile has expired, and the flag does not outlive it: the flag's default
  // From here on the caller's fallback comes back.
  kNotReady,      // no datafile is in force
  kFlagNotFound,  // the datafile has no such flag
  kInvalidFlag,   // the datafile has it, but what it says is not valid; see Client::Problems
  kTypeMismatch,  // the flag has another type than asked for
  kNoUnit,        // a rule needs a unit id that the context lacks
  kInvalidUnit,   // the unit id is empty, over 256 bytes, or not UTF-8
  kBudget,        // deciding took more steps than a datafile may ask for
  kClosed,        // the client was closed
  kPrerequisite,  // another flag, without which it has no value, is not as it must be
  kCircular,      // it rests on a flag that rests on it
  kDisabled,      // it is switched off where it comes from
  kNoVariant,     // its rule names a variant that it does not have
};

// "experiment", "flag_not_found", …
GUIDON_EXPORT std::string_view ReasonName(Reason reason) noexcept;
// "STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED", "STALE" or "ERROR".
GUIDON_EXPORT std::string_view OpenFeatureReason(Reason reason) noexcept;
// "FLAG_NOT_FOUND", "TYPE_MISMATCH", … or empty where the reason is no error.
GUIDON_EXPORT std::string_view OpenFeatureError(Reason reason) noexcept;

// One flag decided. Holds on to the rules it came from, so its texts stay valid as long as it lives, whatever the
// client receives meanwhile. Made to be used and dropped: keep the value, not the Decision, for longer than a moment.
// Movable; not copyable, because holding on is counted. Reading is for one thread at a time. May outlive the client.
class GUIDON_EXPORT Decision {
 public:
  Decision(Decision&&) noexcept;
  Decision& operator=(Decision&&) noexcept;
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;
  ~Decision();

  // The value when it is of that type, else nothing; an int flag also reads as a double.
  std::optional<bool> AsBool() const noexcept;
  std::optional<std::int64_t> AsInt() const noexcept;
  std::optional<double> AsDouble() const noexcept;
  // Views live as long as this Decision. A JSON flag reads as its JSON text.
  std::optional<std::string_view> AsText() const noexcept;
  // A copy, whatever the type; a JSON flag is parsed.
  Value value() const;

  std::string_view flag() const noexcept;
  // The experiment's variant, or the id of the rule that served, or "default"; empty where the fallback came back.
  std::string_view variant() const noexcept;
  // Empty unless an experiment decided.
  std::string_view experiment() const noexcept;
  Reason reason() const noexcept;
  // True when the caller's fallback came back.
  bool is_fallback() const noexcept;

  // Records the exposures that are due, if any: call it when the value is used. Once per unit, experiment, iteration,
  // variant and UTC day; more calls do nothing. Any thread; never blocks.
  void Expose() const noexcept;

  struct Rep;  // of the library's own making
  explicit Decision(std::unique_ptr<Rep> rep) noexcept;

 private:
  std::unique_ptr<Rep> rep_;
};

}  // namespace guidon
