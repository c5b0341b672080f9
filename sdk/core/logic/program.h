// JsonLogic (jsonlogic.com, as json-logic-js 2.0 defines it) with operators for versions, affixes and shares, compiled:
// a flat tree in pre-order. Immutable; any number of readers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guidon/value.h"

namespace guidon::logic {

enum class Op : std::uint8_t {
  kLiteral,  // `index` of Program::constants
  kList,     // its children's values
  kVar,
  kPath,  // a `var` whose name is a text: `index` of Program::paths; a child, if there is one, is the default
  kMissing,
  kMissingSome,
  kIf,
  kAnd,
  kOr,
  kEqual,
  kNotEqual,
  kSame,
  kNotSame,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kNot,
  kTruth,
  kAdd,
  kMultiply,
  kSubtract,
  kDivide,
  kRemainder,
  kLeast,
  kMost,
  kJoin,
  kPart,
  kIn,
  kMerge,
  kMap,
  kFilter,
  kReduce,
  kAll,
  kNone,
  kSome,
  kLog,
  kStartsWith,
  kEndsWith,
  kVersion,
  kFractional,
};

// How `fractional` finds a place: docs/dialects.md.
enum class Fractional : std::uint8_t { kV1, kV2, kV3 };

struct Node {
  Op op = Op::kLiteral;
  std::uint32_t end = 0;       // index behind this node and its children
  std::uint32_t children = 0;  // right below it
  std::uint32_t index = 0;
};

struct Program {
  std::vector<Node> nodes;
  std::vector<Value> constants;
  std::vector<std::vector<std::string>> paths;
  Fractional fractional = Fractional::kV2;
  std::string extra;  // the object of the data that has `flagKey` and `timestamp`, in seconds; empty: none
};

}  // namespace guidon::logic
