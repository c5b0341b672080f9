#include "sdk/tools/formula.h"

#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/event_condition.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

constexpr std::size_t kMostAtoms = 1'000;
constexpr std::size_t kMostNodes = 20'000;

Truths Not(Truths of) {
  return static_cast<Truths>((of & kUnknown) | ((of & kTrue) != 0 ? kFalse : 0) | ((of & kFalse) != 0 ? kTrue : 0));
}

Truths And(Truths a, Truths b) {
  Truths out = static_cast<Truths>((a | b) & kFalse);
  if ((a & b & kTrue) != 0) out |= kTrue;
  const bool can_be_unknown =
      ((a & kUnknown) != 0 && (b & (kUnknown | kTrue)) != 0) || ((b & kUnknown) != 0 && (a & kTrue) != 0);
  return can_be_unknown ? static_cast<Truths>(out | kUnknown) : out;
}

std::string Published(const Tree& leaf, bool is_of_event) {
  if (!is_of_event) return expression::ToJson(leaf);
  std::string out;
  json::Writer writer(&out);
  EventConditionToJson(leaf, writer);
  return out;
}

}  // namespace

std::size_t Formulas::AddNode(Node node) {
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

std::optional<std::size_t> Formulas::AddLeaf(const Tree& tree, bool is_trigger) {
  if (tree.kind == Kind::kSegment) {
    const SourceSegment* segment = FindNamed(source_.segments, tree.name);
    if (segment != nullptr && segment->when) {
      const auto [known, is_new] = segments_.emplace(tree.name, std::nullopt);
      if (!is_new) return known->second;
      const std::optional<std::size_t> node = Add(*segment->when, false);
      segments_[tree.name] = node;
      return node;
    }
  }
  std::string published = Published(tree, is_trigger);
  const auto known = atom_nodes_.find({is_trigger, published});
  if (known != atom_nodes_.end()) return known->second;
  if (atoms_.size() == kMostAtoms) return std::nullopt;
  atoms_.push_back({tree, is_trigger, published});
  const std::size_t node = AddNode({tree.kind, atoms_.size() - 1, {}});
  atom_nodes_.emplace(std::pair(is_trigger, std::move(published)), node);
  return node;
}

std::optional<std::size_t> Formulas::Add(const Tree& tree, bool is_trigger) {
  if (nodes_.size() >= kMostNodes) return std::nullopt;
  if (expression::IsLeaf(tree.kind)) return AddLeaf(tree, is_trigger);
  Node node{tree.kind, 0, {}};
  for (const Tree& part : tree.of) {
    const std::optional<std::size_t> child = Add(part, is_trigger);
    if (!child) return std::nullopt;
    node.of.push_back(*child);
  }
  return AddNode(std::move(node));
}

std::set<std::string> Formulas::segments() const {
  std::set<std::string> names;
  for (const auto& [name, node] : segments_) names.insert(name);
  return names;
}

std::vector<bool> Formulas::AtomsOf(const std::vector<std::size_t>& formulas) const {
  std::vector<bool> is_wanted(nodes_.size(), false);
  for (const std::size_t formula : formulas) is_wanted[formula] = true;
  std::vector<bool> atoms(atoms_.size(), false);
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    if (!is_wanted[i]) continue;
    if (expression::IsLeaf(nodes_[i].kind)) atoms[nodes_[i].atom] = true;
    for (const std::size_t child : nodes_[i].of) is_wanted[child] = true;
  }
  return atoms;
}

void Formulas::Evaluate(const std::vector<Truths>& atoms, std::vector<Truths>* formulas) const {
  formulas->resize(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (expression::IsLeaf(node.kind)) {
      (*formulas)[i] = atoms[node.atom];
      continue;
    }
    // a || b is !(!a && !b), in three truths as in two.
    const bool is_or = node.kind == Kind::kOr;
    Truths all = kTrue;
    for (const std::size_t child : node.of) {
      const Truths part = (*formulas)[child];
      all = And(all, node.kind == Kind::kAnd ? part : Not(part));
    }
    (*formulas)[i] = is_or ? Not(all) : all;
  }
}

}  // namespace guidon::tools
