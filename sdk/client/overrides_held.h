// What QA forces, as the client keeps it: by source, and judged against the datafile in force.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/overrides.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/client/entitlement.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prepared_context.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::client {

struct Datafile;

// What says that a prompt is due once more. Those that a text asks for have the least, so they are shown once in a
// client's life.
inline constexpr std::uint64_t kTextSerial = 1;

struct HeldOverride {
  Override what;             // its natural values are left empty
  std::string bare;          // of a flag in the environment: as written, should the flag turn out to hold texts
  std::uint64_t serial = 0;  // of a prompt to be shown; every ForcePrompt has a higher one than any before
};

struct ForcedPrompt {
  std::uint32_t campaign = 0;  // of Ruleset::campaigns
  bool is_shown = true;        // false: never
  bool keeps_caps = false;     // not where a wait, a cap, hours or a group keep it back
  // The prompt is due once more while this is above that of the last one shown for the campaign.
  std::uint64_t serial = 0;
  Override::Source source = Override::Source::kApi;
};

// "show", "within_caps" or "off".
bool IsPromptForce(std::string_view variant) noexcept;

// What takes hold under one datafile.
struct AppliedOverrides {
  evaluation::Forced forced;
  std::vector<std::pair<std::string, ruleset::FlagValue>> unknown_flags;  // that the datafile does not have
  std::vector<std::pair<std::string, Value>> attributes;                  // null: not set
  std::vector<ForcedPrompt> prompts;
  Duration shift{0};  // of the clock
  // Of all that takes hold, and the token that permits it: "api,environment,token qa-17". Empty: nothing is forced.
  std::string sources;
  // All that takes hold, as the environment would say it: "experiment:attach-button=off; flag:chunk-kb=64". Cut between
  // entries where it would be over events::kOverridesBytes.
  std::string text;

  // What is left when nothing is forced: kills that pass at once.
  evaluation::Forced Unforced() const;
  // Null when it is not forced.
  const ForcedPrompt* FindPrompt(std::uint32_t campaign) const noexcept;
};

// `list` is sorted by source; each of it comes back with `applied` set. Null: no datafile is in force.
AppliedOverrides ApplyOverrides(const Datafile* datafile, const Entitlement& entitlement,
                                std::vector<HeldOverride>* list);

// When it ends by itself, by a clock that shows `now`; Timestamp::max(): never.
Timestamp EndOf(const HeldOverride& held, const QaInputs& qa, Timestamp now) noexcept;

// Why an override cannot take hold, with what there is instead.
Status CheckOverride(const Datafile* datafile, const Entitlement& entitlement, const HeldOverride& override);

// What is wrong with those in `list` that nobody refused when they were made. The first ten.
std::vector<Status> OverrideProblems(const Datafile* datafile, const Entitlement& entitlement,
                                     const std::vector<HeldOverride>& list);

// The variant a unit would be in if nothing were forced; empty when in none.
std::string NaturalVariant(const ruleset::Ruleset& rules, const ruleset::Experiment& experiment,
                           const evaluation::PreparedContext& prepared, Timestamp now,
                           const evaluation::Forced& unforced);
}  // namespace guidon::client
