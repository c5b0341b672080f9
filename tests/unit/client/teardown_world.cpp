#include "tests/unit/client/teardown_world.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "guidon/platform_parts.h"
#include "sdk/core/base/json.h"
#include "tests/support/scripted_http.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

class NotedLog final : public Log {
 public:
  explicit NotedLog(Calls* calls) : calls_(calls) {}
  void Write(LogLevel, std::string_view) noexcept override { calls_->Note(); }

 private:
  Calls* const calls_;
};

// In memory where the system has such folders, so that a thousand rounds are quick.
std::string NewFolder() {
  const fs::path shared = "/dev/shm";
  std::string pattern = ((fs::is_directory(shared) ? shared : fs::temp_directory_path()) / "guidon-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

}  // namespace

void CollectedTicks::Take(const std::string& body) {
  json::Limits limits;
  limits.string_bytes = limits.items = limits.nodes = 10'000'000;
  const auto document = json::Document::Parse(body, nullptr, limits);
  if (!document) return;
  const json::Node scope = document->root()["resourceLogs"].First()["scopeLogs"].First();
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const json::Node record : scope["logRecords"]) {
    std::string id;
    std::int64_t tick = -1;
    for (const json::Node attribute : record["attributes"]) {
      const std::string_view key = attribute["key"].AsString().value_or("");
      if (key == "log.record.uid") id = std::string(attribute["value"].First().AsString().value_or(""));
      if (key == "guidon.property.n") tick = std::stoll(std::string(*attribute["value"].First().AsString()));
    }
    ticks_[id] = tick;
  }
}

std::size_t CollectedTicks::events() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ticks_.size();
}

bool CollectedTicks::Has(std::int64_t tick) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::count_if(ticks_.begin(), ticks_.end(), [tick](const auto& each) { return each.second == tick; }) == 1;
}

std::int64_t CollectedTicks::HighestTick() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::int64_t highest = -1;
  for (const auto& [id, tick] : ticks_) highest = std::max(highest, tick);
  return highest;
}

ThreadedAnswers::ThreadedAnswers(Handler handler, Calls* calls, bool is_mute)
    : handler_(std::move(handler)), calls_(calls), is_mute_(is_mute), thread_([this] { Run(); }) {}

ThreadedAnswers::~ThreadedAnswers() { (void)Stop(MonoTime()); }

void ThreadedAnswers::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    const auto next = std::find_if(pending_.begin(), pending_.end(), [this](const Pending& each) {
      return !is_mute_ || is_stopping_ || each.is_cancelled;
    });
    if (next == pending_.end()) {
      if (is_stopping_) return;
      changed_.wait(lock);
      continue;
    }
    const Pending taken = std::move(*next);
    pending_.erase(next);
    const bool is_ended = taken.is_cancelled || is_stopping_;
    lock.unlock();
    if (is_ended) {
      taken.sink->Done({Status(StatusCode::kClosed, "ended")});
    } else {
      const auto [status, body] = handler_(taken.request);
      taken.sink->Head(status, {});
      if (!body.empty()) (void)taken.sink->Body(body);
      taken.sink->Done({Status()});
    }
    lock.lock();
  }
}

void ThreadedAnswers::Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) {
  calls_->Note();
  const std::lock_guard<std::mutex> lock(mutex_);
  has_started_ = true;
  if (!is_stopping_) pending_.push_back({id, std::move(request), std::move(sink), false});
  changed_.notify_all();
}

void ThreadedAnswers::Cancel(std::uint64_t id) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (Pending& each : pending_) each.is_cancelled = each.is_cancelled || each.id == id;
  changed_.notify_all();
}

bool ThreadedAnswers::Stop(MonoTime) noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
    if (thread_.get_id() == std::this_thread::get_id()) return false;
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

void ThreadedAnswers::AwaitStart() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return has_started_; });
}

void HeldStorage::Hold() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_held_ = true;
}

void HeldStorage::AwaitHeldCommit() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return is_waiting_; });
}

void HeldStorage::Release() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_held_ = false;
  changed_.notify_all();
}

void HeldStorage::Open(std::function<void(Result<StorageOpened>)> done) {
  calls_->Note();
  inner_->Open(std::move(done));
}

void HeldStorage::Commit(StorageBatch batch, std::function<void(Status)> done) {
  calls_->Note();
  {
    std::unique_lock<std::mutex> lock(mutex_);
    is_waiting_ = is_held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_held_; });
  }
  inner_->Commit(std::move(batch), std::move(done));
}

void HeldStorage::Read(std::string from, std::string to, std::size_t most_bytes,
                       std::function<void(Result<std::vector<Row>>)> done) {
  calls_->Note();
  inner_->Read(std::move(from), std::move(to), most_bytes, std::move(done));
}

void HeldStorage::EraseAll(std::function<void(Status)> done) {
  calls_->Note();
  inner_->EraseAll(std::move(done));
}

void HeldStorage::Close(std::function<void()> done) {
  calls_->Note();
  inner_->Close(std::move(done));
}

TornDevice::TornDevice() : folder(NewFolder()), disk(LastingStorage()) {}

TornDevice::~TornDevice() {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

Options TornDevice::Rules() const {
  CampaignSpec campaign;
  campaign.key = "at-a-tick";
  campaign.trigger = R"({"event":"tick"})";
  Options options;
  options.datafile_url = "https://rules.example/notes";
  options.collector_url = "https://collect.example/v1/logs";
  options.bundled_datafile =
      CampaignsDatafile(1, {campaign}, R"("flags":{"sharing":{"type":"bool","default":true,"rules":[]}})");
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.batch_interval = Duration(0);
  options.close_deadline = minutes(2);
  return options;
}

Platform TornDevice::Threaded(Calls* calls, bool is_mute) {
  http =
      std::make_shared<ThreadedAnswers>([this](const HttpRequest& request) { return Answer(request); }, calls, is_mute);
  storage = std::make_shared<HeldStorage>(disk, calls);
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.waker = WorkerThread();
  platform.http = http;
  platform.storage = storage;
  platform.journal = MappedJournal(folder);
  platform.files = files;
  platform.log = std::make_shared<NotedLog>(calls);
  return platform;
}

std::pair<int, std::string> TornDevice::Answer(const HttpRequest& request) {
  if (request.method == "GET") return {404, ""};
  collected.Take(request.body);
  return {200, "{}"};
}

Ledger TornDevice::Deliver() {
  const auto answers = std::make_shared<ScriptedHttp>();
  answers->SetHandler([this](const HttpRequest& request) {
    const auto [status, body] = Answer(request);
    return ScriptedAnswer::Of(status, body);
  });
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.http = answers;
  platform.storage = disk;
  platform.journal = MappedJournal(folder);
  platform.files = files;
  const auto client = Client::Open(Rules(), platform);
  for (int turn = 0; turn < 1'000; ++turn) {
    (void)client->Flush(Duration(0));
    const MonoTime logic = client->Pump(Lane::kLogic, minutes(1));
    const MonoTime disk_wish = client->Pump(Lane::kDisk, minutes(1));
    const std::size_t answered = answers->Deliver();
    const MonoTime now = platform.clock->Monotonic();
    if (answered == 0 && logic > now && disk_wish > now && client->status().ledger.pending == 0) break;
  }
  const Ledger ledger = client->status().ledger;
  (void)client->Close(Duration(0));
  return ledger;
}

Tellers::Tellers() {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this, i] { Run(i); });
}

Tellers::~Tellers() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Tellers::Forget() {
  for (std::atomic<int>& told : told_) told = 0;
}

void Tellers::Begin(std::shared_ptr<Client> client) {
  const std::lock_guard<std::mutex> lock(mutex_);
  client_ = std::move(client);
  to_come_ = running_ = kThreads;
  ++round_;
  changed_.notify_all();
}

void Tellers::AwaitEnd() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return running_ == 0; });
}

std::vector<std::int64_t> Tellers::Told() const {
  std::vector<std::int64_t> ticks;
  for (int i = 0; i < kThreads; ++i) {
    const int told = told_[i].load(std::memory_order_acquire);
    for (int n = 0; n < told; ++n) ticks.push_back(i * kTicks + n);
  }
  return ticks;
}

void Tellers::Run(int thread) {
  int seen = 0;
  while (true) {
    std::shared_ptr<Client> client;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [&] { return is_over_ || round_ != seen; });
      if (is_over_) return;
      seen = round_;
      client = client_;
      if (--to_come_ == 0) client_.reset();
    }
    for (int n = 0; n < kTicks; ++n) {
      client->Track("tick", {{"n", thread * kTicks + n}});
      told_[thread].store(n + 1, std::memory_order_release);
    }
    client.reset();
    const std::lock_guard<std::mutex> lock(mutex_);
    --running_;
    changed_.notify_all();
  }
}

Watchdog::Watchdog() {
  thread_ = std::thread([this] {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!is_over_) {
      const int beat = beat_;
      const bool moved = changed_.wait_for(lock, minutes(2), [&] { return is_over_ || beat_ != beat; });
      if (moved || name_.empty()) continue;
      std::fprintf(stderr, "deadlock: %s\n", name_.c_str());
      std::abort();
    }
  });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Watchdog::Begin(const std::string& name, int round) {
  const std::lock_guard<std::mutex> lock(mutex_);
  name_ = name + ", round " + std::to_string(round);
  ++beat_;
  changed_.notify_all();
}

}  // namespace guidon::test
