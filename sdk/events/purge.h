// What of the store goes when consent to a purpose is denied: the outbox and all that serves it, or behavior.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace guidon::events {

struct State;
struct Update;

// Of those that can be denied while the store is still used.
struct Purposes {
  bool analytics = false;
  bool personalization = false;

  bool any() const noexcept { return analytics || personalization; }
  bool Covers(Purposes other) const noexcept {
    return (analytics || !other.analytics) && (personalization || !other.personalization);
  }
  void Add(Purposes more) noexcept {
    analytics = analytics || more.analytics;
    personalization = personalization || more.personalization;
  }
  void Remove(Purposes less) noexcept {
    analytics = analytics && !less.analytics;
    personalization = personalization && !less.personalization;
  }
};

// How far the store was purged, as it says itself; so that a purpose that is still denied at the next start costs
// nothing, and one whose purge was cut short is purged once more.
struct Purged {
  Purposes begun;  // rows are gone, but what they were may still be in the file
  Purposes done;
  std::uint64_t accepted = 0;  // Counters::accepted when analytics was
};

inline constexpr std::string_view kPurgedKey = "m/purged";
std::string EncodePurged(const Purged& purged);
std::optional<Purged> DecodePurged(std::string_view bytes);

// Whether anything may be left, in rows or of rows that were erased.
bool IsPurgeDue(const State& state, Purposes purposes);

// Erases it, and what was set aside for study, without a trace. Events that were pending are counted as lost.
Update Purge(const State& state, Purposes purposes);

}  // namespace guidon::events
