// Events as PostHog's batch endpoint takes them: docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::posthog {

std::string Encode(const Resource& resource, const Event* events, std::size_t count);
std::size_t RecordBytes(const Resource& resource, const Event& event);
// A project's key is far shorter.
inline constexpr std::size_t kEnvelopeBytes = 4u << 10;

}  // namespace guidon::events::posthog
