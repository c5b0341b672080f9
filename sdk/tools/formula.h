// Conditions as formulas over atoms, for reasoning about them: every comparison that is made anywhere is one atom,
// however often it stands there, and segments are put in where they are named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/expression/expression.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// What a condition can still come out as: a set of the three truths.
using Truths = std::uint8_t;
inline constexpr Truths kTrue = 1;
inline constexpr Truths kFalse = 2;
inline constexpr Truths kUnknown = 4;
inline constexpr Truths kAnyTruth = kTrue | kFalse | kUnknown;

struct Atom {
  expression::Tree leaf;
  bool is_of_event = false;  // it asks a property of the event instead of the context
  std::string published;     // its JSON, which tells atoms apart
};

class Formulas {
 public:
  explicit Formulas(const Source& source) : source_(source) {}

  // The formula's number. Nothing when it cannot be followed: a segment that is made of itself, or too much. Segments
  // without an expression are atoms. `is_trigger`: attributes are properties of the event.
  std::optional<std::size_t> Add(const expression::Tree& tree, bool is_trigger);

  const std::vector<Atom>& atoms() const { return atoms_; }
  // That were put in.
  std::set<std::string> segments() const;
  // By formula, whether an atom takes part in it.
  std::vector<bool> AtomsOf(const std::vector<std::size_t>& formulas) const;

  // From what each atom can be to what each formula can be; parts that share an atom are taken as independent, which
  // leaves more possible, never less.
  void Evaluate(const std::vector<Truths>& atoms, std::vector<Truths>* formulas) const;
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    expression::Kind kind = expression::Kind::kAnd;  // kAnd, kOr, kNot, or anything else for an atom
    std::size_t atom = 0;
    std::vector<std::size_t> of;  // each before this one
  };

  std::size_t AddNode(Node node);
  std::optional<std::size_t> AddLeaf(const expression::Tree& tree, bool is_trigger);

  const Source& source_;
  std::vector<Atom> atoms_;
  std::vector<Node> nodes_;
  std::map<std::pair<bool, std::string>, std::size_t> atom_nodes_;
  std::map<std::string, std::optional<std::size_t>> segments_;  // nothing while it is being followed
};

}  // namespace guidon::tools
