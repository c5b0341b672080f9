#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/finder.h"
#include "sdk/tools/progress.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

constexpr std::uint64_t kMostTries = 100'000'000;
constexpr std::uint64_t kMostFound = 10'000;
constexpr std::size_t kMostPrefixBytes = 64;

std::optional<std::uint64_t> ReadNumber(const std::string& text, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > most) return std::nullopt;
  return number;
}

// "plan=pro", "seats=12", "beta=true": JSON, or a text that needs no quotes.
bool SetAttribute(const std::string& text, Context* context) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  const std::string value = text.substr(equals + 1);
  const auto document = json::Document::Parse(value, nullptr);
  context->Set(text.substr(0, equals), document ? document->root().ToValue() : Value(value));
  return true;
}

std::string AskedText(const Want& want) { return want.value.empty() ? want.key : want.key + " = " + want.value; }

// How many of those tried met each alone: the rarest is what stands in the way.
std::string MetTable(const Search& search, const Found& found) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < search.wants.size(); ++i) {
    rows.push_back({Plain(AskedText(search.wants[i])), Thousands(found.met[i]) + " of " + Thousands(found.tried)});
  }
  return Table(rows, 2);
}

std::string ToJson(const Search& search, const Found& found) {
  std::string text;
  json::Writer out(&text, 2);
  out.BeginObject().Key("found").BeginArray();
  for (const std::string& id : found.ids) {
    out.BeginObject().Key("units").BeginObject();
    for (const auto& unit : search.context.units()) out.Key(unit.kind).String(unit.id);
    for (const std::string& kind : search.unit_kinds) out.Key(kind).String(id);
    out.End().End();
  }
  out.End().Key("tried").Uint(found.tried).Key("wanted").BeginArray();
  for (std::size_t i = 0; i < search.wants.size(); ++i) {
    out.BeginObject().Key("what").String(AskedText(search.wants[i])).Key("met").Uint(found.met[i]).End();
  }
  out.End().End();
  return text + "\n";
}

// Empty, or what is wrong with the arguments.
std::string ReadSearch(const Arguments& arguments, const Trial& trial, Search* search) {
  for (const std::string& text : arguments.All("--want")) {
    Result<Want> want = ReadWant(*trial.rules, text);
    if (!want.ok()) return want.status().message();
    search->wants.push_back(*std::move(want));
  }
  if (arguments.Has("--not-held-out")) search->wants.push_back(NotHeldOut());
  search->context = trial.context;
  for (const std::string& text : arguments.All("--attr")) {
    if (!SetAttribute(text, &search->context)) return "--attr needs NAME=VALUE, such as plan=pro";
  }
  const std::string unit = arguments.Get("--unit");
  for (const std::string& kind : trial.rules->unit_kinds) {
    const bool is_asked = unit.empty() ? search->context.FindUnit(kind) == nullptr : kind == unit;
    if (is_asked) search->unit_kinds.push_back(kind);
  }
  if (search->unit_kinds.empty()) {
    return unit.empty() ? "the context has every unit that these rules ask for, so there is nobody to find"
                        : "these rules ask for no unit '" + unit + "'";
  }
  return std::string();
}

int RunFind(const Arguments& arguments) {
  Search search;
  const auto tries = ReadNumber(arguments.Get("--tries", "1000000"), kMostTries);
  if (!tries) return UsageError(arguments, "--tries needs a whole number from 1 to " + std::to_string(kMostTries));
  const auto count = ReadNumber(arguments.Get("--count", "5"), kMostFound);
  if (!count) return UsageError(arguments, "--count needs a whole number from 1 to " + std::to_string(kMostFound));
  search.prefix = arguments.Get("--prefix", "qa-");
  if (search.prefix.size() > kMostPrefixBytes) return UsageError(arguments, "--prefix has at most 64 bytes");
  if (!arguments.Has("--want")) return UsageError(arguments, "say who is looked for: --want KEY=VALUE");
  Trial trial;
  int exit_code = kExitOk;
  if (!OpenTrial(arguments, &trial, &exit_code, ContextIs::kOptional)) return exit_code;
  const std::string wrong = ReadSearch(arguments, trial, &search);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  search.most_tries = *tries;
  search.count = static_cast<std::size_t>(*count);
  search.now = trial.now;
  search.surroundings = trial.surroundings();

  Progress progress(search.most_tries);
  const Found found = Find(*trial.rules, search, [&](std::uint64_t tried) { progress.Tell(tried); });
  if (arguments.Has("--json")) Print(stdout, ToJson(search, found));
  for (const std::string& id : found.ids) {
    if (!arguments.Has("--json")) Print(stdout, Plain(id) + "\n");
  }
  const bool is_found = found.ids.size() == search.count;
  const std::string how_many = found.ids.empty() ? "nobody" : "only " + Count(found.ids.size(), "id");
  if (!is_found) (void)Failure(arguments, how_many + " of " + Thousands(found.tried) + " tried gets all of it");
  const bool is_rare = found.ids.size() * 100 < found.tried;
  if (!is_found || is_rare) Print(stderr, "of those tried each by itself was met by\n" + MetTable(search, found));
  return is_found ? kExitOk : kExitProblems;
}

}  // namespace

const Command kFindCommand = {"find",
                              "find ids that land where you want them, with nothing forced",
                              "guidon find DATAFILE --want KEY=VALUE [--want KEY=VALUE] [--attr NAME=VALUE]",
                              "Tries made-up ids one after the other, decides each as a device does, and prints\n"
                              "those that get all of it: log in as one of them to go the natural path. The same\n"
                              "ids each time. Exit code 1 when there are fewer than asked for; then it says\n"
                              "which wish is the rare one.",
                              {{"--want", "KEY=VALUE",
                                "a flag and its value, an experiment and its variant (none: not in it), a campaign and "
                                "its arm (prompt, held_out or a variant); give it again for each further one"},
                               {"--not-held-out", "", "in none of the holdouts"},
                               {"--attr", "NAME=VALUE", "what is known of them: plan=pro; again for each further one"},
                               {"--context", "FILE", "likewise, with units that are not made up, and a history"},
                               {"--unit", "KIND", "of the id (all kinds that the rules ask for)"},
                               {"--count", "N", "how many ids (5)"},
                               {"--prefix", "TEXT", "in front of their numbers (qa-)"},
                               {"--tries", "N", "how many are tried at most (1000000)"},
                               {"--at", "TIME", "decide as of then (the context's \"now\", or the clock)"},
                               {"--key", "BASE64", "refuse a datafile that this public key did not sign"},
                               {"--json", "", "for programs"}},
                              1,
                              RunFind,
                              0,
                              {"guidon find published --want attach-button=labelled",
                               "guidon find published --want composer=icon --not-held-out --count 3 --json"}};

}  // namespace guidon::tools
