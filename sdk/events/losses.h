// What was lost, by cause: counted with every loss, and told to the collector with the next batch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/client.h"
#include "sdk/events/fact.h"

namespace guidon::events {

// Names of causes are part of the wire format (docs/formats/events.md) and of the store: never renamed.
inline constexpr std::string_view kExpired = "expired";
inline constexpr std::string_view kOutboxFull = "outbox_full";
inline constexpr std::string_view kRejected = "rejected_by_collector";
inline constexpr std::string_view kCorrupt = "corrupt";
inline constexpr std::string_view kStoreDown = "store_down";
inline constexpr std::string_view kTooLarge = "too_large";
inline constexpr std::string_view kStopped = "stopped_by_collector";
inline constexpr std::string_view kConsentWithdrawn = "consent_withdrawn";
// Never accepted.
inline constexpr std::string_view kInboxFull = "inbox_full";
inline constexpr std::string_view kInvalid = "invalid";
inline constexpr std::string_view kNoConsent = "no_consent";
inline constexpr std::string_view kPropertyDropped = "property_dropped";

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

inline void Add(Counts* counts, std::string_view cause, std::uint64_t count) {
  if (count == 0) return;
  const auto found = counts->find(cause);
  if (found != counts->end()) {
    found->second += count;
  } else {
    counts->emplace(cause, count);
  }
}
void AddAll(const Counts& from, Counts* to);
std::uint64_t Sum(const Counts& counts);
std::vector<Ledger::Loss> ToLosses(const Counts& counts);

// The report that is due: one property per cause, with what was lost since the last report that was acknowledged. Its
// name is empty when there is nothing to report. What became of events for want of consent is nobody's business and
// stays out.
Fact MakeLossReport(const Counts& lost, const Counts& refused, const Counts& reported);

// The report was acknowledged: what it told need not be told again.
void MarkReported(const Fact& report, Counts* reported);

}  // namespace guidon::events
