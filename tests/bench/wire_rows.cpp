// What an event takes on the wire: a full batch, as the client makes and compresses it.
#include <memory>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"
#include "sdk/events/apply.h"
#include "sdk/events/sinks/sink.h"
#include "tests/bench/rows.h"

namespace guidon::bench {
namespace {

using events::Event;

constexpr std::size_t kEvents = 500;
constexpr double kBudget = 45;

// The same at every run.
class Dice {
 public:
  std::uint64_t Below(std::uint64_t most) { return HashBytes64("wire\x1F" + std::to_string(++rolls_)) % most; }
  template <std::size_t kSize>
  const char* One(const char* const (&of)[kSize]) {
    return of[Below(kSize)];
  }

 private:
  std::uint64_t rolls_ = 0;
};

const char* const kNames[] = {"message_sent", "note_created", "file_shared", "search_done",  "link_opened",
                              "draft_saved",  "note_pinned",  "sync_done",   "export_begun", "settings_opened"};
const char* const kKinds[] = {"pdf", "png", "txt", "link", "note"};
const char* const kFlags[] = {"composer", "search-rank", "sync-interval", "sidebar", "export-format"};
const char* const kVariants[] = {"control", "labelled", "compact"};

void MakeExposure(Dice* dice, Event* event) {
  events::Fact& fact = event->fact;
  fact.kind = EventKind::kExposure;
  fact.flag = dice->One(kFlags);
  fact.name = fact.flag + "-" + std::to_string(dice->Below(4));
  fact.variant = dice->One(kVariants);
  fact.unit_kind = "account";
  fact.unit_id = "u-48213307";
  fact.iteration = 1 + static_cast<std::int64_t>(dice->Below(3));
  fact.layer_slot = static_cast<std::int32_t>(dice->Below(1'000'000));
  fact.slot = static_cast<std::int32_t>(dice->Below(1'000'000));
  fact.datafile_set = "notes/production";
  fact.datafile_version = "1.1187";
  event->repeated = dice->Below(3) == 0 ? dice->Below(40) : 0;
  event->id = events::HashId("exposure\x1F" + std::to_string(dice->Below(UINT64_MAX)));
}

// An hour or two of one person: an exposure in ten, the rest tracked with two properties, each at a time of its own.
std::vector<Event> MakeBatch() {
  Dice dice;
  events::IdMaker ids("wire", 0);
  std::int64_t ms = 1'795'255'200'000;
  std::vector<Event> exposures, tracked;
  for (std::uint64_t sequence = 81'340; exposures.size() + tracked.size() < kEvents; ++sequence) {
    Event event;
    events::Fact& fact = event.fact;
    ms += static_cast<std::int64_t>(dice.Below(30'000));
    event.sequence = sequence;
    fact.wall = TimestampFromMs(ms);
    fact.units = {{"device", "0198f3a2-7c11-7d3e-9a01-2f4c55aa8e10"}, {"account", "u-48213307"}};
    fact.attributes = {{"plan", "pro"}};
    fact.session = "5b1f0c1e-93d4-4c55-8a4e-0f2f7a3d9b66";
    if (sequence % 10 == 0) {
      MakeExposure(&dice, &event);
      exposures.push_back(std::move(event));
      continue;
    }
    fact.name = dice.One(kNames);
    fact.properties = {{"kind", dice.One(kKinds)}, {"bytes", static_cast<std::int64_t>(dice.Below(4'000'000))}};
    event.id = ids.Next(fact.wall);
    tracked.push_back(std::move(event));
  }
  // As they leave the outbox.
  for (Event& event : tracked) exposures.push_back(std::move(event));
  return exposures;
}

}  // namespace

std::vector<Row> WireRows(const Wish& wish) {
  struct Named {
    const char* name;
    EventSink sink;
  };
  const events::Resource resource{"notes", "4.2.0", "0198f3a2-7c11-7d3e-9a01-2f4c55aa8e10", "phc_0123456789"};
  const std::shared_ptr<Codec> codec = ZlibCodec();
  std::vector<Row> rows;
  for (const Named& each : {Named{"otlp", EventSink::kOtlp}, Named{"segment", EventSink::kSegment},
                            Named{"posthog", EventSink::kPostHog}, Named{"ndjson", EventSink::kNdjson}}) {
    Row row;
    row.name = std::string("wire: an event of 500, gzip, ") + each.name;
    row.unit = "bytes";
    if (each.sink == EventSink::kOtlp) row.budget = kBudget;
    if (!wish.wanted(row.name)) continue;
    if (wish.is_timed) {
      const std::vector<Event> batch = MakeBatch();
      const std::string body = EncodeRequest(events::SinkOf(each.sink), resource, batch.data(), batch.size());
      std::string packed;
      if (codec->Gzip(body, &packed)) row.value = static_cast<double>(packed.size()) / kEvents;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace guidon::bench
