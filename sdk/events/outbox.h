// What is committed and not delivered: chunks of events in the store, bounded by count, bytes and age. Functions that
// turn rows read from the store into the update that is due; every loss is counted in the commit that loses.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/events/state.h"

namespace guidon::events {

struct OutboxBounds {
  std::uint64_t events;
  std::uint64_t bytes;
  std::string_view cause;  // of what has to go
};

// Whether so much more would be too much.
bool IsOver(const Counters& counters, const OutboxBounds& bounds, std::uint64_t more_events, std::uint64_t more_bytes);

// The rows of a class that may go, oldest first; those of the frozen batch may not.
StorageBatch::Range Droppable(const State& state, EventClass event_class);

// Drops the oldest of `rows` until there is room; at least one, so that asking again ends.
Update MakeRoom(const State& state, const std::vector<Row>& rows, const OutboxBounds& bounds, std::uint64_t more_events,
                std::uint64_t more_bytes);

// What was found in rows read from the front of the outbox.
struct Front {
  struct Chunk {
    ChunkName name;
    std::size_t bytes = 0;
    std::vector<Event> events;
  };
  std::vector<Chunk> chunks;
  std::vector<Row> unreadable;
};
// Rows that come when there are `most_events` already are left.
Front ReadFront(std::vector<Row> rows, std::size_t most_events = SIZE_MAX);

void AddLost(const std::vector<Event>& events, std::string_view cause, std::vector<EventFate>* fates);

// Chunks all of whose events are older than `oldest`.
bool HasExpired(const Front& front, Timestamp oldest);
Update Expire(const State& state, const Front& front, Timestamp oldest);

// Keeps the row for study, in place of an older one.
void KeepAside(const Row& row, Counters* counters, StorageBatch* batch);
// Rows that cannot be decoded are set aside, a few of them for study, and their events counted as lost.
Update SetAside(const State& state, const std::vector<Row>& rows);
// A class of the outbox is empty, but by the counters it is not: rows have vanished.
Update WriteOff(const State& state, EventClass event_class);
// Nothing that is pending is wanted any more.
Update DropAll(const State& state, std::string_view cause);

// The first batch there is, at most so big. What an event takes in a request goes to `sizes`, the events themselves to
// `events`, in order.
struct BatchBounds {
  std::size_t events;
  std::size_t bytes;
  std::size_t event_bytes;  // an event over that is in a request of its own, which is never sent
};
using EventSize = std::function<std::size_t(const Event&)>;
Update Freeze(const State& state, Front front, const BatchBounds& bounds, const EventSize& size,
              std::vector<Event>* events, std::vector<std::size_t>* sizes);
// The same on top of an update that ends the batch before it.
void FreezeNext(const State& state, Front front, const BatchBounds& bounds, const EventSize& size,
                std::vector<Event>* events, std::vector<std::size_t>* sizes, Update* update);
// Where the rows begin that come after those of the frozen batch; of its last class, for there the next batch goes on.
std::string AfterFrozen(const Frozen& frozen);
// Gives the frozen batch up, so that its chunks are gathered anew, when they are not what was frozen. What was answered
// in part cannot be gathered again: then its rest is lost.
Update Unfreeze(const State& state);

// The first open interval of the frozen batch was answered: delivered, apart from `rejected` of its events.
Update Acknowledge(const State& state, const std::vector<Event>& events, std::uint64_t rejected);
// The collector refused it, or would. More than one event: two halves are open instead; one event: it is dead, lost to
// `cause`.
Update Refuse(const State& state, const std::vector<Event>& events, std::string_view cause, int http_status);
// Too old to be sent at all.
Update ExpireFrozen(const State& state, const std::vector<Event>& events);

// The key under which one interval of a batch is sent, the same at every retry.
// `sink` by its name: another format of the same events is another request.
std::string IdempotencyKey(const Frozen& frozen, std::string_view sink);

}  // namespace guidon::events
