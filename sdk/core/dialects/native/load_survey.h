// The questions of a campaign's content.
#pragma once

#include "sdk/core/dialects/reader.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::dialects {

// False, with a report, when a question is not as it should be. `show` is the content's place; the texts go to the
// first ones.
bool LoadQuestions(const Place& show, ruleset::PromptContent* content);

// Those of a translation, all of them.
bool LoadQuestionTexts(const Place& translation, const ruleset::PromptContent& content, ruleset::PromptTexts* texts);

}  // namespace guidon::dialects
