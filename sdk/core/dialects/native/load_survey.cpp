#include "sdk/core/dialects/native/load_survey.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load_content.h"

namespace guidon::dialects {
namespace {

using ruleset::CampaignQuestion;
using ruleset::PromptContent;
using ruleset::PromptTexts;
using ruleset::QuestionType;

std::optional<QuestionType> LoadQuestionType(const Place& place) {
  const auto name = place.Text();
  if (!name) return std::nullopt;
  for (const QuestionType type : ruleset::kQuestionTypes) {
    if (ruleset::QuestionTypeName(type) == *name) return type;
  }
  place.Error("must be nps, csat, choice, choices or text, not \"" + *name + "\"");
  return std::nullopt;
}

bool LoadOptions(const Place& place, CampaignQuestion* question, PromptTexts* texts) {
  if (!place.IsArray() || !place.HasAtMost(limits::kQuestionOptions, "options")) return false;
  if (place.node().size() < 2) {
    place.Error("has less than two options");
    return false;
  }
  bool ok = true;
  for (const json::Node node : place.node()) {
    const Place option = place.Child(node);
    if (!option.IsObject()) return false;
    const auto id = option.Member("id").Name(limits::kKeyBytes);
    auto label = LoadWords(option.Member("label"), 1, limits::kPromptTitleBytes);
    const bool is_known =
        id && std::find(question->options.begin(), question->options.end(), *id) != question->options.end();
    if (is_known) option.Member("id").Error("is the id of two options");
    ok = id && label && !is_known && ok;
    if (id) question->options.push_back(*id);
    if (label) texts->survey.push_back(std::move(*label));
  }
  return ok;
}

// An answer that a branch names: a score, or an option's index.
std::optional<std::uint8_t> LoadBranchAnswer(const Place& place, const CampaignQuestion& question) {
  if (!ruleset::HasOptions(question.type)) {
    const ruleset::ScoreRange range = ruleset::RangeOf(question.type);
    const auto score = place.Int(range.least, range.most);
    return score ? std::optional<std::uint8_t>(static_cast<std::uint8_t>(*score)) : std::nullopt;
  }
  const auto id = place.Text();
  if (!id) return std::nullopt;
  const auto at = std::find(question.options.begin(), question.options.end(), *id);
  if (at != question.options.end()) return static_cast<std::uint8_t>(at - question.options.begin());
  place.Error("is no option of this question: \"" + *id + "\"");
  return std::nullopt;
}

// Only forward, so a survey ends.
std::optional<std::uint8_t> LoadGo(const Place& place, std::size_t from, const std::vector<CampaignQuestion>& all) {
  const auto id = place.Text();
  if (!id) return std::nullopt;
  if (*id == ruleset::kSurveyEndName) return ruleset::kSurveyEnd;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].id != *id) continue;
    if (i > from) return static_cast<std::uint8_t>(i);
    place.Error("does not lead to a later question: \"" + *id + "\"");
    return std::nullopt;
  }
  place.Error("is no question of this campaign: \"" + *id + "\"");
  return std::nullopt;
}

bool LoadBranch(const Place& place, std::size_t from, const std::vector<CampaignQuestion>& all,
                ruleset::SurveyBranch* branch) {
  if (!place.IsObject()) return false;
  const auto go = LoadGo(place.Member("go"), from, all);
  bool ok = go.has_value();
  if (go) branch->go = *go;
  const Place any = place.Member("any");
  if (!any.exists()) return ok;
  if (all[from].type == QuestionType::kText) {
    any.Error("cannot be asked of a text");
    return false;
  }
  if (!any.IsArray() || !any.HasAtMost(limits::kQuestionOptions, "answers")) return false;
  if (any.node().size() == 0) any.Error("is empty, so it never applies");
  ok = any.node().size() > 0 && ok;
  for (const json::Node node : any.node()) {
    const auto answer = LoadBranchAnswer(any.Child(node), all[from]);
    ok = answer && ok;
    if (answer) branch->answers.push_back(*answer);
  }
  return ok;
}

bool LoadQuestion(const Place& place, CampaignQuestion* question, PromptTexts* texts) {
  if (!place.IsObject()) return false;
  const auto id = place.Member("id").Name(limits::kKeyBytes);
  const auto type = LoadQuestionType(place.Member("type"));
  auto label = LoadWords(place.Member("label"), 1, limits::kPromptTitleBytes);
  bool ok = id && type && label;
  if (!ok) return false;
  question->id = *id;
  question->type = *type;
  texts->survey.push_back(std::move(*label));
  if (question->id == ruleset::kSurveyEndName) {
    place.Member("id").Error("is \"end\", which says that the survey is over");
    ok = false;
  }
  question->is_required = place.Member("required").BoolOr(false);
  question->is_shuffled = place.Member("shuffle").BoolOr(false);
  if (ruleset::HasOptions(question->type)) ok = LoadOptions(place.Member("options"), question, texts) && ok;
  const Place max_chars = place.Member("max_chars");
  if (max_chars.exists()) {
    const auto most = max_chars.Int(1, limits::kAnswerChars);
    ok = most && ok;
    if (most) question->max_chars = static_cast<std::uint32_t>(*most);
  }
  return ok;
}
}  // namespace

bool LoadQuestions(const Place& show, PromptContent* content) {
  const Place list = show.Member("questions");
  if (!list.IsArray() || !list.HasAtMost(limits::kQuestions, "questions")) return false;
  if (list.node().size() == 0) list.Error("is empty, so nothing is asked");
  bool ok = list.node().size() > 0;
  std::set<std::string> ids;
  for (const json::Node node : list.node()) {
    CampaignQuestion question;
    const Place place = list.Child(node);
    ok = LoadQuestion(place, &question, &content->texts.front()) && ok;
    if (!question.id.empty() && !ids.insert(question.id).second) {
      place.Member("id").Error("is the id of two questions");
      ok = false;
    }
    content->questions.push_back(std::move(question));
  }
  std::size_t from = 0;
  for (const json::Node node : list.node()) {
    const Place next = list.Child(node).Member("next");
    CampaignQuestion& question = content->questions[from];
    if (ok && next.exists()) {
      if (!next.IsArray() || !next.HasAtMost(limits::kQuestionBranches, "branches")) return false;
      for (const json::Node each : next.node()) {
        ok = LoadBranch(next.Child(each), from, content->questions, &question.branches.emplace_back()) && ok;
      }
    }
    ++from;
  }
  return ok;
}

bool LoadQuestionTexts(const Place& translation, const PromptContent& content, PromptTexts* texts) {
  if (content.questions.empty()) return true;
  const Place questions = translation.Member("questions");
  if (!questions.IsObject()) return false;
  bool ok = true;
  const auto load = [&](const Place& place) {
    auto words = LoadWords(place, 1, limits::kPromptTitleBytes);
    ok = words && ok;
    texts->survey.push_back(words ? std::move(*words) : ruleset::PromptText());
  };
  for (const CampaignQuestion& question : content.questions) {
    const Place place = questions.Member(question.id);
    if (!place.IsObject()) return false;
    load(place.Member("label"));
    if (question.options.empty()) continue;
    const Place options = place.Member("options");
    if (!options.IsObject()) return false;
    for (const std::string& option : question.options) load(options.Member(option));
  }
  return ok;
}

}  // namespace guidon::dialects
