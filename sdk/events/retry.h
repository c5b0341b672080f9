// What a collector's answer means, and how long to wait after it. Functions only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events {

// One answer of a collector, or what came instead.
struct Answer {
  Status transport;  // not ok: there is no whole answer; kTooLarge: its head came, but more than anybody reads
  int http_status = 0;
  std::string content_type;
  std::string retry_after;
  std::string date;
  std::string stop;
  std::string body;
  // By the monotonic clock: between these two moments it was made.
  MonoTime sent{};
  MonoTime received{};
};

enum class Verdict {
  kDelivered,
  kRetryLater,   // growing pauses
  kProbe,        // the collector will have none of it as things are set up: try now and then, lose nothing
  kSplit,        // something in it is refused: find out what
  kResendPlain,  // compression is refused
  kStop,         // nothing is wanted any more
};

// Whatever the verdict: what the collector orders by `Guidon-Stop`.
enum class Stop {
  kNo,
  kKeep,   // nothing is sent any more until the next start; what is pending stays
  kErase,  // and what is pending is dropped
};

struct Judgement {
  Verdict verdict = Verdict::kRetryLater;
  std::uint64_t rejected = 0;  // of kDelivered
  Status status;               // why it was not delivered
  Stop stop = Stop::kNo;
};

Judgement Judge(const Answer& answer, bool was_compressed, const Sink& sink);

inline constexpr Duration kProbeInterval = std::chrono::minutes(15);
inline constexpr Duration kMostBackoff = std::chrono::seconds(300);

// Before the next try after `failures` in a row, at least 1: a point in 0 to min(300 s, 1 s * 2^failures) that depends
// on `salt`, which names installation and batch, so that a fleet does not come back as one; never less than
// `retry_after`.
Duration RetryDelay(std::string_view salt, std::uint32_t failures, std::optional<Duration> retry_after);

}  // namespace guidon::events
