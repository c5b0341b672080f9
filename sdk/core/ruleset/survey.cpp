#include "sdk/core/ruleset/survey.h"

namespace guidon::ruleset {

std::string_view QuestionTypeName(QuestionType type) noexcept {
  switch (type) {
    case QuestionType::kNps: return "nps";
    case QuestionType::kCsat: return "csat";
    case QuestionType::kChoice: return "choice";
    case QuestionType::kChoices: return "choices";
    case QuestionType::kText: return "text";
  }
  return "text";
}

}  // namespace guidon::ruleset
