// A real process that is really killed around every call to a real store. What it drew is in a file that it wrote as it
// drew; what the collector gets afterwards has to agree.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "sdk/core/base/json.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr const char* kChildCase = "child: a life with a prompt that may be killed";

// Counts Open, Commit and Read, and ends the process before or after the n-th, as a crash does.
class KillingStorage final : public Storage {
 public:
  KillingStorage(std::shared_ptr<Storage> inner, long at, bool is_before)
      : inner_(std::move(inner)), at_(at), is_before_(is_before) {}

  void Open(std::function<void(Result<StorageOpened>)> done) override {
    Enter();
    inner_->Open(After(std::move(done)));
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    Enter();
    inner_->Commit(std::move(batch), After(std::move(done)));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    Enter();
    inner_->Read(std::move(from), std::move(to), most_bytes, After(std::move(done)));
  }
  void EraseAll(std::function<void(Status)> done) override { inner_->EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { inner_->Close(std::move(done)); }

 private:
  void Enter() {
    if (++calls_ == at_ && is_before_) Die();
  }
  template <class T>
  std::function<void(T)> After(std::function<void(T)> done) {
    return [this, call = calls_, done = std::move(done)](T result) {
      if (call == at_ && !is_before_) Die();
      done(std::move(result));
    };
  }
  static void Die() { (void)kill(getpid(), SIGKILL); }

  const std::shared_ptr<Storage> inner_;
  const long at_;
  const bool is_before_;
  long calls_ = 0;
};

Options AppOptions() {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":2}])";
  Options options;
  options.bundled_datafile = CampaignsDatafile(1, {campaign});
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.context.Unit("device", "d-1");
  options.batch_interval = Duration(1);
  return options;
}

// What a person saw and did, one line each, written before the client is told.
class Diary {
 public:
  explicit Diary(const std::string& path) : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600)) {}
  ~Diary() { close(file_); }
  Diary(const Diary&) = delete;
  Diary& operator=(const Diary&) = delete;
  void Write(const std::string& what, const std::string& prompt) {
    const std::string line = what + " " + prompt + "\n";
    if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  }

 private:
  const int file_;
};

const char* Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Two long messages, each with a prompt: the first is clicked, the second closed. Lanes are turned here, so that every
// run makes the same calls in the same order.
TEST_CASE("child: a life with a prompt that may be killed" * doctest::skip()) {
  const std::string folder = Setting("GUIDON_KILL_FOLDER");
  REQUIRE_FALSE(folder.empty());
  Diary diary(folder + "/diary");
  TestHost host;
  host.on_present = [&](const Prompt& prompt, PromptLease& lease) {
    diary.Write("seen", prompt.id);
    lease.Presented();
  };
  Platform platform = DefaultPlatform(folder + "/state");
  platform.waker = nullptr;
  platform.http = nullptr;
  platform.storage = std::make_shared<KillingStorage>(platform.storage, std::atol(Setting("GUIDON_KILL_AT")),
                                                      std::string(Setting("GUIDON_KILL_WHEN")) == "before");
  const auto client = Client::Open(AppOptions(), platform);
  client->SetPromptHost(&host);
  for (const bool is_clicked : {true, false}) {
    client->Track("message_sent", {{"chars", 1812}});
    (void)client->Flush(seconds(10));
    (void)client->Flush(seconds(10));
    if (!host.lease) continue;
    const std::string id = host.presented.back().id;
    diary.Write(is_clicked ? "action" : "dismissal", id);
    is_clicked ? host.lease->Action("b1") : host.lease->Dismissed(DismissCause::kPerson);
    host.lease.reset();
    (void)client->Flush(seconds(10));
  }
  (void)client->Close(seconds(10));
  diary.Write("done", "-");
}

// The same program again, so that no thread is inherited.
int RunChild(const std::string& folder, long at, const char* when) {
  std::string name = "client_test", only = std::string("-tc=") + kChildCase, also_skipped = "-ns";
  char* arguments[] = {name.data(), only.data(), also_skipped.data(), nullptr};
  std::vector<std::string> settings = {"GUIDON_KILL_FOLDER=" + folder, "GUIDON_KILL_AT=" + std::to_string(at),
                                       "GUIDON_KILL_WHEN=" + std::string(when)};
  std::vector<char*> environment;
  for (std::string& setting : settings) environment.push_back(setting.data());
  for (char** inherited = environ; *inherited != nullptr; ++inherited) environment.push_back(*inherited);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t silent;
  REQUIRE(posix_spawn_file_actions_init(&silent) == 0);
  REQUIRE(posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0) == 0);
  pid_t child = 0;
  const int spawned = posix_spawn(&child, "/proc/self/exe", &silent, nullptr, arguments, environment.data());
  (void)posix_spawn_file_actions_destroy(&silent);
  REQUIRE(spawned == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

// A collector that keeps what it got of prompts: how often each (prompt, what) came under an id of its own.
class Collector {
 public:
  Collector() : server_([this](const LoopbackRequest& request) { return Take(request); }) {}
  std::string Url() const { return server_.Url("/v1/logs"); }
  // By prompt: what was told of it.
  std::map<std::string, std::multiset<std::string>> Prompts() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::map<std::string, std::multiset<std::string>> prompts;
    for (const auto& [id, told] : told_) prompts[told.first].insert(told.second);
    return prompts;
  }
  bool has_twice() const { return has_twice_; }
  // For the next device.
  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    told_.clear();
  }

 private:
  LoopbackAnswer Take(const LoopbackRequest& request) {
    const auto document = json::Document::Parse(request.body, nullptr);
    if (!document) return {400, {}, "", ""};
    const std::lock_guard<std::mutex> lock(mutex_);
    const json::Node scope = document->root()["resourceLogs"].First()["scopeLogs"].First();
    for (const json::Node record : scope["logRecords"]) {
      if (record["eventName"].AsString() != "guidon.prompt") continue;
      std::map<std::string, std::string> attributes;
      for (const json::Node attribute : record["attributes"]) {
        const auto text = attribute["value"]["stringValue"].AsString();
        attributes[std::string(*attribute["key"].AsString())] = std::string(text.value_or(""));
      }
      const std::pair<std::string, std::string> told{attributes["guidon.prompt.id"], attributes["guidon.prompt.what"]};
      if (!told_.emplace(attributes["log.record.uid"], told).second) has_twice_ = true;
    }
    return {200, {}, "{}", "application/json"};
  }

  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, std::string>> told_;  // by the event's id
  bool has_twice_ = false;
  LoopbackServer server_;  // last: its threads use the others
};

std::map<std::string, std::set<std::string>> ReadDiary(const std::string& path) {
  std::map<std::string, std::set<std::string>> diary;
  std::ifstream in(path);
  std::string what, prompt;
  while (in >> what >> prompt) diary[prompt].insert(what);
  return diary;
}

void CheckAgainstDiary(const std::map<std::string, std::multiset<std::string>>& prompts,
                       const std::map<std::string, std::set<std::string>>& diary) {
  for (const auto& [prompt, whats] : diary) {
    if (prompt != "-") CHECK(prompts.count(prompt) == 1);  // nothing is drawn that is not on record
  }
  for (const auto& [prompt, told] : prompts) {
    CAPTURE(prompt);
    const auto lived = diary.find(prompt);
    const std::set<std::string> nothing;
    const std::set<std::string>& did = lived == diary.end() ? nothing : lived->second;
    CHECK(told.count("exposure") == 1);
    CHECK(told.count("impression") <= did.count("seen"));
    CHECK(told.count("action") <= did.count("action"));
    CHECK(told.count("dismissal") <= did.count("dismissal"));
    CHECK(told.count("action") + told.count("dismissal") + told.count("failure") + told.count("unknown") == 1);
  }
}

// Reopens what the child left, writes on, and delivers everything.
void LiveOn(const std::string& folder, const std::string& collector_url) {
  Diary diary(folder + "/diary");
  TestHost host;
  host.on_present = [&](const Prompt& prompt, PromptLease& lease) {
    diary.Write("seen", prompt.id);
    lease.Presented();
    diary.Write("dismissal", prompt.id);
    lease.Dismissed(DismissCause::kPerson);
  };
  Options options = AppOptions();
  options.collector_url = collector_url;
  Platform platform = DefaultPlatform(folder + "/state");
  platform.waker = nullptr;
  const auto client = Client::Open(options, platform);
  client->SetPromptHost(&host);
  for (int i = 0; i < 4; ++i) {
    client->Track("message_sent", {{"chars", 500}});
    (void)client->Flush(seconds(10));
  }
  const FlushReport report = client->Close(seconds(20));
  CHECK(report.kept == 0);
}

TEST_CASE("killed before or after any call to the store, the device and the collector agree on every prompt") {
  // Processes die here, not the machine, so memory does where there is some.
  std::error_code none;
  const fs::path base = fs::is_directory("/dev/shm", none) ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string pattern = (base / "guidon-kill-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  Collector collector;
  for (const char* when : {"before", "after"}) {
    CAPTURE(when);
    bool is_done = false;
    long at = 1;
    for (; !is_done; ++at) {
      CAPTURE(at);
      REQUIRE(at < 200);
      const std::string folder = pattern + "/" + when + std::to_string(at);
      fs::create_directories(folder + "/state");
      const int status = RunChild(folder, at, when);
      is_done = ReadDiary(folder + "/diary").count("-") != 0;
      if (!is_done) REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));

      collector.Forget();
      LiveOn(folder, collector.Url());
      const auto diary = ReadDiary(folder + "/diary");
      const auto prompts = collector.Prompts();
      CheckAgainstDiary(prompts, diary);
      CHECK_FALSE(collector.has_twice());
      // Two ever: as many as were drawn, or reserved and lost.
      CHECK(prompts.size() == 2);
      CHECK(diary.size() - diary.count("-") <= 2);
    }
    CHECK(at > 8);
  }
  fs::remove_all(pattern);
}

}  // namespace
}  // namespace guidon::test
