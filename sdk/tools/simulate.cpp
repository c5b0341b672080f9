#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/files.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/simulation_report.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kTimelineBytes = 256u << 20;
constexpr std::size_t kCastBytes = 1u << 20;

bool IsSource(std::string_view payload) {
  const auto document = json::Document::Parse(payload, nullptr);
  return document && document->root()["format"].AsString().value_or("").substr(0, 14) == "guidon-source/";
}

// As a first build of it would publish it: what was given out before makes no difference to campaigns.
Result<std::string> BuildSource(const std::string& path, Timestamp now) {
  auto source = LoadChecked(path, "", now);
  if (!source.ok()) return source.status();
  const CheckedSource& checked = **source;
  if (checked.problems.has_errors() || !checked.is_whole) {
    return Status(StatusCode::kInvalidArgument,
                  path + ": " + checked.problems.Summary() + "; `guidon lint " + path + "` says what");
  }
  return Publish(checked.source, nullptr, {now, now + std::chrono::hours(24 * 3'650)});
}

// A published datafile, or a source.
Result<std::shared_ptr<const client::Datafile>> LoadCampaigns(const std::string& path, Timestamp now) {
  Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return file.status();
  if (IsSource(file->payload)) {
    Result<std::string> built = BuildSource(path, now);
    if (!built.ok()) return built.status();
    file->payload = *std::move(built);
  }
  dialects::Loaded loaded = dialects::LoadNative(file->payload, ToolPatterns());
  const auto text = [&](const guidon::Problem& problem) {
    return path + (problem.pointer.empty() ? "" : " " + problem.pointer) + ": " + problem.reason;
  };
  if (loaded.rules == nullptr) {
    return Status(StatusCode::kCorrupt,
                  loaded.problems.empty() ? path + ": is no datafile" : text(loaded.problems.front()));
  }
  for (const guidon::Problem& problem : loaded.problems) {
    Print(stderr, Style::For(stderr).Yellow("warning: ") + Plain(text(problem)) + "\n");
  }
  if (loaded.rules->campaigns.empty()) {
    return Status(StatusCode::kInvalidArgument, path + ": has no campaigns to simulate");
  }
  auto out = std::make_shared<client::Datafile>();
  out->rules = std::move(loaded.rules);
  return std::shared_ptr<const client::Datafile>(std::move(out));
}

Status LoadCast(const std::string& path, Cast* out) {
  const Result<std::string> text = ReadFile(path, kCastBytes);
  if (!text.ok()) return text.status();
  Result<ContextFile> file = ReadContextFile(*text);
  if (!file.ok()) return Status(file.status().code(), path + ": " + file.status().message());
  if (file->history || file->event || file->now) {
    return Status(StatusCode::kInvalidArgument, path + ": what happens, and when, is for the timeline to say");
  }
  out->context = std::move(file->context);
  out->utc_offset = file->utc_offset;
  return Status();
}

std::optional<Answer> ReadAnswer(const std::string& word) {
  if (word == "dismiss") return Answer::kDismiss;
  if (word == "press") return Answer::kPress;
  if (word == "snooze") return Answer::kSnooze;
  if (word == "ignore") return Answer::kIgnore;
  return std::nullopt;
}

}  // namespace

int RunSimulate(const Arguments& arguments) {
  if (!arguments.Has("--timeline")) return UsageError(arguments, "needs --timeline FILE: what happens");
  const std::optional<Answer> answer = ReadAnswer(arguments.Get("--answer", "dismiss"));
  if (!answer) return UsageError(arguments, "--answer needs dismiss, press, snooze or ignore");
  std::optional<Timestamp> from;
  if (arguments.Has("--from")) {
    from = text::ParseTimestamp(arguments.Get("--from"));
    if (!from) return UsageError(arguments, "--from needs a date such as 2026-12-01 or 2026-12-01T09:00:00Z");
  }
  const auto datafile = LoadCampaigns(arguments.names()[0], from.value_or(*TimeOr("")));
  if (!datafile.ok()) return Failure(arguments, datafile.status().message());
  Cast cast;
  if (arguments.Has("--context")) {
    const Status status = LoadCast(arguments.Get("--context"), &cast);
    if (!status.ok()) return Failure(arguments, status.message());
  }
  const std::string path = arguments.Get("--timeline");
  const Result<std::string> text = ReadFile(path, kTimelineBytes);
  if (!text.ok()) return Failure(arguments, text.status().message());
  const Timestamp start = from.value_or((*datafile)->rules->header.issued_at);
  const auto timeline = ReadTimeline(*text, start);
  if (!timeline.ok()) return Failure(arguments, path + ": " + timeline.status().message());
  // Who says what people do with prompts says all of it.
  const bool is_told =
      std::any_of(timeline->begin(), timeline->end(), [](const TimelineStep& step) { return step.IsAnswer(); });
  const Answer by_itself = is_told && !arguments.Has("--answer") ? Answer::kIgnore : *answer;
  cast.answers = [by_itself](const Prompt&) { return by_itself; };
  const auto simulation =
      RunTimeline(*datafile, *timeline, cast, from.value_or(timeline->front().at), [](std::uint64_t) {});
  if (!simulation.ok()) return Failure(arguments, path + ": " + simulation.status().message());
  const SimulationReport report{*(*datafile)->rules, *simulation};
  Print(stdout, arguments.Has("--json") ? ToJson(report) : ToText(report, Style::For(stdout)));
  return kExitOk;
}

}  // namespace guidon::tools
