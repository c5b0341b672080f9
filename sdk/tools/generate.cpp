// `guidon generate`: an app's declarations of its flags, from the source that says what they are.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/declarations.h"
#include "sdk/tools/files.h"
#include "sdk/tools/publish.h"
#include "sdk/tools/reach.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kMostCode = 4u << 20;

// "experiment attach-button: control "icon", labelled "icon-and-text"".
std::string ExperimentLine(const ruleset::Ruleset& rules, const ruleset::Experiment& experiment, std::size_t position) {
  std::string out = "experiment " + experiment.key + ":";
  for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
    const ruleset::FlagValue& value = rules.values[experiment.variants[i].values[position]];
    out += (i == 0 ? " " : ", ") + experiment.variants[i].name + " " + json::ToText(ruleset::ToValue(value));
  }
  return out + ".";
}

FlagToDeclare ToDeclare(const SourceFlag& source, const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                        Timestamp now) {
  FlagToDeclare out;
  out.key = flag.key;
  out.type = flag.type;
  out.fallback = ruleset::ToValue(rules.values[flag.default_value]);
  const Located* about = source.at == nullptr ? nullptr : source.at->Find("about");
  if (about != nullptr && !about->Text().empty()) out.comments.emplace_back(about->Text());
  for (const ruleset::Experiment& experiment : rules.experiments) {
    const auto at = std::find(experiment.flags.begin(), experiment.flags.end(), rules.IndexOf(flag));
    if (at == experiment.flags.end() || !experiment.is_valid) continue;
    out.comments.push_back(ExperimentLine(rules, experiment, static_cast<std::size_t>(at - experiment.flags.begin())));
  }
  const Reach reach = ReachOf(rules, flag, now);
  const bool is_decided = reach.cause == "shipped" || reach.cause == "rollout";
  if (is_decided) {
    out.decided = (reach.cause == "shipped" ? "shipped: always " : "rolled out: always ") +
                  json::ToText(ruleset::ToValue(*reach.values.front()));
  }
  return out;
}

struct Declared {
  std::unique_ptr<CheckedSource> source;
  std::shared_ptr<const ruleset::Ruleset> rules;
  std::vector<FlagToDeclare> flags;
};

// False when there is none, which has been said.
bool ReadFlags(const Arguments& arguments, Timestamp now, Declared* out) {
  const std::string& path = arguments.names()[0];
  Result<std::unique_ptr<CheckedSource>> loaded = LoadChecked(path, "", now);
  if (!loaded.ok()) return Failure(arguments, loaded.status().message()), false;
  out->source = *std::move(loaded);
  const CheckedSource& checked = *out->source;
  if (checked.problems.has_errors()) {
    Print(stderr, checked.problems.ToText(path, checked.text, Style::For(stderr)));
    return Failure(arguments, checked.problems.Summary()), false;
  }
  const std::string payload = Publish(checked.source, nullptr, {now, now + std::chrono::hours(24)});
  out->rules = dialects::LoadNative(payload, ToolPatterns()).rules;
  if (out->rules == nullptr) return Failure(arguments, path + ": devices would refuse it"), false;
  for (const SourceFlag& flag : checked.source.flags) {
    const ruleset::Flag* known = out->rules->FindFlag(flag.name);
    if (known != nullptr && known->is_valid) out->flags.push_back(ToDeclare(flag, *out->rules, *known, now));
  }
  return true;
}

// What declarations and source disagree on, a sentence each.
std::vector<std::string> Disagreements(const std::vector<DeclaredFlag>& declared, const std::string& file,
                                       const Declared& source) {
  std::vector<std::string> out;
  std::vector<std::string_view> keys;
  for (const FlagToDeclare& flag : source.flags) keys.push_back(flag.key);
  for (const DeclaredFlag& each : declared) {
    const std::string place = file + ":" + std::to_string(each.line) + ": flag \"" + each.key + "\" ";
    const auto flag = std::find_if(source.flags.begin(), source.flags.end(),
                                   [&each](const FlagToDeclare& known) { return known.key == each.key; });
    if (flag == source.flags.end()) {
      const std::string_view meant = expression::Closest(each.key, keys);
      out.push_back(place + "is not in the source" +
                    (meant.empty() ? "" : "; did you mean \"" + std::string(meant) + "\"?"));
    } else if (!IsDeclaredAs(each.type, flag->type)) {
      out.push_back(place + "is declared as " + each.type + ", and in the source it is " +
                    std::string(DeclaredType(flag->type)));
    }
  }
  return out;
}

int CheckDeclarations(const Arguments& arguments, const Declared& source) {
  std::vector<std::string> wrong;
  std::vector<std::string> unused;
  std::size_t count = 0;
  std::vector<DeclaredFlag> all;
  for (const std::string& file : arguments.All("--check")) {
    const Result<std::string> text = ReadFile(file, kMostCode);
    if (!text.ok()) return Failure(arguments, text.status().message());
    const std::vector<DeclaredFlag> declared = ReadDeclarations(*text);
    if (declared.empty())
      return Failure(arguments, file + ": declares no flag: no Flag<TYPE> NAME{\"KEY\", …} is in it");
    for (std::string& each : Disagreements(declared, file, source)) wrong.push_back(std::move(each));
    count += declared.size();
    all.insert(all.end(), declared.begin(), declared.end());
  }
  for (const FlagToDeclare& flag : source.flags) {
    const bool is_declared =
        std::any_of(all.begin(), all.end(), [&flag](const DeclaredFlag& each) { return each.key == flag.key; });
    if (!is_declared) unused.push_back(flag.key);
  }
  if (arguments.Has("--json")) {
    std::string out;
    json::Writer json(&out, 2);
    json.BeginObject().Key("declared").Uint(count).Key("wrong").BeginArray();
    for (const std::string& each : wrong) json.String(each);
    json.End().Key("not_declared").BeginArray();
    for (const std::string& each : unused) json.String(each);
    json.End().End();
    Print(stdout, out + "\n");
    return wrong.empty() ? kExitOk : kExitProblems;
  }
  const Style style = Style::For(stdout);
  for (const std::string& each : wrong) Print(stdout, style.Red("✗ ") + Plain(each) + "\n");
  if (wrong.empty()) Print(stdout, style.Green("✓ ") + Count(count, "declared flag") + " as the source has them\n");
  for (const std::string& each : unused) {
    Print(stdout, style.Dim("  flag \"" + Plain(each) + "\" of the source is not declared") + "\n");
  }
  return wrong.empty() ? kExitOk : kExitProblems;
}

int RunGenerate(const Arguments& arguments) {
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--now"));
  if (!now) return UsageError(arguments, "--now needs a date such as 2026-12-01T09:00:00Z");
  const std::string name_space = arguments.Get("--namespace", "flags");
  if (!IsNamespace(name_space)) return UsageError(arguments, "--namespace needs a name such as notes::flags");
  Declared declared;
  if (!ReadFlags(arguments, *now, &declared)) return kExitProblems;
  if (arguments.Has("--check")) return CheckDeclarations(arguments, declared);
  const Source& source = declared.source->source;
  const Result<std::string> header = WriteDeclarations(
      declared.flags, "The flags of " + source.project + ", written by `guidon generate`: edit the source, not this.",
      name_space);
  if (!header.ok()) return Failure(arguments, arguments.names()[0] + ": " + header.status().message());
  const std::string out = arguments.Get("--out", "-");
  const auto decided = std::count_if(declared.flags.begin(), declared.flags.end(),
                                     [](const FlagToDeclare& flag) { return !flag.decided.empty(); });
  if (arguments.Has("--json")) {
    std::string text;
    json::Writer json(&text, 2);
    json.BeginObject().Key("flags").Uint(declared.flags.size()).Key("decided").Int(decided);
    json.Key("header").String(*header).End();
    Print(stdout, text + "\n");
  } else if (out == "-") {
    Print(stdout, *header);
  }
  if (out == "-") return kExitOk;
  if (const Status written = WriteFile(out, *header); !written.ok()) return Failure(arguments, written.message());
  if (arguments.Has("--json")) return kExitOk;
  Print(stderr,
        Style::For(stderr).Green("✓ ") + Count(declared.flags.size(), "flag") + " in " + Plain(out) +
            (decided == 0 ? "" : ", of which " + std::to_string(decided) + " decided: the compiler names where") +
            "\n");
  return kExitOk;
}

}  // namespace

const Command kGenerateCommand = {"generate",
                                  "write an app's declarations of its flags, or check them",
                                  "guidon generate SOURCE [--out FILE | --check FILE]",
                                  "Writes a C++ header with a typed, documented declaration of each flag. A flag\n"
                                  "whose experiment is decided, or that is rolled out to everybody, is [[deprecated]]\n"
                                  "with its value, so that the compiler names each place to clean up. --check reads\n"
                                  "declarations, also hand-written ones, and fails when keys or types disagree.",
                                  {{"--out", "FILE", "where the header goes (standard output)"},
                                   {"--check", "FILE", "what the app declares; again for each further file"},
                                   {"--namespace", "NAME", "of the declarations (flags)"},
                                   {"--now", "TIME", "what counts as today (the clock)"},
                                   {"--json", "", "for programs"}},
                                  1,
                                  RunGenerate,
                                  0,
                                  {"guidon generate notes.source.json --namespace notes::flags"}};

}  // namespace guidon::tools
