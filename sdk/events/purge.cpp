#include "sdk/events/purge.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "sdk/events/remembered.h"
#include "sdk/events/state.h"

namespace guidon::events {
namespace {

constexpr std::uint8_t kAnalyticsBit = 1;
constexpr std::uint8_t kPersonalizationBit = 2;
constexpr std::uint8_t kAllBits = 3;

std::uint8_t ToBits(Purposes purposes) {
  return static_cast<std::uint8_t>((purposes.analytics ? kAnalyticsBit : 0) |
                                   (purposes.personalization ? kPersonalizationBit : 0));
}

Purposes FromBits(std::uint8_t bits) { return {(bits & kAnalyticsBit) != 0, (bits & kPersonalizationBit) != 0}; }

// All rows whose keys begin so; `prefix` ends with a slash.
StorageBatch::Range RowsUnder(std::string prefix) {
  StorageBatch::Range rows{prefix, std::move(prefix)};
  rows.to.back() = '0';
  return rows;
}

void PurgeOutbox(const State& state, Update* update) {
  for (const char* prefix : {"o/", "b/", "d/", "s/"}) update->batch.erase.push_back(RowsUnder(prefix));
  Add(&update->counters.lost, kConsentWithdrawn, update->counters.pending());
  update->counters.queued = {};
  update->counters.dead = 0;
  update->tails = {};
  update->frozen.reset();
  for (const auto& entry : state.seen) update->seen.emplace_back(entry.first, std::nullopt);
}

void PurgeBehavior(const State& state, Update* update) {
  update->batch.erase.push_back(RowsUnder("h/"));
  auto scopes = std::make_shared<Scopes>(*state.scopes);
  scopes->EraseBehavior();
  update->scopes = std::move(scopes);
}

}  // namespace

std::string EncodePurged(const Purged& purged) {
  ByteWriter out;
  out.Byte(kRowVersion);
  out.Byte(ToBits(purged.begun));
  out.Byte(ToBits(purged.done));
  out.Number(purged.accepted);
  return out.Take();
}

std::optional<Purged> DecodePurged(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kRowVersion) return std::nullopt;
  const std::uint8_t begun = in.Byte();
  const std::uint8_t done = in.Byte();
  Purged purged{FromBits(begun), FromBits(done), in.Number()};
  if (!in.ok() || !in.at_end() || begun > kAllBits || done > kAllBits) return std::nullopt;
  return purged;
}

bool IsPurgeDue(const State& state, Purposes purposes) {
  if (state.purged.begun.any()) return true;
  if (!purposes.any()) return false;
  const Counters& counters = state.counters;
  if (!state.purged.done.Covers(purposes) || counters.quarantined != 0) return true;
  const bool has_told = counters.accepted != state.purged.accepted || counters.pending() != 0 || state.frozen ||
                        !state.seen.empty() || counters.dead != 0;
  return (purposes.analytics && has_told) || (purposes.personalization && state.scopes->HasBehavior());
}

Update Purge(const State& state, Purposes purposes) {
  purposes.Add(state.purged.begun);
  Update update = state.Begin();
  update.batch.leaves_no_trace = true;
  if (purposes.analytics) PurgeOutbox(state, &update);
  if (purposes.personalization) PurgeBehavior(state, &update);
  // Rows that nobody could read may be of either.
  update.batch.erase.push_back(RowsUnder("q/"));
  update.counters.quarantined = 0;
  // What was to be repaired of it need not be.
  auto& put = update.batch.put;
  const auto is_erased = [&erase = update.batch.erase](const Row& row) {
    return std::any_of(erase.begin(), erase.end(), [&row](const StorageBatch::Range& range) {
      return range.from <= row.key && row.key < range.to;
    });
  };
  put.erase(std::remove_if(put.begin(), put.end(), is_erased), put.end());
  update.purged.begun = purposes;
  if (purposes.analytics) update.purged.accepted = update.counters.accepted;
  update.batch.put.push_back({std::string(kPurgedKey), EncodePurged(update.purged)});
  return update;
}

}  // namespace guidon::events
