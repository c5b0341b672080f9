// What an app tells: that something happened. Goals of experiments are events by name.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon {

struct Property {
  std::string_view name;
  Value value;  // null, bool, int, double or string; lists and objects are dropped and counted
};

using Properties = std::initializer_list<Property>;

enum class EventKind {
  kTracked,
  kExposure,         // to an experiment's variant
  kHoldoutExposure,  // to a side of a holdout over experiments
  kPrompt,           // what became of a prompt, step by step
  kLossReport,
  kDeletionRequest,    // of Client::RequestDeletion; neither stored with the others nor told to OnEvent
  kEvaluationSummary,  // which flags were evaluated in the last hour, and what they gave
};

// One event as the device keeps it; handed to `Client::OnEvent` once it is durable.
struct EventRecord {
  std::string id;  // the same at every sink; for an exposure the same again whenever it is repeated
  EventKind kind = EventKind::kTracked;
  std::string name;     // of a tracked event; the experiment's, holdout's or campaign's key
  std::string variant;  // of an exposure; of a prompt "prompt", its variant's name or "held_out"
  Timestamp time{};
  std::optional<double> value;
  // Of a prompt: "what" ("exposure", "impression", "action", …), "prompt" (the id of the showing), "ordinal", and where
  // there are any "button", "cause", "trigger", "visible_ms" (with its end), and of an answer "question" and "answer"
  // or "text". Of an evaluation summary "evaluations": objects with "flag", "reason" and, unless the caller's fallback
  // came back, "variant".
  std::vector<std::pair<std::string, Value>> properties;
  std::uint64_t sequence = 0;  // 1, 2, 3… in the order this installation made them durable
  bool forced = false;         // an override was in force; never counted in results
  // It happened in a process that ended before its commit; the journal kept it, and this process commits it.
  bool earlier_process = false;
};

}  // namespace guidon
