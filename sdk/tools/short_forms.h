// The short forms in which a source says how often and how long: "1 per 7d", "file_shared within 7d", "snooze 1d". Pure
// text; a fault has its place in it, as those of expressions do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"
#include "sdk/core/expression/expression.h"
#include "sdk/core/expression/parser.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::tools {

inline constexpr std::int64_t kDayMs = 86'400'000;

struct CapForm {
  std::int64_t count = 0;
  Duration window{0};  // 0: ever; also of those that are not per time
  ruleset::Cap::Per per = ruleset::Cap::Per::kTime;
};
// N per TIME, N per day, N per session, or N ever.
std::optional<CapForm> ParseCap(std::string_view text, expression::Error* error);

struct GoalForm {
  std::string event;
  std::string within;  // may be empty
  bool is_by_prompt = false;
};
// EVENT, EVENT within TIME, or EVENT by prompt within TIME.
std::optional<GoalForm> ParseGoal(std::string_view text, expression::Error* error);

struct GuardrailForm {
  GoalForm measure;  // with a time, and not by prompt
  bool may_not_rise = true;
};
// no more EVENT within TIME, or no less EVENT within TIME.
std::optional<GuardrailForm> ParseGuardrail(std::string_view text, expression::Error* error);

struct ActionForm {
  std::string action;  // an address, or empty
  Duration snooze{0};  // above 0: "snooze TIME". Neither: "dismiss"
};
std::optional<ActionForm> ParseAction(std::string_view text, expression::Error* error);

// "7d", in the largest unit that says it exactly; weeks become days. "0s" for nothing.
std::string DurationText(Duration time);

}  // namespace guidon::tools
