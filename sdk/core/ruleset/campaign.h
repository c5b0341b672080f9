// A campaign as the device evaluates it: when a prompt may be shown, to whom, how often, and what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/ruleset/moment.h"
#include "sdk/core/ruleset/open_hours.h"
#include "sdk/core/ruleset/prompt_content.h"
#include "sdk/core/ruleset/steps.h"

namespace guidon::ruleset {

// The kind under which the properties of the event that triggered a campaign are found, like attributes of a context's
// kind. An app's own attributes of that kind are not seen in a trigger.
inline constexpr char kEventKind[] = "event";

// At most `count` showings within any `window`. Showings that were snoozed count in caps without a window alone: that
// it comes back is what the person asked for.
struct Cap {
  enum class Per : std::uint8_t {
    kTime,     // `window`
    kDay,      // a day of the device's calendar
    kSession,  // since the client opened, or came back after half an hour or more
  };
  std::uint32_t count = 1;
  Duration window{0};  // of kTime; 0: ever
  Per per = Per::kTime;

  bool is_ever() const noexcept { return per == Per::kTime && window == Duration(0); }
};

// What several campaigns share of a person's attention. Editing a group erases nothing: what was shown is remembered by
// campaign, and belongs to the groups that the rules in force put that campaign into.
struct CampaignGroup {
  std::string key;
  bool is_valid = false;           // false: it could not be compiled, nor could any campaign in it
  std::vector<Cap> caps;           // of all showings of its campaigns together; may be empty
  std::optional<OpenHours> quiet;  // hours in which none of its prompts comes
  Duration gap{0};                 // at least so long after one of its prompts is gone comes the next
};

// The group that every campaign is in. It counts those that are gone from the datafile, too.
inline constexpr char kGroupOfAll[] = "all";

enum class CampaignStatus : std::uint8_t { kRunning, kPaused, kEnded };

std::string_view CampaignStatusName(CampaignStatus status) noexcept;

// An event, and what must be true of it.
struct TriggerStep {
  std::string event;
  std::uint32_t condition = UINT32_MAX;  // of Ruleset::nodes; UINT32_MAX: none
};

inline constexpr std::size_t kTriggerSteps = 5;

enum class TriggerKind : std::uint8_t {
  kEvent,         // it happens
  kThen,          // several, in their order, the last at most `time` after the first
  kAll,           // several, in any order, within `time`
  kAbsent,        // the first happens, and then the second does not for `time`
  kSessionStart,  // the client was opened, or came back after a while in the background
  kScreen,        // `screen` was in front for `time`
  kIdle,          // nothing happened for `time` while the app was in front
};

// What may start a campaign.
struct Trigger {
  TriggerKind kind = TriggerKind::kEvent;
  std::vector<TriggerStep> steps;    // of kEvent 1, of kThen and kAll 2 to kTriggerSteps, of kAbsent 2, else none
  std::string screen;                // of kScreen
  Duration time{0};                  // of all but kEvent and kSessionStart
  std::uint64_t id = 0;              // the same in another datafile that says the same; 0 of kEvent
  std::uint32_t watch = UINT32_MAX;  // of Ruleset::watched; UINT32_MAX of kEvent

  // As prompts tell of what started them: of a sequence the event that completed it.
  std::string name() const;
};

// What prompts and events call the arms: that of the only content, of those that are held out, else a variant's name.
inline constexpr std::string_view kPromptArm = "prompt";
inline constexpr std::string_view kHeldOutArm = "held_out";

// What no variant may be called: those, and what QA forces a prompt to.
bool IsReservedArm(std::string_view name) noexcept;

// One of the contents that a campaign shows, each to a share of people.
struct CampaignVariant {
  std::string name = std::string(kPromptArm);
  PromptContent content;
};

struct Campaign {
  std::string key;
  bool is_valid = false;  // false: the datafile has it, but it could not be compiled; only `key` and `groups` count
  bool is_protected = false;
  std::int64_t iteration = 1;
  CampaignStatus status = CampaignStatus::kRunning;
  Moment starts_at{Timestamp::min()};
  Moment ends_at{Timestamp(Duration(INT64_MAX))};
  std::int32_t priority = 0;  // of several that could be shown, the highest is
  std::uint16_t unit = 0;     // of Ruleset::unit_kinds
  std::string salt;
  std::uint32_t holdout = 0;             // slots 0 to holdout - 1 see nothing and are logged where the others see it
  std::vector<std::uint16_t> holdouts;   // that govern it, of Ruleset::holdouts
  std::vector<Trigger> triggers;         // any of them; never empty
  Duration delay{0};                     // from a trigger to the moment at which it may be shown
  std::vector<std::string> cancel_on;    // events that drop what was triggered and is not shown yet
  std::uint32_t condition = UINT32_MAX;  // of Ruleset::nodes; UINT32_MAX: none
  Duration valid_for{60'000};  // how long it stays timely after the delay, while the host or another prompt is busy
  std::vector<Cap> caps;       // never empty
  std::vector<std::uint16_t> groups;  // that it is in, of Ruleset::groups; sorted
  std::optional<OpenHours> hours;     // in which it may be shown; nothing: always
  std::uint32_t until = UINT32_MAX;   // of Ruleset::nodes; once it is true, it is not shown any more; UINT32_MAX: none
  Duration wait_after_dismissal{std::int64_t{7} * 24 * 3'600'000};
  // Above 0: each further dismissal without an action between them doubles the wait, up to that.
  Duration longest_wait_after_dismissal{0};
  Duration wait_after_action{std::int64_t{30} * 24 * 3'600'000};
  std::optional<Duration> wait_after_completion;                            // of a survey; nothing: as after an action
  std::vector<CampaignVariant> variants = std::vector<CampaignVariant>(1);  // never empty; mostly one
  std::vector<SlotRange> split;  // of `variants`, where there are several: sorted, shares out all slots

  Duration WaitAfterCompletion() const noexcept { return wait_after_completion.value_or(wait_after_action); }
  bool has_variants() const noexcept { return variants.size() > 1; }
  std::uint32_t VariantAt(std::uint32_t slot) const noexcept;
  // Of a million slots.
  std::uint32_t ShareOf(std::uint32_t variant) const noexcept;
};

}  // namespace guidon::ruleset
