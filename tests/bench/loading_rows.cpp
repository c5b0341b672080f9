// A datafile of 1,000 flags from its bytes to a ruleset, and from the disk to the first decision of a start.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "guidon/client.h"
#include "guidon/default_platform.h"
#include "guidon/platform_parts.h"
#include "sdk/core/base/base64.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/datafile/cache.h"
#include "sdk/datafile/envelope.h"
#include "sdk/datafile/verify.h"
#include "sdk/tools/keys.h"
#include "tests/bench/allocations.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tests/bench/workloads.h"
#include "tests/ports/temp_folder.h"

namespace guidon::bench {
namespace {

struct Signed {
  std::shared_ptr<const std::string> bytes;
  std::string public_key;
  std::vector<datafile::VerificationKey> keys;
};

Signed Sign(const std::string& payload, Crypto* crypto) {
  const auto pair = tools::MakeKeyPair();
  const auto signature = pair.ok() ? tools::Sign(*pair, datafile::SignedMessage(payload)) : pair.status();
  if (!signature.ok()) {
    std::fprintf(stderr, "cannot sign: %s\n", signature.status().message().c_str());
    std::exit(2);
  }
  const auto keys = datafile::DecodeKeys({{EncodeBase64(pair->public_key), TrustedKey::Role::kRelease}}, crypto);
  return {std::make_shared<const std::string>(
              datafile::WriteEnvelope({{tools::KeyIdOf(pair->public_key), *signature}}, payload)),
          EncodeBase64(pair->public_key), *keys};
}

std::shared_ptr<const ruleset::Ruleset> Load(const Signed& datafile, Crypto* crypto) {
  std::shared_ptr<const ruleset::Ruleset> rules;
  datafile::VerifyEnvelope(datafile.bytes, datafile.keys, false, Timestamp(), crypto,
                           [&](Result<datafile::Verified> verified) {
                             if (verified.ok()) rules = dialects::LoadNative(verified->payload).rules;
                           });
  if (rules == nullptr) {
    std::fprintf(stderr, "the signed datafile does not load\n");
    std::exit(2);
  }
  return rules;
}

// Takes connections and says nothing.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, any, size) != 0 || listen(socket_, 64) != 0 || getsockname(socket_, any, &size) != 0) {
      std::fprintf(stderr, "no port on loopback\n");
      std::exit(2);
    }
    url_ = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/notes";
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;  // owns the socket
  SilentServer& operator=(const SilentServer&) = delete;
  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

// The app's start after the first one: the datafile in its file, the store in place. The median of 21, in ms.
double MeasureStart(const Signed& datafile, const std::string& url) {
  const test::TempFolder folder;
  std::vector<double> starts;
  const std::string key = ShuffledKeys().front();
  for (int i = 0; i < 22; ++i) {
    Options options;
    options.trusted_keys = {{datafile.public_key, TrustedKey::Role::kRelease}};
    options.datafile_url = url;
    options.consent = Consent::kGranted;
    options.context = People()[0];
    const auto begin = std::chrono::steady_clock::now();
    const auto client = Client::Open(std::move(options), DefaultPlatform(folder.path()));
    Keep(client->Decide(key, Value(false)));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    const bool is_served = client->status().datafile_source == DatafileSource::kCache;
    client->Close(std::chrono::milliseconds(10));
    if (i > 0 && !is_served) {
      std::fprintf(stderr, "a start has no datafile: %s\n", client->status().datafile.message().c_str());
      std::exit(2);
    }
    if (i > 0) starts.push_back(took.count());
    if (i == 0) (void)datafile::Cache(DiskFiles(folder.path()), url).Keep(*datafile.bytes, "");
  }
  std::nth_element(starts.begin(), starts.begin() + 10, starts.end());
  return starts[10];
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
  doctest::Context asserts;  // of the folder
  asserts.setAsDefaultForAssertsOutOfTestCases();
  const SilentServer silent;
  for (const auto& [name, url] : {std::pair<std::string, std::string>{"start to the first decision, no server", ""},
                                  {"start to the first decision, a silent server", silent.url()}}) {
    if (!wish.wanted(name) || !wish.is_timed) continue;
    rows.push_back({name, MeasureStart(datafile, url), "ms", std::nullopt, 20.0, std::nullopt});
  }
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
