// What starts at an answer names a campaign, a question and an answer that there are.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/prompts/survey.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

// The texts that the property is compared with.
std::set<std::string> TextsAskedOf(const expression::Tree& where, std::string_view property) {
  std::set<std::string> texts;
  const auto add = [&texts](const Value& value) {
    if (const std::string* text = value.AsString()) texts.insert(*text);
  };
  expression::ForEachLeaf(where, [&](const expression::Tree& leaf) {
    if (leaf.name != property || leaf.lower) return;
    if (leaf.kind == expression::Kind::kCompare) add(leaf.value);
    if (leaf.kind != expression::Kind::kIn && leaf.kind != expression::Kind::kList) return;
    for (const Value& value : leaf.values) add(value);
  });
  return texts;
}

// Whether it speaks of campaigns and questions that are not meant: then any may be.
bool Excludes(const expression::Tree& where) {
  if (where.kind == expression::Kind::kNot) return true;
  if (where.kind == expression::Kind::kCompare && where.op == expression::Op::kNotEqual) return true;
  return std::any_of(where.of.begin(), where.of.end(), Excludes);
}

// A campaign asks the same of everybody, or something else in each of its contents.
std::vector<const SourceQuestion*> QuestionsOf(const SourceCampaign& campaign) {
  std::vector<const SourceQuestion*> questions;
  for (const SourceShow& show : campaign.shows) {
    for (const SourceQuestion& question : show.content.questions) questions.push_back(&question);
  }
  return questions;
}

class AnsweredCheck {
 public:
  AnsweredCheck(const Members& members, const Source& source) : members_(members), source_(source) {}

  void Run(const SourceTrigger& trigger) {
    for (const SourceStep& step : trigger.steps) {
      if (step.event != prompts::kAnsweredEvent || !step.where) continue;
      excludes_ = Excludes(*step.where);
      if (!FindAsked(trigger, TextsAskedOf(*step.where, "campaign"))) continue;
      if (!NarrowTo(trigger, TextsAskedOf(*step.where, "question"))) continue;
      CheckAnswers(trigger, TextsAskedOf(*step.where, "answer"));
    }
  }

 private:
  // The questions of these campaigns, or of all; false when it reported.
  bool FindAsked(const SourceTrigger& trigger, const std::set<std::string>& names) {
    asked_.clear();
    bool is_fine = true;
    for (const SourceCampaign& campaign : source_.campaigns) {
      const bool is_named = names.count(campaign.name) > 0;
      const std::vector<const SourceQuestion*> questions = QuestionsOf(campaign);
      if (names.empty() || is_named || excludes_) asked_.insert(asked_.end(), questions.begin(), questions.end());
      if (!is_named || !questions.empty()) continue;
      Warn("asks-nothing", trigger, "'" + campaign.name + "' asks nothing, so no answer of its would start this",
           "name a campaign with \"questions\"");
      is_fine = false;
    }
    for (const std::string& name : names) {
      if (FindNamed(source_.campaigns, name) != nullptr) continue;
      std::vector<std::string_view> surveys;
      for (const SourceCampaign& campaign : source_.campaigns) {
        if (!QuestionsOf(campaign).empty()) surveys.push_back(campaign.name);
      }
      Warn("unknown-campaign", trigger, "there is no campaign '" + name + "', so no answer of its would start this",
           Suggest(name, surveys, "name a campaign with \"questions\""));
      is_fine = false;
    }
    return is_fine;
  }

  bool NarrowTo(const SourceTrigger& trigger, const std::set<std::string>& ids) {
    std::vector<std::string_view> known;
    for (const SourceQuestion* question : asked_) known.push_back(question->id);
    bool is_fine = true;
    for (const std::string& id : ids) {
      if (std::find(known.begin(), known.end(), id) != known.end()) continue;
      Warn("unknown-question", trigger, "no question is called '" + id + "', so no answer to it would start this",
           Suggest(id, known, "name a question by its \"id\""));
      is_fine = false;
    }
    const auto is_other = [&ids](const SourceQuestion* question) { return ids.count(question->id) == 0; };
    if (!ids.empty() && !excludes_) asked_.erase(std::remove_if(asked_.begin(), asked_.end(), is_other), asked_.end());
    return is_fine;
  }

  void CheckAnswers(const SourceTrigger& trigger, const std::set<std::string>& answers) {
    std::vector<std::string_view> known;
    for (const SourceQuestion* question : asked_) {
      for (const SourceOption& option : question->options) known.push_back(option.id);
    }
    for (const std::string& answer : answers) {
      if (std::find(known.begin(), known.end(), answer) != known.end()) continue;
      Warn("unknown-answer", trigger, "nobody can answer '" + answer + "', so that would never start this",
           Suggest(answer, known, "compare scores with numbers; texts that people write start nothing"));
    }
  }

  void Warn(const char* code, const SourceTrigger& trigger, std::string reason, std::string advice) {
    members_.problems().Warning(code, *trigger.at, std::move(reason), std::move(advice));
  }

  const Members& members_;
  const Source& source_;
  std::vector<const SourceQuestion*> asked_;
  bool excludes_ = false;
};

}  // namespace

void CheckAnswered(const Members& members, const Source& source) {
  AnsweredCheck check(members, source);
  for (const SourceCampaign& campaign : source.campaigns) {
    for (const SourceTrigger& trigger : campaign.triggers) check.Run(trigger);
  }
}

}  // namespace guidon::tools
