// When something starts and ends, as a source says it: "2026-12-01" (midnight UTC), RFC 3339 with any offset, or
// "2026-12-24T18:00 local": when the device's own calendar and clock read that. Pure text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sdk/core/base/json_writer.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// Nothing, with the reason and what to write instead, when it is none of these.
std::optional<SourceTime> ParseMoment(std::string_view text, std::string* reason, std::string* advice);

// The published form: a text in UTC, or { "local": "2026-12-24T18:00:00" }.
void PublishMoment(const SourceTime& moment, json::Writer& out);

}  // namespace guidon::tools
