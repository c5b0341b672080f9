// What can be proved of one condition, and why, in words.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/tools/source_reader.h"
#include "sdk/tools/witness.h"

namespace guidon::tools {

class ConditionProof {
 public:
  ConditionProof(const Source& source, const expression::Tree& tree, bool is_trigger, Timestamp now, Effort* effort);

  // Why nobody ever meets it; with `from_now`, why nobody does any more.
  std::optional<std::string> WhyNever(bool from_now = false);

  // Everybody meets it, whatever is known of them.
  bool IsAlways();
  // It is never false: who does not meet it is somebody of whom something is not known.
  bool IsNeverFalse();

  // One side of || within it that nobody meets who comes so far, and why.
  struct DeadSide {
    std::string side;
    std::string why;
  };
  std::vector<DeadSide> DeadSides();
  // The comparisons within it that are never false.
  std::vector<const expression::Tree*> EmptyTests();

  // Somebody who meets it; `wanted` may ask for somebody who does not.
  Conclusion Example(Truths wanted = kTrue);

 private:
  struct Part {
    const expression::Tree* tree = nullptr;
    std::string segment;  // that it stands in, or empty
  };
  // A side of ||, and what has to hold beside it.
  struct Place {
    const expression::Tree* tree = nullptr;
    std::vector<const expression::Tree*> beside;
  };

  void NumberAll(const expression::Tree& tree, int depth);
  const expression::Tree* Named(const expression::Tree& tree, int depth) const;
  void AddParts(const expression::Tree& tree, const std::string& segment, int depth, std::vector<Part>* out) const;
  void AddPlaces(const expression::Tree& tree, std::vector<const expression::Tree*>* beside);
  bool AreNever(const std::vector<const expression::Tree*>& trees, bool from_now);
  std::string WhyNeverTogether(std::vector<Part> parts, bool from_now, int depth);

  const Source& source_;
  const expression::Tree& tree_;
  bool is_trigger_;
  Prover prover_;
  bool is_followed_ = true;
  std::vector<Part> parts_;
  std::vector<Place> sides_;
  std::vector<const expression::Tree*> comparisons_;
  std::map<const expression::Tree*, std::size_t> numbers_;
};

// "`plan == 'pro'`", cut where it is long.
std::string Quoted(const expression::Tree& tree);

}  // namespace guidon::tools
