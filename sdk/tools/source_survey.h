// The questions of a campaign as people write them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "guidon/value.h"
#include "sdk/core/ruleset/survey.h"
#include "sdk/tools/located_json.h"

namespace guidon::tools {

struct SourceOption {
  std::string id;
  std::string label;
};

struct SourceBranch {
  List answers;    // scores or options' ids; empty: whatever the answer is
  std::string go;  // a question's id, or "end"
  const Located* at = nullptr;
};

struct SourceQuestion {
  std::string id;
  ruleset::QuestionType type = ruleset::QuestionType::kText;
  std::string label;
  bool is_required = false;
  bool is_shuffled = false;
  std::int64_t max_chars = 1'000;
  std::vector<SourceOption> options;
  std::vector<SourceBranch> branches;
  const Located* at = nullptr;
};

// What a translation says of a question.
struct SourceQuestionTexts {
  std::string label;
  std::vector<std::string> options;  // parallel to SourceQuestion::options
};

// Reads the member of that name as words that people read, and reports.
using ReadWords = std::function<std::string(const Located& object, const std::string& member)>;

}  // namespace guidon::tools
