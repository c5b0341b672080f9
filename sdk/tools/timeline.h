// What people do, as a file of lines tells it to `guidon simulate`; each is a JSON object:
//
//   { "at": "2026-02-02T09:00:00-05:00", "user": "ann", "event": "message_sent", "properties": { "chars": 1812 } }
//   { "at": "+2d", "user": "ann", "attributes": { "plan": "pro" } }
//   { "at": "+2d", "user": "ann", "do": "press", "button": "Attach a file" }
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/status.h"
#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon::tools {

inline constexpr std::size_t kTimelineLines = 1'000'000;

struct TimelineStep {
  enum class Kind {
    kEvent,
    kAttributes,
    kDismiss,
    kPress,
    kSnooze,
    kAnswer,    // a question of a survey
    kComplete,  // the survey
    kForeground,
    kBackground,
    kScreen,
    kActivity,
  };
  std::size_t line = 0;
  Timestamp at{};
  std::optional<Duration> utc_offset;  // of the device's clock from then on, as the time was written
  std::string user = "u1";
  Kind kind = Kind::kEvent;
  std::string name;                                   // of the event, button (may be empty), question or screen
  std::vector<std::pair<std::string, Value>> values;  // properties, attributes, or the answer alone

  // With a prompt.
  bool IsAnswer() const { return kind >= Kind::kDismiss && kind <= Kind::kComplete; }
};

// In the order of time; what happens at one moment in that of the file. "+2d" is so long after `from`. An error names
// line and column.
Result<std::vector<TimelineStep>> ReadTimeline(std::string_view text, Timestamp from);

}  // namespace guidon::tools
