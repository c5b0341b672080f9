// Events as a batch of `track` calls of Segment's HTTP API, which other customer data platforms take as well:
// docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::segment {

void WriteHead(const Resource& resource, std::string* out);
void WriteRecord(const Resource& resource, const Event& event, std::string* out);
inline constexpr std::size_t kEnvelopeBytes = 64;

}  // namespace guidon::events::segment
