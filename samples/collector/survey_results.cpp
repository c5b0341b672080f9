#include "samples/collector/survey_results.h"

#include "samples/collector/campaign_units.h"
#include "samples/collector/format.h"

namespace guidon::collector {
namespace {

using ruleset::QuestionType;

std::uint64_t Whole(const Statement& row, int column) { return static_cast<std::uint64_t>(row.ColumnInt(column)); }

// The showings of the arm to units that are analysed, and their answers.
Statement OverShowings(Database* database, const ShownArm& arm, const std::string& sql) {
  const std::string all =
      ", shown AS MATERIALIZED (SELECT DISTINCT prompt_id FROM prompts WHERE campaign = ?1 AND iteration = ?2 "
      "AND what = 'exposure' AND variant = ?4 AND unit_id IN (SELECT unit_id FROM analysed)), "
      "given AS (SELECT prompt_id, question, number, time_ms, answer, text FROM answers "
      "WHERE campaign = ?1 AND prompt_id IN (SELECT prompt_id FROM shown)) " +
      sql;
  Statement statement = OverCampaignUnits(database, arm.campaign, arm.iteration, arm.unit_kind, all.c_str());
  statement.Text(arm.variant);
  return statement;
}

std::vector<QuestionResult> NoAnswers(const std::vector<PublishedQuestion>& questions) {
  std::vector<QuestionResult> results;
  for (const PublishedQuestion& question : questions) {
    QuestionResult& result = results.emplace_back();
    result.id = question.id;
    result.type = question.type;
    result.label = question.label;
    const ruleset::ScoreRange range = ruleset::RangeOf(question.type);
    for (int score = range.least; score <= range.most; ++score) {
      result.counts.push_back({std::to_string(score), {}, 0});
    }
    for (const auto& [id, label] : question.options) result.counts.push_back({id, label, 0});
  }
  return results;
}

QuestionResult* FindResult(SurveyResult* survey, std::string_view id) {
  for (QuestionResult& question : survey->questions) {
    if (question.id == id) return &question;
  }
  return nullptr;
}

// Counts `n` answers alike; the question takes them.
void AddAnswers(std::string_view answer, std::uint64_t n, QuestionResult* question) {
  question->answered += n;
  const std::optional<json::Document> document = json::Document::Parse(answer, nullptr);
  if (!document) return;
  const auto add = [&](const std::string& id) {
    for (AnswerCount& count : question->counts) {
      if (count.id == id) count.n += n;
    }
  };
  const json::Node root = document->root();
  if (const auto score = root.AsInt()) return add(std::to_string(*score));
  if (const auto option = root.AsString()) return add(std::string(*option));
  for (json::Node option : root) add(std::string(option.AsString().value_or("")));
}

void Summarize(QuestionResult* question) {
  if (question->answered == 0) return;
  const auto n = static_cast<double>(question->answered);
  if (question->type == QuestionType::kNps) {
    for (std::size_t score = 0; score < question->counts.size(); ++score) {
      std::uint64_t* group = score >= 9   ? &question->promoters
                             : score >= 7 ? &question->passives
                                          : &question->detractors;
      *group += question->counts[score].n;
    }
    question->score = (static_cast<double>(question->promoters) - static_cast<double>(question->detractors)) / n;
    question->score_interval = NetScoreInterval(question->promoters, question->passives, question->detractors);
  } else if (question->type == QuestionType::kCsat) {
    double sum = 0;
    for (std::size_t i = 0; i < question->counts.size(); ++i) {
      sum += static_cast<double>((i + 1) * question->counts[i].n);
      if (i + 1 >= 4) question->top += question->counts[i].n;
    }
    question->mean = sum / n;
    question->top_interval = WilsonInterval(question->top, question->answered);
  }
}

void AddOutcome(const Statement& row, SurveyResult* survey) {
  const std::uint64_t n = Whole(row, 3);
  const bool has_answer = !row.IsNull(0);
  survey->shown += n;
  if (has_answer) survey->answered += n;
  if (row.ColumnInt(1) != 0) {
    survey->completed += n;
  } else if (row.ColumnInt(2) == 0) {
    survey->open += n;
  } else if (!has_answer) {
    survey->left_at_start += n;
  } else if (QuestionResult* last = FindResult(survey, row.ColumnText(0))) {
    last->left_after += n;
  }
}

}  // namespace

SurveyResult ComputeSurvey(Database* database, const ShownArm& arm, const std::vector<PublishedQuestion>& questions) {
  SurveyResult survey;
  survey.questions = NoAnswers(questions);
  const auto over = [&](const char* sql) { return OverShowings(database, arm, sql); };
  Statement answers =
      over("SELECT question, answer, COUNT(*) FROM given WHERE answer <> '' OR text <> '' GROUP BY 1, 2");
  while (answers.Row()) {
    const PublishedQuestion* asked = FindQuestion(questions, answers.ColumnText(0));
    if (asked != nullptr && asked->Takes(answers.ColumnText(1))) {
      AddAnswers(answers.ColumnText(1), Whole(answers, 2), FindResult(&survey, asked->id));
    } else {
      survey.other_answers += Whole(answers, 2);
    }
  }
  // A showing with an answer was seen, also while its impression is still on its way. With MAX the other columns are
  // those of the greatest row.
  Statement outcomes = over(
      ", last AS (SELECT prompt_id, question, MAX(number) FROM given GROUP BY prompt_id), "
      "outcome AS (SELECT prompt_id, MAX(what = 'impression') AS seen, MAX(what = 'completion') AS completed, "
      "MAX(what IN ('action', 'dismissal', 'snooze', 'failure', 'unknown')) AS ended FROM prompts "
      "WHERE campaign = ?1 AND prompt_id IN (SELECT prompt_id FROM shown) GROUP BY prompt_id) "
      "SELECT question, completed, ended, COUNT(*) FROM outcome LEFT JOIN last USING (prompt_id) "
      "WHERE seen OR question IS NOT NULL GROUP BY 1, 2, 3");
  while (outcomes.Row()) AddOutcome(outcomes, &survey);
  for (QuestionResult& question : survey.questions) {
    Summarize(&question);
    if (question.type != QuestionType::kText) continue;
    Statement texts = over(
        "SELECT time_ms, text FROM given WHERE question = ?5 AND answer = '' AND text <> '' "
        "ORDER BY time_ms DESC, prompt_id LIMIT ?6");
    texts.Text(question.id).Int(static_cast<std::int64_t>(QuestionResult::kMostTexts));
    while (texts.Row()) question.texts.push_back({texts.ColumnInt(0), std::string(texts.ColumnText(1))});
  }
  return survey;
}

std::string AnswerSentence(const QuestionResult& question) {
  const std::string of = ", of " + Plural(question.answered, "answer", "answers");
  if (question.score) {
    return "NPS " + Points(*question.score) + " (95 %: " + Points(question.score_interval.lower) + " to " +
           Points(question.score_interval.upper) + ")" + of;
  }
  if (question.mean) {
    const double share = static_cast<double>(question.top) / static_cast<double>(question.answered);
    return "Mean " + Plain(*question.mean) + " of 5, " + Percent(share) +
           " gave a 4 or a 5 (95 %: " + Percent(question.top_interval.lower) + " to " +
           Percent(question.top_interval.upper) + ")" + of;
  }
  return {};
}

}  // namespace guidon::collector
