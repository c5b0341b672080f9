// Events as a batch of `track` calls of Segment's HTTP API, which other customer data platforms take as well:
// docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::segment {

std::string Encode(const Resource& resource, const Event* events, std::size_t count);
std::size_t RecordBytes(const Resource& resource, const Event& event);
inline constexpr std::size_t kEnvelopeBytes = 64;

}  // namespace guidon::events::segment
