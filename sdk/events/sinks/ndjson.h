// Events as lines of JSON, for collectors of one's own: docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::ndjson {

std::string Encode(const Resource& resource, const Event* events, std::size_t count);
std::size_t RecordBytes(const Resource& resource, const Event& event);
inline constexpr std::size_t kEnvelopeBytes = 0;

}  // namespace guidon::events::ndjson
