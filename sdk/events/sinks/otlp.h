// Events as an OTLP/HTTP logs request in JSON: docs/formats/events.md.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/events/event.h"

namespace guidon::events::otlp {

struct Resource {
  std::string app_name;
  std::string app_version;
  std::string install_id;
};

// One request that carries `count` events.
std::string Encode(const Resource& resource, const Event* events, std::size_t count);

// What one event adds to a request, its comma included.
std::size_t RecordBytes(const Event& event);
// What a request takes beside its events, at most.
inline constexpr std::size_t kEnvelopeBytes = 4u << 10;

}  // namespace guidon::events::otlp
