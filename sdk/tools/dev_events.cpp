#include "sdk/tools/dev_events.h"

#include <algorithm>
#include <optional>

#include "guidon/platform_parts.h"
#include "sdk/collector/record.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::tools {
namespace {

using collector::Record;
using collector::RecordKind;

constexpr std::size_t kMostUnpacked = 16u << 20;
constexpr std::size_t kMostTold = 10'000;  // in one request
constexpr std::size_t kRememberedIds = 20'000;

json::Limits BatchLimits() {
  json::Limits limits;
  limits.string_bytes = 64u << 10;
  limits.nodes = 1'000'000;
  return limits;
}

EventReader::Batch Refused(int status, const std::string& why, std::int64_t now_ms) {
  EventReader::Batch batch;
  batch.status = status;
  json::Writer(&batch.answer).BeginObject().Key("code").Int(status).Key("message").String(why).End();
  batch.events.push_back({"malformed", now_ms, "request", why, false, {{"reason", why}}});
  return batch;
}

void AddField(ToldEvent* told, const char* name, std::string_view value) {
  if (!value.empty()) told->fields.emplace_back(name, value);
}

std::string UnitText(const Record& record) { return std::string(record.unit_kind) + " " + std::string(record.unit_id); }

void TellDecision(const Record& record, ToldEvent* told) {
  const std::string_view reason = collector::FindTextAttribute(record.node["attributes"], "feature_flag.result.reason");
  const bool is_holdout = record.kind == RecordKind::kHoldoutExposure;
  told->kind = "decision";
  told->subject = std::string(record.flag.empty() ? record.name : record.flag) + " = " + std::string(record.variant);
  told->says = std::string(is_holdout ? "holdout " : "experiment ") + std::string(record.name);
  if (!reason.empty()) told->says = std::string(reason) + ", " + told->says;
  if (record.sticky.value_or(false)) told->says += ", kept";
  told->says += ", " + UnitText(record);
  AddField(told, "flag", record.flag);
  AddField(told, "variant", record.variant);
  AddField(told, "reason", reason);
  AddField(told, is_holdout ? "holdout" : "experiment", record.name);
}

void TellPrompt(const Record& record, ToldEvent* told) {
  told->kind = "prompt";
  told->subject = std::string(record.name) + "  " + std::string(record.what);
  const auto add = [told](const char* label, std::string_view value) {
    if (!value.empty()) told->says += (told->says.empty() ? "" : ", ") + std::string(label) + std::string(value);
  };
  add("button ", record.button);
  add("by ", record.cause);
  add("", record.question);
  add("answer ", record.answer);
  add("answer ", record.answer_text);
  if (record.what == "exposure") add("after ", record.trigger);
  if (record.variant != "prompt") add("variant ", record.variant);
  AddField(told, "campaign", record.name);
  AddField(told, "what", record.what);
  AddField(told, "variant", record.variant);
  AddField(told, "button", record.button);
  AddField(told, "cause", record.cause);
  AddField(told, "question", record.question);
  AddField(told, "answer", record.answer);
  AddField(told, "text", record.answer_text);
  AddField(told, "trigger", record.trigger);
}

void TellTracked(const Record& record, ToldEvent* told) {
  told->kind = "event";
  told->subject = std::string(record.name);
  if (record.value) {
    std::string value;
    json::Writer(&value).Double(*record.value);
    told->says = "value " + value;
    AddField(told, "value", value);
  }
  if (!record.properties.empty()) told->says += (told->says.empty() ? "" : ", ") + record.properties;
  AddField(told, "event", record.name);
  AddField(told, "properties", record.properties);
}

ToldEvent Tell(const Record& record) {
  ToldEvent told;
  told.time_ms = record.time_ms;
  switch (record.kind) {
    case RecordKind::kExposure:
    case RecordKind::kHoldoutExposure: TellDecision(record, &told); break;
    case RecordKind::kPrompt: TellPrompt(record, &told); break;
    case RecordKind::kTracked: TellTracked(record, &told); break;
    case RecordKind::kLossReport:
      told.kind = "lost";
      for (const auto& [cause, count] : record.losses) {
        told.subject += (told.subject.empty() ? "" : ", ") + std::string(cause) + " " + std::to_string(count);
        AddField(&told, "cause", std::string(cause) + "=" + std::to_string(count));
      }
      break;
    case RecordKind::kDeletionRequest:
      told.kind = "deletion";
      told.subject = "somebody asks that all about them be deleted";
      break;
    case RecordKind::kEvaluationSummary: break;  // a line each, below
  }
  AddField(&told, "unit", record.unit_kind);
  AddField(&told, "unit_id", record.unit_id);
  AddField(&told, "datafile_version", record.datafile_version);
  AddField(&told, "id", record.id);
  return told;
}

void TellForced(const Record& record, ToldEvent* told) {
  if (!record.forced.value_or(false)) return;
  told->is_forced = true;
  if (!record.forced_by.empty()) told->says += (told->says.empty() ? "by " : ", by ") + std::string(record.forced_by);
  AddField(told, "forced_by", record.forced_by);
  AddField(told, "natural_variant", record.natural_variant);
}

ToldEvent TellEvaluation(const Record& record, const collector::Evaluation& evaluation) {
  ToldEvent told;
  told.kind = "evaluated";
  told.time_ms = record.time_ms;
  told.subject = std::string(evaluation.flag) + " = " +
                 (evaluation.variant.empty() ? "the app's fallback" : std::string(evaluation.variant));
  told.says = std::string(evaluation.reason);
  AddField(&told, "flag", evaluation.flag);
  AddField(&told, "variant", evaluation.variant);
  AddField(&told, "reason", evaluation.reason);
  return told;
}

}  // namespace

std::string ToldEvent::ToText(const Style& style) const {
  std::string name = kind;
  name.resize(std::max<std::size_t>(name.size(), 9), ' ');
  name = kind == "malformed" ? style.Red(name) : kind == "prompt" ? style.Cyan(name) : style.Dim(name);
  std::string out = name + "  " + (kind == "malformed" ? style.Red(Plain(subject)) : style.Bold(Plain(subject)));
  if (is_forced) out += "  " + style.Yellow("forced");
  return says.empty() ? out : out + "  " + style.Dim(Plain(says));
}

std::string ToldEvent::ToJson() const {
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("type").String("event").Key("kind").String(kind);
  json.Key("at").String(text::FormatTimestamp(TimestampFromMs(time_ms)));
  for (const auto& [name, value] : fields) json.Key(name).String(value);
  if (is_forced) json.Key("forced").Bool(true);
  json.End();
  return out + "\n";
}

bool EventReader::IsNew(std::string_view id) {
  if (!ids_.emplace(id).second) return false;
  order_.emplace_back(id);
  if (order_.size() > kRememberedIds) {
    ids_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

EventReader::Batch EventReader::Read(std::string_view body, bool is_gzip, std::int64_t now_ms) {
  std::string unpacked;
  if (is_gzip) {
    const Status status = ZlibCodec()->Gunzip(body, kMostUnpacked, &unpacked);
    if (!status.ok()) return Refused(status.code() == StatusCode::kTooLarge ? 413 : 400, status.message(), now_ms);
    body = unpacked;
  }
  json::Error error;
  const std::optional<json::Document> document = json::Document::Parse(body, &error, BatchLimits());
  if (!document) return Refused(400, error.ToText(), now_ms);
  std::vector<Record> records;
  const std::string problem = collector::ReadRecords(document->root(), kMostTold, &records);
  if (!problem.empty()) return Refused(400, problem, now_ms);
  Batch batch;
  std::size_t rejected = 0;
  std::string first_reason;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    if (!record.reason.empty()) {
      const std::string place = "record " + std::to_string(i + 1) + " of " + std::to_string(records.size());
      batch.events.push_back({"malformed",
                              now_ms,
                              place,
                              record.detail,
                              false,
                              {{"record", std::to_string(i + 1)}, {"reason", record.detail}}});
      if (rejected++ == 0) first_reason = place + ": " + record.detail;
      continue;
    }
    if (!IsNew(record.id)) continue;
    if (record.kind == RecordKind::kEvaluationSummary) {
      for (const collector::Evaluation& each : record.evaluations) batch.events.push_back(TellEvaluation(record, each));
      continue;
    }
    batch.events.push_back(Tell(record));
    TellForced(record, &batch.events.back());
  }
  json::Writer json(&batch.answer);
  json.BeginObject().Key("partialSuccess").BeginObject();
  if (rejected > 0) {
    json.Key("rejectedLogRecords").String(std::to_string(rejected)).Key("errorMessage").String(first_reason);
  }
  json.End().End();
  return batch;
}

}  // namespace guidon::tools
