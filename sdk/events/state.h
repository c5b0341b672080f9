// The room's state: what the store holds, as far as it must be at hand. Every change is an Update, built against the
// state without touching it, committed, and only then installed; so memory never says what the store does not.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/ports/storage.h"
#include "sdk/core/base/steady_time.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/hash/hash.h"
#include "sdk/events/event.h"
#include "sdk/events/fates.h"
#include "sdk/events/losses.h"
#include "sdk/events/purge.h"
#include "sdk/events/scopes.h"
#include "sdk/events/server_clock.h"

namespace guidon::events {

// The first byte of every row but chunks and single events.
inline constexpr std::uint8_t kRowVersion = 1;

// Classes of events, in the order they are sent: conversions right after the exposures they are worth nothing without.
enum EventClass : std::uint8_t { kExposures = 0, kConversions = 1, kTracked = 2, kReports = 3 };
inline constexpr std::size_t kClasses = 4;
EventClass ClassOf(const Fact& fact);

inline constexpr std::size_t kChunkBytes = 64u << 10;  // of one chunk, unless one event alone is bigger
inline constexpr std::size_t kTailBytes = 4u << 10;    // a chunk below this is continued by the next commit

// Kept with every commit, so that nothing is ever counted by scanning.
struct Counters {
  std::uint64_t commits = 0;  // tells, after a commit that reported a failure, whether it took place
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t next_sequence = 1;
  std::uint64_t next_chunk = 1;
  std::uint64_t last_id_ms = 0;   // the time in the last UUIDv7 made
  std::uint64_t dead = 0;         // rows ever put under d/
  std::uint64_t quarantined = 0;  // rows ever put under q/
  struct Queued {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
  };
  std::array<Queued, kClasses> queued;
  Counts lost;
  Counts refused;   // of this installation up to the last commit
  Counts reported;  // of lost and refused: what acknowledged reports told

  std::uint64_t pending() const;
  std::uint64_t pending_bytes() const;
};

std::string EncodeCounters(const Counters& counters);
std::optional<Counters> DecodeCounters(std::string_view bytes);

// A batch whose content is fixed: all events of some chunks. It is answered as a whole or, after a collector refused
// it, in intervals of its events.
struct Frozen {
  struct Chunks {
    std::uint64_t first = 0;  // 0: none of this class
    std::uint64_t last = 0;
    std::uint64_t bytes = 0;
  };
  struct Interval {
    std::uint32_t from = 0;  // included
    std::uint32_t to = 0;    // not included
  };
  Hash128 id;
  std::array<Chunks, kClasses> chunks;
  std::uint32_t events = 0;
  std::vector<Interval> open;  // not answered yet, in order; never empty
  Timing timing;

  bool untouched() const;  // no interval was answered so far
};

std::string EncodeFrozen(const Frozen& frozen);
std::optional<Frozen> DecodeFrozen(std::string_view bytes);

// An exposure of one UTC day.
struct SeenKey {
  std::int64_t day = 0;
  Hash128 id;
  bool operator<(const SeenKey& other) const {
    if (day != other.day) return day < other.day;
    return id.high != other.id.high ? id.high < other.id.high : id.low < other.id.low;
  }
};

// The newest chunk of a class while it is small.
struct Tail {
  std::uint64_t chunk = 0;  // 0: none
  std::uint32_t events = 0;
  std::string bytes;
};

// How far journals were applied, by their birth. Part of the commit that applies, so each fact is applied once.
using Cursors = std::map<std::uint64_t, std::uint64_t>;

struct Update {
  StorageBatch batch;
  Counters counters;
  std::array<Tail, kClasses> tails;
  std::optional<Frozen> frozen;
  std::vector<std::pair<SeenKey, std::optional<std::uint64_t>>> seen;  // nothing: forgotten
  std::shared_ptr<const Scopes> scopes;
  std::shared_ptr<const enrollment::Enrollments> enrollments;
  std::uint64_t identity = 0;
  Cursors cursors;
  Purged purged;
  SteadyTime time;
  std::vector<EventFate> fates;  // not stored
};

struct State {
  std::uint64_t birth = 0;    // tells this store from any other
  bool is_durable = true;     // false: the stand-in in memory; its events have no sequence numbers
  bool is_formatted = false;  // m/format is written
  bool knows_past = true;     // false: the stand-in of a store that was never read, so nothing is known to be the first
  Counters counters;
  std::array<Tail, kClasses> tails;
  std::optional<Frozen> frozen;
  std::map<SeenKey, std::uint64_t> seen;  // how often it was met again
  // Never null.
  std::shared_ptr<const Scopes> scopes = std::make_shared<const Scopes>();
  std::shared_ptr<const enrollment::Enrollments> enrollments = std::make_shared<const enrollment::Enrollments>();
  std::uint64_t identity = 0;  // number of the last identity change of this process that is in it; not stored
  Cursors cursors;
  Purged purged;
  SteadyTime time;
  SteadyTime stored_time;
  StorageBatch repairs;        // found due while loading; part of the next commit
  bool is_repair_due = false;  // which must not wait: what is forgotten must not pass for what never happened

  Update Begin() const;
  // Completes the batch; nothing may be added afterwards.
  void Finish(Update* update) const;
  void Install(Update update);
  // After `Purge` was installed: all of it has left the file.
  void EndPurge();
};

// Keys (docs/formats/storage.md). Numbers in keys are big-endian, so they sort.
struct ChunkName {
  EventClass event_class = kExposures;
  std::uint64_t number = 0;
  std::uint32_t events = 0;
};
std::string ChunkKey(const ChunkName& name);
std::optional<ChunkName> ParseChunkKey(std::string_view key);
StorageBatch::Range ChunkRange(EventClass event_class, std::uint64_t first, std::uint64_t last);
// All chunks of classes from `first` to `last`.
StorageBatch::Range ChunkRange(EventClass first, EventClass last);
StorageBatch::Range OneKey(std::string_view key);
std::string SeenRowKey(const SeenKey& key);
std::optional<SeenKey> ParseSeenRowKey(std::string_view key);
std::string NumberedKey(std::string_view prefix, std::uint64_t number);

inline constexpr std::string_view kFormatKey = "m/format";
inline constexpr std::string_view kTimeKey = "m/time";
inline constexpr std::string_view kCountersKey = "n/counters";
inline constexpr std::string_view kFrozenKey = "b/otlp";
inline constexpr std::string_view kCursorPrefix = "a/";
std::optional<std::uint64_t> ParseCursorKey(std::string_view key);
std::string EncodeCursor(std::uint64_t place);
std::optional<std::uint64_t> DecodeCursor(std::string_view bytes);
std::string EncodeFormat(std::uint64_t birth);
std::optional<std::uint64_t> DecodeFormat(std::string_view bytes);

}  // namespace guidon::events
