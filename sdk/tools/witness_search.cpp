#include <algorithm>
#include <utility>

#include "sdk/tools/witness_choices.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kMostSteps = 20'000;     // of one search
constexpr std::size_t kMostConfirmations = 8;  // likewise

}  // namespace

// Depth-first over the choices of one variable after the other.
class Prover::Search {
 public:
  Search(const Prover& prover, const std::vector<Goal>& goals, bool from_now)
      : prover_(prover), goals_(goals), from_now_(from_now), truths_(prover.formulas_.atoms().size(), kAnyTruth) {
    std::vector<std::size_t> roots;
    for (const Goal& goal : goals) roots.push_back(prover.formula_of_[goal.condition]);
    const std::vector<bool> atoms = prover.formulas_.AtomsOf(roots);
    for (const Variable& variable : prover.variables_) {
      const bool takes_part =
          std::any_of(variable.atoms.begin(), variable.atoms.end(), [&](std::size_t atom) { return atoms[atom]; });
      if (takes_part) variables_.push_back(&variable);
    }
    std::stable_sort(variables_.begin(), variables_.end(),
                     [](const Variable* a, const Variable* b) { return a->choices.size() < b->choices.size(); });
    chosen_.assign(variables_.size(), nullptr);
  }

  Conclusion Run() {
    Conclusion answer;
    if (variables_.empty()) return answer;
    only_real_ = true;
    if (Narrow() && Step(0)) {
      answer.finding = Finding::kWitness;
      answer.witness = std::move(witness_);
      return answer;
    }
    if (steps_ >= kMostSteps || !IsAffordable()) return answer;
    only_real_ = false;
    if (confirmations_ == 0 && AreAllReal()) {
      answer.finding = Finding::kNever;
      return answer;
    }
    is_possible_ = false;
    if (Narrow()) Step(0);
    if (!is_possible_ && steps_ < 2 * kMostSteps && IsAffordable()) answer.finding = Finding::kNever;
    return answer;
  }

 private:
  bool IsOpen(const Choice& choice) const {
    if (only_real_ && !choice.is_real) return false;
    return !from_now_ || !choice.moment || *choice.moment >= prover_.now_;
  }

  bool AreAllReal() const {
    return std::all_of(variables_.begin(), variables_.end(), [](const Variable* variable) {
      return std::all_of(variable->choices.begin(), variable->choices.end(),
                         [](const Choice& choice) { return choice.is_real; });
    });
  }

  // Drops choices that alone leave a goal impossible, until none is left that does. False: there is no way.
  bool Narrow() {
    open_.assign(variables_.size(), {});
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      for (const Choice& choice : variables_[i]->choices) {
        if (IsOpen(choice)) open_[i].push_back(&choice);
      }
      Release(i);
    }
    for (bool has_changed = true; has_changed && IsAffordable();) {
      has_changed = false;
      for (std::size_t i = 0; i < variables_.size() && IsAffordable(); ++i) {
        std::vector<const Choice*> left;
        for (const Choice* choice : open_[i]) {
          Choose(i, *choice);
          if (IsPossible(nullptr)) left.push_back(choice);
        }
        has_changed |= left.size() < open_[i].size();
        open_[i] = std::move(left);
        Release(i);
        if (open_[i].empty()) return false;
      }
    }
    return true;
  }

  bool IsAffordable() const { return prover_.effort_->left > 0; }

  // `is_settled`, when given: nothing that is still open matters.
  bool IsPossible(bool* is_settled) {
    const std::uint64_t cost = prover_.formulas_.size() + 1;
    prover_.effort_->left -= std::min(prover_.effort_->left, cost);
    prover_.formulas_.Evaluate(truths_, &formulas_);
    if (is_settled != nullptr) *is_settled = true;
    for (const Goal& goal : goals_) {
      const Truths can_be = formulas_[prover_.formula_of_[goal.condition]];
      if ((can_be & goal.wanted) == 0) return false;
      if (is_settled != nullptr) *is_settled &= (can_be & ~goal.wanted) == 0;
    }
    return true;
  }

  // The variable may be anything that is still open again.
  void Release(std::size_t at) {
    const Variable& variable = *variables_[at];
    chosen_[at] = nullptr;
    for (std::size_t i = 0; i < variable.atoms.size(); ++i) {
      Truths any = 0;
      for (const Choice* choice : open_[at]) any |= choice->truths[i];
      truths_[variable.atoms[i]] = any;
    }
  }

  void Choose(std::size_t at, const Choice& choice) {
    chosen_[at] = &choice;
    for (std::size_t i = 0; i < choice.truths.size(); ++i) truths_[variables_[at]->atoms[i]] = choice.truths[i];
  }

  // True when a witness was found, or, in the second run, that somebody is possible.
  bool Step(std::size_t at) {
    if (++steps_ >= (only_real_ ? kMostSteps : 2 * kMostSteps) || !IsAffordable()) return false;
    bool is_settled = false;
    if (!IsPossible(&is_settled)) return false;
    if (is_settled || at == variables_.size()) return Settle();
    bool is_found = false;
    for (const Choice* choice : open_[at]) {
      Choose(at, *choice);
      is_found = Step(at + 1);
      if (is_found) break;
    }
    if (!is_found) Release(at);
    return is_found;
  }

  bool Settle() {
    if (!only_real_) return is_possible_ = true;
    if (confirmations_ == kMostConfirmations) return false;
    ++confirmations_;
    witness_ = Build();
    return prover_.Confirms(goals_, witness_);
  }

  // Null when it does not matter, and so is left out.
  const Choice* ChoiceOf(std::size_t at) const {
    const bool is_any = open_[at].size() == variables_[at]->choices.size();
    return chosen_[at] != nullptr || is_any ? chosen_[at] : open_[at].front();
  }

  Situation Build() const {
    Situation out;
    out.now = prover_.now_;
    bool has_events = false;
    bool is_known = true;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const Choice* choice = ChoiceOf(i);
      if (choice == nullptr) continue;
      if (choice->moment) out.now = *choice->moment;
      out.is_timed |= choice->moment.has_value() || choice->event.has_value();
      has_events |= choice->event.has_value();
      is_known &= !choice->event || choice->event->is_known;
    }
    if (has_events && is_known) out.history.emplace();
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      const Choice* choice = ChoiceOf(i);
      if (choice == nullptr) continue;
      const Variable& variable = *variables_[i];
      if (choice->event && is_known) {
        const std::vector<HistoryEntry> entries = HistoryOf(variable.name, *choice->event, out.now);
        out.history->insert(out.history->end(), entries.begin(), entries.end());
      } else if (choice->value) {
        (variable.is_of_event ? out.properties : out.attributes).emplace_back(variable.name, *choice->value);
      }
    }
    return out;
  }

  const Prover& prover_;
  const std::vector<Goal>& goals_;
  bool from_now_;
  bool only_real_ = true;
  std::vector<const Variable*> variables_;        // that take part
  std::vector<const Choice*> chosen_;             // parallel
  std::vector<std::vector<const Choice*>> open_;  // parallel, what is not dropped
  std::vector<Truths> truths_;                    // by atom
  std::vector<Truths> formulas_;
  Situation witness_;
  std::size_t steps_ = 0;
  std::size_t confirmations_ = 0;
  bool is_possible_ = false;
};

Conclusion Prover::Ask(const std::vector<Goal>& goals, bool from_now) {
  if (effort_->left == 0) return Conclusion();
  if (judge_ == nullptr) Prepare();
  return Search(*this, goals, from_now).Run();
}

}  // namespace guidon::tools
