#include "tests/simulation/device.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <utility>

#include "guidon/platform_parts.h"
#include "tests/simulation/datafiles.h"
#include "tests/simulation/device_process.h"
#include "tests/simulation/dice.h"

namespace guidon::simulation {
namespace {

constexpr std::int64_t kAwayGrace = 5 * kSecond;
constexpr std::int64_t kSessionBreak = 30 * kMinute;
constexpr std::int64_t kFirstMono = 1'000;
constexpr std::int64_t kMostLittleStep = 10 * kMinute;
constexpr std::size_t kPageWords = 512;
constexpr int kMostTurns = 20'000;

class DiceEntropy final : public Entropy {
 public:
  explicit DiceEntropy(std::uint64_t seed) : dice_(seed, 7) {}
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(dice_.Next() >> 40);
    return true;
  }

 private:
  Dice dice_;
};

}  // namespace

Device::Device(Findings* findings, Servers* servers, std::uint64_t seed, int number, std::int64_t began_ms,
               const Plant* plant)
    : findings_(findings),
      servers_(servers),
      seed_(Mix(seed) + static_cast<std::uint64_t>(number)),
      number_(number),
      began_ms_(began_ms),
      plant_(plant),
      unit_("device-" + std::to_string(seed) + "-" + std::to_string(number)),
      book_(findings, number, unit_),
      link_(this, seed_),
      clock_(std::make_shared<DeviceClock>()),
      entropy_(std::make_shared<DiceEntropy>(seed_)) {
  Dice dice(seed_);
  if (plant_ != nullptr) {
    disk_.tamper = plant_->tamper;
    disk_.lies_about_syncing = plant_->lies_about_syncing;
  }
  const Duration polls[] = {std::chrono::minutes(5), std::chrono::minutes(30), std::chrono::hours(4)};
  options_.datafile_url = "https://rules.example/notes";
  options_.collector_url = "https://collect.example/v1/logs";
  options_.poll_interval = polls[dice.Below(3)];
  options_.batch_interval = std::chrono::seconds(dice.Between(1, 20));
  options_.bundled_datafile = DatafileText(1, plant_ == nullptr ? std::string() : plant_->rules_without);
  options_.allow_unsigned = true;
  options_.app_name = "notes";
  options_.log_level = LogLevel::kOff;
  options_.close_deadline = Duration(0);
  options_.context.Unit("device", unit_);
  has_codec_ = dice.OneIn(4);
  SetTime(0);
}

Device::~Device() {
  if (process_ != nullptr) Kill();
}

Device::Totals& Device::Totals::operator+=(const Totals& other) {
  starts += other.starts;
  deaths += other.deaths;
  tracked += other.tracked;
  received += other.received;
  shown += other.shown;
  requests += other.requests;
  commits += other.commits;
  idle_minutes += other.idle_minutes;
  return *this;
}

Device::Totals Device::totals() const {
  Totals totals = totals_;
  totals.received = book_.received();
  totals.shown = book_.shown();
  totals.commits = disk_.commits();
  totals.tracked = book_.tracked();
  return totals;
}

void Device::SetTime(std::int64_t at) {
  now_ = at;
  if (std::abs(wall_is_off_by_ - followed_) <= kMostLittleStep) followed_ = wall_is_off_by_;
  clock_->mono = MonoTime(Duration(at - booted_at_ + kFirstMono));
  clock_->wall = TimestampFromMs(began_ms_ + at + wall_is_off_by_);
  clock_->zone = Duration(zone_ms_);
  clock_->boot = "boot-" + std::to_string(boots_);
  disk_.Now(at);
  link_.Now(at);
}

std::int64_t Device::wish() const {
  const MonoTime wish = process_->wish;
  if (wish == MonoTime::max()) return std::numeric_limits<std::int64_t>::max();
  return ToMs(wish) - kFirstMono + booted_at_;
}

// Whatever is due now, until nothing is.
void Device::Turn() {
  for (int turns = 0; turns < kMostTurns && process_ != nullptr; ++turns) {
    const bool is_counting = kill_in_tasks_ > 0;
    const Duration budget = is_counting ? Duration(0) : Duration(1'000);
    const MonoTime logic = process_->client->Pump(Lane::kLogic, budget);
    if (is_counting && --kill_in_tasks_ == 0) process_->life->is_dead = true;
    const MonoTime disk = process_->client->Pump(Lane::kDisk, budget);
    if (!process_->life->is_dead) link_.Deliver();
    if (process_->life->is_dead) return Bury();
    process_->wish = std::min(logic, disk);
    if (process_->wish > clock_->mono && link_.next() > now_) return;
  }
  if (process_ != nullptr) Say("restless", "the client never comes to rest");
}

void Device::PassUntil(std::int64_t at) {
  while (is_running()) {
    Turn();
    if (!is_running()) break;
    const std::int64_t next = std::min(wish(), link_.next());
    if (next > at) break;
    if (wish() <= next) ++wakes_;
    SetTime(std::max(now_, next));
    if (findings_->first()) break;
  }
  if (at > now_) SetTime(at);
}

void Device::Start() {
  if (process_ != nullptr || now_ < off_until_) return;
  ++totals_.starts;
  ++session_;
  post_not_before_ = 0;
  const bool is_time_new = std::exchange(boot_begun_, boots_) != boots_ || book_.allowances.rows_were_corrupted;
  if (is_time_new && IsClockWrong()) book_.allowances.clock_began_wrong = true;
  process_ = std::make_unique<Process>();
  Platform platform;
  platform.clock = clock_;
  platform.entropy = entropy_;
  platform.http = link_.Connect(process_->life);
  platform.storage = MakeStorage(&disk_, process_->life);
  platform.files = MakeFiles(&disk_, process_->life);
  platform.journal = journal_;
  if (has_codec_) platform.codec = ZlibCodec();
  options_.context = Context().Unit("device", unit_);
  if (!account_.empty()) options_.context.Unit("account", account_);
  process_->client = Client::Open(options_, platform);
  book_.Start(account_, options_.carry);
  process_->events = process_->client->OnEvent(nullptr, [this, life = process_->life](const EventRecord& record) {
    if (!life->is_dead) book_.OnEvent(record, disk_.generation());
  });
  process_->client->SetPromptHost(this);
  is_suspended_ = false;
  Turn();
}

void Device::Kill() {
  process_->life->is_dead = true;
  Bury();
}

// The process is gone; what it still does while it is taken apart reaches nothing.
void Device::Bury() {
  ++totals_.deaths;
  ForgetWhatIsOwed();
  kill_in_tasks_ = 0;
  journal_->Crash();
  if (plant_ != nullptr && plant_->forgets_journals) journal_ = std::make_shared<test::MemoryJournal>();
  link_.Drop();
  lease_.reset();
  process_.reset();
  posts_.clear();
  is_suspended_ = false;
}

// The next process is not told of the denial, and this one could remove nothing.
void Device::ForgetWhatIsOwed() {
  if (std::exchange(owes_erasure_, false)) book_.CouldNotErase();
}

// Nobody synced the journal: some of it may be on the disk, all of it, or nothing.
void Device::CutPower(std::int64_t off_ms, std::uint64_t salt) {
  if (process_ != nullptr) Kill();
  disk_.LosePower();
  book_.LosePower();
  Dice dice(salt, 3);
  if (dice.OneIn(3)) {
    journal_ = std::make_shared<test::MemoryJournal>();
  } else if (dice.OneIn(2)) {
    TearJournal(&dice);
  }
  booted_at_ = now_;
  ++boots_;
  off_until_ = now_ + off_ms;
  SetTime(now_);
}

// Pages of 4 KiB that were never written back.
void Device::TearJournal(Dice* dice) {
  const auto names = journal_->List();
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const auto words = journal_->Words(name);
    for (std::uint64_t pages = dice->Below(4); words != nullptr && pages > 0; --pages) {
      // Most of what is in use is at the beginning.
      const std::size_t page = dice->OneIn(2) ? dice->Below(4) : dice->Below(words->size() / kPageWords);
      for (std::size_t i = 0; i < kPageWords; ++i) (*words)[page * kPageWords + i].store(0, std::memory_order_relaxed);
    }
  }
  book_.allowances.journal_was_torn = true;
}

void Device::Foreground() {
  if (process_ == nullptr) return Start();
  if (!std::exchange(is_suspended_, false)) return;
  if (now_ - away_since_ >= kSessionBreak) ++session_;
  process_->client->OnForeground();
  Turn();
}

void Device::Background() {
  if (!is_running()) return;
  away_since_ = now_;
  process_->client->OnBackground();
  PassUntil(now_ + kAwayGrace);
  if (!is_running()) return;
  CheckSaved("in the background");
  is_suspended_ = true;
}

// As Client::Close with that deadline: saves, delivers while time passes, and ends. A fake clock stands still while a
// call waits, so the waiting is done here.
void Device::Close(std::int64_t deadline_ms) {
  if (!is_running()) return;
  (void)process_->client->Flush(Duration(0));
  PassUntil(now_ + deadline_ms);
  if (!is_running()) return;
  CheckSaved("about to close");
  (void)process_->client->Close(Duration(0));
  if (process_->life->is_dead) return Bury();
  ForgetWhatIsOwed();
  lease_.reset();
  process_.reset();
  posts_.clear();
}

// Everything told so far is durable, unless the disk is to blame.
void Device::CheckSaved(const char* when) {
  const ClientStatus status = process_->client->status();
  const bool may = status.durability == Durability::kMachine && !disk_.has_fault();
  if (may) book_.CheckSaved(when);
}

// Nobody touches it: no writes, and at most a wake-up a minute.
void Device::Idle(std::int64_t length_ms) {
  if (!is_running()) return;
  (void)process_->client->Flush(Duration(0));
  PassUntil(now_ + 10 * kMinute);
  if (!is_running() || lease_) return;
  const bool may = !disk_.has_fault() && !link_.has_fault(now_) && off_until_ <= now_ && wall_is_off_by_ == 0;
  const std::uint64_t commits = disk_.commits();
  const std::uint64_t wakes = wakes_;
  const ClientStatus before = process_->client->status();
  if (!may || before.ledger.pending != 0 || !before.sender.ok() || !before.store.ok()) return;
  PassUntil(now_ + length_ms);
  if (!is_running() || findings_->first()) return;
  const std::uint64_t written = disk_.commits() - commits;
  const auto minutes = static_cast<std::uint64_t>(length_ms / kMinute);
  totals_.idle_minutes += minutes;
  if (written > 0) Say("idle_writes", std::to_string(written) + " commits while nobody touched it");
  if (wakes_ - wakes > minutes + 1) {  // one at either end
    Say("idle_wakes", std::to_string(wakes_ - wakes) + " wake-ups in " + std::to_string(minutes) + " idle minutes");
  }
}

void Device::Check() {
  if (process_ == nullptr) return;
  if (std::exchange(generation_, disk_.generation()) != disk_.generation()) book_.LoseStore();
  const ClientStatus status = process_->client->status();
  if (!status.store.ok()) book_.allowances.store_was_down = true;
  if (status.purge.ok()) {
    owes_erasure_ = false;
    book_.Erased();
  }
  book_.CheckLedger(status, disk_.generation(), disk_.is_synced());
}

void Device::End(int days) {
  disk_.EndFaults();
  link_.EndFaults();
  kill_in_tasks_ = 0;
  off_until_ = 0;
  wall_is_off_by_ = 0;
  cannot_draw_ = false;
  SetTime(now_);
  if (options_.consent != Consent::kGranted) return;
  Foreground();
  int calm = 0;
  for (int i = 0; i < 200 && is_running() && calm < 2 && !findings_->first(); ++i) {
    PassUntil(now_ + (i < 8 ? 21 * kSecond : 10 * kMinute));
    Check();
    if (!is_running()) break;
    const ClientStatus status = process_->client->status();
    calm = status.ledger.pending == 0 && status.durability == Durability::kMachine ? calm + 1 : 0;
  }
  if (!is_running() || findings_->first()) return;
  book_.CheckEnd(process_->client->status(), disk_.generation(), days);
}

// --- The far side ---

void Device::OnStart(std::uint64_t serial, const HttpRequest& request) {
  ++totals_.requests;
  if (request.method != "POST") return;
  if (options_.consent != Consent::kGranted) Say("sent_without_consent", "a request of events begins without consent");
  if (link_.posts_under_way() > 0) Say("two_requests", "two requests to the collector at once");
  if (now_ < post_not_before_) {
    Say("too_early", "the collector asked to wait for " + std::to_string(post_not_before_ - now_) + " ms more");
  }
  const auto read = servers_->Read(number_, request);
  if (read == nullptr) return;
  read->post.generation = disk_.generation();
  read->post.barrier = book_.barrier();
  book_.OnPost(read->post, std::hash<std::string>()(read->body));
  posts_[serial] = read;
}

ServerAnswer Device::OnArrival(std::uint64_t serial, const HttpRequest& request, Fate fate) {
  const std::int64_t right = began_ms_ + now_;
  retry_after_.reset();
  if (request.method != "POST") return servers_->Datafile(request, fate, right);
  const auto post = posts_.find(serial);
  if (post == posts_.end()) return {503, {}, ""};
  ServerAnswer answer = servers_->Take(&book_, *post->second, fate, right);
  const std::string_view wait = FindHeader(answer.headers, "retry-after");
  if (fate == Fate::kTooMany) retry_after_ = std::atoll(std::string(wait).c_str()) * kSecond;
  return answer;
}

void Device::OnEnd(std::uint64_t serial, int heard) {
  if (posts_.erase(serial) == 0) return;
  if (heard == 429 && retry_after_) post_not_before_ = now_ + *retry_after_;
}

}  // namespace guidon::simulation
