#include "tests/support/facts_audit.h"

#include <doctest/doctest.h>

#include <set>

namespace guidon::test {

std::uint64_t SumOf(const std::vector<Ledger::Loss>& losses) {
  std::uint64_t sum = 0;
  for (const Ledger::Loss& loss : losses) sum += loss.count;
  return sum;
}

void FactsAudit::Received(const std::vector<std::string>& ids, Reply reply) {
  for (const std::string& id : ids) {
    Receipts& receipts = received_[id];
    ++receipts.all;
    if (reply == Reply::kLost) ++receipts.unanswered;
  }
  last_ = reply == Reply::kGiven ? ids : std::vector<std::string>();
}

void FactsAudit::Killed() {
  was_killed_ = true;
  for (const std::string& id : last_) ++received_[id].unanswered;
  last_.clear();
}

std::size_t FactsAudit::repeats() const {
  std::size_t all = 0;
  for (const auto& entry : received_) all += entry.second.all;
  return all - received_.size();
}

void FactsAudit::Check(const Ledger& ledger) const {
  const std::uint64_t lost = SumOf(ledger.lost);
  const std::set<std::string> told(accepted_.begin(), accepted_.end());
  CAPTURE(ledger.accepted);
  CAPTURE(ledger.delivered);
  CAPTURE(ledger.pending);
  CAPTURE(lost);
  CAPTURE(accepted_.size());
  CAPTURE(received_.size());
  CHECK_MESSAGE(ledger.accepted == ledger.delivered + ledger.pending + lost, "I1: the ledger does not balance");
  CHECK_MESSAGE(told.size() == accepted_.size(), "I2: two accepted events have one id");

  std::uint64_t untold = 0;
  std::uint64_t unanswered = 0;  // at the collector, though the client cannot know
  for (const auto& [id, receipts] : received_) {
    CAPTURE(id);
    CAPTURE(receipts.all);
    CAPTURE(receipts.unanswered);
    CHECK_MESSAGE(receipts.all <= receipts.unanswered + 1, "I3: an event came again though its receipt was answered");
    if (told.count(id) == 0) ++untold;
    if (receipts.all == receipts.unanswered) ++unanswered;
  }
  if (was_killed_) {
    CHECK_MESSAGE(ledger.accepted >= told.size(), "I1: the client told of more events than it accepted");
    CHECK_MESSAGE(untold <= ledger.accepted - told.size(), "I2: the collector has events that nobody accepted");
  } else {
    CHECK_MESSAGE(ledger.accepted == told.size(), "I1: the client told of another number than it accepted");
    CHECK_MESSAGE(untold == 0, "I2: the collector has events that nobody accepted");
  }
  // What the collector lacks is pending or lost; and whatever was delivered it has.
  CHECK_MESSAGE(received_.size() >= ledger.delivered, "I2: fewer events arrived than count as delivered");
  CHECK_MESSAGE(received_.size() <= ledger.delivered + unanswered,
                "I2: events that were answered for are not delivered");
}

void FactsAudit::Check(const Ledger& ledger, const std::function<Ledger()>& restart) const {
  Check(ledger);
  const Ledger after = restart();
  CHECK_MESSAGE(after.accepted == ledger.accepted, "I5: the next start knows of another number of accepted events");
  CHECK_MESSAGE(after.delivered == ledger.delivered, "I5: the next start knows of another number of delivered events");
  CHECK_MESSAGE(after.pending == ledger.pending, "I5: the next start knows of another number of pending events");
  CHECK_MESSAGE(SumOf(after.lost) == SumOf(ledger.lost), "I5: the next start knows of other losses");
}

}  // namespace guidon::test
