// What conditions ask of flags and experiments, decided: within a decision, or for a condition that belongs to none.
// Nesting is bounded, and what leads back to itself is seen, where the loader has not refused that already.
#pragma once

#include <cstdint>
#include <vector>

#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/targeting.h"

namespace guidon::evaluation {

// How deep flags and experiments may rest on each other.
inline constexpr std::uint32_t kPrerequisiteDepth = 16;

// Outcomes of a ruleset's flags that were decided already, so that what a thousand flags ask for is decided once.
struct Memo {
  std::vector<Outcome>* outcomes = nullptr;  // parallel to Ruleset::flags
  std::vector<std::uint32_t> costs;          // likewise; kNotDecided
  static constexpr std::uint32_t kNotDecided = UINT32_MAX;
};

// Overrides that were met below a decision, for its explanation. Each once.
struct MetOverrides {
  std::vector<std::uint32_t> flags;
  std::vector<std::uint32_t> experiments;
  std::vector<std::uint32_t> holdouts;
};

struct Question {
  const ruleset::Ruleset& rules;
  const PreparedContext& context;
  Timestamp now;
  const Forced* forced = nullptr;
  Memo* memo = nullptr;
  MetOverrides* met_overrides = nullptr;
};

class Prerequisites final : public Decider {
 public:
  // Borrows the question, and `met`, which receives the exposures of what was met; null: they are not asked for.
  // `flag`: that is decided, null for a condition of nobody's; `asker`: on whose behalf, null where nobody asked.
  explicit Prerequisites(const Question& question, Outcome* met = nullptr, const ruleset::Flag* flag = nullptr,
                         const Prerequisites* asker = nullptr) noexcept
      : question_(question),
        met_(met),
        flag_(flag),
        asker_(asker),
        depth_(asker == nullptr ? 0 : asker->depth_ + 1),
        targeting_(question.rules, question.context, question.now, this) {}
  Prerequisites(const Prerequisites&) = delete;  // the targeting points to it
  Prerequisites& operator=(const Prerequisites&) = delete;

  // Evaluates conditions that ask this, with one budget and one boundary for all of it.
  Targeting& targeting() noexcept { return targeting_; }
  const Targeting& targeting() const noexcept { return targeting_; }
  // Something that was met was forced.
  bool is_forced() const noexcept { return is_forced_; }
  // A flag that was asked for rests on one that is being decided.
  bool is_circular() const noexcept { return is_circular_; }

  const ruleset::FlagValue* FlagOf(std::uint32_t flag) noexcept override;
  Met VariantOf(std::uint32_t experiment) noexcept override;

 private:
  bool MayAsk() noexcept;
  bool IsBeingDecided(const ruleset::Flag& flag) const noexcept;
  void Take(const Outcome& outcome, std::uint32_t cost) noexcept;

  const Question& question_;
  Outcome* met_;
  const ruleset::Flag* const flag_;
  const Prerequisites* const asker_;
  const std::uint32_t depth_;
  bool is_forced_ = false;
  bool is_circular_ = false;
  Targeting targeting_;
};

// Each object once. An experiment takes the place of a holdout where there is no room. False: there is none for it.
bool AddExposure(const Exposure& exposure, Outcome* out) noexcept;

// Decides a flag, and says what it cost, in nodes and steps. More than kStepBudget: it was cut short.
std::uint32_t DecideFlag(const Question& question, const ruleset::Flag& flag, const Prerequisites* asker, Trace* trace,
                         Outcome* out);
// The part of it that takes the flag's rules.
std::uint32_t WalkFlag(const Question& question, const ruleset::Flag& flag, const Prerequisites* asker, Trace* trace,
                       Outcome* out);
// Likewise which variant the unit is in, whatever flags' rules say: Outcome::variant, or kNone. Reasons kNoUnit,
// kInvalidUnit and kBudget: not known.
std::uint32_t DecideVariant(const Question& question, const ruleset::Experiment& experiment, const Prerequisites* asker,
                            Trace* trace, Outcome* out);

}  // namespace guidon::evaluation
