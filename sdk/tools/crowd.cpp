#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/profiles.h"
#include "sdk/tools/progress.h"
#include "sdk/tools/published_file.h"
#include "sdk/tools/shares_report.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/trial.h"

namespace guidon::tools {
namespace {

int RunCrowd(const Arguments& arguments) {
  CommonOptions asked;
  std::string wrong = ReadCommonOptions(arguments, &asked);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  Crowd crowd;
  wrong = ReadCrowd(arguments, "1000000", &crowd);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadSigned(arguments.names()[0], asked.public_key);
  if (!rules.ok()) return Failure(arguments, rules.status().message());
  if (arguments.Has("--context")) {
    const Status read = ReadProfiles(arguments.Get("--context"), asked.told_now(), asked.now, {rules->get()}, &crowd);
    if (!read.ok()) return Failure(arguments, read.message());
  }
  if (crowd.profiles.empty()) crowd.profiles.push_back({Context(), asked.now, std::nullopt});

  Shares shares;
  {
    Progress progress(crowd.count);
    shares = CountShares(**rules, crowd, [&](std::uint64_t done) { progress.Tell(done); });
  }
  const ruleset::Header& header = (*rules)->header;
  if (arguments.Has("--svg")) {
    const Status written = WriteFile(arguments.Get("--svg"), ToSvg(header, shares));
    if (!written.ok()) return Failure(arguments, written.message());
  }
  Print(stdout, arguments.Has("--json") ? ToJson(header, shares) : ToText(header, shares, Style::For(stdout)));
  return SharesOff(shares).empty() ? kExitOk : kExitProblems;
}

}  // namespace

const Command kCrowdCommand = {
    "crowd",
    "count who a datafile puts where, and see that shares are right",
    "guidon crowd DATAFILE [--units N] [--context FILE] [--svg FILE]",
    "Decides every flag for N made-up people, and counts who is in which variant,\n"
    "which experiments have people in common, and who gets which value. Exit code 1\n"
    "when a share is more than 5 standard deviations off what the datafile says, or\n"
    "experiments that exclude each other share people.",
    {{"--units", "N", "how many people, at most 10000000 (1000000)"},
     {"--prefix", "TEXT", "in front of their ids, device-000001 and so on: other people"},
     {"--context", "FILE", "what is known of them, without 'units': one context, or one a line, dealt out in turn"},
     {"--at", "TIME", "decide as of then (the context's \"now\", or the clock)"},
     {"--key", "BASE64", "refuse a datafile that this public key did not sign"},
     {"--svg", "FILE", "also draw a picture"},
     {"--json", "", "for programs"}},
    1,
    RunCrowd,
    0,
    {"guidon crowd published --units 100000"}};

}  // namespace guidon::tools
