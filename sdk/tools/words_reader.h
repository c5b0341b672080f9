// Words that people read, as sources have them: in titles, bodies, labels, and what is shared or copied.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sdk/tools/members.h"

namespace guidon::tools {

inline constexpr std::size_t kLabelBytes = 100;

// The member's words; empty when it is absent or, with an error, wrong. Only what may have as many bytes as a body may
// have lines. Braces are places, as ruleset::ParsePromptText reads them.
std::string ReadText(const Members& members, const Located& object, const char* member, std::size_t most,
                     bool is_required);

// Reports places that are none, and those that may be left unfilled.
void CheckPlaces(const Members& members, const Located& at, const std::string& text);

}  // namespace guidon::tools
