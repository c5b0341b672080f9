#include "sdk/events/outbox.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/text.h"
#include "sdk/events/apply.h"

namespace guidon::events {
namespace {

constexpr std::uint64_t kDeadRows = 100;
constexpr std::uint64_t kQuarantineRows = 20;

// What its class lacks the others have: of a damaged batch it is not known which its events were of (Unfreeze). Returns
// how many there were to forget, so that no more is counted as delivered or lost.
std::uint64_t Forget(std::uint64_t events, EventClass event_class, Update* update) {
  std::uint64_t left = events;
  const auto take = [&left](Counters::Queued* queued) {
    const std::uint64_t taken = std::min(left, queued->events);
    queued->events -= taken;
    left -= taken;
  };
  take(&update->counters.queued[event_class]);
  for (Counters::Queued& queued : update->counters.queued) take(&queued);
  return events - left;
}

// The chunk leaves the outbox with all its events.
void DropChunk(const ChunkName& name, std::size_t bytes, std::string_view cause, Update* update) {
  const std::uint64_t events = Forget(name.events, name.event_class, update);
  Counters::Queued& queued = update->counters.queued[name.event_class];
  queued.bytes -= std::min<std::uint64_t>(bytes, queued.bytes);
  Add(&update->counters.lost, cause, events);
  update->batch.erase.push_back(OneKey(ChunkKey(name)));
  Tail& tail = update->tails[name.event_class];
  if (tail.chunk == name.number) tail = Tail();
}

bool IsExpired(const Front::Chunk& chunk, Timestamp oldest) {
  return std::all_of(chunk.events.begin(), chunk.events.end(),
                     [oldest](const Event& event) { return event.fact.wall < oldest; });
}

// No interval is open any more: the chunks go, and the batch with them.
void EndBatch(Update* update) {
  for (std::size_t i = 0; i < kClasses; ++i) {
    const Frozen::Chunks& chunks = update->frozen->chunks[i];
    if (chunks.first == 0) continue;
    update->batch.erase.push_back(ChunkRange(static_cast<EventClass>(i), chunks.first, chunks.last));
    Counters::Queued& queued = update->counters.queued[i];
    queued.bytes -= std::min(chunks.bytes, queued.bytes);
  }
  update->batch.erase.push_back(OneKey(kFrozenKey));
  update->frozen.reset();
}

// The first open interval is settled.
void Advance(Update* update) {
  update->frozen->open.erase(update->frozen->open.begin());
  if (update->frozen->open.empty()) {
    EndBatch(update);
  } else {
    update->batch.put.push_back({std::string(kFrozenKey), EncodeFrozen(*update->frozen)});
  }
}

}  // namespace

bool IsOver(const Counters& counters, const OutboxBounds& bounds, std::uint64_t more_events, std::uint64_t more_bytes) {
  return counters.pending() + more_events > bounds.events || counters.pending_bytes() + more_bytes > bounds.bytes;
}

StorageBatch::Range Droppable(const State& state, EventClass event_class) {
  const std::uint64_t last = state.frozen ? state.frozen->chunks[event_class].last : 0;
  return ChunkRange(event_class, last + 1, UINT64_MAX);
}

Update MakeRoom(const State& state, const std::vector<Row>& rows, const OutboxBounds& bounds, std::uint64_t more_events,
                std::uint64_t more_bytes) {
  Update update = state.Begin();
  for (const Row& row : rows) {
    if (!IsOver(update.counters, bounds, more_events, more_bytes)) break;
    if (const std::optional<ChunkName> name = ParseChunkKey(row.key)) {
      DropChunk(*name, row.value.size(), bounds.cause, &update);
    } else {
      update.batch.erase.push_back(OneKey(row.key));
    }
  }
  return update;
}

Front ReadFront(std::vector<Row> rows, std::size_t most_events) {
  Front front;
  std::size_t events_read = 0;
  for (Row& row : rows) {
    if (events_read >= most_events) break;
    const std::optional<ChunkName> name = ParseChunkKey(row.key);
    std::optional<std::vector<Event>> events = name ? DecodeChunk(row.value) : std::nullopt;
    const bool is_whole = events && !events->empty() && events->size() == name->events;
    const bool is_of_class = is_whole && std::all_of(events->begin(), events->end(), [&name](const Event& event) {
                               return ClassOf(event.fact) == name->event_class;
                             });
    if (is_of_class) {
      events_read += events->size();
      front.chunks.push_back({*name, row.value.size(), std::move(*events)});
    } else {
      front.unreadable.push_back(std::move(row));
    }
  }
  return front;
}

void AddLost(const std::vector<Event>& events, std::string_view cause, std::vector<EventFate>* fates) {
  for (const Event& event : events) fates->push_back({event.id, EventFate::What::kLost, cause});
}

bool HasExpired(const Front& front, Timestamp oldest) {
  return std::any_of(front.chunks.begin(), front.chunks.end(),
                     [oldest](const Front::Chunk& chunk) { return IsExpired(chunk, oldest); });
}

Update Expire(const State& state, const Front& front, Timestamp oldest) {
  Update update = state.Begin();
  for (const Front::Chunk& chunk : front.chunks) {
    if (!IsExpired(chunk, oldest)) continue;
    DropChunk(chunk.name, chunk.bytes, kExpired, &update);
    AddLost(chunk.events, kExpired, &update.fates);
  }
  return update;
}

void KeepAside(const Row& row, Counters* counters, StorageBatch* batch) {
  ByteWriter value;
  value.Text(row.key);
  value.Text(std::string_view(row.value).substr(0, kChunkBytes));
  batch->put.push_back({NumberedKey("q/", counters->quarantined++ % kQuarantineRows), value.Take()});
}

Update SetAside(const State& state, const std::vector<Row>& rows) {
  Update update = state.Begin();
  for (const Row& row : rows) {
    if (const std::optional<ChunkName> name = ParseChunkKey(row.key)) {
      DropChunk(*name, row.value.size(), kCorrupt, &update);
    } else {
      update.batch.erase.push_back(OneKey(row.key));
    }
    KeepAside(row, &update.counters, &update.batch);
  }
  return update;
}

Update WriteOff(const State& state, EventClass event_class) {
  Update update = state.Begin();
  Add(&update.counters.lost, kCorrupt, update.counters.queued[event_class].events);
  update.counters.queued[event_class] = {};
  update.tails[event_class] = {};
  return update;
}

Update DropAll(const State& state, std::string_view cause) {
  Update update = state.Begin();
  Add(&update.counters.lost, cause, update.counters.pending());
  update.counters.queued = {};
  update.tails = {};
  for (std::size_t i = 0; i < kClasses; ++i) {
    update.batch.erase.push_back(ChunkRange(static_cast<EventClass>(i), 0, UINT64_MAX));
  }
  update.batch.erase.push_back(OneKey(kFrozenKey));
  update.frozen.reset();
  return update;
}

Update Freeze(const State& state, Front front, const BatchBounds& bounds, const EventSize& size,
              std::vector<Event>* events, std::vector<std::size_t>* sizes) {
  Update update = state.Begin();
  FreezeNext(state, std::move(front), bounds, size, events, sizes, &update);
  return update;
}

void FreezeNext(const State& state, Front front, const BatchBounds& bounds, const EventSize& size,
                std::vector<Event>* events, std::vector<std::size_t>* sizes, Update* update) {
  Frozen frozen;
  std::size_t bytes = 0;
  bool is_alone = false;  // the event before is over the bound of one
  events->clear();
  sizes->clear();
  for (Front::Chunk& chunk : front.chunks) {
    std::size_t chunk_bytes = 0;
    const std::size_t first = sizes->size();
    for (const Event& event : chunk.events) {
      sizes->push_back(size(event));
      chunk_bytes += sizes->back();
    }
    const bool fits = events->size() + chunk.events.size() <= bounds.events && bytes + chunk_bytes <= bounds.bytes;
    if (!fits && !events->empty()) {
      sizes->resize(first);
      break;
    }

    Frozen::Chunks& chunks = frozen.chunks[chunk.name.event_class];
    if (chunks.first == 0) chunks.first = chunk.name.number;
    chunks.last = chunk.name.number;
    chunks.bytes += chunk.bytes;
    Tail& tail = update->tails[chunk.name.event_class];
    if (tail.chunk == chunk.name.number) tail = Tail();
    for (Event& event : chunk.events) {
      const auto at = static_cast<std::uint32_t>(events->size());
      const std::size_t event_bytes = (*sizes)[at];
      events->push_back(std::move(event));
      // A chunk that is over the bounds by itself goes in several requests.
      const bool is_new = frozen.open.empty() || bytes + event_bytes > bounds.bytes ||
                          at - frozen.open.back().from >= bounds.events || event_bytes > bounds.event_bytes || is_alone;
      if (is_new) {
        frozen.open.push_back({at, at});
        bytes = 0;
      }
      is_alone = event_bytes > bounds.event_bytes;
      bytes += event_bytes;
      frozen.open.back().to = at + 1;
    }
    if (!fits) break;
  }
  frozen.events = static_cast<std::uint32_t>(events->size());
  ByteWriter what;
  what.Fixed(state.birth);
  what.Fixed(update->counters.commits);
  what.Fixed(events->front().id.high);
  what.Fixed(events->front().id.low);
  frozen.id = HashBytes128(what.bytes());
  update->batch.put.push_back({std::string(kFrozenKey), EncodeFrozen(frozen)});
  update->frozen = std::move(frozen);
}

std::string AfterFrozen(const Frozen& frozen) {
  std::size_t last = kClasses;
  while (last-- > 0 && frozen.chunks[last].first == 0) {
  }
  return ChunkKey({static_cast<EventClass>(last), frozen.chunks[last].last + 1, 0});
}

Update Unfreeze(const State& state) {
  Update update = state.Begin();
  if (update.frozen->untouched()) {
    update.batch.erase.push_back(OneKey(kFrozenKey));
    update.frozen.reset();
    return update;
  }
  // Which classes the open events are of is no longer known; the totals are.
  for (const Frozen::Interval& interval : update.frozen->open) {
    std::uint64_t left = interval.to - interval.from;
    for (std::size_t i = 0; i < kClasses; ++i) {
      if (update.frozen->chunks[i].first == 0) continue;
      const std::uint64_t events = std::min(left, update.counters.queued[i].events);
      Add(&update.counters.lost, kCorrupt, Forget(events, static_cast<EventClass>(i), &update));
      left -= events;
    }
  }
  EndBatch(&update);
  return update;
}

Update Acknowledge(const State& state, const std::vector<Event>& events, std::uint64_t rejected) {
  Update update = state.Begin();
  const Frozen::Interval interval = update.frozen->open.front();
  std::uint64_t count = 0;
  for (std::uint32_t i = interval.from; i < interval.to; ++i) {
    count += Forget(1, ClassOf(events[i].fact), &update);
    if (events[i].fact.kind == EventKind::kLossReport) MarkReported(events[i].fact, &update.counters.reported);
  }
  rejected = std::min(rejected, count);
  for (std::uint32_t i = interval.from; i < interval.to; ++i) {
    EventFate fate{events[i].id};
    if (rejected > 0) fate.what = rejected < count ? EventFate::What::kDoubtful : EventFate::What::kLost;
    if (fate.what == EventFate::What::kLost) fate.cause = kRejected;
    update.fates.push_back(fate);
  }
  update.counters.delivered += count - rejected;
  Add(&update.counters.lost, kRejected, rejected);
  Advance(&update);
  return update;
}

Update Refuse(const State& state, const std::vector<Event>& events, std::string_view cause, int http_status) {
  Update update = state.Begin();
  const Frozen::Interval interval = update.frozen->open.front();
  if (interval.to - interval.from > 1) {
    const std::uint32_t middle = interval.from + (interval.to - interval.from + 1) / 2;
    update.frozen->open.front().to = middle;
    update.frozen->open.insert(update.frozen->open.begin() + 1, {middle, interval.to});
    update.batch.put.push_back({std::string(kFrozenKey), EncodeFrozen(*update.frozen)});
    return update;
  }
  const Event& event = events[interval.from];
  Add(&update.counters.lost, cause, Forget(1, ClassOf(event.fact), &update));
  update.fates.push_back({event.id, EventFate::What::kLost, cause});
  ByteWriter value;
  value.Byte(1);
  value.Number(static_cast<std::uint64_t>(http_status));
  value.Text(EncodeEvent(event));
  update.batch.put.push_back({NumberedKey("d/", update.counters.dead++ % kDeadRows), value.Take()});
  Advance(&update);
  return update;
}

Update ExpireFrozen(const State& state, const std::vector<Event>& events) {
  Update update = state.Begin();
  for (const Frozen::Interval& interval : update.frozen->open) {
    for (std::uint32_t i = interval.from; i < interval.to; ++i) {
      Add(&update.counters.lost, kExpired, Forget(1, ClassOf(events[i].fact), &update));
      update.fates.push_back({events[i].id, EventFate::What::kLost, kExpired});
    }
  }
  EndBatch(&update);
  return update;
}

std::string IdempotencyKey(const Frozen& frozen, std::string_view sink) {
  const Frozen::Interval interval = frozen.open.front();
  ByteWriter what;
  what.Fixed(frozen.id.high);
  what.Fixed(frozen.id.low);
  what.Number(interval.from);
  what.Number(interval.to);
  what.Text(sink);
  const Hash128 key = HashBytes128(what.bytes());
  return text::FormatUuid(key.high, key.low, 8);
}

}  // namespace guidon::events
