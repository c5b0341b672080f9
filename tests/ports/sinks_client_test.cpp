// Every sink from end to end: a process that tracks, delivers, and is killed while the collector has taken a batch
// whose answer never arrived; and the next one, which sends what is left. Real HTTP, SQLite and SIGKILL.
#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/ports/real_collector.h"
#include "tests/support/loopback_server.h"

extern char** environ;

namespace guidon::test {
namespace {

using std::chrono::seconds;

constexpr const char* kChildCase = "child: a life that ends while a batch is under way";
constexpr int kFirst = 30, kSecond = 50;
constexpr std::size_t kOthers = 2;  // an exposure, and the summary of what was evaluated

constexpr std::string_view kDatafile = R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,
  "version":1,"issued_at":"2024-01-01T00:00:00Z","layers":{"default":{"unit":"device","salt":"default.1"}},
  "experiments":{"attach-button":{"iteration":1,"status":"running","layer":"default","slots":[[0,1000000]],
    "salt":"attach-button.1","variants":{"labelled":{"slots":[[0,1000000]],"flags":{"composer":"icon-and-text"}}}}},
  "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach-button"}]}}})";

struct Way {
  const char* name;
  EventSink sink;
  const char* path;
  const char* content_type;
  const char* authorization;  // as the collector sees it
  const char* answer;
  const char* answer_type;
};
const Way kWays[] = {
    {"otlp", EventSink::kOtlp, "/v1/logs", "application/json", "", R"({"partialSuccess":{}})", "application/json"},
    {"segment", EventSink::kSegment, "/v1/batch", "application/json", "Basic d3JpdGUta2V5Og==", R"({"success":true})",
     "application/json"},
    {"posthog", EventSink::kPostHog, "/batch/", "application/json", "", R"({"status":1})", "application/json"},
    {"ndjson", EventSink::kNdjson, "/", "application/x-ndjson", "", "OK", "text/plain"},
};

const char* Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Options OptionsFor(const Way& way, const std::string& url) {
  Options options;
  options.collector_url = url;
  options.sink = way.sink;
  options.collector_key = "write-key";
  options.consent = Consent::kGranted;
  options.allow_unsigned = true;
  options.bundled_datafile = std::string(kDatafile);
  options.context.Unit("account", "u-42");
  options.batch_interval = std::chrono::hours(1'000);
  return options;
}

// Writes the id of every event it accepted, as soon as it is told.
TEST_CASE("child: a life that ends while a batch is under way" * doctest::skip()) {
  const Way& way = kWays[std::atoi(Setting("GUIDON_SINK"))];
  const std::string folder = Setting("GUIDON_FOLDER");
  REQUIRE_FALSE(folder.empty());
  std::ofstream diary(folder + "/diary", std::ios::app);
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.http = CurlHttp(platform.clock);
  platform.storage = SqliteStorage(folder + "/state.db");
  platform.files = DiskFiles(folder);
  platform.crypto = OpenSslCrypto();
  platform.codec = ZlibCodec();
  const auto client = Client::Open(OptionsFor(way, Setting("GUIDON_URL")), platform);
  const Subscription accepted =
      client->OnEvent(nullptr, [&diary](const EventRecord& record) { diary << record.id << std::endl; });
  CHECK(client->Get(Flag<std::string>{"composer", "fallback"}) == "icon-and-text");
  for (int i = 0; i < kFirst; ++i) client->Track("first", i, {{"kind", "pdf"}, {"text", "Köln \"1\"\n"}});
  CHECK(client->Flush(seconds(60)).kept == 0);
  for (int i = 0; i < kSecond; ++i) client->Track("second", i);
  diary << "killed" << std::endl;
  (void)client->Flush(seconds(60));  // the server has this process killed before it answers
}

// The same program again, so that no thread is inherited.
pid_t StartChild(const std::string& folder, const std::string& url, std::size_t sink) {
  std::string name = "sending_test", only = std::string("-tc=") + kChildCase, also_skipped = "-ns";
  char* arguments[] = {name.data(), only.data(), also_skipped.data(), nullptr};
  std::vector<std::string> settings = {"GUIDON_FOLDER=" + folder, "GUIDON_URL=" + url,
                                       "GUIDON_SINK=" + std::to_string(sink)};
  std::vector<char*> environment;
  for (std::string& setting : settings) environment.push_back(setting.data());
  for (char** inherited = environ; *inherited != nullptr; ++inherited) environment.push_back(*inherited);
  environment.push_back(nullptr);
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environment.data()) == 0);
  return child;
}

TEST_CASE(
    "every sink delivers each event once through a client that is killed with a batch under way and starts again") {
  for (std::size_t i = 0; i < std::size(kWays); ++i) {
    const Way& way = kWays[i];
    CAPTURE(std::string(way.name));
    RealClient life("");
    std::atomic<pid_t> victim{0};
    std::mutex mutex;
    std::vector<LoopbackRequest> requests;
    LoopbackServer server([&](const LoopbackRequest& request) {
      // Taken once: the next process may send its request while this thread is still here, and 0 would be a whole
      // group.
      const pid_t doomed = request.body.find("second") != std::string::npos ? victim.exchange(0) : 0;
      const bool is_last = doomed > 0;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        requests.push_back(request);
      }
      life.audit.Received(EventIds(way.sink, request.body),
                          is_last ? FactsAudit::Reply::kLost : FactsAudit::Reply::kGiven);
      if (is_last) (void)kill(doomed, SIGKILL);
      return LoopbackAnswer{200, {}, way.answer, way.answer_type};
    });
    const std::string url = server.Url("");
    const pid_t child = StartChild(life.folder.path(), url, i);
    victim = child;
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    std::ifstream diary(life.folder.Path("diary"));
    for (std::string line; std::getline(diary, line);) {
      if (line != "killed") life.audit.Accepted(line);
    }
    life.audit.With([](FactsAudit& audit) { audit.Killed(); });

    life.options = OptionsFor(way, url);
    life.Open();
    life.Drain();
    CHECK(life.client().status().ledger.delivered == kOthers + kFirst + kSecond);
    CHECK(life.audit.With([](FactsAudit& audit) { return audit.received(); }) == kOthers + kFirst + kSecond);
    CHECK(life.audit.With([](FactsAudit& audit) { return audit.repeats(); }) == kSecond);
    REQUIRE(requests.size() == 3);
    CHECK(requests[1].body == requests[2].body);
    CHECK(FindHeader(requests[1].headers, "idempotency-key") == FindHeader(requests[2].headers, "idempotency-key"));
    for (const LoopbackRequest& request : requests) {
      CHECK(request.target == way.path);
      CHECK(FindHeader(request.headers, "content-type") == way.content_type);
      CHECK(FindHeader(request.headers, "content-encoding") == "gzip");
      CHECK(FindHeader(request.headers, "authorization") == way.authorization);
      CHECK((request.body.find("write-key") != std::string::npos) == (way.sink == EventSink::kPostHog));
    }
    life.Check();
  }
}

}  // namespace
}  // namespace guidon::test
