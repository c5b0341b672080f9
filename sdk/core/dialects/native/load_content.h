// What a campaign shows, as the published datafile says it.
#pragma once

#include <string>
#include <vector>

#include "sdk/core/dialects/native/reader.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::dialects {

// False, and reported, when anything in it is not as it should be. `link_hosts`: where its links may lead; empty:
// anywhere.
bool LoadContent(const Place& show, const std::vector<std::string>& link_hosts, ruleset::PromptContent* content);

}  // namespace guidon::dialects
