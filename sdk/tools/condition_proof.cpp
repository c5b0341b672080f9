#include "sdk/tools/condition_proof.h"

#include <utility>

#include "sdk/core/expression/render.h"

namespace guidon::tools {
namespace {

using expression::Kind;
using expression::Tree;

constexpr std::size_t kMostBytes = 160;
constexpr int kMostDepth = 8;  // of segments within segments, and of reasons within reasons

std::string Listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return out;
}

// Of one comparison that nobody meets.
std::string WhyAlone(const Tree& leaf) {
  const bool is_days = leaf.kind == Kind::kBehavior && leaf.measure == behavior::Measure::kActiveDays;
  const bool wants_less = leaf.op == expression::Op::kLess || leaf.op == expression::Op::kLessEqual;
  if (leaf.kind == Kind::kBehavior && wants_less) return Quoted(leaf) + " would need less than none";
  if (is_days) return Quoted(leaf) + ": that time has fewer days";
  if (leaf.kind == Kind::kNot) return Quoted(leaf) + " excludes everybody of whom something is known";
  return Quoted(leaf) + " is never true";
}

}  // namespace

std::string Quoted(const Tree& tree) {
  std::string text = expression::ToText(tree);
  if (text.size() > kMostBytes) {
    std::size_t end = kMostBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + "…";
  }
  return "`" + text + "`";
}

ConditionProof::ConditionProof(const Source& source, const Tree& tree, bool is_trigger, Timestamp now, Effort* effort)
    : source_(source), tree_(tree), is_trigger_(is_trigger), prover_(source, now, effort) {
  const std::optional<std::size_t> whole = prover_.Add(tree, is_trigger);
  is_followed_ = whole.has_value();
  if (!is_followed_) return;
  numbers_.emplace(&tree, *whole);
  NumberAll(tree, 0);
  AddParts(tree, "", 0, &parts_);
  std::vector<const Tree*> beside;
  AddPlaces(tree, &beside);
}

// Everything that is ever asked about has a number before the first question.
void ConditionProof::NumberAll(const Tree& tree, int depth) {
  if (numbers_.count(&tree) == 0) {
    const std::optional<std::size_t> number = prover_.AddPart(tree, is_trigger_);
    if (!number) {
      is_followed_ = false;
      return;
    }
    numbers_.emplace(&tree, *number);
  }
  for (const Tree& part : tree.of) NumberAll(part, depth);
  const Tree* named = Named(tree, depth);
  if (named != nullptr && numbers_.count(named) == 0) NumberAll(*named, depth + 1);
}

// What the segment says that is named; null when this names none.
const Tree* ConditionProof::Named(const Tree& tree, int depth) const {
  if (tree.kind != Kind::kSegment || is_trigger_ || depth >= kMostDepth) return nullptr;
  const SourceSegment* segment = FindNamed(source_.segments, tree.name);
  return segment != nullptr && segment->when ? &*segment->when : nullptr;
}

// What has to hold all together, through the segments that are named.
void ConditionProof::AddParts(const Tree& tree, const std::string& segment, int depth, std::vector<Part>* out) const {
  if (tree.kind == Kind::kAnd) {
    for (const Tree& part : tree.of) AddParts(part, segment, depth, out);
    return;
  }
  const Tree* named = Named(tree, depth);
  if (named != nullptr && numbers_.count(named) > 0) {
    AddParts(*named, tree.name, depth + 1, out);
  } else {
    out->push_back({&tree, segment});
  }
}

void ConditionProof::AddPlaces(const Tree& tree, std::vector<const Tree*>* beside) {
  if (tree.kind == Kind::kAnd) {
    for (const Tree& part : tree.of) {
      const std::size_t before = beside->size();
      for (const Tree& other : tree.of) {
        if (&other != &part) beside->push_back(&other);
      }
      AddPlaces(part, beside);
      beside->resize(before);
    }
  } else if (tree.kind == Kind::kOr) {
    for (const Tree& side : tree.of) {
      sides_.push_back({&side, *beside});
      AddPlaces(side, beside);
    }
  } else if (tree.kind != Kind::kNot && &tree != &tree_) {
    comparisons_.push_back(&tree);
  }
}

bool ConditionProof::AreNever(const std::vector<const Tree*>& trees, bool from_now) {
  if (!is_followed_) return false;
  std::vector<Goal> goals;
  for (const Tree* tree : trees) goals.push_back({numbers_.at(tree), kTrue});
  return prover_.Ask(goals, from_now).finding == Finding::kNever;
}

// One after the other is left out where the rest is impossible without it.
std::string ConditionProof::WhyNeverTogether(std::vector<Part> parts, bool from_now, int depth) {
  const auto trees_of = [](const std::vector<Part>& of) {
    std::vector<const Tree*> trees;
    for (const Part& part : of) trees.push_back(part.tree);
    return trees;
  };
  for (std::size_t i = parts.size(); i-- > 0 && parts.size() > 1;) {
    std::vector<Part> rest = parts;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    if (AreNever(trees_of(rest), from_now)) parts = std::move(rest);
  }
  std::vector<std::string> words;
  for (const Part& part : parts) {
    words.push_back(Quoted(*part.tree) + (part.segment.empty() ? "" : " of segment '" + part.segment + "'"));
  }
  if (parts.size() == 2) return Listed(words) + " exclude each other";
  if (parts.size() > 2) return Listed(words) + " are never true together";
  const Tree& tree = *parts[0].tree;
  const bool has_passed = from_now && tree.kind == Kind::kNow;
  if (has_passed) return words[0] + " has passed";
  if (tree.kind != Kind::kOr || depth >= kMostDepth) return WhyAlone(tree);
  std::vector<std::string> reasons;
  for (const Tree& side : tree.of) {
    std::vector<Part> of_side;
    AddParts(side, parts[0].segment, 0, &of_side);
    const std::string reason = WhyNeverTogether(std::move(of_side), from_now, depth + 1);
    if (reasons.empty() || reasons.back() != reason) reasons.push_back(reason);
  }
  std::string out;
  for (const std::string& reason : reasons) out += (out.empty() ? "" : "; ") + reason;
  return out;
}

std::optional<std::string> ConditionProof::WhyNever(bool from_now) {
  if (!AreNever({&tree_}, from_now)) return std::nullopt;
  return WhyNeverTogether(parts_, from_now, 0);
}

bool ConditionProof::IsAlways() { return is_followed_ && Example(kFalse | kUnknown).finding == Finding::kNever; }

bool ConditionProof::IsNeverFalse() { return is_followed_ && Example(kFalse).finding == Finding::kNever; }

Conclusion ConditionProof::Example(Truths wanted) {
  if (!is_followed_) return Conclusion();
  return prover_.Ask({{numbers_.at(&tree_), wanted}});
}

std::vector<ConditionProof::DeadSide> ConditionProof::DeadSides() {
  std::vector<DeadSide> out;
  for (const Place& place : sides_) {
    std::vector<const Tree*> trees = place.beside;
    trees.push_back(place.tree);
    if (!AreNever(trees, false)) continue;
    std::vector<Part> parts;
    for (const Tree* tree : trees) AddParts(*tree, "", 0, &parts);
    out.push_back({Quoted(*place.tree), WhyNeverTogether(std::move(parts), false, 0)});
  }
  return out;
}

std::vector<const Tree*> ConditionProof::EmptyTests() {
  std::vector<const Tree*> out;
  if (!is_followed_) return out;
  for (const Tree* tree : comparisons_) {
    if (tree->kind == Kind::kSegment) continue;  // said where it stands
    if (prover_.Ask({{numbers_.at(tree), kFalse}}).finding == Finding::kNever) out.push_back(tree);
  }
  return out;
}

}  // namespace guidon::tools
