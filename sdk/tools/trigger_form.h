// What starts a campaign, as a source says it: "message_sent where chars >= 1500", "note_created then note_opened
// within 10m", "screen editor for 5s". Pure text; a fault has its place in it, as those of expressions do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/expression/expression.h"
#include "sdk/core/expression/parser.h"
#include "sdk/core/ruleset/campaign.h"

namespace guidon::tools {

struct TriggerStepForm {
  std::string event;
  std::optional<expression::Tree> where;
};

struct TriggerForm {
  ruleset::TriggerKind kind = ruleset::TriggerKind::kEvent;
  std::vector<TriggerStepForm> steps;  // as of ruleset::Trigger
  std::string screen;
  Duration time{0};
};

// Nothing when it cannot be told what is meant; when only a condition is wrong, its event alone. In both cases `error`
// has a reason.
std::optional<TriggerForm> ParseTrigger(std::string_view text, expression::Error* error);

}  // namespace guidon::tools
