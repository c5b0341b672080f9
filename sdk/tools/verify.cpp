// `guidon verify`: would apps that trust these keys take this datafile? By the code that they run.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "guidon/options.h"
#include "sdk/client/intake.h"
#include "sdk/core/base/text.h"
#include "sdk/datafile/verify.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/files.h"
#include "sdk/tools/terminal.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {
namespace {

using Candidate = Result<std::shared_ptr<const client::Datafile>>;

std::vector<TrustedKey> KeysOf(const Arguments& arguments) {
  std::vector<TrustedKey> keys;
  for (const std::string& key : arguments.All("--key")) keys.push_back({key, TrustedKey::Role::kRelease});
  return keys;
}

// As if an app with these keys had fetched it at `now`.
Candidate TakeIn(std::string bytes, const Arguments& arguments, Timestamp now) {
  Options options;
  options.trusted_keys = KeysOf(arguments);
  options.project = arguments.Get("--project");
  options.environment = arguments.Get("--environment");
  // Ports of the command itself, which nobody has to free.
  const auto intake = std::make_shared<client::Intake>(options, std::shared_ptr<Crypto>(ToolCrypto(), [](Crypto*) {}),
                                                       std::shared_ptr<Patterns>(ToolPatterns(), [](Patterns*) {}));
  std::optional<Candidate> answer;  // the command's cryptography answers within the call
  intake->Consider(
      std::make_shared<const std::string>(std::move(bytes)), DatafileSource::kNetwork, now,
      [&answer](Candidate candidate, const std::vector<guidon::Problem>&) { answer = std::move(candidate); });
  return *std::move(answer);
}

}  // namespace

int RunVerify(const Arguments& arguments) {
  if (!arguments.Has("--key")) {
    return UsageError(arguments, "give --key BASE64, a public key that apps trust, as `guidon keygen` printed it");
  }
  if (const Status keys = datafile::DecodeKeys(KeysOf(arguments), ToolCrypto()).status(); !keys.ok()) {
    return UsageError(arguments, "--key" + keys.message().substr(std::string_view("trusted_keys").size()));
  }
  const std::optional<Timestamp> now = TimeOr(arguments.Get("--at"));
  if (!now) return UsageError(arguments, "--at needs a date such as 2026-12-01T09:00:00Z");
  const std::string& path = arguments.names()[0];
  Result<std::string> bytes = ReadFile(path, limits::kDatafileBytes);
  if (!bytes.ok()) return Failure(arguments, bytes.status().message());
  const Candidate taken = TakeIn(*std::move(bytes), arguments, *now);
  if (!taken.ok()) return Failure(arguments, Plain(path + ": " + taken.status().message()));
  const ruleset::Header& header = (*taken)->rules->header;
  const std::string until = text::FormatTimestamp(header.expires_at);
  if (header.expires_at <= *now) return Failure(arguments, Plain(path + ": is signed well, and expired at " + until));
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

}  // namespace guidon::tools
