// Events as an OTLP/HTTP logs request in JSON: docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sdk/core/base/json.h"
#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::otlp {

// What stands before the records of a request, each of them, and what stands after.
void WriteHead(const Resource& resource, std::string* out);
void WriteRecord(const Resource& resource, const Event& event, std::string* out);
inline constexpr std::string_view kTail = "]}]}]}";
// What a request takes beside its events, at most.
inline constexpr std::size_t kEnvelopeBytes = 4u << 10;

// Of a 2xx answer: `partialSuccess.rejectedLogRecords`.
std::uint64_t Rejected(json::Node answer);

}  // namespace guidon::events::otlp
