// The lines of a trace, as docs/formats/trace.md describes them: each ends in a line feed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "guidon/client.h"
#include "guidon/context.h"
#include "guidon/decision.h"
#include "guidon/time.h"
#include "sdk/client/state.h"

namespace guidon::client {

// Permanent: what a trace begins with names it.
inline constexpr int kTraceFormat = 1;

struct RecordedDecision {
  std::string_view flag;
  const ruleset::FlagValue* value = nullptr;  // null: the caller's fallback
  std::string_view variant;
  Reason reason = Reason::kNotReady;
  bool is_held = false;              // for the session, whatever the rules say now
  bool is_killed_by_newer = false;   // by a datafile that is not in force yet
  const Context* context = nullptr;  // of the caller's own; null: the State's
  Timestamp at{};
};

std::string TraceHead(Timestamp now);
std::string StateLine(const State& state, PrivateAttributes privates);
std::string DecisionLine(const State& state, const RecordedDecision& decision, PrivateAttributes privates);
// That so many decisions before it were not written down.
std::string LostLine(std::uint64_t decisions);

}  // namespace guidon::client
