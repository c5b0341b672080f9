// What people answered to a campaign's questions, and where they left. Everything is by showing: of several answers to
// one question of one showing the last one given holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/collector/database.h"
#include "samples/collector/published_survey.h"
#include "samples/collector/statistics.h"

namespace guidon::collector {

struct AnswerCount {
  std::string id;     // the score, or the option's
  std::string label;  // of an option
  std::uint64_t n = 0;
};

struct AnswerText {
  std::int64_t time_ms = 0;
  std::string text;
};

struct QuestionResult {
  static constexpr std::size_t kMostTexts = 20;

  std::string id;
  ruleset::QuestionType type = ruleset::QuestionType::kText;
  std::string label;
  std::uint64_t answered = 0;       // showings
  std::uint64_t left_after = 0;     // of these, showings that ended here without completing
  std::vector<AnswerCount> counts;  // every score or option, in the question's order; empty for a text

  // nps: the share of promoters (9, 10) minus that of detractors (0 to 6), -1 to 1.
  std::uint64_t promoters = 0;
  std::uint64_t passives = 0;
  std::uint64_t detractors = 0;
  std::optional<double> score;
  Interval score_interval;

  // csat: the mean, and how many gave a 4 or a 5.
  std::optional<double> mean;
  std::uint64_t top = 0;
  Interval top_interval;

  std::vector<AnswerText> texts;  // the newest first
};

struct SurveyResult {
  std::uint64_t shown = 0;     // showings that were seen
  std::uint64_t answered = 0;  // with at least one answer
  std::uint64_t completed = 0;
  std::uint64_t left_at_start = 0;  // ended without an answer
  std::uint64_t open = 0;           // nobody knows yet how they end
  std::uint64_t other_answers = 0;  // to what the newest datafile does not ask, or does not take
  std::vector<QuestionResult> questions;
};

// An arm of a campaign that is shown something.
struct ShownArm {
  std::string campaign;
  std::int64_t iteration = 0;
  std::string unit_kind;
  std::string variant;
};

// Of the arm's units that are analysed.
SurveyResult ComputeSurvey(Database* database, const ShownArm& arm, const std::vector<PublishedQuestion>& questions);

// "NPS +23.1 (95 %: +3.9 to +41.0), of 52 answers"; of a score only.
std::string AnswerSentence(const QuestionResult& question);

}  // namespace guidon::collector
