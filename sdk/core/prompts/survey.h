// A campaign's questions as one person is asked them. The way through them and the check of an answer are public:
// guidon/survey.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/event.h"
#include "guidon/survey.h"
#include "sdk/core/prompts/content.h"
#include "sdk/core/ruleset/prompt_content.h"

namespace guidon::prompts {

// The event that an answer is for triggers and behavior. Its properties are "campaign", "question" and, unless it is
// free text, "answer".
inline constexpr std::string_view kAnsweredEvent = "answered";

// Filled in. `texts` are the content's; `unit` is who is asked: shuffled options are in the same order whenever the
// same unit is asked the same question.
std::vector<SurveyQuestion> QuestionsFor(const ruleset::PromptContent& content, const ruleset::PromptTexts& texts,
                                         const Filling& filling, std::string_view unit);

// What an answer is to triggers; nothing for what is no answer. `told`: of a prompt.
std::optional<EventRecord> AnsweredEvent(const EventRecord& told);

// The types of its questions, each once.
std::vector<std::string_view> QuestionTypesOf(const ruleset::PromptContent& content);

}  // namespace guidon::prompts
