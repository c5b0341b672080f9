// An attribute as conditions compare it: looked up and converted.
#pragma once

#include <array>
#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/context.h"
#include "guidon/ports/crypto.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

// What the tag does not call for is left uninitialised.
struct SlotValue {
  enum class Tag : std::uint8_t {
    kUnread,   // not asked for yet; see Preparation
    kMissing,  // not there, or null
    kOther,    // there, but nothing its rules compare: a list, an object, NaN, an unreadable version or date
    kBool,
    kInt,  // also the type's number where rules ask for that
    kDouble,
    kText,
    kVersion,
    kTime,
    kList,
    kAddress,
    kDigest,
    kValue,
  };
  Tag tag;
  bool boolean;         // kBool, also whether a pattern matches; kAddress: of version 4
  std::uint32_t index;  // kText: of Ruleset::texts, if it is one
  union {
    std::int64_t integer;  // kInt, kTime
    double number;
    std::array<std::uint32_t, 3> version;
    std::array<std::uint64_t, 2> address;
    ruleset::Digest128 digest;
    struct {
      std::uint32_t first;  // of SlotRoom::elements
      std::uint32_t count;  // that are there: those which are texts, numbers or bools
      std::uint32_t size;   // of the list itself
    } list;
    const Value* value;  // kValue
  };
  std::string_view text;  // kText; kVersion: the pre-release
};

// What a conversion makes and the value itself does not have; it stays where it is.
struct SlotRoom {
  std::forward_list<std::string> texts;
  std::vector<SlotValue> elements;  // of all lists, one behind the other
};

// Where a slot's value is: of an attribute by its full name, or else by walking from the longest attribute name that is
// a prefix of it, dot by dot; of a path step by step, from `local` where the slot is local. Null when there is none; in
// its own type, not converted.
const Value* FindAttribute(const Context& context, const ruleset::AttributeSlot& wanted,
                           const Value* local = nullptr) noexcept;

// Converts what was found, which must outlive the slot's value; null: there is none. A unit's id is its own matter.
void Convert(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& attribute, const Value* value, Crypto* crypto,
             SlotRoom* room, SlotValue* slot);
// The id of the unit that the slot names.
void ConvertUnit(const ruleset::Ruleset& rules, const ruleset::AttributeSlot& unit, const Context& context,
                 Crypto* crypto, SlotValue* slot);

}  // namespace guidon::evaluation
