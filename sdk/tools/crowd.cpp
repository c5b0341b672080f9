#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sdk/datafile/base64.h"
#include "sdk/datafile/envelope.h"
#include "sdk/tools/checked_source.h"
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
  const std::string wrong = ReadCrowd(arguments, "1000000", &crowd);
  if (!wrong.empty()) return UsageError(arguments, wrong);
  Result<std::shared_ptr<const ruleset::Ruleset>> rules = LoadSigned(arguments.names()[0], public_key);
  if (!rules.ok()) return Failure(arguments, rules.status().message());
  if (arguments.Has("--context")) {
    const std::optional<Timestamp> given = arguments.Has("--at") ? at : std::nullopt;
    const Status read = ReadProfiles(arguments.Get("--context"), given, *at, {rules->get()}, &crowd);
    if (!read.ok()) return Failure(arguments, read.message());
  }
  if (crowd.profiles.empty()) crowd.profiles.push_back({Context(), *at, std::nullopt});

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
