// A condition as a tree: what an expression such as "plan == 'pro' && version(app.version) >= version('4.2.0')" says,
// and what the published datafile holds. A plain value type.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "guidon/value.h"
#include "sdk/core/behavior/behavior.h"

namespace guidon::expression {

enum class Kind : std::uint8_t {
  kAnd,       // of: two or more
  kOr,        // of: two or more
  kNot,       // of: one
  kCompare,   // name, op, value: a text, number or bool
  kVersion,   // name, op, value: a text with three numbers, "4.2.0"
  kDate,      // name, op (no equality), value: a text in UTC, "2026-12-01T00:00:00Z"
  kNow,       // op kGreaterEqual (since) or kLess (before), value as in kDate
  kIn,        // name, values
  kText,      // name, op kContains to kMatches, value: a text
  kList,      // name: of a list, op kContainsAny to kContainsNone, values
  kSize,      // name: of a list, op, value: a whole number
  kType,      // name, op kEqual or kNotEqual, value: one of kTypeNames
  kCidr,      // name, values: texts such as "10.0.0.0/8"
  kExists,    // name
  kSegment,   // name: the segment's
  kBehavior,  // measure, name: the event's, window, op, value: a whole number; of what has elapsed, which has no
              // window and no equality, a text: "7d"
  kFlag,      // name: the flag's, op, value: a text, number or bool
  kVariant,   // name: the experiment's, op kEqual or kNotEqual, value: a text
  kVariantIn  // name: the experiment's, values: texts
};

enum class Op : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kContains,
  kStartsWith,
  kEndsWith,
  kMatchesGlob,
  kMatches,
  kContainsAny,
  kContainsAll,
  kContainsNone
};

struct Tree {
  Kind kind = Kind::kExists;
  Op op = Op::kEqual;
  std::string name;
  bool lower = false;  // of kCompare, kIn and kText: capitals are folded before texts are compared
  Value value;
  List values;
  behavior::Measure measure = behavior::Measure::kCount;
  behavior::Window window;
  std::vector<Tree> of;
};

inline bool IsLeaf(Kind kind) { return kind != Kind::kAnd && kind != Kind::kOr && kind != Kind::kNot; }

// Its `name` is an attribute's.
inline bool ReadsAttribute(Kind kind) {
  return IsLeaf(kind) && kind != Kind::kNow && kind != Kind::kSegment && kind != Kind::kBehavior &&
         kind != Kind::kFlag && kind != Kind::kVariant && kind != Kind::kVariantIn;
}

inline bool operator==(const Tree& a, const Tree& b) {
  return a.kind == b.kind && a.op == b.op && a.name == b.name && a.lower == b.lower && a.value == b.value &&
         a.values == b.values && a.measure == b.measure && a.window == b.window && a.of == b.of;
}
inline bool operator!=(const Tree& a, const Tree& b) { return !(a == b); }

// Calls `visit` with every leaf, left to right.
template <class Visit>
void ForEachLeaf(const Tree& tree, Visit&& visit) {
  if (IsLeaf(tree.kind)) visit(tree);
  for (const Tree& part : tree.of) ForEachLeaf(part, visit);
}

}  // namespace guidon::expression
