// Decides about conditions what can be decided: whether anybody can meet them, who, and that nobody can. Sound, not
// complete: "never" is a proof, a witness is confirmed by the evaluator, and everything else is `kUndecided`.
//
// The idea: the comparisons of one attribute come out together in finitely many ways (sample_values.h), so do the
// counts of one event and the hours of the clock, and these do not depend on each other. A search goes through the
// choices, leaving out whatever can no longer come to what is asked. Example: for `seats > 3 && plan == 'pro'` there
// are two attributes with a handful of ways each. Counter-example: of matches() nothing is known but that it may come
// out any way, so a condition that would need two patterns to exclude each other is never called impossible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guidon/time.h"
#include "sdk/tools/formula.h"
#include "sdk/tools/judge.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

enum class Finding { kNever, kWitness, kUndecided };

struct Conclusion {
  Finding finding = Finding::kUndecided;
  Situation witness;  // of kWitness
};

// That a condition comes out as one of these.
struct Goal {
  std::size_t condition = 0;
  Truths wanted = kTrue;
};

// How much all of the searches together may look at, so that no source keeps anybody waiting.
struct Effort {
  std::uint64_t left = 2'000'000'000;
};

// Several conditions, so that they can be asked together. Add all, then ask.
class Prover {
 public:
  Prover(const Source& source, Timestamp now, Effort* effort);
  ~Prover();

  // The condition's number. Nothing when it cannot be followed.
  std::optional<std::size_t> Add(const expression::Tree& tree, bool is_trigger = false);

  // Likewise of something that is asked about and never confirmed, such as a part of a condition.
  std::optional<std::size_t> AddPart(const expression::Tree& tree, bool is_trigger = false);

  // Whether somebody meets all of the goals at once. With `from_now`, only moments from now on count.
  Conclusion Ask(const std::vector<Goal>& goals, bool from_now = false);

 private:
  struct Choice;
  struct Variable;
  class Search;

  void Prepare();
  void AddAttributes(std::size_t stand_ins);
  void AddEvents();
  void AddClock();
  void AddRest();
  bool Confirms(const std::vector<Goal>& goals, const Situation& situation) const;

  const Source& source_;
  Timestamp now_;
  Effort* effort_;
  Formulas formulas_;
  std::vector<std::string> published_;   // by condition; empty for parts
  std::vector<std::size_t> formula_of_;  // by condition
  std::vector<std::size_t> judged_as_;   // likewise, its number in
  std::unique_ptr<Judge> judge_;         // of all atoms, then of all conditions but parts, then of stand-ins
  std::vector<Variable> variables_;
};

// The witness as `guidon eval --context` and `guidon explain --context` read it, on one line; empty when it holds what
// JSON cannot say, or much. `event` is the one whose properties it has.
std::string ContextText(const Situation& situation, const std::string& event = "");

}  // namespace guidon::tools
