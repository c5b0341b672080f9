// `guidon verify`: would apps that trust these keys take this datafile? By the code that they run.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/acceptance.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

std::string VerifiedJson(const std::string& path, const client::Datafile& datafile) {
  const ruleset::Header& header = datafile.rules->header;
  std::string out;
  json::Writer json(&out, 2);
  json.BeginObject().Key("file").String(path).Key("project").String(header.project);
  json.Key("environment").String(header.environment).Key("epoch").Uint(header.epoch);
  json.Key("version").Uint(header.version).Key("expires_at").String(text::FormatTimestamp(header.expires_at));
  json.Key("problems").BeginArray();
  for (const guidon::Problem& problem : datafile.problems) {
    json.BeginObject().Key("pointer").String(problem.pointer).Key("reason").String(problem.reason).End();
  }
  json.End().End();
  return out + "\n";
}

int RunVerify(const Arguments& arguments) {
  if (!arguments.Has("--key")) {
    return UsageError(arguments, "give --key BASE64, a public key that apps trust, as `guidon keygen` printed it");
  }
  const Acceptance app(AppOptions(arguments));
  if (!app.keys().ok()) {
    return UsageError(arguments, "--key" + app.keys().message().substr(std::string_view("trusted_keys").size()));
  }
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--at"));
  if (!now) return UsageError(arguments, "--at needs a date such as 2026-12-01T09:00:00Z");
  const std::string& path = arguments.names()[0];
  Result<std::string> bytes = ReadFile(path, limits::kDatafileBytes);
  if (!bytes.ok()) return Failure(arguments, bytes.status().message());
  const auto taken = app.Take(*std::move(bytes), *now);
  if (!taken.ok()) return Failure(arguments, Plain(path + ": " + taken.status().message()));
  const ruleset::Header& header = (*taken)->rules->header;
  const std::string until = text::FormatTimestamp(header.expires_at);
  if (header.expires_at <= *now) return Failure(arguments, Plain(path + ": is signed well, and expired at " + until));
  if (arguments.Has("--json")) {
    Print(stdout, VerifiedJson(path, **taken));
    return kExitOk;
  }
  const Style style = Style::For(stdout);
  Print(stdout, style.Green("✓ ") +
                    style.Bold(Plain(header.project + "/" + header.environment) + " " + std::to_string(header.epoch) +
                               "." + std::to_string(header.version)) +
                    ": signed well, good until " + until + "\n");
  for (const guidon::Problem& problem : (*taken)->problems) {
    Print(stdout, style.Yellow("  ! ") + Plain(problem.pointer + ": " + problem.reason) + "\n");
  }
  return kExitOk;
}

}  // namespace

const Command kVerifyCommand = {"verify",
                                "say whether apps would take a datafile",
                                "guidon verify DATAFILE --key PUBLIC_KEY",
                                "Checks it as an app does that trusts the key: the signature over all bytes, what\n"
                                "it is for, its dates, that its rules load. Exit code 1 when an app would refuse\n"
                                "it, or when it has expired.",
                                {{"--key", "BASE64", "public key; give it again for each further one, four at most"},
                                 {"--project", "NAME", "refuse another project's"},
                                 {"--environment", "NAME", "refuse another environment's"},
                                 {"--at", "TIME", "what counts as now (the clock)"},
                                 {"--json", "", "for programs"}},
                                1,
                                RunVerify,
                                0,
                                {"guidon verify published --key \"$(cat notes.pub)\"",
                                 "guidon verify published --key \"$(cat notes.pub)\" --environment production"}};

}  // namespace guidon::tools
