#include "sdk/tools/acceptance.h"

#include <utility>
#include <vector>

#include "sdk/datafile/verify.h"
#include "sdk/tools/tool_ports.h"

namespace guidon::tools {

// Ports of the command itself, which nobody has to free.
Acceptance::Acceptance(const Options& options)
    : keys_(datafile::DecodeKeys(options.trusted_keys, ToolCrypto()).status()),
      intake_(std::make_shared<client::Intake>(options, std::shared_ptr<Crypto>(ToolCrypto(), [](Crypto*) {}),
                                               std::shared_ptr<Patterns>(ToolPatterns(), [](Patterns*) {}))) {}

Result<std::shared_ptr<const client::Datafile>> Acceptance::Take(std::string bytes, Timestamp now) const {
  using Candidate = Result<std::shared_ptr<const client::Datafile>>;
  std::optional<Candidate> answer;  // the command's cryptography answers within the call
  intake_->Consider(
      std::make_shared<const std::string>(std::move(bytes)), DatafileSource::kNetwork, now,
      [&answer](Candidate candidate, const std::vector<guidon::Problem>&) { answer = std::move(candidate); });
  return *std::move(answer);
}

Options AppOptions(const Arguments& arguments) {
  Options options;
  for (const std::string& key : arguments.All("--key")) {
    options.trusted_keys.push_back({key, TrustedKey::Role::kRelease});
  }
  options.project = arguments.Get("--project");
  options.environment = arguments.Get("--environment");
  options.allow_unsigned = arguments.Has("--unsigned");
  return options;
}

}  // namespace guidon::tools
