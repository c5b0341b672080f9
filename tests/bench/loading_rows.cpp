// A datafile of 1,000 flags from its bytes to a ruleset.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "guidon/platform_parts.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/datafile/base64.h"
#include "sdk/datafile/envelope.h"
#include "sdk/datafile/verify.h"
#include "sdk/tools/keys.h"
#include "tests/bench/allocations.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tests/bench/workloads.h"

namespace guidon::bench {
namespace {

struct Signed {
  std::shared_ptr<const std::string> bytes;
  std::vector<datafile::VerificationKey> keys;
};

Signed Sign(const std::string& payload, Crypto* crypto) {
  const auto pair = tools::MakeKeyPair();
  const auto signature = pair.ok() ? tools::Sign(*pair, datafile::SignedMessage(payload)) : pair.status();
  if (!signature.ok()) {
    std::fprintf(stderr, "cannot sign: %s\n", signature.status().message().c_str());
    std::exit(2);
  }
  const auto keys =
      datafile::DecodeKeys({{datafile::EncodeBase64(pair->public_key), TrustedKey::Role::kRelease}}, crypto);
  return {std::make_shared<const std::string>(
              datafile::WriteEnvelope({{tools::KeyIdOf(pair->public_key), *signature}}, payload)),
          *keys};
}

std::shared_ptr<const ruleset::Ruleset> Load(const Signed& datafile, Crypto* crypto) {
  std::shared_ptr<const ruleset::Ruleset> rules;
  datafile::VerifyEnvelope(datafile.bytes, datafile.keys, false, crypto, [&](Result<datafile::Verified> verified) {
    if (verified.ok()) rules = dialects::LoadNative(verified->payload).rules;
  });
  if (rules == nullptr) {
    std::fprintf(stderr, "the signed datafile does not load\n");
    std::exit(2);
  }
  return rules;
}

}  // namespace

std::vector<Row> LoadingRows(const Wish& wish) {
  std::vector<Row> rows;
  const std::string payload = Datafile();
  const std::shared_ptr<Crypto> crypto = OpenSslCrypto();
  const Signed datafile = Sign(payload, crypto.get());
  const auto add = [&](const std::string& name, std::optional<double> budget, const std::function<void()>& run) {
    if (!wish.wanted(name)) return;
    const double ns = MeasureLongNs(run, wish.is_timed);
    rows.push_back({name, ns / 1e6, "ms", std::nullopt, budget, std::nullopt});
    if (!wish.is_timed) rows.back().value.reset();
  };
  add("load and compile 1,000 flags, verified", 6.0, [&] { Keep(Load(datafile, crypto.get())); });
  add("load and compile 1,000 flags, unsigned", std::nullopt, [&] { Keep(dialects::LoadNative(payload).rules); });
  const std::string memory = "  held by their ruleset";
  if (wish.wanted(memory) && wish.is_timed) {
    const std::size_t before = HeldBytes();
    const auto rules = Load(datafile, crypto.get());
    const auto held = static_cast<double>(HeldBytes() - before);
    rows.push_back({memory, held / (1 << 20), "MiB", std::nullopt, 2.0, std::nullopt});
  }
  return rows;
}

}  // namespace guidon::bench
