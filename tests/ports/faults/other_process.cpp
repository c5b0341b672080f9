#include "tests/ports/faults/other_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "guidon/default_platform.h"
#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "sdk/core/base/json.h"

namespace guidon::test {
namespace {

using std::chrono::seconds;

constexpr const char* kChildCase = "child: a process of an app that does as it is told";
constexpr int kAsks = 200, kAnswers = 201;  // file descriptors of the child, out of the way of all others
constexpr std::uint32_t kMostProcesses = 400;
constexpr std::uint32_t kCopyTells = 50;

std::string ToldFolder(const std::string& folder) { return folder + "/told"; }
std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

struct Message {
  char ask;
  std::uint32_t argument;
};

// Says when a commit begins, and can hold it up, or have it killed.
class WatchedStorage final : public Storage {
 public:
  explicit WatchedStorage(std::shared_ptr<Storage> inner) : inner_(std::move(inner)) {}
  void KillIn(std::uint32_t turns) { kill_in_ = turns; }
  void Hold() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_holding_ = true;
  }
  void AwaitHeld() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return is_held_; });
  }
  void LetGo() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_holding_ = is_held_ = false;
    changed_.notify_all();
  }

  void Open(std::function<void(Result<StorageOpened>)> done) override { inner_->Open(std::move(done)); }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    if (const auto after = kill_in_.exchange(kNever); after != kNever) {
      std::thread([after] {
        for (std::uint32_t turn = 0; turn < after; ++turn) std::this_thread::yield();  // the commit goes on meanwhile
        (void)kill(getpid(), SIGKILL);
      }).detach();
    }
    {
      std::unique_lock<std::mutex> lock(mutex_);
      is_held_ = is_holding_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !is_holding_; });
    }
    inner_->Commit(std::move(batch), std::move(done));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    inner_->Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { inner_->EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { inner_->Close(std::move(done)); }

 private:
  static constexpr std::uint32_t kNever = UINT32_MAX;
  const std::shared_ptr<Storage> inner_;
  std::atomic<std::uint32_t> kill_in_{kNever};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_holding_ = false;
  bool is_held_ = false;
};

// The child's side.
class Child {
 public:
  Child() : folder_(Setting("GUIDON_FOLDER")), told_(folder_) {
    number_ = static_cast<std::uint32_t>(std::stoul(Setting("GUIDON_NUMBER")));
    Open();
  }

  void Open() {
    Options options;
    options.consent = Consent::kGranted;
    options.collector_url = Setting("GUIDON_URL");
    options.collector_headers = {{"X-Process", std::to_string(number_)}};
    options.batch_interval = Duration(1);
    options.close_deadline = seconds(1);
    Platform platform = DefaultPlatform(folder_ + "/state");
    storage_ = std::make_shared<WatchedStorage>(platform.storage);
    platform.storage = storage_;
    client_ = Client::Open(options, std::move(platform));
    panel_ = std::make_unique<Panel>(*client_);
  }

  void Tell(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      client_->Track("told", {{"w", std::int64_t{number_}}, {"n", std::int64_t{told_.Load(number_)}}});
      told_.Store(number_, told_.Load(number_) + 1);
    }
  }

  std::uint32_t Durable() {
    const Status status = client_->TrackDurable(
        "told", {{"w", std::int64_t{number_}}, {"n", std::int64_t{told_.Load(number_)}}}, seconds(60));
    told_.Store(number_, told_.Load(number_) + 1);
    return status.ok() ? 1 : 0;
  }

  std::uint32_t Do(const Message& message) {
    switch (message.ask) {
      case OtherProcess::kTell: Tell(message.argument); return told_.Load(number_);
      case OtherProcess::kDurable: return Durable();
      case OtherProcess::kFlush: return client_->Flush(seconds(60)).in_time ? 1 : 0;
      case OtherProcess::kRole: return static_cast<std::uint32_t>(client_->status().role);
      case OtherProcess::kInstall:
        return static_cast<std::uint32_t>(std::hash<std::string>()(client_->status().install_id));
      case OtherProcess::kForget: return static_cast<std::uint32_t>(client_->RequestDeletion(seconds(60)).code());
      case OtherProcess::kKillSoon: storage_->KillIn(message.argument); return 1;
      case OtherProcess::kFork: return Fork(static_cast<OtherProcess::Fork>(message.argument));
      default: return 0;
    }
  }

  void Close() { (void)client_->Close(seconds(30)); }

 private:
  // The parent's client is quiet in a copy; it answers as one that is closed, and goes without touching anything.
  bool IsQuiet() {
    client_->Track("told", {{"w", std::int64_t{number_}}, {"n", std::int64_t{-1}}});
    bool is_quiet = client_->TrackDurable("told", {}, seconds(60)).code() == StatusCode::kClosed;
    is_quiet = is_quiet && client_->Erase(seconds(60)).code() == StatusCode::kClosed;
    client_->Identify(Context());
    client_->SetConsent(Consent::kDenied);
    client_->OnForeground();
    client_->overrides().ClearAll();
    is_quiet = is_quiet && client_->overrides().List().empty() && client_->DecideAll().empty();
    is_quiet = is_quiet && client_->Decide("any", Value(true)).reason() == Reason::kClosed;
    is_quiet = is_quiet && !client_->status().ready && client_->Problems().empty();
    is_quiet = is_quiet && panel_->Snapshot().may_force.code() == StatusCode::kClosed;
    is_quiet = is_quiet && !client_->WaitUntilReady(seconds(60));
    (void)client_->Explain("any");
    (void)client_->ExplainPrompt("any");
    (void)client_->OnEvent(nullptr, [](const EventRecord&) {});
    client_->SetPromptHost(nullptr);
    is_quiet = is_quiet && client_->Flush(seconds(60)).delivered == 0 && client_->Close(seconds(60)).delivered == 0;
    subscription_.Cancel();
    client_.reset();
    return is_quiet;
  }

  // A copy's own client works, under a number of its own.
  [[noreturn]] void LiveAsCopy() {
    alarm(120);  // what hangs is ended, and found
    const bool is_quiet = IsQuiet();
    number_ = NextNumber();
    Open();
    Tell(kCopyTells);
    Close();
    _exit(is_quiet ? 0 : 1);
  }

  // Where nothing may be allocated.
  [[noreturn]] void Exec() {
    setenv("GUIDON_NUMBER", std::to_string(NextNumber()).c_str(), 1);
    setenv("GUIDON_EXEC", "1", 1);
    const std::string only = std::string("-tc=") + kChildCase;
    execl("/proc/self/exe", "other_process", only.c_str(), "-ns", nullptr);
    _exit(2);
  }

  std::uint32_t NextNumber() const { return 100 * (number_ % 100) + ++forks_; }

  std::uint32_t Fork(OtherProcess::Fork how) {
    if (!subscribed_) subscription_ = client_->OnEvent(nullptr, [](const EventRecord&) {});
    subscribed_ = true;
    if (how == OtherProcess::kInCommit) storage_->Hold();
    // Another thread is in the midst of something, such as an append.
    std::atomic<bool> is_over{false};
    std::thread teller([&] {
      for (int i = 0; i < 2'000 && !is_over; ++i) Tell(1);
    });
    if (how == OtherProcess::kInCommit) storage_->AwaitHeld();
    const pid_t copy = fork();
    if (copy == 0) {
      ++forks_;
      if (how == OtherProcess::kAndExec) Exec();
      if (how != OtherProcess::kCopyGoesOn) LiveAsCopy();
      teller.detach();  // it is not here
      if (!IsQuiet()) _exit(1);
      number_ = NextNumber();
      Open();
      return 0;  // and does what comes from now on, instead of the one it was forked from
    }
    forks_ += 2;
    is_over = true;
    storage_->LetGo();
    teller.join();
    if (how == OtherProcess::kCopyGoesOn) {
      for (;;) pause();
    }
    int status = 0;
    if (waitpid(copy, &status, 0) != copy) return 3;
    return static_cast<std::uint32_t>(status);
  }

  const std::string folder_;
  Told told_;
  std::uint32_t number_ = 0;
  mutable std::uint32_t forks_ = 0;
  bool subscribed_ = false;
  std::shared_ptr<WatchedStorage> storage_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Panel> panel_;
  Subscription subscription_;
};

}  // namespace

TEST_CASE("child: a process of an app that does as it is told" * doctest::skip()) { OtherProcess::Obey(); }

Told::Told(const TempFolder& folder) {
  Result<JournalSegment> made = MappedJournal(ToldFolder(folder.path()))->Create("told", kMostProcesses * 16u);
  REQUIRE(made.ok());
  segment_ = *made;
}

Told::Told(const std::string& folder) {
  Result<JournalSegment> mapped = MappedJournal(ToldFolder(folder))->Map("told");
  REQUIRE(mapped.ok());
  segment_ = *mapped;
}

// --- FolderCollector ---

FolderCollector::FolderCollector() : server_([this](const LoopbackRequest& request) { return Take(request); }) {}

LoopbackAnswer FolderCollector::Take(const LoopbackRequest& request) {
  json::Limits limits;
  limits.nodes = 1'000'000;
  const auto document = json::Document::Parse(request.body, nullptr, limits);
  if (!document) return {400, {}, "", ""};
  Request taken{};
  for (const auto& header : request.headers) {
    if (header.first == "x-process") taken.sender = static_cast<std::uint32_t>(std::stoul(header.second));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  const json::Node scope = document->root()["resourceLogs"].First()["scopeLogs"].First();
  for (const json::Node record : scope["logRecords"]) {
    std::map<std::string, std::string> attributes;
    for (const json::Node attribute : record["attributes"]) {
      const json::Node value = attribute["value"].First();
      const auto text = value.AsString();
      attributes[std::string(*attribute["key"].AsString())] = text ? std::string(*text) : value.ToText();
    }
    const std::string& id = attributes["log.record.uid"];
    taken.ids.push_back(id);
    // On its way when its sender was killed: nobody heard the answer.
    if (killed_.count(taken.sender) != 0) may_repeat_.insert(id);
    if (by_id_.count(id) != 0 && may_repeat_.count(id) == 0) ++bad_repeats_;
    const auto number = [&](const char* name) {
      return static_cast<std::uint32_t>(std::stol("0" + attributes[std::string("guidon.property.") + name]));
    };
    by_id_[id] = {number("w"), number("n")};
  }
  requests_.push_back(std::move(taken));
  return {200, {}, "{}", "application/json"};
}

void FolderCollector::Killed(std::uint32_t process) {
  const std::lock_guard<std::mutex> lock(mutex_);
  killed_.insert(process);
  for (auto request = requests_.rbegin(); request != requests_.rend(); ++request) {
    if (request->sender != process) continue;
    may_repeat_.insert(request->ids.begin(), request->ids.end());
    return;
  }
}

std::set<std::uint32_t> FolderCollector::Senders() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::set<std::uint32_t> senders;
  for (const Request& request : requests_) senders.insert(request.sender);
  return senders;
}

std::size_t FolderCollector::received() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return by_id_.size();
}

std::size_t FolderCollector::Check(const std::map<std::uint32_t, std::uint32_t>& told,
                                   const std::set<std::uint32_t>& killed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  CHECK(bad_repeats_ == 0);
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> times;
  for (const auto& entry : by_id_) ++times[entry.second];
  std::size_t expected = 0;
  for (const auto& [process, events] : told) {
    CAPTURE(process);
    std::size_t missing = 0, twice = 0;
    for (std::uint32_t n = 0; n < events; ++n) {
      const auto found = times.find({process, n});
      if (found == times.end()) ++missing;
      if (found != times.end() && found->second > 1) ++twice;
    }
    CHECK(missing == 0);
    CHECK(twice == 0);
    expected += events;
    // What was being told at that moment.
    if (killed.count(process) != 0 && times.count({process, events}) != 0) ++expected;
  }
  CHECK(by_id_.size() == expected);
  // One sender at a time: whoever stopped sending does not come back.
  std::set<std::uint32_t> done;
  std::uint32_t current = UINT32_MAX;
  for (const Request& request : requests_) {
    if (request.sender == current) continue;
    done.insert(current);
    CHECK(done.count(request.sender) == 0);
    current = request.sender;
  }
  return by_id_.size();
}

// --- OtherProcess ---

OtherProcess::OtherProcess(const TempFolder& folder, const std::string& url, std::uint32_t number) : number_(number) {
  int asks[2] = {}, answers[2] = {};
  REQUIRE(pipe2(asks, O_CLOEXEC) == 0);
  REQUIRE(pipe2(answers, O_CLOEXEC) == 0);
  std::string name = "other_process", only = std::string("-tc=") + kChildCase, also_skipped = "-ns";
  char* arguments[] = {name.data(), only.data(), also_skipped.data(), nullptr};
  std::string settings[] = {"GUIDON_FOLDER=" + folder.path(), "GUIDON_URL=" + url,
                            "GUIDON_NUMBER=" + std::to_string(number)};
  std::vector<char*> environment;
  for (std::string& setting : settings) environment.push_back(setting.data());
  for (char** inherited = environ; *inherited != nullptr; ++inherited) environment.push_back(*inherited);
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
  REQUIRE(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0);
  REQUIRE(posix_spawn_file_actions_adddup2(&actions, asks[0], kAsks) == 0);
  REQUIRE(posix_spawn_file_actions_adddup2(&actions, answers[1], kAnswers) == 0);
  const int spawned = posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environment.data());
  (void)posix_spawn_file_actions_destroy(&actions);
  close(asks[0]);
  close(answers[1]);
  asks_ = asks[1];
  answers_ = answers[0];
  REQUIRE(spawned == 0);
}

OtherProcess::OtherProcess(OtherProcess&& other) noexcept
    : number_(other.number_),
      pid_(std::exchange(other.pid_, 0)),
      asks_(std::exchange(other.asks_, -1)),
      answers_(std::exchange(other.answers_, -1)) {}

OtherProcess::~OtherProcess() {
  if (pid_ != 0) {
    (void)kill(pid_, SIGKILL);
    (void)End();
  }
  if (asks_ >= 0) close(asks_);
  if (answers_ >= 0) close(answers_);
}

void OtherProcess::Send(Ask ask, std::uint32_t argument) {
  const Message message{ask, argument};
  REQUIRE(write(asks_, &message, sizeof message) == static_cast<ssize_t>(sizeof message));
}

std::uint32_t OtherProcess::Answer() {
  std::uint32_t answer = 0;
  REQUIRE(read(answers_, &answer, sizeof answer) == static_cast<ssize_t>(sizeof answer));
  return answer;
}

void OtherProcess::Signal(int signal) { REQUIRE(kill(pid_, signal) == 0); }

int OtherProcess::End() {
  int status = 0;
  REQUIRE(waitpid(std::exchange(pid_, 0), &status, 0) > 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void OtherProcess::Obey() {
  Child child;
  if (!Setting("GUIDON_EXEC").empty()) {
    child.Tell(kCopyTells);
    child.Close();
    _exit(0);
  }
  for (Message message{}; read(kAsks, &message, sizeof message) == static_cast<ssize_t>(sizeof message);) {
    if (message.ask == kClose) child.Close();
    const std::uint32_t answer = message.ask == kClose ? 1 : child.Do(message);
    if (write(kAnswers, &answer, sizeof answer) < 0) break;
    if (message.ask == kClose) break;
  }
  _exit(0);
}

}  // namespace guidon::test
