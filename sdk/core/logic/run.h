// Runs a program. Never fails but by its budgets, and never loops: a program has no other loop than through lists.
#pragma once

#include <cstdint>
#include <string_view>

#include "guidon/context.h"
#include "guidon/time.h"
#include "sdk/core/logic/program.h"
#include "sdk/core/logic/term.h"

namespace guidon::logic {

// Nodes that one run may visit; work over long texts counts as more.
inline constexpr std::uint32_t kStepBudget = 10'000;

// What `var` reads.
struct Input {
  const Context* context = nullptr;  // attributes, and Program::extra; null: `root`
  const Value* root = nullptr;
  std::string_view flag;  // the key of the flag whose rule it is
  Timestamp now{};
};

// The unit or the attribute by which `fractional` hashes.
inline constexpr std::string_view kTargetingKey = "targetingKey";

class Run {
 public:
  Run(const Program& program, const Input& input) noexcept : program_(program), input_(input) {}
  Run(const Run&) = delete;  // its result points into it
  Run& operator=(const Run&) = delete;

  // Valid as long as this, the program and the input. kUndefined when a budget was used up.
  Term Result();
  bool is_over_budget() const noexcept { return steps_ > kStepBudget || is_full_; }
  // The value depends on the present.
  bool asked_for_time() const noexcept { return asked_for_time_; }
  std::uint32_t steps() const noexcept { return steps_; }

 private:
  class Arguments;
  Term Take(std::uint32_t index, const Term& data);
  Term Lookup(const std::vector<std::string>& steps, const Term& data);
  Term Root(const std::vector<std::string>& steps, std::size_t* taken);
  Term Variable(const Node& node, std::uint32_t index, const Term& data);
  Term VariableNamed(const Term& name, const Term& data);
  Term Missing(const Term& names, const Term& data);
  Term MissingOf(std::uint32_t index, const Term& data);
  Term MissingSome(std::uint32_t index, const Term& data);
  Term If(std::uint32_t index, const Term& data);
  Term AndOr(std::uint32_t index, const Term& data, bool decisive);
  Term Between(std::uint32_t index, const Term& data, bool or_equal);
  Term Arithmetic(std::uint32_t index, const Term& data);
  Term Join(std::uint32_t index, const Term& data);
  Term Part(const Term& text, const Term& start, const Term& length);
  Term In(const Term& wanted, const Term& where);
  Term Items(std::uint32_t index, const Term& data);
  Term Merge(std::uint32_t index, const Term& data);
  Term MapOrFilter(std::uint32_t index, const Term& data, bool is_filter);
  Term Reduce(std::uint32_t index, const Term& data);
  Term Quantify(std::uint32_t index, const Term& data);

  // own_operators.cpp
  Term Affix(std::uint32_t index, const Term& data);
  Term Version(std::uint32_t index, const Term& data);
  Term Fractional(std::uint32_t index, const Term& data);
  bool TargetingKey(std::string_view* key);

  Term Argument(std::uint32_t index, std::uint32_t number, const Term& data);
  std::uint32_t ArgumentAt(std::uint32_t index, std::uint32_t number) const noexcept;
  Term Kept(std::string_view text);
  Term OfTerms(const std::vector<Term>& terms);
  Term Full() noexcept {
    is_full_ = true;
    return Term();
  }
  void Spend(std::size_t bytes) noexcept;

  const Program& program_;
  const Input& input_;
  Arena arena_;
  std::uint32_t steps_ = 0;
  bool is_full_ = false;
  bool asked_for_time_ = false;
};

}  // namespace guidon::logic
