// A context made ready for one ruleset: each attribute that rules read is looked up once and converted once, so that
// conditions compare like with like and parse nothing.
#pragma once

#include <array>
#include <cstdint>
#include <forward_list>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "guidon/context.h"
#include "guidon/ports/crypto.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

// Here and below, what was not read or the tag does not call for is left uninitialised: contexts may be prepared for
// one decision.
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
      std::uint32_t first;  // of PreparedContext::elements
      std::uint32_t count;  // that are there: those which are texts, numbers or bools
      std::uint32_t size;   // of the list itself
    } list;
  };
  std::string_view text;  // kText; kVersion: the pre-release
};

struct UnitValue {
  enum class State : std::uint8_t { kMissing, kInvalid, kValid };
  State state;
  bool is_read;
  std::string_view id;  // empty when it is missing
};

// When attributes and units are looked up and converted.
enum class Preparation : std::uint8_t {
  kAtOnce,   // all that the rules read; then any number of threads may ask
  kAsAsked,  // each when a decision first asks for it: for a few decisions, on one thread
};

// What decisions rest on besides rules and context. Asked while a context is prepared and not kept, but for `crypto`.
struct Surroundings {
  const behavior::Behavior* behavior = nullptr;             // null: nothing was read yet, so what rules ask is unknown
  const enrollment::Enrollments* enrollments = nullptr;     // null: none are known
  std::function<Duration(Timestamp)> utc_offset = nullptr;  // of the device's clock at that moment; empty: it shows UTC
  Crypto* crypto = nullptr;                                 // null: what hashed lists say is unknown
  std::optional<Timestamp> expires_at = std::nullopt;       // of the rules, instead of what they say of themselves
  behavior::Session session = {};                           // that goes on; its events are in `behavior`
};

// What a unit was enrolled in, in terms of one ruleset.
struct Enrolled {
  std::uint32_t variant;   // kNone: none, or of another iteration, or it is gone
  std::uint32_t audience;  // of the experiment's
};

// The attribute by its full name, or else by walking from the longest attribute name that is a prefix of it, dot by
// dot. Null when there is none; in the context's own type, not converted.
const Value* FindAttribute(const Context& context, const ruleset::AttributeSlot& wanted);

// Room for as many as a ruleset asks for, uninitialised: a few need no allocation.
template <class T, std::size_t kFew>
class Room {
 public:
  Room() noexcept {}
  Room(const Room&) = delete;  // what it gave points into it
  Room& operator=(const Room&) = delete;
  T* For(std::size_t count) {
    if (count <= kFew) return few_.data();
    many_.reset(new T[count]);
    return many_.get();
  }

 private:
  static_assert(std::is_trivially_destructible_v<T>);
  union {
    std::array<T, kFew> few_;
  };
  std::unique_ptr<T[]> many_;
};

// Borrows the ruleset and the context, and prepared as asked the surroundings' crypto: all must outlive it unmoved.
// Small contexts need no allocation, unless rules look into a list or a hashed one, fold capitals that are there, or
// ask for much behavior.
class PreparedContext {
 public:
  PreparedContext(const ruleset::Ruleset& rules, const Context& context, const Surroundings& surroundings = {},
                  Timestamp now = Timestamp(), Preparation preparation = Preparation::kAtOnce);
  PreparedContext(const PreparedContext&) = delete;  // its pointers may point into itself
  PreparedContext& operator=(const PreparedContext&) = delete;

  const SlotValue& slot(std::uint32_t index) const noexcept {
    if (slots_[index].tag == SlotValue::Tag::kUnread) ReadSlot(index);
    return slots_[index];
  }
  // What the list that a slot of kList holds has in it; none is a list again.
  const SlotValue* elements(const SlotValue& list) const noexcept { return elements_.data() + list.list.first; }
  const UnitValue& unit(std::uint32_t index) const noexcept {
    if (!units_[index].is_read) ReadUnit(index);
    return units_[index];
  }
  const behavior::Total& total(std::uint32_t term) const noexcept { return totals_[term]; }
  // Of a valid one. Nothing is known where enrollments do not matter now.
  const Enrolled& enrolled(const ruleset::Experiment& experiment) const noexcept {
    static constexpr Enrolled kUnknown{ruleset::kNone, ruleset::kNone};
    return experiment.memory < enrolled_count_ ? enrolled_[experiment.memory] : kUnknown;
  }
  // Of how many experiments enrollments matter: the first ones of Ruleset::remembered.
  std::size_t enrolled_count() const noexcept { return enrolled_count_; }
  // From then on experiments let nobody new in, and no prompt is shown.
  Timestamp expires_at() const noexcept { return expires_at_; }
  // When it is. A local time that does not exist is the moment at which the clock jumps past it; one that comes twice
  // is its first.
  Timestamp When(const ruleset::Moment& moment) const noexcept {
    return moment.is_local() ? local_times_[moment.local] : moment.at;
  }
  const Context& context() const noexcept { return context_; }
  // For asking what would be if.
  void SetTotal(std::uint32_t term, const behavior::Total& total) noexcept { totals_[term] = total; }

 private:
  void FillEnrolled(const enrollment::Enrollments* enrollments);
  // const, since nobody can tell when something was read.
  void ReadSlot(std::uint32_t index) const;
  void ReadUnit(std::uint32_t index) const;
  void FillLower(const std::string& text, SlotValue* slot) const;
  void FillList(const Value& value, SlotValue* slot) const;

  const ruleset::Ruleset& rules_;
  const Context& context_;
  Crypto* crypto_;
  const Timestamp expires_at_;
  const std::size_t enrolled_count_;
  Room<SlotValue, 16> slot_room_;
  Room<UnitValue, 4> unit_room_;
  Room<behavior::Total, 8> total_room_;
  Room<Enrolled, 8> enrolled_room_;
  Room<Timestamp, 4> local_time_room_;
  mutable std::vector<SlotValue> elements_;         // of all lists, one behind the other
  mutable std::forward_list<std::string> lowered_;  // stay where they are
  SlotValue* const slots_;
  UnitValue* const units_;
  behavior::Total* const totals_;  // parallel to Ruleset::behavior_terms
  Enrolled* const enrolled_;       // parallel to Ruleset::remembered
  Timestamp* const local_times_;   // parallel to Ruleset::local_times
};

}  // namespace guidon::evaluation
