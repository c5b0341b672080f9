// One log record of a request, read into what the store keeps. docs/formats/events.md says what the attributes mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/core/base/json.h"

namespace guidon::collector {

// The numbers are in the database: permanent.
enum class RecordKind { kTracked = 1, kExposure = 2, kHoldoutExposure = 3, kLossReport = 4 };

// Views point into the request's document.
struct Record {
  json::Node node;
  std::string_view installation;
  std::string_view id;
  std::string_view event_name;
  RecordKind kind = RecordKind::kTracked;
  std::string_view name;  // of a tracked event; the key of the experiment or holdout
  std::int64_t time_ms = 0;
  std::optional<std::int64_t> sequence;
  std::string_view session;
  std::optional<bool> forced;
  std::optional<double> value;

  // Of an exposure.
  std::string_view flag;
  std::string_view variant;
  std::string_view unit_kind;
  std::string_view unit_id;
  std::string_view set_id;            // project/environment
  std::string_view datafile_version;  // epoch.version
  std::string_view experiment;
  std::string_view holdout;
  std::optional<std::int64_t> iteration;
  std::optional<std::int64_t> slot;
  std::optional<std::int64_t> layer_slot;

  std::vector<std::pair<std::string_view, std::string_view>> units;  // kind, id
  std::vector<std::pair<std::string_view, std::int64_t>> losses;     // cause, count
  std::string properties;                                            // as a JSON object; empty when there are none
  std::string context;

  // Why it goes to the quarantine: one of a few words, and a sentence. Both empty when it does not.
  std::string_view reason;
  std::string detail;

  void Reject(std::string_view why, std::string sentence) {
    if (!reason.empty()) return;
    reason = why;
    detail = std::move(sentence);
  }
};

// Fills in `record` from `node`, or rejects it as "malformed" or "unknown_kind".
void ReadRecord(json::Node node, std::string_view installation, Record* record);

// The text attribute `name` of an OTLP attribute list; empty when it is not there.
std::string_view FindTextAttribute(json::Node attributes, std::string_view name);

}  // namespace guidon::collector
