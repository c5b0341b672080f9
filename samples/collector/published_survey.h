// The questions of a campaign as its datafile has them, and which answers they take.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/core/base/json.h"
#include "sdk/core/ruleset/survey.h"

namespace guidon::collector {

struct PublishedQuestion {
  std::string id;
  ruleset::QuestionType type = ruleset::QuestionType::kText;
  std::string label;
  std::vector<std::pair<std::string, std::string>> options;  // of a choice: id, label

  bool HasOption(std::string_view option) const;
  // `answer` as JSON: a score, an option's id or a list of them, in the question's range; empty: a text.
  bool Takes(std::string_view answer) const;
};

// Of a published `questions`; those that make no sense are left out.
std::vector<PublishedQuestion> ReadQuestions(json::Node node);

// Null when there is none with that id.
const PublishedQuestion* FindQuestion(const std::vector<PublishedQuestion>& questions, std::string_view id);

}  // namespace guidon::collector
