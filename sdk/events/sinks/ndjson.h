// Events as lines of JSON, for collectors of one's own: docs/formats/events.md.
#pragma once

#include <string>

#include "sdk/events/event.h"
#include "sdk/events/sinks/sink.h"

namespace guidon::events::ndjson {

void WriteLine(const Resource& resource, const Event& event, std::string* out);

}  // namespace guidon::events::ndjson
