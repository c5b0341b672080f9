#include "sdk/collector/record.h"

#include <charconv>
#include <set>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

using json::Node;
using json::Type;

constexpr std::string_view kMalformed = "malformed";
constexpr std::size_t kMostAttributes = 512;
constexpr std::int64_t kMostLost = 1'000'000'000;  // of one cause in one report
constexpr std::size_t kMostEvaluations = 512;      // in one summary

struct TextField {
  std::string_view key;
  std::string_view Record::*field;
  std::size_t most;
};
constexpr TextField kTextFields[] = {
    {"event.name", &Record::event_name, limits::kEventNameBytes},
    {"log.record.uid", &Record::id, limits::kKeyBytes},
    {"session.id", &Record::session, limits::kKeyBytes},
    {"guidon.event.name", &Record::name, limits::kEventNameBytes},
    {"guidon.unit.kind", &Record::unit_kind, limits::kKeyBytes},
    {"guidon.experiment.key", &Record::experiment, limits::kKeyBytes},
    {"guidon.holdout.key", &Record::holdout, limits::kKeyBytes},
    {"guidon.audience", &Record::audience, limits::kKeyBytes},
    {"feature_flag.key", &Record::flag, limits::kKeyBytes},
    {"feature_flag.result.variant", &Record::variant, limits::kKeyBytes},
    {"feature_flag.context.id", &Record::unit_id, limits::kUnitIdBytes},
    {"feature_flag.set.id", &Record::set_id, 2 * limits::kKeyBytes + 1},
    {"feature_flag.version", &Record::datafile_version, limits::kKeyBytes},
    {"guidon.forced_by", &Record::forced_by, limits::kKeyBytes},
    {"guidon.overrides", &Record::overrides, 1024},
    {"guidon.natural_variant", &Record::natural_variant, limits::kKeyBytes},
    {"guidon.campaign.key", &Record::campaign, limits::kKeyBytes},
    {"guidon.campaign.variant", &Record::campaign_variant, limits::kKeyBytes},
    {"guidon.prompt.what", &Record::what, limits::kKeyBytes},
    {"guidon.prompt.id", &Record::prompt_id, limits::kKeyBytes},
    {"guidon.prompt.button", &Record::button, limits::kKeyBytes},
    {"guidon.prompt.cause", &Record::cause, limits::kKeyBytes},
    {"guidon.prompt.trigger", &Record::trigger, limits::kEventNameBytes},
    {"guidon.prompt.question", &Record::question, limits::kKeyBytes},
    {"guidon.prompt.text", &Record::answer_text, 4 * limits::kAnswerChars},
};

struct IntField {
  std::string_view key;
  std::optional<std::int64_t> Record::*field;
};
constexpr IntField kIntFields[] = {
    {"guidon.seq", &Record::sequence},
    {"guidon.experiment.iteration", &Record::iteration},
    {"guidon.slot", &Record::slot},
    {"guidon.layer_slot", &Record::layer_slot},
    {"guidon.campaign.iteration", &Record::campaign_iteration},
    {"guidon.prompt.ordinal", &Record::ordinal},
    {"guidon.prompt.number", &Record::number},
};

// OTLP writes 64-bit integers as strings; numbers are taken as well, as protobuf's own readers do.
std::optional<std::int64_t> WholeNumber(Node node) {
  if (const std::optional<std::int64_t> number = node.AsInt()) return number;
  const std::string_view text = node.AsString().value_or(std::string_view());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool RemovePrefix(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Missing when there is none of that name.
Node FindAttribute(Node attributes, std::string_view name) {
  if (!attributes.is(Type::kArray)) return {};
  for (Node attribute : attributes) {
    if (attribute["key"].AsString() == name) return attribute["value"];
  }
  return {};
}

// Writes one OTLP value (the object with stringValue and so on). False when it is none that events may carry.
bool WriteValue(Node value, json::Writer* writer) {
  if (const auto text = value["stringValue"].AsString()) {
    writer->String(*text);
  } else if (const auto boolean = value["boolValue"].AsBool()) {
    writer->Bool(*boolean);
  } else if (const auto whole = WholeNumber(value["intValue"])) {
    writer->Int(*whole);
  } else if (const auto number = value["doubleValue"].AsNumber()) {
    writer->Double(*number);
  } else if (value["arrayValue"].exists() || value["kvlistValue"].exists()) {
    writer->Raw(value.First().ToText());
  } else {
    return false;
  }
  return true;
}

// Writes a score, an option's id or a list of these as JSON. False when it is none.
bool WriteAnswer(Node value, std::string* out) {
  json::Writer writer(out);
  if (value["intValue"].exists() || value["stringValue"].exists()) {
    return value["stringValue"].AsString().value_or("").size() <= limits::kKeyBytes && WriteValue(value, &writer);
  }
  const Node options = value["arrayValue"]["values"];  // may be missing when there are none
  if (!value["arrayValue"].is(Type::kObject) || (options.exists() && !options.is(Type::kArray))) return false;
  if (options.size() > limits::kQuestionOptions) return false;
  writer.BeginArray();
  for (Node option : options) {
    const auto id = option["stringValue"].AsString();
    if (!id || id->size() > limits::kKeyBytes) return false;
    writer.String(*id);
  }
  writer.End();
  return true;
}

// A JSON object that is begun with its first member.
class LazyObject {
 public:
  explicit LazyObject(std::string* out) : out_(out), writer_(out) {}
  bool Add(std::string_view name, Node value) {
    if (!names_.insert(name).second) return false;
    if (out_->empty()) writer_.BeginObject();
    writer_.Key(name);
    return WriteValue(value, &writer_);
  }
  void End() {
    if (!out_->empty()) writer_.End();
  }

 private:
  std::string* out_;
  json::Writer writer_;
  std::set<std::string_view> names_;
};

class RecordReader {
 public:
  explicit RecordReader(Record* record)
      : record_(record), properties_(&record->properties), context_(&record->context) {}

  void Read(Node attributes) {
    if (!attributes.is(Type::kArray) || attributes.size() > kMostAttributes) {
      return record_->Reject(kMalformed, "attributes must be an array of at most 512");
    }
    for (Node attribute : attributes) {
      const std::string_view key = attribute["key"].AsString().value_or(std::string_view());
      if (!ReadOne(key, attribute["value"])) {
        record_->Reject(kMalformed,
                        "attribute \"" + std::string(key) + "\" has the wrong type, is too long, or is there twice");
        break;
      }
    }
    properties_.End();
    context_.End();
  }

 private:
  bool ReadOne(std::string_view key, Node value) {
    for (const TextField& field : kTextFields) {
      if (key == field.key) return ReadText(value, field.most, &(record_->*field.field));
    }
    for (const IntField& field : kIntFields) {
      if (key == field.key) return bool(record_->*field.field = WholeNumber(value["intValue"]));
    }
    if (key == "guidon.forced") return bool(record_->forced = value["boolValue"].AsBool());
    if (key == "guidon.sticky") return bool(record_->sticky = value["boolValue"].AsBool());
    if (key == "guidon.first") return bool(record_->first = value["boolValue"].AsBool());
    if (key == "guidon.propensity") return bool(record_->propensity = value["doubleValue"].AsNumber());
    if (key == "guidon.prompt.answer") return record_->answer.empty() && WriteAnswer(value, &record_->answer);
    if (key == "guidon.event.value") return bool(record_->value = value["doubleValue"].AsNumber());
    if (RemovePrefix(&key, "guidon.unit.")) {
      std::string_view id;
      if (!ReadText(value, limits::kUnitIdBytes, &id) || record_->units.size() >= limits::kContextUnits) return false;
      record_->units.emplace_back(key, id);
      return true;
    }
    if (RemovePrefix(&key, "guidon.property.")) return properties_.Add(key, value);
    if (RemovePrefix(&key, "guidon.context.")) {
      record_->attributes.emplace_back(key, value);
      return context_.Add(key, value);
    }
    if (RemovePrefix(&key, "guidon.lost.")) {
      const std::optional<std::int64_t> count = WholeNumber(value["intValue"]);
      if (!count || *count < 0 || *count > kMostLost) return false;
      record_->losses.emplace_back(key, *count);
      return true;
    }
    return true;  // an attribute of a later version, or of somebody else
  }

  static bool ReadText(Node value, std::size_t most, std::string_view* text) {
    const std::optional<std::string_view> read = value["stringValue"].AsString();
    if (!read || read->size() > most) return false;
    *text = *read;
    return true;
  }

  Record* record_;
  LazyObject properties_;
  LazyObject context_;
};

bool IsPromptStep(std::string_view what) {
  for (const std::string_view known : {"exposure", "impression", "viewable", "action", "dismissal", "snooze", "failure",
                                       "unknown", "answer", "completion"}) {
    if (what == known) return true;
  }
  return false;
}

void CheckAnswerForm(Record* record) {
  if (record->question.empty()) record->Reject(kMalformed, "guidon.prompt.question is missing");
  if (!record->number || *record->number < 1) record->Reject(kMalformed, "guidon.prompt.number is missing or below 1");
  if (!record->answer.empty() && !record->answer_text.empty()) {
    record->Reject(kMalformed, "guidon.prompt.answer and guidon.prompt.text are both there");
  }
}

void ReadPrompt(Record* record) {
  record->kind = RecordKind::kPrompt;
  record->name = record->campaign;
  record->variant = record->campaign_variant;
  record->iteration = record->campaign_iteration;
  if (record->name.empty()) record->Reject(kMalformed, "guidon.campaign.key is missing");
  if (!record->iteration) record->Reject(kMalformed, "guidon.campaign.iteration is missing");
  if (record->variant.empty()) record->Reject(kMalformed, "guidon.campaign.variant is missing");
  if (record->prompt_id.empty()) record->Reject(kMalformed, "guidon.prompt.id is missing");
  if (!IsPromptStep(record->what)) {
    record->Reject(
        kMalformed,
        "guidon.prompt.what is none of exposure, impression, viewable, action, dismissal, snooze, failure, unknown, "
        "answer, completion");
  }
  if (record->unit_kind.empty()) record->Reject(kMalformed, "guidon.unit.kind is missing");
  if (record->unit_id.empty()) record->Reject(kMalformed, "feature_flag.context.id is missing");
  if (record->what == "answer") CheckAnswerForm(record);
}

// Empty when the entry is good, else what is wrong with it.
std::string_view ReadEvaluation(Node entry, Evaluation* evaluation) {
  const Node members = entry["kvlistValue"]["values"];
  if (!members.is(Type::kArray)) return "is no kvlistValue";
  for (Node member : members) {
    const std::string_view key = member["key"].AsString().value_or(std::string_view());
    std::string_view* text = key == "flag"      ? &evaluation->flag
                             : key == "variant" ? &evaluation->variant
                             : key == "reason"  ? &evaluation->reason
                                                : nullptr;
    if (text == nullptr) continue;  // of a later version
    const std::optional<std::string_view> read = member["value"]["stringValue"].AsString();
    if (!read) return "has a flag, variant or reason that is no text";
    if (read->size() > limits::kKeyBytes) return "has a flag, variant or reason of over 128 bytes";
    *text = *read;
  }
  if (evaluation->flag.empty()) return "lacks its flag";
  if (evaluation->reason.empty()) return "lacks its reason";
  return {};
}

void ReadSummary(Node attributes, Record* record) {
  record->kind = RecordKind::kEvaluationSummary;
  record->name = record->event_name;
  if (record->installation.empty()) record->Reject(kMalformed, "app.installation.id is missing: it tells of no device");
  const Node list = FindAttribute(attributes, "guidon.evaluations")["arrayValue"];
  const Node entries = list["values"];  // may be missing when there are none
  if (!list.is(Type::kObject) || (entries.exists() && !entries.is(Type::kArray)) || entries.size() > kMostEvaluations) {
    return record->Reject(kMalformed, "guidon.evaluations is no list of at most 512 evaluations");
  }
  record->evaluations.reserve(entries.size());
  for (Node entry : entries) {
    Evaluation& evaluation = record->evaluations.emplace_back();
    const std::string_view problem = ReadEvaluation(entry, &evaluation);
    if (!problem.empty()) {
      return record->Reject(kMalformed, "evaluation " + std::to_string(record->evaluations.size()) +
                                            " of guidon.evaluations " + std::string(problem));
    }
    // Also where the event does not say so: whoever is forced to one value is no witness for any.
    if (evaluation.reason == "forced") record->forced = true;
  }
}

void ReadKind(Node attributes, Record* record) {
  if (record->event_name == "guidon.event") {
    record->kind = RecordKind::kTracked;
    if (record->name.empty()) record->Reject(kMalformed, "guidon.event.name is missing");
  } else if (record->event_name == "guidon.loss_report") {
    record->kind = RecordKind::kLossReport;
    record->name = record->event_name;
  } else if (record->event_name == "guidon.deletion_request") {
    record->kind = RecordKind::kDeletionRequest;
    record->name = record->event_name;
    if (record->installation.empty() && record->units.empty()) record->Reject(kMalformed, "it names nobody");
  } else if (record->event_name == "guidon.evaluation_summary") {
    ReadSummary(attributes, record);
  } else if (record->event_name == "guidon.prompt") {
    ReadPrompt(record);
  } else if (record->event_name == "feature_flag.evaluation") {
    const bool is_holdout = record->experiment.empty();
    record->kind = is_holdout ? RecordKind::kHoldoutExposure : RecordKind::kExposure;
    record->name = is_holdout ? record->holdout : record->experiment;
    if (record->name.empty())
      record->Reject(kMalformed, "neither guidon.experiment.key nor guidon.holdout.key is there");
    if (record->variant.empty()) record->Reject(kMalformed, "feature_flag.result.variant is missing");
    if (record->unit_kind.empty()) record->Reject(kMalformed, "guidon.unit.kind is missing");
    if (record->unit_id.empty()) record->Reject(kMalformed, "feature_flag.context.id is missing");
    if (record->propensity && !(*record->propensity > 0 && *record->propensity <= 1)) {
      record->Reject(kMalformed, "guidon.propensity is not above 0 and at most 1");
    }
    if (!is_holdout && !record->iteration) record->Reject(kMalformed, "guidon.experiment.iteration is missing");
  } else {
    record->Reject("unknown_kind",
                   "eventName is none of guidon.event, feature_flag.evaluation, guidon.prompt, guidon.loss_report, "
                   "guidon.deletion_request, guidon.evaluation_summary");
  }
}

}  // namespace

void ReadRecord(Node node, std::string_view installation, Record* record) {
  record->node = node;
  record->installation = installation;
  if (!node.is(Type::kObject)) return record->Reject(kMalformed, "the record is not an object");
  RecordReader(record).Read(node["attributes"]);
  if (const auto event_name = node["eventName"].AsString()) record->event_name = *event_name;
  if (record->id.empty()) record->Reject(kMalformed, "log.record.uid is missing");
  if (record->sequence &&
      (*record->sequence < 1 || *record->sequence > static_cast<std::int64_t>(limits::kMaxVersion))) {
    record->sequence.reset();
    record->Reject(kMalformed, "guidon.seq is below 1 or beyond 2^53");
  }
  const std::optional<std::int64_t> nanoseconds = WholeNumber(node["timeUnixNano"]);
  if (!nanoseconds || *nanoseconds < 0) {
    record->Reject(kMalformed, "timeUnixNano is missing or no whole number of 0 or more");
  } else {
    record->time_ms = *nanoseconds / 1'000'000;
  }
  ReadKind(node["attributes"], record);
}

std::string ReadRecords(Node root, std::size_t most, std::vector<Record>* records) {
  const auto is_array_or_missing = [](Node node) { return !node.exists() || node.is(Type::kArray); };
  if (!root.is(Type::kObject) || !root["resourceLogs"].is(Type::kArray)) return "/resourceLogs must be an array";
  for (Node resource_logs : root["resourceLogs"]) {
    const std::string_view installation =
        FindTextAttribute(resource_logs["resource"]["attributes"], "app.installation.id");
    const bool are_units_hashed =
        !FindTextAttribute(resource_logs["resource"]["attributes"], "guidon.unit_form").empty();
    const std::string_view os_name = FindTextAttribute(resource_logs["resource"]["attributes"], "os.name");
    if (os_name.size() > limits::kKeyBytes) return "os.name is too long";
    if (installation.size() > limits::kUnitIdBytes) return "app.installation.id is too long";
    if (!is_array_or_missing(resource_logs["scopeLogs"])) return "scopeLogs must be an array";
    for (Node scope_logs : resource_logs["scopeLogs"]) {
      if (!is_array_or_missing(scope_logs["logRecords"])) return "logRecords must be an array";
      for (Node node : scope_logs["logRecords"]) {
        if (records->size() >= most) return "more than " + std::to_string(most) + " records";
        ReadRecord(node, installation, &records->emplace_back());
        records->back().are_units_hashed = are_units_hashed;
        records->back().os_name = os_name;
      }
    }
  }
  return {};
}

std::string AttributeText(Node value) {
  if (const auto text = value["stringValue"].AsString()) return std::string(*text);
  std::string out;
  json::Writer writer(&out);
  return WriteValue(value, &writer) ? out : std::string();
}

std::string_view FindTextAttribute(Node attributes, std::string_view name) {
  return FindAttribute(attributes, name)["stringValue"].AsString().value_or(std::string_view());
}

}  // namespace guidon::collector
