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
enum class RecordKind {
  kTracked = 1,
  kExposure = 2,
  kHoldoutExposure = 3,
  kLossReport = 4,
  kPrompt = 5,
  kDeletionRequest = 6,
  kEvaluationSummary = 7
};

// What a device got for a flag, at least once in about an hour.
struct Evaluation {
  std::string_view flag;
  std::string_view variant;  // empty where the caller's fallback came back
  std::string_view reason;
};

// Views point into the request's document.
struct Record {
  json::Node node;
  std::string_view installation;
  std::string_view os_name;
  bool are_units_hashed = false;  // so slots cannot be computed from unit ids
  std::string_view id;
  std::string_view event_name;
  RecordKind kind = RecordKind::kTracked;
  std::string_view name;  // of a tracked event; the key of the experiment, holdout or campaign
  std::int64_t time_ms = 0;
  std::optional<std::int64_t> sequence;
  std::string_view session;
  std::optional<bool> forced;
  std::string_view forced_by;
  std::string_view overrides;        // "experiment:attach-button=off; flag:chunk-kb=64"
  std::string_view natural_variant;  // what a forced unit would have met; empty when none, or when nobody says
  std::optional<double> value;

  // Of an exposure; all but `flag` also of a prompt event.
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
  std::string_view audience;   // empty: none
  std::optional<bool> sticky;  // served by the unit's enrollment
  std::optional<bool> first;   // of the unit in the iteration, as far as its device remembers
  std::optional<double> propensity;

  // Of a prompt event.
  std::string_view campaign;
  std::optional<std::int64_t> campaign_iteration;
  std::string_view campaign_variant;
  std::string_view what;       // as docs/formats/events.md lists them
  std::string_view prompt_id;  // of the showing
  std::optional<std::int64_t> ordinal;
  std::string_view button;
  std::string_view cause;
  std::string_view trigger;
  std::string_view question;           // of an answer
  std::string answer;                  // as JSON; empty where it is in free text
  std::string_view answer_text;        // what the person wrote
  std::optional<std::int64_t> number;  // among the answers of the showing

  std::vector<std::pair<std::string_view, std::string_view>> units;  // kind, id
  std::vector<std::pair<std::string_view, json::Node>> attributes;   // of the context: name, OTLP value
  std::vector<std::pair<std::string_view, std::int64_t>> losses;     // cause, count
  std::vector<Evaluation> evaluations;                               // of a summary
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

// The attribute's value as people compare it: a text as it is, anything else as JSON. Empty when it is no value.
std::string AttributeText(json::Node value);

// Fills in `record` from `node`, or rejects it as "malformed" or "unknown_kind".
void ReadRecord(json::Node node, std::string_view installation, Record* record);

// All log records of a request in their order. Empty when the document has the shape of OTLP logs and at most `most` of
// them, else where it has not.
std::string ReadRecords(json::Node root, std::size_t most, std::vector<Record>* records);

// The text attribute `name` of an OTLP attribute list; empty when it is not there.
std::string_view FindTextAttribute(json::Node attributes, std::string_view name);

}  // namespace guidon::collector
