#include "sdk/core/prompts/survey.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"
#include "sdk/core/prompts/showings.h"

namespace guidon {
namespace {

Status Refused(const SurveyQuestion& question, const std::string& why) {
  return {StatusCode::kInvalidArgument, question.id + ": " + why};
}

bool IsOption(const SurveyQuestion& question, const Value& value) {
  const std::string* id = value.AsString();
  return id != nullptr && std::any_of(question.options.begin(), question.options.end(),
                                      [&](const SurveyQuestion::Option& option) { return option.id == *id; });
}

Status CheckChoices(const SurveyQuestion& question, const Value& answer) {
  const List* list = answer.AsList();
  if (list == nullptr) return Refused(question, "is answered by a list of options");
  if (list->empty() && question.required) return Refused(question, "no option is chosen");
  for (auto item = list->begin(); item != list->end(); ++item) {
    if (!IsOption(question, *item)) return Refused(question, "has no such option");
    if (std::find(list->begin(), item, *item) != item) return Refused(question, "an option is chosen twice");
  }
  return {};
}

Status CheckText(const SurveyQuestion& question, Value* answer) {
  const std::string* text = answer->AsString();
  if (text == nullptr) return Refused(question, "is answered by a text");
  if (!text::IsUtf8(*text) || text->find('\0') != std::string::npos) return Refused(question, "is no readable text");
  if (text::Trim(*text).empty()) return Refused(question, "an empty text is no answer");
  std::size_t size = 0;
  for (std::size_t chars = 0; chars < question.max_chars && size < text->size(); ++chars) {
    size += text::Utf8Length(std::string_view(*text).substr(size));
  }
  if (size < text->size()) *answer = Value(text->substr(0, size));
  return {};
}

bool Fits(const SurveyQuestion::Branch& branch, const Value& answer) {
  if (branch.answers.empty()) return true;
  const auto is_one = [&](const Value& given) {
    return std::find(branch.answers.begin(), branch.answers.end(), given) != branch.answers.end();
  };
  const List* list = answer.AsList();
  return list == nullptr ? is_one(answer) : std::any_of(list->begin(), list->end(), is_one);
}

}  // namespace

const SurveyQuestion* NextQuestion(const std::vector<SurveyQuestion>& questions, std::string_view after,
                                   const Value& answer) {
  const auto find = [&](std::string_view id) {
    return std::find_if(questions.begin(), questions.end(), [id](const SurveyQuestion& one) { return one.id == id; });
  };
  const auto found = [&](auto at) { return at == questions.end() ? nullptr : &*at; };
  if (after.empty()) return found(questions.begin());
  const auto at = find(after);
  if (at == questions.end()) return nullptr;
  for (const SurveyQuestion::Branch& branch : at->branches) {
    if (Fits(branch, answer)) return branch.go.empty() ? nullptr : found(find(branch.go));
  }
  return found(at + 1);
}

Status CheckAnswer(const SurveyQuestion& question, Value* answer) {
  if (question.type == "choices") return CheckChoices(question, *answer);
  if (question.type == "text") return CheckText(question, answer);
  if (question.type == "choice") {
    return IsOption(question, *answer) ? Status() : Refused(question, "has no such option");
  }
  const std::int64_t* score = answer->AsInt();
  if (score != nullptr && *score >= question.least && *score <= question.most) return {};
  return Refused(question, "is answered by an integer from " + std::to_string(question.least) + " to " +
                               std::to_string(question.most));
}

namespace prompts {
namespace {

SurveyQuestion::Branch BranchFor(const ruleset::PromptContent& content, const ruleset::CampaignQuestion& question,
                                 const ruleset::SurveyBranch& branch) {
  SurveyQuestion::Branch out;
  for (const std::uint8_t answer : branch.answers) {
    out.answers.push_back(question.options.empty() ? Value(answer) : Value(question.options[answer]));
  }
  if (branch.go != ruleset::kSurveyEnd) out.go = content.questions[branch.go].id;
  return out;
}

void Shuffle(std::string_view campaign, std::string_view unit, SurveyQuestion* question) {
  std::string who;
  for (const std::string_view part : {campaign, std::string_view(question->id), unit}) {
    who.append(part).push_back('\x1F');
  }
  const auto turn = [&who](const SurveyQuestion::Option& option) { return HashBytes64(who + option.id); };
  std::stable_sort(question->options.begin(), question->options.end(),
                   [&](const auto& a, const auto& b) { return turn(a) < turn(b); });
}

}  // namespace

std::vector<SurveyQuestion> QuestionsFor(const ruleset::PromptContent& content, const ruleset::PromptTexts& texts,
                                         const Filling& filling, std::string_view unit) {
  std::vector<SurveyQuestion> out;
  auto words = texts.survey.begin();
  for (const ruleset::CampaignQuestion& question : content.questions) {
    SurveyQuestion& asked = out.emplace_back();
    asked.id = question.id;
    asked.type = std::string(ruleset::QuestionTypeName(question.type));
    asked.label = Fill(*words++, filling);
    asked.required = question.is_required;
    if (const ruleset::ScoreRange range = ruleset::RangeOf(question.type); range.least <= range.most) {
      asked.least = range.least;
      asked.most = range.most;
    }
    for (const std::string& option : question.options) asked.options.push_back({option, Fill(*words++, filling)});
    if (question.is_shuffled) Shuffle(filling.campaign, unit, &asked);
    if (question.type == ruleset::QuestionType::kText) asked.max_chars = question.max_chars;
    for (const ruleset::SurveyBranch& branch : question.branches) {
      asked.branches.push_back(BranchFor(content, question, branch));
    }
  }
  return out;
}

std::optional<EventRecord> AnsweredEvent(const EventRecord& told) {
  EventRecord event;
  event.kind = EventKind::kTracked;
  event.name = std::string(kAnsweredEvent);
  event.time = told.time;
  event.properties.emplace_back("campaign", Value(told.name));
  bool is_answer = false;
  for (const auto& [name, value] : told.properties) {
    if (name == "what") is_answer = value == Value(WhatName(What::kAnswer));
    if (name == "question" || name == "answer") event.properties.emplace_back(name, value);
  }
  return is_answer ? std::optional<EventRecord>(std::move(event)) : std::nullopt;
}

std::vector<std::string_view> QuestionTypesOf(const ruleset::PromptContent& content) {
  std::vector<std::string_view> types;
  for (const ruleset::CampaignQuestion& question : content.questions) {
    const std::string_view type = ruleset::QuestionTypeName(question.type);
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return types;
}

}  // namespace prompts
}  // namespace guidon
