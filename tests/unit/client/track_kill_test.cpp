// The whole way on the default platform: what `Track` took when the process was killed reaches the collector, once.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <string>
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
constexpr std::int64_t kMost = 10'000;  // of a thread: fewer than a journal has room for
constexpr std::size_t kWordsApart = 16;

Options AppOptions() {
  Options options;
  options.consent = Consent::kGranted;
  options.context.Unit("device", "d-1");
  options.batch_interval = Duration(1);
  return options;
}

TEST_CASE("child: threads that tell until they are killed" * doctest::skip()) {
  const char* folder = std::getenv("GUIDON_KILL_FOLDER");
  REQUIRE((folder != nullptr));
  const Result<JournalSegment> told = MappedJournal(std::string(folder) + "/told")->Map("told");
  REQUIRE(told.ok());
  Platform platform = DefaultPlatform(std::string(folder) + "/state");
  platform.http = nullptr;
  const auto client = Client::Open(AppOptions(), platform);
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&client, &told, t] {
      for (std::int64_t n = 0; n < kMost; ++n) {
        client->Track("told", {{"t", t}, {"n", n}});
        told->words[static_cast<std::size_t>(t) * kWordsApart].store(static_cast<std::uint64_t>(n + 1));
      }
    });
  }
  for (;;) pause();
}

pid_t RunChild(const std::string& folder) {
  std::string name = "client_test", only = std::string("-tc=") + kChildCase, also_skipped = "-ns";
  char* arguments[] = {name.data(), only.data(), also_skipped.data(), nullptr};
  std::string setting = "GUIDON_KILL_FOLDER=" + folder;
  std::vector<char*> environment = {setting.data()};
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

// How often each (thread, number) came under an id of its own.
class Collector {
 public:
  Collector() : server_([this](const LoopbackRequest& request) { return Take(request); }) {}
  std::string Url() const { return server_.Url("/v1/logs"); }
  std::map<std::pair<std::string, std::string>, int> Told() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::map<std::pair<std::string, std::string>, int> told;
    for (const auto& [id, which] : by_id_) ++told[which];
    return told;
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
      std::map<std::string, std::string> attributes;
      for (const json::Node attribute : record["attributes"]) {
        const json::Node value = attribute["value"].First();
        const auto text = value.AsString();
        attributes[std::string(*attribute["key"].AsString())] = text ? std::string(*text) : value.ToText();
      }
      if (attributes["guidon.event.name"] != "told") continue;
      std::string t, n;
      for (const auto& [key, value] : attributes) {
        if (key == "t" || (key.size() > 2 && key.substr(key.size() - 2) == ".t")) t = value;
        if (key == "n" || (key.size() > 2 && key.substr(key.size() - 2) == ".n")) n = value;
      }
      by_id_[attributes["log.record.uid"]] = {t, n};
    }
    return {200, {}, "{}", "application/json"};
  }

  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, std::string>> by_id_;
  LoopbackServer server_;  // last: its threads use the others
};

TEST_CASE("fault 1: killed at any moment, all that was told reaches the collector, once, and the ledger is exact") {
  std::error_code none;
  const fs::path base = fs::is_directory("/dev/shm", none) ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string pattern = (base / "guidon-track-XXXXXX").string();
  REQUIRE((mkdtemp(pattern.data()) != nullptr));
  const int kills = std::getenv("GUIDON_LONG") != nullptr ? 60 : 4;
  const unsigned seed = 1'122;
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::uint64_t all = 0;
  for (int i = 0; i < kills; ++i) {
    CAPTURE(i);
    const std::string folder = pattern + "/" + std::to_string(i);
    fs::create_directories(folder);
    const Result<JournalSegment> told = MappedJournal(folder + "/told")->Create("told", kThreads * kWordsApart);
    REQUIRE(told.ok());
    const pid_t child = RunChild(folder);
    const std::uint64_t after = 1 + random() % 12'000;
    int status = 0;
    while (told->words[0].load() + told->words[kWordsApart].load() < after && waitpid(child, &status, WNOHANG) == 0) {
      std::this_thread::yield();
    }
    REQUIRE(kill(child, SIGKILL) == 0);
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));

    Collector collector;
    Options options = AppOptions();
    options.collector_url = collector.Url();
    const auto client = Client::Open(options, DefaultPlatform(folder + "/state"));
    CHECK(client->TrackDurable("alive", {}, seconds(60)).ok());
    const std::uint64_t accepted = client->status().ledger.accepted;
    CHECK(client->Close(seconds(60)).kept == 0);
    const auto received = collector.Told();
    std::uint64_t sum = 0;
    for (std::int64_t t = 0; t < kThreads; ++t) {
      const std::uint64_t taken = told->words[static_cast<std::size_t>(t) * kWordsApart].load();
      std::uint64_t missing = 0, twice = 0;
      for (std::uint64_t n = 0; n <= taken; ++n) {
        const auto found = received.find({std::to_string(t), std::to_string(n)});
        const int count = found == received.end() ? 0 : found->second;
        if (count == 0 && n < taken) ++missing;
        if (count > 1) ++twice;
        sum += count > 0 ? 1 : 0;
      }
      CHECK(missing == 0);
      CHECK(twice == 0);
    }
    CHECK(received.size() == sum);
    CHECK(accepted == sum + 1);
    all += sum;
    fs::remove_all(folder);
  }
  MESSAGE(kills << " kills, " << all << " events, each received once");
  fs::remove_all(pattern);
}

TEST_CASE("TrackDurable returns once the event survives the machine, or says why it does not") {
  std::string pattern = (fs::temp_directory_path() / "guidon-durable-XXXXXX").string();
  REQUIRE((mkdtemp(pattern.data()) != nullptr));
  {
    Options options = AppOptions();
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
