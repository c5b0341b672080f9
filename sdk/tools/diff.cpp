#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/datafile/base64.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/diff_report.h"
#include "sdk/tools/files.h"
#include "sdk/tools/progress.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

constexpr std::uint64_t kMostUnits = 10'000'000;
constexpr std::size_t kContextBytes = 16u << 20;
constexpr std::size_t kMostContexts = 10'000;
constexpr std::size_t kPrefixBytes = 64;

struct Side {
  std::optional<json::Document> document;
  std::shared_ptr<const ruleset::Ruleset> rules;
};

Status ReadSide(const std::string& path, const std::string& public_key, Side* out) {
  const Result<PublishedFile> file = ReadPublishedFile(path);
  if (!file.ok()) return file.status();
  if (!public_key.empty() && CheckSignature(*file, public_key) != SignedState::kGood) {
    return Status(StatusCode::kUntrusted, path + ": no good signature by the key given");
  }
  json::Error error;
  out->document = json::Document::Parse(file->payload, &error);
  if (!out->document) return Status(StatusCode::kCorrupt, path + ": " + error.ToText());
  if (out->document->root()["format"].AsString().value_or("").substr(0, 14) == "guidon-source/") {
    return Status(StatusCode::kInvalidArgument,
                  path +
                      ": this is a source, and who moves follows from slots that only a build gives out; "
                      "`guidon build --previous OLD` first, then compare what it published");
  }
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadRules(path, file->payload);
  if (!rules.ok()) return rules.status();
  out->rules = *std::move(rules);
  return Status();
}

Status AddProfile(std::string_view text, const std::string& where, const std::optional<Timestamp>& at, Timestamp clock,
                  const std::vector<const ruleset::Ruleset*>& rules, Crowd* out) {
  if (out->profiles.size() == kMostContexts) {
    return Status(StatusCode::kTooLarge, where + ": at most " + std::to_string(kMostContexts) + " contexts");
  }
  Result<ContextFile> file = ReadContextFile(text);
  if (!file.ok()) return Status(file.status().code(), where + ": " + file.status().message());
  if (!file->context.units().empty()) {
    return Status(StatusCode::kInvalidArgument, where + ": unit ids are made up here, so leave out 'units'");
  }
  Profile profile;
  profile.context = std::move(file->context);
  profile.utc_offset = file->utc_offset;
  profile.now = at ? *at : file->now.value_or(clock);
  if (file->history) {
    profile.behavior.emplace();
    prompts::Showings showings;  // caps are not asked
    Remember(*file->history, rules, profile.utc_offset, {}, &*profile.behavior, &showings);
  }
  out->profiles.push_back(std::move(profile));
  return Status();
}

// One context over any number of lines, or one a line.
Status ReadProfiles(const std::string& path, const std::optional<Timestamp>& at, Timestamp clock,
                    const std::vector<const ruleset::Ruleset*>& rules, Crowd* out) {
  const Result<std::string> text = ReadFile(path, kContextBytes);
  if (!text.ok()) return text.status();
  const std::size_t first_end = text->find('\n');
  const bool is_list = first_end != std::string::npos &&
                       text->find_first_not_of(" \t\r\n", first_end) != std::string::npos &&
                       json::Document::Parse(std::string_view(*text).substr(0, first_end), nullptr).has_value();
  if (!is_list) return AddProfile(*text, path, at, clock, rules, out);
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < text->size(); ++line) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view words = std::string_view(*text).substr(begin, end - begin);
    begin = end + 1;
    if (words.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Status added = AddProfile(words, path + ":" + std::to_string(line), at, clock, rules, out);
    if (!added.ok()) return added;
  }
  return Status();
}

std::optional<std::uint64_t> ReadUnits(const std::string& text) {
  std::uint64_t units = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), units);
  if (error != std::errc() || end != text.data() + text.size() || units == 0 || units > kMostUnits) return std::nullopt;
  return units;
}

}  // namespace

int RunDiff(const Arguments& arguments) {
  const std::optional<std::uint64_t> units = ReadUnits(arguments.Get("--units", "100000"));
  if (!units) return UsageError(arguments, "--units needs a whole number from 1 to 10000000");
  const std::optional<Timestamp> at = TimeOr(arguments.Get("--at"));
  if (!at || (arguments.Has("--at") && arguments.Get("--at").empty())) {
    return UsageError(arguments, "--at needs a date such as 2026-12-01T09:00:00Z");
  }
  std::string public_key;
  if (arguments.Has("--key")) {
    public_key = datafile::DecodeBase64(arguments.Get("--key")).value_or("");
    if (public_key.size() != datafile::kPublicKeyBytes) {
      return UsageError(arguments, "--key needs a public key in base64, as `guidon keygen` printed it");
    }
  }
  Crowd crowd;
  crowd.count = *units;
  crowd.prefix = arguments.Get("--prefix");
  if (crowd.prefix.size() > kPrefixBytes || !text::IsUtf8(crowd.prefix)) {
    return UsageError(arguments, "--prefix needs a text of at most 64 bytes");
  }
  Side before;
  Side after;
  Status status = ReadSide(arguments.names()[0], public_key, &before);
  if (status.ok()) status = ReadSide(arguments.names()[1], public_key, &after);
  DiffReport report;
  report.context_path = arguments.Get("--context");
  const std::optional<Timestamp> given = arguments.Has("--at") ? at : std::nullopt;
  if (status.ok() && arguments.Has("--context")) {
    status = ReadProfiles(report.context_path, given, *at, {before.rules.get(), after.rules.get()}, &crowd);
  }
  if (!status.ok()) return Failure(arguments, status.message());
  if (crowd.profiles.empty()) crowd.profiles.push_back({Context(), *at, std::nullopt});

  report.new_path = arguments.names()[1];
  report.before = &before.rules->header;
  report.after = &after.rules->header;
  report.edits = FindEdits(before.document->root(), after.document->root());
  report.crowd = &crowd;
  {
    Progress progress(crowd.count);
    report.moves = CountMoves(*before.rules, *after.rules, crowd, [&](std::uint64_t done) { progress.Tell(done); });
  }
  Print(stdout, arguments.Has("--json") ? ToJson(report) : ToText(report, Style::For(stdout)));
  return arguments.Has("--check") && report.moves.spoiled() > 0 ? kExitProblems : kExitOk;
}

}  // namespace guidon::tools
