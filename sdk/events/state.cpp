#include "sdk/events/state.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "guidon/limits.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

constexpr std::size_t kMostCauses = 32;

// Of counters and frozen batches that have conversions; without, they are written as before there were any.
constexpr std::uint8_t kConversionsRowVersion = 2;

// Chunks of conversions have the key of an exposures' chunk with the top bit of its number set: behind all exposures,
// and before what is tracked, which is where an order of keys that was fixed before them has room. Permanent.
constexpr std::uint64_t kConversionsBit = std::uint64_t{1} << 63;
constexpr char kClassKeys[kClasses] = {'0', '0', '1', '2'};

void WriteCounts(const Counts& counts, ByteWriter* out) {
  out->Number(counts.size());
  for (const auto& entry : counts) {
    out->Text(entry.first);
    out->Number(entry.second);
  }
}

void ReadCounts(Counts* counts, ByteReader* in) {
  const std::size_t count = in->Count();
  if (count > kMostCauses) in->Fail();
  for (std::size_t i = 0; i < count && in->ok(); ++i) {
    const std::string_view cause = in->Text();
    Add(counts, cause, in->Number());
  }
}

}  // namespace

EventClass ClassOf(const Fact& fact) {
  switch (fact.kind) {
    case EventKind::kExposure:
    case EventKind::kHoldoutExposure:
    case EventKind::kPrompt: return kExposures;
    case EventKind::kTracked: return fact.is_conversion ? kConversions : kTracked;
    case EventKind::kEvaluationSummary: return kTracked;
    case EventKind::kLossReport:
    case EventKind::kDeletionRequest: return kReports;
  }
  return kTracked;
}

std::uint64_t Counters::pending() const {
  std::uint64_t sum = 0;
  for (const Queued& each : queued) sum += each.events;
  return sum;
}

std::uint64_t Counters::pending_bytes() const {
  std::uint64_t sum = 0;
  for (const Queued& each : queued) sum += each.bytes;
  return sum;
}

std::string EncodeCounters(const Counters& counters) {
  const Counters::Queued& conversions = counters.queued[kConversions];
  const bool has_conversions = conversions.events != 0 || conversions.bytes != 0;
  ByteWriter out;
  out.Byte(has_conversions ? kConversionsRowVersion : kRowVersion);
  for (const std::uint64_t number : {counters.commits, counters.accepted, counters.delivered, counters.next_sequence,
                                     counters.next_chunk, counters.last_id_ms, counters.dead, counters.quarantined}) {
    out.Number(number);
  }
  for (std::size_t i = 0; i < kClasses; ++i) {
    if (i == kConversions && !has_conversions) continue;
    out.Number(counters.queued[i].events);
    out.Number(counters.queued[i].bytes);
  }
  WriteCounts(counters.lost, &out);
  WriteCounts(counters.refused, &out);
  WriteCounts(counters.reported, &out);
  return out.Take();
}

std::optional<Counters> DecodeCounters(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.Byte();
  if (version != kRowVersion && version != kConversionsRowVersion) return std::nullopt;
  Counters counters;
  for (std::uint64_t* number : {&counters.commits, &counters.accepted, &counters.delivered, &counters.next_sequence,
                                &counters.next_chunk, &counters.last_id_ms, &counters.dead, &counters.quarantined}) {
    *number = in.Number();
  }
  for (std::size_t i = 0; i < kClasses; ++i) {
    if (i == kConversions && version == kRowVersion) continue;
    counters.queued[i].events = in.Number();
    counters.queued[i].bytes = in.Number();
  }
  ReadCounts(&counters.lost, &in);
  ReadCounts(&counters.refused, &in);
  ReadCounts(&counters.reported, &in);
  if (!in.ok() || !in.at_end() || counters.next_sequence == 0 || counters.next_chunk == 0) return std::nullopt;
  return counters;
}

bool Frozen::untouched() const {
  std::uint32_t open_events = 0;
  for (const Interval& interval : open) open_events += interval.to - interval.from;
  return open_events == events;
}

std::string EncodeFrozen(const Frozen& frozen) {
  const bool has_conversions = frozen.chunks[kConversions].first != 0;
  ByteWriter out;
  out.Byte(has_conversions ? kConversionsRowVersion : kRowVersion);
  out.Fixed(frozen.id.high);
  out.Fixed(frozen.id.low);
  for (std::size_t i = 0; i < kClasses; ++i) {
    if (i == kConversions && !has_conversions) continue;
    out.Number(frozen.chunks[i].first);
    out.Number(frozen.chunks[i].last);
    out.Number(frozen.chunks[i].bytes);
  }
  out.Number(frozen.events);
  out.Number(frozen.open.size());
  for (const Frozen::Interval& interval : frozen.open) {
    out.Number(interval.from);
    out.Number(interval.to);
  }
  if (!frozen.timing.session.empty()) {
    out.Text(frozen.timing.session);
    out.Signed(frozen.timing.offset_ms);
    out.Bool(frozen.timing.is_off);
    if (frozen.timing.boot != 0) out.Fixed(frozen.timing.boot);
  }
  return out.Take();
}

std::optional<Frozen> DecodeFrozen(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.Byte();
  if (version != kRowVersion && version != kConversionsRowVersion) return std::nullopt;
  Frozen frozen;
  frozen.id.high = in.Fixed();
  frozen.id.low = in.Fixed();
  for (std::size_t i = 0; i < kClasses; ++i) {
    if (i == kConversions && version == kRowVersion) continue;
    Frozen::Chunks& chunks = frozen.chunks[i];
    chunks.first = in.Number();
    chunks.last = in.Number();
    chunks.bytes = in.Number();
    if (chunks.last < chunks.first || (chunks.first == 0 && chunks.last != 0)) in.Fail();
  }
  const std::uint64_t events = in.Number();
  std::uint64_t at = 0;
  const std::size_t count = in.Count();
  if (events > UINT32_MAX || count == 0) in.Fail();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const std::uint64_t from = in.Number();
    const std::uint64_t to = in.Number();
    if (from < at || to <= from || to > events) return std::nullopt;
    frozen.open.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)});
    at = to;
  }
  if (in.ok() && !in.at_end()) {
    frozen.timing.session = in.Text();
    frozen.timing.offset_ms = in.Signed();
    frozen.timing.is_off = in.Bool();
    if (!in.at_end() && (frozen.timing.boot = in.Fixed()) == 0) in.Fail();
    if (frozen.timing.session.empty()) in.Fail();
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  frozen.events = static_cast<std::uint32_t>(events);
  return frozen;
}

Update State::Begin() const {
  Update update;
  update.batch = repairs;
  update.counters = counters;
  ++update.counters.commits;
  update.tails = tails;
  update.frozen = frozen;
  update.scopes = scopes;
  update.enrollments = enrollments;
  update.identity = identity;
  update.cursors = cursors;
  update.purged = purged;
  update.time = time;
  return update;
}

void State::Finish(Update* update) const {
  if (!is_formatted) update->batch.put.push_back({std::string(kFormatKey), EncodeFormat(birth)});
  update->batch.put.push_back({std::string(kCountersKey), EncodeCounters(update->counters)});
  if (update->time.IsNews(stored_time)) update->batch.put.push_back({std::string(kTimeKey), update->time.Encode()});
  for (const auto& entry : update->seen) {
    if (entry.second) {
      ByteWriter value;
      value.Number(*entry.second);
      update->batch.put.push_back({SeenRowKey(entry.first), value.Take()});
    }
  }
  for (const auto& entry : update->cursors) {
    const auto known = cursors.find(entry.first);
    if (known != cursors.end() && known->second == entry.second) continue;
    update->batch.put.push_back({NumberedKey(kCursorPrefix, entry.first), EncodeCursor(entry.second)});
  }
  if (update->scopes != scopes) WriteChanges(*scopes, *update->scopes, &update->batch);
  if (update->enrollments != enrollments) WriteChanges(*enrollments, *update->enrollments, &update->batch);
}

void State::Install(Update update) {
  counters = std::move(update.counters);
  tails = std::move(update.tails);
  frozen = std::move(update.frozen);
  for (const auto& entry : update.seen) {
    if (entry.second) {
      seen[entry.first] = *entry.second;
    } else {
      seen.erase(entry.first);
    }
  }
  scopes = std::move(update.scopes);
  enrollments = std::move(update.enrollments);
  identity = std::max(identity, update.identity);
  cursors = std::move(update.cursors);
  purged = update.purged;
  time = update.time;
  if (time.IsNews(stored_time)) stored_time = time;
  repairs = StorageBatch();
  is_repair_due = false;
  is_formatted = true;
}

void State::EndPurge() {
  purged.done.Add(std::exchange(purged.begun, {}));
  repairs.put.push_back({std::string(kPurgedKey), EncodePurged(purged)});
  is_repair_due = true;
}

std::string NumberedKey(std::string_view prefix, std::uint64_t number) {
  ByteWriter key;
  key.Raw(prefix);
  key.Fixed(number);
  return key.Take();
}

std::string ChunkKey(const ChunkName& name) {
  ByteWriter key;
  key.Raw("o/");
  key.Byte(static_cast<std::uint8_t>(kClassKeys[name.event_class]));
  key.Fixed(name.event_class == kConversions ? name.number | kConversionsBit : name.number & ~kConversionsBit);
  key.Byte(static_cast<std::uint8_t>(name.events >> 8));
  key.Byte(static_cast<std::uint8_t>(name.events));
  return key.Take();
}

std::optional<ChunkName> ParseChunkKey(std::string_view key) {
  if (key.size() != 13 || key.substr(0, 2) != "o/") return std::nullopt;
  ByteReader in(key.substr(2));
  ChunkName name;
  const std::uint8_t class_key = in.Byte();
  name.number = in.Fixed();
  switch (class_key) {
    case '0': name.event_class = (name.number & kConversionsBit) == 0 ? kExposures : kConversions; break;
    case '1': name.event_class = kTracked; break;
    case '2': name.event_class = kReports; break;
    default: return std::nullopt;
  }
  name.number &= ~kConversionsBit;
  name.events = static_cast<std::uint32_t>(in.Byte()) << 8;
  name.events |= in.Byte();
  return name;
}

StorageBatch::Range ChunkRange(EventClass event_class, std::uint64_t first, std::uint64_t last) {
  return {ChunkKey({event_class, first, 0}), ChunkKey({event_class, last, 0xFFFF}) + '\0'};
}

StorageBatch::Range ChunkRange(EventClass first, EventClass last) {
  return {ChunkRange(first, 0, 0).from, ChunkRange(last, 0, UINT64_MAX).to};
}

StorageBatch::Range OneKey(std::string_view key) { return {std::string(key), std::string(key) + '\0'}; }

std::string SeenRowKey(const SeenKey& key) {
  ByteWriter out;
  out.Raw("s/");
  out.Fixed(static_cast<std::uint64_t>(key.day) ^ (std::uint64_t{1} << 63));  // days before 1970 sort first
  out.Fixed(key.id.high);
  out.Fixed(key.id.low);
  return out.Take();
}

std::optional<SeenKey> ParseSeenRowKey(std::string_view key) {
  if (key.size() != 26 || key.substr(0, 2) != "s/") return std::nullopt;
  ByteReader in(key.substr(2));
  SeenKey seen;
  seen.day = static_cast<std::int64_t>(in.Fixed() ^ (std::uint64_t{1} << 63));
  seen.id.high = in.Fixed();
  seen.id.low = in.Fixed();
  return seen;
}

std::optional<std::uint64_t> ParseCursorKey(std::string_view key) {
  if (key.size() != 10 || key.substr(0, 2) != kCursorPrefix) return std::nullopt;
  return ByteReader(key.substr(2)).Fixed();
}

std::string EncodeCursor(std::uint64_t place) {
  ByteWriter out;
  out.Byte(kRowVersion);
  out.Number(place);
  return out.Take();
}

std::optional<std::uint64_t> DecodeCursor(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kRowVersion) return std::nullopt;
  const std::uint64_t place = in.Number();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return place;
}

std::string EncodeFormat(std::uint64_t birth) {
  ByteWriter out;
  out.Byte(kRowVersion);
  out.Fixed(birth);
  return out.Take();
}

std::optional<std::uint64_t> DecodeFormat(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kRowVersion) return std::nullopt;
  const std::uint64_t birth = in.Fixed();
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return birth;
}

}  // namespace guidon::events
