// What must hold of facts after any fault, by what the client told and what the collector got:
//   I1  accepted = delivered + pending + lost, and no other number was accepted than was told
//   I2  the collector has each accepted event that is neither lost nor pending exactly once by its id, and nothing else
//   I3  it got an event twice only where the answer to a request with it was lost
//   I5  the next start knows all of that without a network
// I4, that nothing crashes or hangs, is the test's coming to an end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "guidon/client.h"

namespace guidon::test {

// One installation, over all its processes and their collector. Not for several threads at once.
class FactsAudit {
 public:
  enum class Reply { kGiven, kLost };

  // The client says that it accepted the event of that id: for each OnEvent.
  void Accepted(const std::string& id) { accepted_.push_back(id); }
  // A request reached the collector, which keeps its events. `kLost`: the client cannot know, so it will send them
  // again.
  void Received(const std::vector<std::string>& ids, Reply reply = Reply::kGiven);
  // The process ended at once: events may have been accepted of which nobody was told, and the last answer may have
  // come too late to be kept.
  void Killed();

  // I1 to I3. Fails the test, naming what does not hold.
  void Check(const Ledger& ledger) const;
  // I1 to I3, and I5: `restart` begins the next process without a network and returns its ledger.
  void Check(const Ledger& ledger, const std::function<Ledger()>& restart) const;

  std::size_t accepted() const { return accepted_.size(); }
  std::size_t received() const { return received_.size(); }  // each id once
  std::size_t repeats() const;                               // receipts beyond the first of each id

 private:
  struct Receipts {
    std::size_t all = 0;
    std::size_t unanswered = 0;
  };
  std::vector<std::string> accepted_;
  std::map<std::string, Receipts> received_;
  std::vector<std::string> last_;  // of the last request, when it was answered
  bool was_killed_ = false;
};

std::uint64_t SumOf(const std::vector<Ledger::Loss>& losses);

}  // namespace guidon::test
