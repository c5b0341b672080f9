// Events as PostHog's batch endpoint takes them: docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::posthog {

void WriteHead(const Resource& resource, std::string* out);
void WriteRecord(const Resource& resource, const Event& event, std::string* out);
// A project's key is far shorter.
inline constexpr std::size_t kEnvelopeBytes = 4u << 10;

}  // namespace guidon::events::posthog
