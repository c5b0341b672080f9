#include "samples/collector/ingest.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "samples/collector/check.h"
#include "samples/collector/gunzip.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

json::Limits BodyLimits() {
  json::Limits limits;
  limits.string_bytes = 64u << 10;
  limits.nodes = 1'000'000;
  return limits;
}

Answer AcceptedAnswer(const Store::Added& added) {
  Answer answer;
  json::Writer writer(&answer.body);
  writer.BeginObject().Key("partialSuccess").BeginObject();
  if (!added.quarantined.empty()) {
    std::uint64_t rejected = 0;
    std::string message = "quarantined:";
    for (const auto& [reason, count] : added.quarantined) {
      rejected += count;
      message += " " + std::string(reason) + " " + std::to_string(count);
    }
    writer.Key("rejectedLogRecords").String(std::to_string(rejected)).Key("errorMessage").String(message);
  }
  writer.End().End();
  return answer;
}

}  // namespace

Answer ErrorAnswer(int status, std::string_view message) {
  Answer answer;
  answer.status = status;
  json::Writer(&answer.body).BeginObject().Key("code").Int(status).Key("message").String(message).End();
  return answer;
}

Answer Ingest::Receive(std::string_view body, bool is_gzip, std::int64_t now_ms) {
  if (body.size() > kMostBodyBytes) return ErrorAnswer(413, "the body is over 4 MiB");
  if (!is_gzip) return Accept(body, now_ms);
  const Result<std::string> text = Gunzip(body, kMostBodyBytes, kMostUnpackRatio);
  if (!text) return ErrorAnswer(text.status().code() == StatusCode::kTooLarge ? 413 : 400, text.status().message());
  return Accept(*text, now_ms);
}

Answer Ingest::Accept(std::string_view text, std::int64_t now_ms) {
  json::Error error;
  const std::optional<json::Document> document = json::Document::Parse(text, &error, BodyLimits());
  if (!document) return ErrorAnswer(400, error.ToText());
  std::vector<Record> records;
  const std::string problem = ReadRecords(document->root(), kMostRecords, &records);
  if (!problem.empty()) return ErrorAnswer(400, problem);
  const Status checked = Check(&records, now_ms);
  if (!checked.ok()) return ErrorAnswer(503, checked.message());
  const Result<Store::Added> added = store_->Add(records, now_ms);
  if (!added) return ErrorAnswer(503, added.status().message());
  return AcceptedAnswer(*added);
}

Status Ingest::Check(std::vector<Record>* records, std::int64_t now_ms) {
  std::map<std::string_view, std::shared_ptr<const Published>> versions;
  for (Record& record : *records) {
    if (!record.reason.empty()) continue;
    if (!any_time_ && (record.time_ms < now_ms - kOldestMs || record.time_ms > now_ms + kNewestMs)) {
      record.Reject("outside_time", "the event's time is over 45 days ago or over 10 minutes ahead");
      continue;
    }
    if (record.kind == RecordKind::kTracked || record.kind == RecordKind::kLossReport ||
        record.kind == RecordKind::kDeletionRequest || record.kind == RecordKind::kEvaluationSummary) {
      continue;
    }
    auto version = versions.find(record.datafile_version);
    if (version == versions.end()) {
      Result<std::shared_ptr<const Published>> found = archive_->Find(record.datafile_version);
      if (!found) return found.status();
      version = versions.emplace(record.datafile_version, *found).first;
    }
    CheckExposure(version->second.get(), &record);
  }
  return Status();
}

}  // namespace guidon::collector
