#include "samples/collector/published_survey.h"

#include <algorithm>
#include <optional>
#include <set>

namespace guidon::collector {
namespace {

using json::Node;
using ruleset::QuestionType;

std::optional<QuestionType> QuestionTypeNamed(std::string_view name) {
  for (const QuestionType type : ruleset::kQuestionTypes) {
    if (ruleset::QuestionTypeName(type) == name) return type;
  }
  return std::nullopt;
}

bool IsScore(QuestionType type, Node answer) {
  const ruleset::ScoreRange range = ruleset::RangeOf(type);
  const std::optional<std::int64_t> score = answer.AsInt();
  return score && *score >= range.least && *score <= range.most;
}

bool AreOptions(const PublishedQuestion& question, Node answer) {
  if (!answer.is(json::Type::kArray)) return false;
  std::set<std::string_view> seen;
  for (Node option : answer) {
    const std::string_view id = option.AsString().value_or(std::string_view());
    if (!question.HasOption(id) || !seen.insert(id).second) return false;
  }
  return true;
}

}  // namespace

bool PublishedQuestion::HasOption(std::string_view option) const {
  return std::any_of(options.begin(), options.end(), [option](const auto& known) { return known.first == option; });
}

bool PublishedQuestion::Takes(std::string_view answer) const {
  if (type == QuestionType::kText) return answer.empty();
  const std::optional<json::Document> document = json::Document::Parse(answer, nullptr);
  if (!document) return false;
  switch (type) {
    case QuestionType::kNps:
    case QuestionType::kCsat: return IsScore(type, document->root());
    case QuestionType::kChoice: return HasOption(document->root().AsString().value_or(std::string_view()));
    case QuestionType::kChoices: return AreOptions(*this, document->root());
    case QuestionType::kText: break;
  }
  return false;
}

std::vector<PublishedQuestion> ReadQuestions(Node node) {
  std::vector<PublishedQuestion> questions;
  if (!node.is(json::Type::kArray)) return questions;
  const auto text = [](Node item) { return std::string(item.AsString().value_or(std::string_view())); };
  for (Node item : node) {
    const std::optional<QuestionType> type = QuestionTypeNamed(text(item["type"]));
    if (!type || text(item["id"]).empty()) continue;
    PublishedQuestion question{text(item["id"]), *type, text(item["label"]), {}};
    if (item["options"].is(json::Type::kArray)) {
      for (Node option : item["options"]) question.options.emplace_back(text(option["id"]), text(option["label"]));
    }
    questions.push_back(std::move(question));
  }
  return questions;
}

const PublishedQuestion* FindQuestion(const std::vector<PublishedQuestion>& questions, std::string_view id) {
  for (const PublishedQuestion& question : questions) {
    if (question.id == id) return &question;
  }
  return nullptr;
}

}  // namespace guidon::collector
