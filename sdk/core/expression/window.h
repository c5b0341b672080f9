// Windows of behavior as people write them: '14d', '2w', '36h'. Used by the parser alone.
#pragma once

#include <string>
#include <string_view>

#include "sdk/core/behavior/behavior.h"

namespace guidon::expression {

// False when it is none: then `reason` says what is wrong with it, and `advice` what would be right.
bool ReadWindow(std::string_view text, behavior::Window* window, std::string* reason, std::string* advice);

}  // namespace guidon::expression
