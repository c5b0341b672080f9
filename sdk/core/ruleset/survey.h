// The questions of a campaign as the device evaluates them; their words are among the content's texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace guidon::ruleset {

enum class QuestionType : std::uint8_t { kNps, kCsat, kChoice, kChoices, kText };

inline constexpr QuestionType kQuestionTypes[] = {QuestionType::kNps, QuestionType::kCsat, QuestionType::kChoice,
                                                  QuestionType::kChoices, QuestionType::kText};

// "nps", "csat", …: as datafiles say it.
std::string_view QuestionTypeName(QuestionType type) noexcept;

inline bool HasOptions(QuestionType type) noexcept {
  return type == QuestionType::kChoice || type == QuestionType::kChoices;
}

struct ScoreRange {
  int least = 0;
  int most = 0;  // below `least`: no score at all
};
inline ScoreRange RangeOf(QuestionType type) noexcept {
  if (type == QuestionType::kNps) return {0, 10};
  if (type == QuestionType::kCsat) return {1, 5};
  return {0, -1};
}

// Where a branch or the order of questions leads when the survey is over.
inline constexpr std::uint8_t kSurveyEnd = UINT8_MAX;

// The word for it in datafiles; no question's id.
inline constexpr std::string_view kSurveyEndName = "end";

struct SurveyBranch {
  std::vector<std::uint8_t> answers;  // scores, or indexes of options; empty: whatever the answer is
  std::uint8_t go = kSurveyEnd;       // a later question's index
};

struct CampaignQuestion {
  std::string id;
  QuestionType type = QuestionType::kText;
  bool is_required = false;
  bool is_shuffled = false;
  std::vector<std::string> options;  // ids
  std::uint32_t max_chars = 1'000;
  std::vector<SurveyBranch> branches;  // the first that fits counts; without one the next question follows
};

// How many texts a question has: its label, then its options'.
inline std::size_t TextsOf(const CampaignQuestion& question) noexcept { return 1 + question.options.size(); }

}  // namespace guidon::ruleset
