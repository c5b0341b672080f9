// Events as an OTLP/HTTP logs request in JSON: docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::otlp {

// One request that carries `count` events.
std::string Encode(const Resource& resource, const Event* events, std::size_t count);

// What one event adds to a request, its comma included.
std::size_t RecordBytes(const Resource& resource, const Event& event);
// What a request takes beside its events, at most.
inline constexpr std::size_t kEnvelopeBytes = 4u << 10;

// Of a 2xx answer: `partialSuccess.rejectedLogRecords`.
std::uint64_t Rejected(json::Node answer);

}  // namespace guidon::events::otlp
