// An event in a line, and its properties by name.
#pragma once

#include <string>
#include <string_view>

#include "guidon/event.h"

namespace guidon::testing {

// Null when there is none.
const Value* PropertyOf(const EventRecord& record, std::string_view name);
// Of one that is a text; else empty.
std::string TextOf(const EventRecord& record, std::string_view property);

// "attach-button control", "file_shared {"kind":"pdf"}", "nps action send".
std::string EventLine(const EventRecord& record);

}  // namespace guidon::testing
