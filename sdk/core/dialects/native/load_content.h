// What a campaign shows, as the published datafile says it.
#pragma once

#include "sdk/core/dialects/native/reader.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::dialects {

// False, and reported, when anything in it is not as it should be.
bool LoadContent(const Place& show, ruleset::PromptContent* content);

}  // namespace guidon::dialects
