// An event as it is written on a command line: message_sent chars=1812 title='long one'
#pragma once

#include <string_view>

#include "guidon/status.h"
#include "sdk/core/prompts/explain_prompt.h"

namespace guidon::tools {

// A name, then properties: numbers, true, false, and texts, in quotes where they have spaces or look like the others.
// "screen editor" is a name, too.
Result<prompts::TriggerEvent> ReadEventArgument(std::string_view text);

}  // namespace guidon::tools
