// An event as the store keeps it: a fact with its id and its number. The only writer and reader of that format, which
// is permanent (docs/formats/storage.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/event.h"
#include "sdk/core/base/bytes.h"
#include "sdk/core/hash/hash.h"
#include "sdk/events/fact.h"

namespace guidon::events {

struct Event {
  Fact fact;
  Hash128 id;                     // with the bits that say which version of UUID it is
  std::uint64_t sequence = 0;     // 0: accepted while there was no durable store to number it
  std::uint64_t repeated = 0;     // exposures: guidon.dedup.count
  bool is_clock_suspect = false;  // the wall clock is off, and nobody knows by how much it was then; not stored
  bool is_replayed = false;       // from the journal of a process that has ended; not stored
  std::uint32_t session = 0;      // that goes on in this process, by number; 0: it is of none; not stored
  Duration utc_offset{0};         // of the device's clock at the fact's wall time, as far as it is known; not stored
};

std::string EncodeEvent(const Event& event);
// Nothing when the bytes are not exactly one event.
std::optional<Event> DecodeEvent(std::string_view bytes);

// A fact as the journal keeps it, without id and number; a change of identity, too. Permanent.
std::string EncodeFact(const Fact& fact);
std::optional<Fact> DecodeFact(std::string_view bytes);
// Whether an encoded fact makes an event: all do but changes of identity, and what was told without consent to it.
bool IsEncodedEvent(std::string_view bytes) noexcept;

// A chunk: a version byte, then events, each with its length before it.
void AppendToChunk(const std::string& encoded_event, std::string* chunk);
std::optional<std::vector<Event>> DecodeChunk(std::string_view bytes);

// A hash as a UUID of version 8. Permanent.
Hash128 HashId(std::string_view bytes);
// The same for every statement of the same step of a showing. Permanent: collectors collapse events by it.
Hash128 PromptEventId(const FactPrompt& prompt);

std::string IdText(const Hash128& id);
EventRecord ToRecord(const Event& event);

// Whether it says which unit was bucketed, and by which datafile.
inline bool HasUnit(EventKind kind) {
  return kind == EventKind::kExposure || kind == EventKind::kHoldoutExposure || kind == EventKind::kPrompt;
}
inline bool IsExposure(EventKind kind) { return kind == EventKind::kExposure || kind == EventKind::kHoldoutExposure; }

}  // namespace guidon::events
