// What a campaign shows, as the published datafile says it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/dialects/reader.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::dialects {

// A text and its places; reports.
std::optional<ruleset::PromptText> LoadWords(const Place& place, std::size_t least, std::size_t most);

// The kind of a content with questions; its own stands beside it.
inline constexpr std::string_view kSurveyKind = "survey";

// False, and reported, when anything in it is not as it should be. `link_hosts`: where its links may lead; empty:
// anywhere.
bool LoadContent(const Place& show, const std::vector<std::string>& link_hosts, ruleset::PromptContent* content);

}  // namespace guidon::dialects
