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

}  // namespace guidon::tools
