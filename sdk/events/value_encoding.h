// How values are written into events. Permanent (docs/formats/storage.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/value.h"
#include "sdk/core/base/bytes.h"

namespace guidon::events {

using NamedValues = std::vector<std::pair<std::string, Value>>;

void WriteValue(const Value& value, ByteWriter* out);
void WriteNamed(const NamedValues& values, ByteWriter* out);
// Appends what it read; what is nested deeper than an event may be fails.
void ReadNamed(NamedValues* values, ByteReader* in);

}  // namespace guidon::events
