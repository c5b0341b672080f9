// Conditions as the device evaluates them: flat nodes in pre-order, each with the place behind its subtree, constants
// converted at load. Three-valued: see evaluation/targeting.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace guidon::ruleset {

enum class Op : std::uint8_t {
  kAnd,
  kOr,
  kNot,
  kCompare,   // the slot against one constant, in the constant's type
  kIn,        // the slot against a list
  kContains,  // text
  kStartsWith,
  kEndsWith,
  kMatchesGlob,
  kMatches,      // a pattern; the slot says whether it matches
  kInDigests,    // the slot, a digest, against a list: `first` is of Ruleset::digests, sorted
  kContainsAny,  // a list of the context against a list of constants; none of the latter is there twice
  kContainsAll,
  kContainsNone,
  kCidr,  // the slot, an address, against networks: `first` is of Ruleset::networks, `first_number` of list_texts
  kExists,
  kSegment,
  kSince,  // the present against a date
  kBefore,
  kBehavior,     // a behavior term (`slot`, of Ruleset::behavior_terms) against a whole number, or of kTime so long
  kFlag,         // the value of another flag against one constant; `slot` is of Ruleset::flags
  kVariant,      // the variant of an experiment (`slot`, of Ruleset::experiments) is among those of `integer`, by bit
  kNotTrue,      // its condition is false or unknown; never unknown itself
  kForAny,       // its condition is true of some element of the list that the slot holds; `boolean`: but falsy ones
  kOfFlag,       // its condition is true of {"value": …} of a flag (`slot`, of Ruleset::flags; kNoFlag: null)
  kUnsupported,  // an operator of a newer format: unknown
};

enum class Comparison : std::uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// "==", "!=", …
std::string_view ComparisonName(Comparison comparison) noexcept;

enum class ConstantType : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kDouble,
  kText,
  kVersion,
  kTime,
  kSize,
  kType,
  kOrderedText,  // by bytes
};

inline constexpr std::uint16_t kNoFlag = UINT16_MAX;

struct Node {
  Op op = Op::kUnsupported;
  Comparison comparison = Comparison::kEqual;
  ConstantType type = ConstantType::kNone;
  bool is_local = false;      // its slot is read from what kForAny or kOfFlag above it gives
  std::uint16_t slot = 0;     // of Ruleset::slots
  std::uint16_t segment = 0;  // of Ruleset::segments
  std::uint32_t end = 0;      // index behind this node and its children
  std::uint32_t first = 0;    // kIn, kContainsAny and its like: of Ruleset::list_texts, sorted
  std::uint32_t count = 0;
  std::uint32_t first_number = 0;  // likewise of Ruleset::list_numbers, sorted
  std::uint32_t number_count = 0;
  union {
    bool boolean;
    // kInt, kTime (ms since 1970), kSize, kType (of kTypeNames). Of lists, by bit: 1 when false is in it, 2 when true
    // is, 4 when null is.
    std::int64_t integer;
    double number;
    std::uint32_t index;  // kText, kOrderedText: of Ruleset::texts; kVersion: of Ruleset::versions
  };
  Node() : integer(0) {}
};

// How an attribute is read before it is compared. The same attribute read in two ways is two slots.
enum class Conversion : std::uint8_t {
  kPlain,
  kVersion,
  kTime,
  kList,
  kLower,
  kType,
  kAddress,
  kDigest,
  kPattern,
  // As JavaScript converts values (base/javascript.h), by which several formats are defined. What is missing is null.
  kScriptText,
  kScriptNumber,
  kScriptTruth,  // of null: missing
  kScriptJson,
  kScriptPattern,  // of the text
  kTextOrder,      // a text, such that bytes are in the order of UTF-16 units
  kPaddedVersion,  // see base/padded_version.h
  kFolded,         // kPlain, but texts in small letters
  kFoldedList,     // likewise kList
  kValue,          // itself
};

struct AttributeSlot {
  std::string kind;  // empty: of the context as a whole
  std::string name;
  Conversion conversion = Conversion::kPlain;
  bool is_unit = false;      // `name` is a kind of unit, whose id is read
  std::uint32_t detail = 0;  // kDigest: the salt, of Ruleset::salts; kPattern: of Ruleset::patterns
  bool is_equated = false;   // a text is looked up among the constants, since some condition asks whether it is one
  // Of formats that find a value step by step, through objects by name and through lists by number, and not by the
  // longest name; `name` is for people then. The first step names an attribute, or is taken from what kForAny or
  // kOfFlag gives: then there may be none.
  std::vector<std::string> path = {};
  bool is_local = false;
  bool is_length = false;  // of the list that is there; null where none is

  bool is_path() const noexcept { return is_local || !path.empty(); }
};

// The first half of a SHA-256; orders as its bytes do.
using Digest128 = std::array<std::uint64_t, 2>;

}  // namespace guidon::ruleset
