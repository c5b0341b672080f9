// The book kept of one device: what it was told, what a person saw on it, and what the collector got from it. Every
// claim about delivery, caps and consent is checked here, against facts the client has no part in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "guidon/client.h"
#include "sdk/collector/record.h"
#include "tests/simulation/datafiles.h"
#include "tests/simulation/findings.h"

namespace guidon::simulation {

// Has the number of an event that is tracked without a value.
inline constexpr std::string_view kNumberProperty = "number";

// A request of events as it left the device.
struct Post {
  std::uint64_t generation = 0;  // of the disk
  std::uint64_t barrier = 0;     // facts with lower numbers were erased before it was made
  std::string key;
  std::vector<collector::Record> records;
};

// How much went wrong that the client cannot be expected to make good.
struct Allowances {
  bool rows_were_corrupted = false;      // some facts about the past may be said again, or be gone
  bool counters_were_corrupted = false;  // the ledger began anew
  bool store_was_down = false;           // events may have gone out from memory
  bool journal_was_torn = false;         // by a power cut, which synced nothing
  bool clock_was_wrong = false;          // ages mean nothing
  bool clock_began_wrong = false;        // so that it was believed; how long ago something was means nothing
  bool files_failed = false;             // the install id may have changed
};

// When something is seen.
struct SeenAt {
  std::int64_t time_ms = 0;  // the true one, and little steps of the device's clock
  std::int64_t zone_ms = 0;
  std::uint64_t session = 0;  // counts up
};

class Book {
 public:
  Book(Findings* findings, int device, std::string unit)
      : findings_(findings), device_(device), unit_(std::move(unit)) {}

  // --- What the app does ---

  // The number that a tracked event carries as its value. `is_kept`: once the call has returned it survives the
  // process.
  std::uint64_t Track(bool is_poison, bool is_granted);
  void Accepted(std::uint64_t number) { tracked_[number].is_kept = true; }
  void OnEvent(const EventRecord& record, std::uint64_t generation);
  // What was told and is in no store yet may be dropped.
  void Withdraw();
  // Everything told before is to be gone. Then it is said to be; or the process ended, and nothing could be removed.
  void Deny();
  void Erased() { erased_before_ = erased_; }
  void CouldNotErase() { erased_ = erased_before_; }
  // What was told up to here may not leave any more.
  std::uint64_t barrier() const { return erased_; }

  // --- What people see ---

  void Shown(std::string_view campaign, std::string_view prompt, const SeenAt& at);
  void Gone(std::string_view prompt, std::int64_t time_ms);
  void Snoozed(std::string_view prompt);
  void Acted(std::string_view prompt) { acted_[std::string(prompt)] = true; }
  void Login(const std::string& account, Carry carry);
  // A process begins, with that account.
  void Start(const std::string& account, Carry carry);

  // --- What the network sees ---

  void OnPost(const Post& post, std::size_t body_hash);
  void OnRefusal(const Post& post, int status);
  void OnTaken(const Post& post, std::size_t count);
  void CountPartial(std::uint64_t rejected) { rejected_ += rejected; }

  // --- What the client says of itself ---

  void CheckLedger(const ClientStatus& status, std::uint64_t generation, bool is_synced);
  // Every event that could be taken was told; so the store has it, if there is one.
  void CheckSaved(const char* when);
  // After all was delivered that could be, with everything in order.
  void CheckEnd(const ClientStatus& status, std::uint64_t generation, int days);
  // The machine lost power: what was only accepted may be gone.
  void LosePower();
  // All that was in the store is gone.
  void LoseStore();

  Allowances allowances;
  std::size_t received() const { return got_.size(); }
  std::uint64_t tracked() const { return tracked_.size(); }
  std::uint64_t shown() const { return shown_count_; }

 private:
  struct Tracked {
    bool is_poison = false;
    bool is_granted = false;
    bool is_kept = false;     // accepted, and nothing happened since that could excuse its loss
    bool is_told = false;     // the app was told of it
    bool is_durable = false;  // … and it had a number, so it was in the store
    std::string id;           // under which it was received
  };
  struct Got {
    std::uint64_t sequence = 0;
    std::uint64_t generation = 0;
    std::string key;  // of the batch that brought it last
  };
  struct Told {
    std::uint64_t sequence = 0;
    std::uint64_t generation = 0;
  };
  struct Showing {
    std::string prompt;
    SeenAt at;
    std::int64_t gone_ms = 0;
    bool was_snoozed = false;
  };
  void CheckCaps(const CampaignRules& rules, const SeenAt& at);
  void CheckHours(const CampaignRules& rules, const SeenAt& at);

  using Showings = std::map<std::string, std::vector<Showing>, std::less<>>;  // by campaign

  bool MayRepeat(bool is_exposure) const;
  void MoveShowings(const std::string& from, const std::string& to);
  void Say(std::string check, std::string detail) { findings_->Report(device_, std::move(check), std::move(detail)); }
  void CheckRecord(const Post& post, const collector::Record& record);
  void CheckTracked(const Post& post, const collector::Record& record);
  void CheckPrompt(const collector::Record& record);
  void CheckLosses(const Ledger& ledger, int days);

  Findings* findings_;
  const int device_;
  const std::string unit_;
  std::vector<Tracked> tracked_;  // by number
  std::uint64_t barrier_ = 0;     // what was told up to here is not missed
  std::uint64_t erased_ = 0;
  std::uint64_t erased_before_ = 0;  // when it was last said to be
  std::uint64_t process_began_ = 0;  // with the number after that; or what is to be saved does
  std::unordered_map<std::string, Told> told_;
  std::unordered_map<std::string, Got> got_;                                    // by id
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> by_sequence_;  // generation, sequence
  struct Key {
    std::size_t body_hash = 0;
    int refused = 0;  // the last status that refused it
  };
  std::unordered_map<std::string, Key> keys_;
  std::unordered_map<std::string, std::string> key_of_;  // of an id: the batch it went out in last
  std::uint64_t restated_ = 0;                           // came without a number, and had one
  std::uint64_t rejected_ = 0;                           // refused alone, or in a partial success
  std::optional<Ledger> last_ledger_;
  std::uint64_t last_generation_ = 0;
  std::string account_;
  std::map<std::string, Showings> shown_;  // by account; empty: the device's own
  std::unordered_map<std::string, bool> seen_;
  std::unordered_map<std::string, bool> acted_;
  std::uint64_t shown_count_ = 0;
};

}  // namespace guidon::simulation
