// What a collector's answer means, and how long to wait after it. Functions only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/status.h"
#include "guidon/time.h"

namespace guidon::events {

// One answer of a collector, or what came instead.
struct Answer {
  Status transport;  // not ok: there is no whole answer
  int http_status = 0;
  std::string content_type;
  std::string retry_after;
  std::string date;
  std::string body;
};

enum class Verdict {
  kDelivered,
  kRetryLater,   // growing pauses
  kProbe,        // the collector will have none of it as things are set up: try now and then, lose nothing
  kSplit,        // something in it is refused: find out what
  kResendPlain,  // compression is refused
};

struct Judgement {
  Verdict verdict = Verdict::kRetryLater;
  std::uint64_t rejected = 0;  // of kDelivered: partialSuccess.rejectedLogRecords
  Status status;               // why it was not delivered
};

Judgement Judge(const Answer& answer, bool was_compressed);

inline constexpr Duration kProbeInterval = std::chrono::minutes(15);
inline constexpr Duration kMostBackoff = std::chrono::seconds(300);

// Before the next try after `failures` in a row, at least 1: a point in 0 to min(300 s, 1 s * 2^failures) that depends
// on the installation, so that a fleet does not come back as one; never less than `retry_after`.
Duration RetryDelay(std::string_view install_id, std::uint32_t failures, std::optional<Duration> retry_after);

}  // namespace guidon::events
