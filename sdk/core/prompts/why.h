// Every reason that a prompt has, from the gates and from the client.
#pragma once

#include <cstdint>
#include <string_view>

namespace guidon::prompts {

// Why a prompt is not shown, or that it may be. Names are stable: explanations and tests use them.
enum class Why : std::uint8_t {
  kMayShow,          // "may_show"
  kUnknownCampaign,  // "campaign_not_found"
  kInvalid,          // "invalid_campaign"
  kPaused,           // "paused"
  kNotStarted,       // "not_started"
  kEnded,            // "ended"
  kDatafileExpired,  // "datafile_expired": of a datafile that is so old nobody is shown a prompt
  kNoTrigger,        // "no_trigger": another event, or no trigger's condition is true
  kNotEligible,      // "not_eligible": the audience's condition is false
  kUnknown,          // "unknown": a condition lacks what it asks for
  kUntilMet,         // "until_met": what the campaign is for is done
  kNoUnit,           // "no_unit"
  kInvalidUnit,      // "invalid_unit"
  kBudget,           // "budget"
  kAfterDismissal,   // "after_dismissal"
  kAfterAction,      // "after_action"
  kAfterCompletion,  // "after_completion"
  kSnoozed,          // "snoozed"
  kCapped,           // "capped"
  kGroupCapped,      // "group_capped": by what was shown of all campaigns of a group
  kGap,              // "gap": too soon after another prompt of a group
  kOutsideHours,     // "outside_hours"
  kQuietHours,       // "quiet_hours": of a group
  kCannotDraw,       // "cannot_draw": the host draws no prompts of this kind
  kCannotDo,         // "cannot_do": a button asks for what the host cannot do
  kCannotAsk,        // "cannot_ask": the host asks no questions of one of its types
  kUnfilled,         // "unfilled": a text has a place for which there is neither a value nor a fallback
  kBadLink,          // "bad_link": a button's link, filled in, is none that may be opened
  kBusy,             // "busy": another prompt is on screen
  kHostLater,        // "host_later"   from here on said by the client
  kHostNever,        // "host_never"
  kDelayed,          // "delayed": triggered, and its delay is not over
  kCancelled,        // "cancelled": an event that cancels it came before it was shown
  kExpired,          // "expired": no longer timely when its turn came
  kStoreDown,        // "store_down": what cannot be remembered is not shown
  kOtherProcess,     // "other_process": another process on the state folder shows prompts
  kNoConsent,        // "no_consent"
  kForcedOff,        // "forced_off"
  kNoHost,           // "no_host"
  kNotReady,         // "not_ready": no datafile is in force
};
std::string_view WhyName(Why why) noexcept;

// It passes by itself before long, and an opportunity waits for that as long as it is timely.
bool PassesSoon(Why why) noexcept;

}  // namespace guidon::prompts
