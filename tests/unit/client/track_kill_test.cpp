// The whole way on the default platform: what `Track` took when the process was killed reaches the collector, once.
// Processes follow each other on one folder, as an app that crashes again and again does; each tells 20,000 events a
// second and delivers meanwhile, so that it is killed in the midst of everything.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "sdk/core/base/json.h"
#include "tests/support/loopback_server.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr const char* kChildCase = "child: threads that tell until they are killed";
constexpr std::int64_t kThreads = 2;
constexpr std::int64_t kEventsPerMs = 10;  // of a thread
constexpr std::uint64_t kMost = 40'000;    // of a life: fewer than a journal has room for, should nothing be folded
constexpr std::size_t kWordsApart = 16;
constexpr int kLives = 4;  // of one folder

Options AppOptions(const std::string& collector_url) {
  Options options;
  options.consent = Consent::kGranted;
  options.context.Unit("device", "d-1");
  options.batch_interval = Duration(1);
  options.collector_url = collector_url;
  options.outbox_events = limits::kMostOutboxEvents;
  options.outbox_bytes = limits::kMostOutboxBytes;
  return options;
}

TEST_CASE("child: threads that tell until they are killed" * doctest::skip()) {
  const char* folder = std::getenv("GUIDON_KILL_FOLDER");
  const char* collector = std::getenv("GUIDON_KILL_COLLECTOR");
  const char* name = std::getenv("GUIDON_KILL_LIFE");
  REQUIRE((folder != nullptr && collector != nullptr && name != nullptr));
  const std::int64_t life = std::atoi(name);
  const Result<JournalSegment> told = MappedJournal(std::string(folder) + "/told")->Map(name);
  REQUIRE(told.ok());
  const auto client = Client::Open(AppOptions(collector), DefaultPlatform(std::string(folder) + "/state"));
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&client, &told, life, t] {
      auto next = std::chrono::steady_clock::now();
      for (std::int64_t n = 0; n < static_cast<std::int64_t>(kMost) / kThreads; ++n) {
        client->Track("told", {{"life", life}, {"t", t}, {"n", n}});
        told->words[static_cast<std::size_t>(t) * kWordsApart].store(static_cast<std::uint64_t>(n + 1));
        if (n % kEventsPerMs == kEventsPerMs - 1) std::this_thread::sleep_until(next += std::chrono::milliseconds(1));
      }
    });
  }
  for (;;) pause();
}

pid_t RunChild(const std::string& folder, const std::string& collector_url, int life) {
  std::string name = "client_test", only = std::string("-tc=") + kChildCase, also_skipped = "-ns";
  char* arguments[] = {name.data(), only.data(), also_skipped.data(), nullptr};
  std::string settings[] = {"GUIDON_KILL_FOLDER=" + folder, "GUIDON_KILL_COLLECTOR=" + collector_url,
                            "GUIDON_KILL_LIFE=" + std::to_string(life)};
  std::vector<char*> environment = {settings[0].data(), settings[1].data(), settings[2].data()};
  for (char** inherited = environ; *inherited != nullptr; ++inherited) environment.push_back(*inherited);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t silent;
  REQUIRE(posix_spawn_file_actions_init(&silent) == 0);
  REQUIRE(posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0) == 0);
  pid_t child = 0;
  const int spawned = posix_spawn(&child, "/proc/self/exe", &silent, nullptr, arguments, environment.data());
  (void)posix_spawn_file_actions_destroy(&silent);
  REQUIRE(spawned == 0);
  return child;
}

using Told = std::array<std::int64_t, 3>;  // life, thread, number

// How often each came under an id of its own.
class Collector {
 public:
  Collector() : server_([this](const LoopbackRequest& request) { return Take(request); }) {}
  std::string Url() const { return server_.Url("/v1/logs"); }
  std::map<Told, int> Received() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::map<Told, int> received;
    for (const auto& [id, told] : by_id_) ++received[told];
    return received;
  }

 private:
  LoopbackAnswer Take(const LoopbackRequest& request) {
    json::Limits limits;
    limits.nodes = 1'000'000;
    const auto document = json::Document::Parse(request.body, nullptr, limits);
    if (!document) return {400, {}, "", ""};
    const std::lock_guard<std::mutex> lock(mutex_);
    const json::Node scope = document->root()["resourceLogs"].First()["scopeLogs"].First();
    for (const json::Node record : scope["logRecords"]) {
      std::map<std::string_view, std::string_view> attributes;
      for (const json::Node attribute : record["attributes"]) {
        attributes[*attribute["key"].AsString()] = attribute["value"].First().AsString().value_or("");
      }
      if (attributes["guidon.event.name"] != "told") continue;
      const auto number = [&](std::string_view key) { return std::atoll(std::string(attributes[key]).c_str()); };
      by_id_[std::string(attributes["log.record.uid"])] = {number("guidon.property.life"), number("guidon.property.t"),
                                                           number("guidon.property.n")};
    }
    return {200, {}, "{}", "application/json"};
  }

  std::mutex mutex_;
  std::map<std::string, Told> by_id_;
  LoopbackServer server_;  // last: its threads use the others
};

// Kills it once so much was told by all its threads.
void KillAfter(pid_t child, const JournalSegment& told, std::uint64_t after) {
  int status = 0;
  bool is_alive = true;
  while (is_alive && told.words[0].load() + told.words[kWordsApart].load() < after) {
    is_alive = waitpid(child, &status, WNOHANG) == 0;
    std::this_thread::yield();
  }
  REQUIRE(is_alive);
  REQUIRE(kill(child, SIGKILL) == 0);
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

// What each life told is there once; one more of a thread may have been taken before it could say so. How many there
// are.
std::uint64_t CheckReceived(const std::vector<Result<JournalSegment>>& lives, const std::map<Told, int>& received) {
  std::uint64_t sum = 0, missing = 0, twice = 0;
  for (std::size_t life = 0; life < lives.size(); ++life) {
    for (std::int64_t t = 0; t < kThreads; ++t) {
      const auto taken =
          static_cast<std::int64_t>(lives[life]->words[static_cast<std::size_t>(t) * kWordsApart].load());
      for (std::int64_t n = 0; n <= taken; ++n) {
        const auto found = received.find({static_cast<std::int64_t>(life), t, n});
        const int count = found == received.end() ? 0 : found->second;
        if (count == 0 && n < taken) ++missing;
        if (count > 1) ++twice;
        sum += count > 0 ? 1 : 0;
      }
    }
  }
  CHECK(missing == 0);
  CHECK(twice == 0);
  CHECK(received.size() == sum);
  return sum;
}

TEST_CASE("fault 1: killed at any moment, all that was told reaches the collector, once, and the ledger is exact") {
  std::error_code none;
  const fs::path base = fs::is_directory("/dev/shm", none) ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string pattern = (base / "guidon-track-XXXXXX").string();
  REQUIRE((mkdtemp(pattern.data()) != nullptr));
  const bool is_long = std::getenv("GUIDON_LONG") != nullptr;
  const int folders = is_long ? 50 : 1;
  const std::uint64_t most_told = is_long ? kMost : 6'000;
  const unsigned seed = 1'122;
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::uint64_t all = 0;
  std::chrono::duration<double> telling(0);
  for (int i = 0; i < folders; ++i) {
    CAPTURE(i);
    const std::string folder = pattern + "/" + std::to_string(i);
    fs::create_directories(folder);
    Collector collector;
    std::vector<Result<JournalSegment>> lives;
    for (int life = 0; life < kLives; ++life) {
      lives.push_back(MappedJournal(folder + "/told")->Create(std::to_string(life), kThreads * kWordsApart));
      REQUIRE(lives.back().ok());
      const pid_t child = RunChild(folder, collector.Url(), life);
      const auto start = std::chrono::steady_clock::now();
      KillAfter(child, *lives.back(), 1 + random() % most_told);
      telling += std::chrono::steady_clock::now() - start;
    }
    const auto client = Client::Open(AppOptions(collector.Url()), DefaultPlatform(folder + "/state"));
    CHECK(client->TrackDurable("alive", {}, seconds(60)).ok());
    const std::uint64_t accepted = client->status().ledger.accepted;
    CHECK(client->Close(seconds(60)).kept == 0);
    const std::uint64_t sum = CheckReceived(lives, collector.Received());
    CHECK(accepted == sum + 1);
    all += sum;
    fs::remove_all(folder);
  }
  MESSAGE((folders * kLives) << " kills, " << all << " events, " << static_cast<double>(all) / telling.count()
                             << " a second with the starts, each received once");
  fs::remove_all(pattern);
}

TEST_CASE("TrackDurable returns once the event survives the machine, or says why it does not") {
  std::string pattern = (fs::temp_directory_path() / "guidon-durable-XXXXXX").string();
  REQUIRE((mkdtemp(pattern.data()) != nullptr));
  {
    Options options = AppOptions("");
    options.consent = Consent::kUnknown;
    const auto client = Client::Open(options, DefaultPlatform(pattern));
    CHECK(client->TrackDurable("early", {}, seconds(10)).code() == StatusCode::kPermissionDenied);
    CHECK_FALSE(client->status().journal.ok());
    CHECK_FALSE(fs::exists(pattern + "/journal"));
    client->SetConsent(Consent::kGranted);
    CHECK(client->TrackDurable("kept", {{"n", 1}}, seconds(60)).ok());
    CHECK(client->status().journal.ok());
    CHECK(client->status().at_risk == 0);
    CHECK(client->status().ledger.accepted == 1);
    CHECK(client->TrackDurable("", {}, seconds(10)).code() == StatusCode::kInvalidArgument);
    CHECK(client->TrackDurable("late", {}, Duration(0)).code() == StatusCode::kUnavailable);
    (void)client->Close(seconds(10));
    CHECK(client->TrackDurable("closed", {}, seconds(10)).code() == StatusCode::kClosed);
  }
  CHECK(fs::is_empty(pattern + "/journal"));
  fs::remove_all(pattern);
}

}  // namespace
}  // namespace guidon::test
