// One device: its clock, disk and network, the person who holds it, and the app, process after process, with a real
// client that is turned here. Nothing runs by itself: time passes while `PassUntil` lets it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "guidon/client.h"
#include "tests/simulation/book.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/findings.h"
#include "tests/simulation/network.h"
#include "tests/simulation/servers.h"
#include "tests/simulation/story.h"
#include "tests/support/memory_journal.h"

namespace guidon::simulation {

class DeviceClock;
class Dice;

// A bug in the ports of every device, or in what they are told, for tests of the simulator itself.
struct Plant {
  std::string rules_without;  // a part that is missing from every datafile
  std::function<void(StorageBatch*)> tamper;
  bool lies_about_syncing = false;
  bool forgets_journals = false;  // the journal does not survive the process
};

class Device final : private Far, private PromptHost {
 public:
  // `began_ms`: the right time at which the story begins.
  Device(Findings* findings, Servers* servers, std::uint64_t seed, int number, std::int64_t began_ms,
         const Plant* plant);
  ~Device() override;
  Device(const Device&) = delete;  // its ports point at it
  Device& operator=(const Device&) = delete;

  void Take(const Step& step);
  // Every trouble is over and the app on screen, until nothing is left to be delivered; then what must be true by now.
  void End(int days);

  std::size_t received() const { return book_.received(); }
  struct Totals {
    std::uint64_t starts = 0;
    std::uint64_t deaths = 0;
    std::uint64_t tracked = 0;
    std::uint64_t received = 0;
    std::uint64_t shown = 0;
    std::uint64_t requests = 0;
    std::uint64_t commits = 0;
    std::uint64_t idle_minutes = 0;  // that were looked at

    Totals& operator+=(const Totals& other);
  };
  Totals totals() const;

 private:
  struct Process;

  // device.cpp: time and processes.
  void PassUntil(std::int64_t at);
  void SetTime(std::int64_t at);
  void Turn();
  void Start();
  void Kill();
  void Bury();
  void ForgetWhatIsOwed();
  void CutPower(std::int64_t off_ms, std::uint64_t salt);
  void TearJournal(Dice* dice);
  void Foreground();
  void Background();
  void Close(std::int64_t deadline_ms);
  void Idle(std::int64_t length_ms);
  bool is_running() const { return process_ != nullptr && !is_suspended_; }
  void CheckSaved(const char* when);
  void Check();
  std::int64_t wish() const;

  // device_steps.cpp: what people do, and what goes wrong.
  void DoLife(const Step& step);
  void DoTrouble(const Step& step);
  void Track(const char* name, bool is_poison);
  void Read();
  void React(Do what);
  void Identify(const Step& step);
  void Agree(Consent consent);

  // Far.
  void OnStart(std::uint64_t serial, const HttpRequest& request) override;
  ServerAnswer OnArrival(std::uint64_t serial, const HttpRequest& request, Fate fate) override;
  void OnEnd(std::uint64_t serial, int heard) override;

  // PromptHost.
  std::vector<std::string> Kinds() const override { return {"tooltip", "banner", "modal"}; }
  Admission MayPresent(const Prompt& prompt) override;
  void Present(const Prompt& prompt, PromptLease lease) override;
  void Retract(std::string_view prompt_id) override;

  std::int64_t SeenTime() const { return began_ms_ + now_ + followed_; }
  bool IsClockWrong() const { return wall_is_off_by_ != followed_; }
  void Say(std::string check, std::string detail) { findings_->Report(number_, std::move(check), std::move(detail)); }

  Findings* const findings_;
  Servers* const servers_;
  const std::uint64_t seed_;
  const int number_;
  const std::int64_t began_ms_;
  const Plant* const plant_;
  const std::string unit_;
  Book book_;
  Disk disk_;
  Link link_;
  std::shared_ptr<test::MemoryJournal> journal_ = std::make_shared<test::MemoryJournal>();
  std::shared_ptr<DeviceClock> clock_;
  std::shared_ptr<Entropy> entropy_;

  bool has_codec_ = false;

  std::int64_t now_ = 0;
  std::int64_t booted_at_ = 0;
  std::int64_t wall_is_off_by_ = 0;
  std::int64_t followed_ = 0;  // of that: little steps, which prompts go by
  std::int64_t zone_ms_ = 0;
  std::uint64_t boots_ = 1;
  std::uint64_t boot_begun_ = 0;  // which the app has run in
  Options options_;
  std::string account_;
  std::uint64_t session_ = 0;  // a process, or what begins after a while in the background
  std::int64_t away_since_ = 0;
  Totals totals_;

  std::unique_ptr<Process> process_;
  bool is_suspended_ = false;
  std::int64_t off_until_ = 0;
  std::uint64_t kill_in_tasks_ = 0;
  bool owes_erasure_ = false;  // consent was denied while nothing could be removed
  std::uint64_t wakes_ = 0;
  std::uint64_t generation_ = 1;  // of the disk, as the book knows it

  std::unordered_map<std::uint64_t, std::shared_ptr<ReadPost>> posts_;  // under way, by serial
  std::int64_t post_not_before_ = 0;                                    // as a Retry-After said to this process
  std::optional<std::int64_t> retry_after_;                             // of the answer that is just arriving

  std::optional<PromptLease> lease_;
  std::string shown_prompt_;
  std::int64_t busy_until_ = 0;
  bool cannot_draw_ = false;
};

}  // namespace guidon::simulation
