// What the evaluator that devices run says to conditions: they are published as rules and decided as `guidon eval`
// decides. Reasoning about rules rests on its answers alone.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guidon/time.h"
#include "guidon/value.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/formula.h"
#include "sdk/tools/history.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// Somebody at some moment.
struct Situation {
  std::vector<std::pair<std::string, Value>> attributes;
  std::vector<std::pair<std::string, Value>> properties;  // of the event that happens
  Timestamp now{};
  bool is_timed = false;                             // the moment matters
  std::optional<std::vector<HistoryEntry>> history;  // nothing: not known
};

class Judge {
 public:
  // Published conditions; `segments` of the source are those that they name, and that these name in turn.
  Judge(const Source& source, const std::vector<std::string>& conditions, const std::set<std::string>& segments = {});

  // False: the evaluator does not know this condition, and nothing may be concluded from it.
  bool Knows(std::size_t condition) const { return flags_[condition] != nullptr; }

  // The truth of each condition that is asked for, kAnyTruth of one it does not know.
  std::vector<Truths> Ask(const Situation& situation, const std::vector<std::size_t>& conditions) const;

 private:
  std::shared_ptr<const ruleset::Ruleset> rules_;
  std::vector<const ruleset::Flag*> flags_;
};

}  // namespace guidon::tools
