// A whole client over TLS: real sockets, certificates, threads and files; a datafile signed on the spot.
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "sdk/core/base/json.h"
#include "tests/ports/certificates.h"
#include "tests/ports/http_calls.h"
#include "tests/ports/temp_folder.h"
#include "tests/ports/tunnel_proxy.h"
#include "tests/support/loopback_server.h"
#include "tests/support/signer.h"

namespace guidon::test {
namespace {

constexpr Flag<std::string> kComposer{"composer", "fallback"};
constexpr Duration kPlenty = std::chrono::seconds(60);  // only what hangs takes that long
const char kEtag[] = "\"1\"";

// Everybody is in the experiment.
constexpr std::string_view kDatafile = R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,
  "version":1,"issued_at":"2024-01-01T00:00:00Z","layers":{"default":{"unit":"device","salt":"default.1"}},
  "experiments":{"attach-button":{"iteration":1,"status":"running","layer":"default","slots":[[0,1000000]],
    "salt":"attach-button.1","variants":{"labelled":{"slots":[[0,1000000]],"flags":{"composer":"icon-and-text"}}}}},
  "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach-button"}]}}})";

using Counts = std::map<std::string, int>;

// The datafile's server and the collector. What it has seen stays while the server it answers for comes and goes.
class Backend {
 public:
  explicit Backend(std::string published) : published_(std::move(published)) {}

  LoopbackAnswer Answer(const LoopbackRequest& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (request.method == "POST" && request.target == "/v1/logs") return Collect(request);
    if (request.method != "GET" || request.target != "/notes") return {404, {}, ""};
    if (FindHeader(request.headers, "if-none-match") == kEtag) {
      ++not_modified_;
      return {304, {{"ETag", kEtag}}, ""};
    }
    ++served_;
    return {200, {{"ETag", kEtag}}, published_};
  }

  int served() { return Locked(served_); }
  int not_modified() { return Locked(not_modified_); }
  bool all_were_gzip() { return Locked(all_were_gzip_); }
  // How often each event came, by its name; exposures by theirs in the format.
  Counts events() { return Locked(events_); }
  // How many different ids they had.
  std::size_t ids() { return Locked(ids_).size(); }

 private:
  template <class T>
  T Locked(const T& member) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return member;
  }

  LoopbackAnswer Collect(const LoopbackRequest& request) {
    if (FindHeader(request.headers, "content-encoding") != "gzip") all_were_gzip_ = false;
    const auto document = json::Document::Parse(request.body, nullptr);
    if (!document) return {400, {}, ""};
    for (const json::Node record : document->root()["resourceLogs"].First()["scopeLogs"].First()["logRecords"]) {
      std::string name(record["eventName"].AsString().value_or("?"));
      for (const json::Node attribute : record["attributes"]) {
        const std::string text(attribute["value"].First().AsString().value_or(""));
        if (attribute["key"].AsString() == "guidon.event.name") name = text;
        if (attribute["key"].AsString() == "log.record.uid") ids_.insert(text);
      }
      ++events_[name];
    }
    return {200, {}, "{}", "application/json"};
  }

  std::mutex mutex_;
  const std::string published_;
  int served_ = 0;
  int not_modified_ = 0;
  bool all_were_gzip_ = true;
  Counts events_;
  std::set<std::string> ids_;
};

// As DefaultPlatform, but for whom it trusts.
Platform TrustingPlatform(const TempFolder& state, const std::string& ca_file, CurlOptions curl = {}) {
  curl.ca_file = ca_file;
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.waker = WorkerThread(platform.clock);
  platform.http = CurlHttp(platform.clock, curl);
  platform.storage = SqliteStorage(state.Path("state.db"));
  platform.files = DiskFiles(state.path());
  platform.crypto = OpenSslCrypto();
  platform.codec = ZlibCodec();
  return platform;
}

Options ClientOptions(const LoopbackServer& server, const Signer& signer) {
  Options options;
  options.datafile_url = server.Url("/notes");
  options.collector_url = server.Url("/v1/logs");
  options.trusted_keys = {signer.trusted()};
  options.project = "notes";
  options.batch_interval = std::chrono::hours(1);  // only when told to
  options.consent = Consent::kGranted;
  options.evaluation_summaries = false;  // it is counted what is told
  return options;
}

TEST_CASE(
    "over TLS a client gets its datafile and delivers every event once, also those told while its server was down") {
  const TempFolder folder;
  const TempFolder state;
  Authority authority(folder, "authority");
  const LoopbackTls tls = authority.Issue(kGoodPlan);
  const Signer signer;
  Backend backend(signer.Sign(kDatafile));
  const auto answer = [&backend](const LoopbackRequest& request) { return backend.Answer(request); };
  const ReservedPort reserved;
  {
    auto server = std::make_unique<LoopbackServer>(answer, tls, reserved.port());
    REQUIRE(server->port() == reserved.port());
    const auto client = Client::Open(ClientOptions(*server, signer), TrustingPlatform(state, authority.file()));
    REQUIRE(client->WaitUntilReady(kPlenty));
    CHECK(client->status().datafile_source == DatafileSource::kNetwork);
    CHECK(client->status().datafile_signed);
    CHECK(client->Get(kComposer) == "icon-and-text");
    client->Track("file_shared", 2.0);
    const FlushReport flushed = client->Flush(kPlenty);
    CHECK(flushed.delivered == 2);
    CHECK(flushed.kept == 0);
    CHECK(backend.events() == Counts{{"feature_flag.evaluation", 1}, {"file_shared", 1}});

    server.reset();
    CHECK(client->Get(kComposer) == "icon-and-text");  // the same day: no second exposure
    client->Track("note_created");
    const FlushReport closed = client->Close(kPlenty);
    CHECK(closed.delivered == 0);
    CHECK(closed.kept == 1);
    CHECK(closed.volatile_lost == 0);
  }
  LoopbackServer server(answer, tls, reserved.port());
  REQUIRE(server.port() == reserved.port());
  const auto client = Client::Open(ClientOptions(server, signer), TrustingPlatform(state, authority.file()));
  REQUIRE(client->WaitUntilReady(kPlenty));
  CHECK(client->Get(kComposer) == "icon-and-text");
  CHECK(client->Flush(kPlenty).kept == 0);
  const Ledger ledger = client->status().ledger;
  CHECK(ledger.accepted == 3);
  CHECK(ledger.delivered == 3);
  CHECK(ledger.pending == 0);
  CHECK(client->Close(kPlenty).kept == 0);
  CHECK(backend.events() == Counts{{"feature_flag.evaluation", 1}, {"file_shared", 1}, {"note_created", 1}});
  CHECK(backend.ids() == 3);
  CHECK(backend.all_were_gzip());
  CHECK(backend.served() == 1);
  CHECK(backend.not_modified() == 1);
}

TEST_CASE("a client whose server nobody vouches for takes nothing from it, tells it nothing, and says why") {
  const TempFolder folder;
  const TempFolder state;
  Authority trusted(folder, "trusted");
  Authority stranger(folder, "stranger");
  const Signer signer;
  Backend backend(signer.Sign(kDatafile));
  LoopbackServer server([&backend](const LoopbackRequest& request) { return backend.Answer(request); },
                        stranger.Issue(kGoodPlan));
  const auto client = Client::Open(ClientOptions(server, signer), TrustingPlatform(state, trusted.file()));
  client->Track("file_shared");
  const FlushReport flushed = client->Flush(kPlenty);
  CHECK(flushed.delivered == 0);
  CHECK(flushed.kept == 1);
  while (client->status().fetch.ok()) std::this_thread::yield();
  const ClientStatus status = client->status();
  CHECK(status.fetch.message().find("certificate") != std::string::npos);
  CHECK(status.sender.message().find("certificate") != std::string::npos);
  CHECK_FALSE(client->WaitUntilReady(Duration(0)));
  CHECK(client->Get(kComposer) == "fallback");
  client->Close(Duration(0));
  CHECK(backend.served() == 0);
  CHECK(backend.events().empty());
}

TEST_CASE("through a proxy a client gets its datafile and delivers its events, and the proxy learns only the host") {
  const TempFolder folder;
  const TempFolder state;
  Authority authority(folder, "authority");
  const LoopbackTls tls = authority.Issue({"DNS:flags.example"});
  const Signer signer;
  Backend backend(signer.Sign(kDatafile));
  LoopbackServer server([&backend](const LoopbackRequest& request) { return backend.Answer(request); }, tls);
  const TunnelProxy proxy(server.port());
  CurlOptions curl;
  curl.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  curl.pinned_keys["flags.example"] = {PinOf(tls)};
  Options options = ClientOptions(server, signer);
  options.datafile_url = "https://flags.example/notes";
  options.collector_url = "https://flags.example/v1/logs";
  const auto client = Client::Open(options, TrustingPlatform(state, authority.file(), curl));
  REQUIRE(client->WaitUntilReady(kPlenty));
  CHECK(client->status().datafile_source == DatafileSource::kNetwork);
  client->Track("file_shared");
  CHECK(client->Flush(kPlenty).delivered == 1);
  CHECK(client->Close(kPlenty).kept == 0);
  CHECK(backend.events() == Counts{{"file_shared", 1}});
  CHECK_FALSE(proxy.requests().empty());
  for (const std::string& request : proxy.requests()) CHECK(request == "CONNECT flags.example:443 HTTP/1.1");
  CHECK(static_cast<std::size_t>(server.connections()) == proxy.requests().size());
}

TEST_CASE("a client whose pins are misspelled asks nobody, keeps its events, and says why in its status") {
  const TempFolder folder;
  const TempFolder state;
  Authority authority(folder, "authority");
  const Signer signer;
  Backend backend(signer.Sign(kDatafile));
  LoopbackServer server([&backend](const LoopbackRequest& request) { return backend.Answer(request); },
                        authority.Issue(kGoodPlan));
  CurlOptions curl;
  curl.pinned_keys["127.0.0.1"] = {"sha256//oops"};
  const auto client = Client::Open(ClientOptions(server, signer), TrustingPlatform(state, authority.file(), curl));
  client->Track("file_shared");
  const FlushReport flushed = client->Flush(kPlenty);
  CHECK(flushed.delivered == 0);
  CHECK(flushed.kept == 1);
  while (client->status().fetch.ok()) std::this_thread::yield();
  const std::string why = "pinned_keys: \"127.0.0.1\": key 1 of 1";
  CHECK(client->status().fetch.code() == StatusCode::kInvalidArgument);
  CHECK(client->status().fetch.message().find(why) != std::string::npos);
  CHECK(client->status().sender.message().find(why) != std::string::npos);
  client->Close(Duration(0));
  CHECK(server.connections() == 0);
}

}  // namespace
}  // namespace guidon::test
