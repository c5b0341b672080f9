#include "sdk/core/prompts/why.h"

namespace guidon::prompts {

std::string_view WhyName(Why why) noexcept {
  switch (why) {
    case Why::kMayShow: return "may_show";
    case Why::kUnknownCampaign: return "campaign_not_found";
    case Why::kInvalid: return "invalid_campaign";
    case Why::kPaused: return "paused";
    case Why::kDatafileExpired: return "datafile_expired";
    case Why::kNotStarted: return "not_started";
    case Why::kEnded: return "ended";
    case Why::kNoTrigger: return "no_trigger";
    case Why::kNotEligible: return "not_eligible";
    case Why::kUnknown: return "unknown";
    case Why::kUntilMet: return "until_met";
    case Why::kNoUnit: return "no_unit";
    case Why::kInvalidUnit: return "invalid_unit";
    case Why::kBudget: return "budget";
    case Why::kAfterDismissal: return "after_dismissal";
    case Why::kAfterAction: return "after_action";
    case Why::kAfterCompletion: return "after_completion";
    case Why::kSnoozed: return "snoozed";
    case Why::kCapped: return "capped";
    case Why::kGroupCapped: return "group_capped";
    case Why::kGap: return "gap";
    case Why::kOutsideHours: return "outside_hours";
    case Why::kQuietHours: return "quiet_hours";
    case Why::kCannotDraw: return "cannot_draw";
    case Why::kCannotAsk: return "cannot_ask";
    case Why::kCannotDo: return "cannot_do";
    case Why::kUnfilled: return "unfilled";
    case Why::kBadLink: return "bad_link";
    case Why::kBusy: return "busy";
    case Why::kHostLater: return "host_later";
    case Why::kHostNever: return "host_never";
    case Why::kDelayed: return "delayed";
    case Why::kCancelled: return "cancelled";
    case Why::kExpired: return "expired";
    case Why::kStoreDown: return "store_down";
    case Why::kOtherProcess: return "other_process";
    case Why::kNoConsent: return "no_consent";
    case Why::kForcedOff: return "forced_off";
    case Why::kNoHost: return "no_host";
    case Why::kNotReady: return "not_ready";
  }
  return "unknown";
}

bool PassesSoon(Why why) noexcept {
  return why == Why::kBusy || why == Why::kGap || why == Why::kOutsideHours || why == Why::kQuietHours;
}

}  // namespace guidon::prompts
