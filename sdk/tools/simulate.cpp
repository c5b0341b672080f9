#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/files.h"
#include "sdk/tools/progress.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/simulation_picture.h"
#include "sdk/tools/simulation_report.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kTimelineBytes = 256u << 20;
constexpr std::size_t kCastBytes = 1u << 20;

constexpr std::uint64_t kMostPeople = 1'000'000;
constexpr std::uint64_t kMostDays = 3'660;

struct Campaigns {
  std::shared_ptr<const client::Datafile> datafile;
  Repertoire repertoire;
};

bool IsSource(std::string_view payload) {
  const auto document = json::Document::Parse(payload, nullptr);
  return document && document->root()["format"].AsString().value_or("").substr(0, 14) == "guidon-source/";
}

// As a first build of it would publish it: what was given out before makes no difference to campaigns.
Result<std::string> BuildSource(const std::string& path, Timestamp now, std::vector<std::string>* events) {
  auto source = LoadChecked(path, "", now);
  if (!source.ok()) return source.status();
  const CheckedSource& checked = **source;
  if (checked.problems.has_errors() || !checked.is_whole) {
    return Status(StatusCode::kInvalidArgument,
                  path + ": " + checked.problems.Summary() + "; `guidon lint " + path + "` says what");
  }
  events->assign(checked.source.events.names.begin(), checked.source.events.names.end());
  return Publish(checked.source, nullptr, {now, now + std::chrono::hours(24 * 3'650)});
}

// A published datafile, or a source.
Result<Campaigns> LoadCampaigns(const std::string& path, Timestamp now) {
  Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return file.status();
  std::vector<std::string> events;
  if (IsSource(file->payload)) {
    Result<std::string> built = BuildSource(path, now, &events);
    if (!built.ok()) return built.status();
    file->payload = *std::move(built);
  }
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadRules(path, file->payload);
  if (!rules.ok()) return rules.status();
  if ((*rules)->campaigns.empty()) {
    return Status(StatusCode::kInvalidArgument, path + ": has no campaigns to simulate");
  }
  auto datafile = std::make_shared<client::Datafile>();
  datafile->rules = *std::move(rules);
  Campaigns out;
  out.datafile = std::move(datafile);
  const auto document = json::Document::Parse(file->payload, nullptr);
  if (document) out.repertoire = RepertoireOf(document->root(), events);
  return out;
}

Status LoadCast(const std::string& path, Cast* out) {
  const Result<std::string> text = ReadFile(path, kCastBytes);
  if (!text.ok()) return text.status();
  Result<ContextFile> file = ReadContextFile(*text);
  if (!file.ok()) return Status(file.status().code(), path + ": " + file.status().message());
  if (file->history || file->event || file->now || file->session.number != 0) {
    return Status(StatusCode::kInvalidArgument, path + ": what happens, and when, is for the timeline to say");
  }
  out->context = std::move(file->context);
  out->utc_offset = file->utc_offset;
  return Status();
}

std::optional<std::uint64_t> ReadCount(const std::string& text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_count = error == std::errc() && end == text.data() + text.size();
  return is_count && count >= least && count <= most ? std::optional(count) : std::nullopt;
}

std::optional<PromptAnswer> ReadAnswer(std::string_view word) {
  if (word == "dismiss") return PromptAnswer::kDismiss;
  if (word == "press") return PromptAnswer::kPress;
  if (word == "snooze") return PromptAnswer::kSnooze;
  if (word == "ignore") return PromptAnswer::kIgnore;
  return std::nullopt;
}

// "dismiss", or "press:20,dismiss:80". Empty when it is neither.
std::vector<AnswerShare> ReadAnswers(std::string_view text) {
  if (const auto answer = ReadAnswer(text)) return {{*answer, 100}};
  std::vector<AnswerShare> out;
  std::uint64_t sum = 0;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto answer = ReadAnswer(part.substr(0, part.find(':')));
    const std::size_t colon = part.find(':');
    const auto percent =
        colon == std::string_view::npos ? std::nullopt : ReadCount(std::string(part.substr(colon + 1)), 0, 100);
    if (!answer || !percent) return {};
    out.push_back({*answer, static_cast<std::uint32_t>(*percent)});
    sum += *percent;
  }
  return sum == 100 ? out : std::vector<AnswerShare>();
}

// What the command line asks for.
struct Wanted {
  std::string timeline;  // a path; empty: people are made up
  MadeUp made_up;
  std::optional<Timestamp> from;
  bool has_answers = false;
  Cast cast;
};

// Empty, or what is wrong with it.
std::string ReadWanted(const Arguments& arguments, Wanted* out) {
  out->timeline = arguments.Get("--timeline");
  const auto people = ReadCount(arguments.Get("--users", "1000"), 1, kMostPeople);
  const auto days = ReadCount(arguments.Get("--days", "30"), 1, kMostDays);
  const auto seed = ReadCount(arguments.Get("--seed", "1"), 0, UINT64_MAX);
  if (!people) return "--users needs a whole number from 1 to " + std::to_string(kMostPeople);
  if (!days) return "--days needs a whole number from 1 to " + std::to_string(kMostDays);
  if (!seed) return "--seed needs a whole number";
  if (arguments.Has("--timeline") && (arguments.Has("--users") || arguments.Has("--days"))) {
    return "--timeline says who does what, so --users and --days have no place beside it";
  }
  out->made_up.people = *people;
  out->made_up.days = static_cast<int>(*days);
  out->cast.seed = *seed;
  const bool is_made_up = out->timeline.empty();
  out->has_answers = arguments.Has("--answer");
  out->cast.answers =
      ReadAnswers(arguments.Get("--answer", is_made_up ? "dismiss:50,press:20,snooze:10,ignore:20" : "dismiss"));
  if (out->cast.answers.empty()) {
    return "--answer needs dismiss, press, snooze or ignore, or their percentages: press:20,dismiss:80";
  }
  if (!arguments.Has("--from")) return {};
  out->from = text::ParseTimestamp(arguments.Get("--from"));
  return out->from ? "" : "--from needs a date such as 2026-12-01 or 2026-12-01T09:00:00Z";
}

Result<Simulation> Tell(const Campaigns& campaigns, Wanted wanted) {
  const std::string& path = wanted.timeline;
  const Result<std::string> text = ReadFile(path, kTimelineBytes);
  if (!text.ok()) return text.status();
  const auto timeline = ReadTimeline(*text, wanted.from.value_or(campaigns.datafile->rules->header.issued_at));
  if (!timeline.ok()) return Status(timeline.status().code(), path + ": " + timeline.status().message());
  // Who says what people do with prompts says all of it.
  const bool is_told =
      std::any_of(timeline->begin(), timeline->end(), [](const TimelineStep& step) { return step.IsAnswer(); });
  if (is_told && !wanted.has_answers) wanted.cast.answers = {{PromptAnswer::kIgnore, 100}};
  std::set<std::string_view> people;
  for (const TimelineStep& step : *timeline) people.insert(step.user);
  Progress progress(people.size());
  Result<Simulation> out =
      RunTimeline(campaigns.datafile, *timeline, wanted.cast, wanted.from.value_or(timeline->front().at),
                  [&](std::uint64_t done) { progress.Tell(done); });
  if (out.ok()) return out;
  return Status(out.status().code(), path + ": " + out.status().message());
}

Simulation MakeUpAll(const Campaigns& campaigns, Wanted wanted) {
  const Timestamp from = wanted.from.value_or(campaigns.datafile->rules->header.issued_at);
  wanted.made_up.from = TimestampFromMs(text::UtcDay(from) * 86'400'000);
  Progress progress(wanted.made_up.people);
  return RunMadeUp(campaigns.datafile, campaigns.repertoire, wanted.made_up, wanted.cast,
                   [&](std::uint64_t done) { progress.Tell(done); });
}

int RunSimulate(const Arguments& arguments) {
  Wanted wanted;
  const std::string misused = ReadWanted(arguments, &wanted);
  if (!misused.empty()) return UsageError(arguments, misused);
  const auto campaigns = LoadCampaigns(arguments.names()[0], wanted.from.value_or(*TimeOr("")));
  if (!campaigns.ok()) return Failure(arguments, campaigns.status().message());
  if (arguments.Has("--context")) {
    const Status status = LoadCast(arguments.Get("--context"), &wanted.cast);
    if (!status.ok()) return Failure(arguments, status.message());
  }
  const Result<Simulation> simulation =
      wanted.timeline.empty() ? Result<Simulation>(MakeUpAll(*campaigns, wanted)) : Tell(*campaigns, wanted);
  if (!simulation.ok()) return Failure(arguments, simulation.status().message());
  const SimulationReport report{*campaigns->datafile->rules, *simulation};
  if (arguments.Has("--svg")) {
    const Status written = WriteFile(arguments.Get("--svg"), ToSvg(report));
    if (!written.ok()) return Failure(arguments, written.message());
  }
  Print(stdout, arguments.Has("--json") ? ToJson(report) : ToText(report, Style::For(stdout)));
  return kExitOk;
}

}  // namespace

const Command kSimulateCommand = {
    "simulate",
    "try campaigns on people, made up or as a timeline tells",
    "guidon simulate FILE [--timeline FILE | --users N --days N] [--svg FILE]",
    "Lives through what people do, by the code that apps run, and tells who sees\n"
    "which prompt and when, and of the others what kept them back. FILE is a source\n"
    "or a published datafile. Without a timeline people are made up.",
    {{"--timeline", "FILE",
      "a line for each thing that happens:\n"
      "{\"at\": \"+2d\", \"user\": \"ann\", \"event\": \"message_sent\"}"},
     {"--users", "N", "how many people are made up, at most 1000000 (1000)"},
     {"--days", "N", "for how long (30)"},
     {"--seed", "N", "other people (1)"},
     {"--from", "TIME", "when it begins, and what \"+2d\" counts from (the date of issue)"},
     {"--answer", "WORD",
      "what people do with a prompt: dismiss, press, snooze, ignore; or their percentages: press:20,dismiss:80"},
     {"--context", "FILE", "what is known of them, { \"attributes\": { \"plan\": \"pro\" } }"},
     {"--svg", "FILE", "also draw a picture"},
     {"--json", "", "for programs"}},
    1,
    RunSimulate,
    0,
    {"guidon simulate notes.source.json",
     "guidon simulate published --users 200 --days 60 --answer press:20,dismiss:80"}};

}  // namespace guidon::tools
