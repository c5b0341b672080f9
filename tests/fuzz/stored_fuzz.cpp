// Any bytes as a row of the store: what is taken is written back as a row that is taken, and means the same. The first
// line is the row's key.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/events/event.h"
#include "sdk/events/remembered.h"
#include "sdk/events/sinks/sink.h"
#include "sdk/events/state.h"
#include "tests/fuzz/require.h"

using namespace guidon;
using namespace guidon::events;

namespace {

void CheckEvent(const Event& event) {
  const std::string encoded = EncodeEvent(event);
  const auto again = DecodeEvent(encoded);
  GUIDON_REQUIRE(again.has_value());
  GUIDON_REQUIRE(EncodeEvent(*again) == encoded);
  const EventRecord record = ToRecord(event);
  GUIDON_REQUIRE(record.kind == event.fact.kind);
  const std::string request = EncodeRequest(SinkOf(EventSink::kOtlp), {"app", "1", "install", ""}, &event, 1);
  json::Limits limits;
  limits.depth = 4 * limits::kJsonDepth;  // a list takes three levels of its own there, and rows may hold deep ones
  GUIDON_REQUIRE(json::Document::Parse(request, nullptr, limits).has_value() ||
                 request.size() > limits::kDatafileBytes || event.fact.properties.size() > 8 ||
                 event.fact.attributes.size() > 8);
}

// Reads one row into nothing, writes what came of it, and reads that.
template <class T, class Write>
void CheckRow(const Row& row, Write write) {
  T read;
  if (!ReadRow(row, &read)) return;
  StorageBatch batch;
  write(read, &batch);
  T again;
  for (const Row& written : batch.put) ReadRow(written, &again);
  StorageBatch batch_again;
  write(again, &batch_again);
  GUIDON_REQUIRE(batch.put.size() == batch_again.put.size());
  for (std::size_t i = 0; i < batch.put.size(); ++i) {
    GUIDON_REQUIRE(batch.put[i].key == batch_again.put[i].key);
    GUIDON_REQUIRE(batch.put[i].value == batch_again.put[i].value);
  }
}

template <class T, class Decode, class Encode>
void CheckValue(std::string_view bytes, Decode decode, Encode encode) {
  const std::optional<T> value = decode(bytes);
  if (!value) return;
  const std::string encoded = encode(*value);
  const auto again = decode(encoded);
  GUIDON_REQUIRE(again.has_value());
  GUIDON_REQUIRE(encode(*again) == encoded);
}

void WriteScopes(Remembered remembered, StorageBatch* batch) {
  Scopes scopes;
  scopes.Set(kThisInstallation, std::move(remembered));
  WriteChanges(Scopes(), scopes, batch);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(bytes.find('\n'), size);
  const Row row{std::string(bytes.substr(0, end)), std::string(bytes.substr(std::min(end + 1, size)))};
  if (const auto event = DecodeEvent(row.value)) CheckEvent(*event);
  if (const auto chunk = DecodeChunk(row.value)) {
    for (const Event& event : *chunk) CheckEvent(event);
  }
  CheckValue<Counters>(row.value, DecodeCounters, EncodeCounters);
  CheckValue<Frozen>(row.value, DecodeFrozen, EncodeFrozen);
  CheckValue<std::uint64_t>(row.value, DecodeFormat, EncodeFormat);
  CheckValue<ChunkName>(row.key, ParseChunkKey, ChunkKey);
  CheckValue<SeenKey>(row.key, ParseSeenRowKey, SeenRowKey);
  CheckValue<enrollment::Enrollment>(row.value, enrollment::DecodeEnrollment, enrollment::EncodeEnrollment);
  DecodeScopes(row.value);
  CheckRow<behavior::Behavior>(row, [](const behavior::Behavior& read, StorageBatch* batch) {
    Remembered remembered;
    remembered.behavior = std::make_shared<const behavior::Behavior>(read);
    WriteScopes(remembered, batch);
  });
  CheckRow<prompts::Showings>(row, [](const prompts::Showings& read, StorageBatch* batch) {
    Remembered remembered;
    remembered.showings = std::make_shared<const prompts::Showings>(read);
    WriteScopes(remembered, batch);
  });
  CheckRow<enrollment::Enrollments>(row, [](const enrollment::Enrollments& read, StorageBatch* batch) {
    WriteChanges(enrollment::Enrollments(), read, batch);
  });
  return 0;
}
