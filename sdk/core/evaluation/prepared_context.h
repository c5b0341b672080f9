// A context made ready for one ruleset: each attribute that rules read is looked up once and converted once, so that
// conditions compare like with like and parse nothing.
#pragma once

#include <array>
#include <cstdint>
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
#include "sdk/core/evaluation/slot_value.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::evaluation {

// What was not read is left uninitialised: contexts may be prepared for one decision.
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
  bool is_blocked;         // by an iteration before the experiment's least
};

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
  // What is in the lists that slots of kList hold, behind SlotValue::list.first; none is a list again.
  const SlotValue* elements() const noexcept { return room_.elements.data(); }
  const UnitValue& unit(std::uint32_t index) const noexcept {
    if (!units_[index].is_read) ReadUnit(index);
    return units_[index];
  }
  const behavior::Total& total(std::uint32_t term) const noexcept { return totals_[term]; }
  // Of a valid one. Nothing is known where enrollments do not matter now.
  const Enrolled& enrolled(const ruleset::Experiment& experiment) const noexcept {
    static constexpr Enrolled kUnknown{ruleset::kNone, ruleset::kNone, false};
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
  Crypto* crypto() const noexcept { return crypto_; }
  // For asking what would be if.
  void SetTotal(std::uint32_t term, const behavior::Total& total) noexcept { totals_[term] = total; }

 private:
  void FillEnrolled(const enrollment::Enrollments* enrollments);
  void AddEnrollment(const ruleset::Experiment& experiment, std::uint16_t unit,
                     const enrollment::Enrollments& enrollments, Enrolled* enrolled) const;
  // const, since nobody can tell when something was read.
  void ReadSlot(std::uint32_t index) const;
  void ReadUnit(std::uint32_t index) const;
  const std::string* AttributeId(const std::string& name) const;

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
  mutable SlotRoom room_;
  SlotValue* const slots_;
  UnitValue* const units_;
  behavior::Total* const totals_;  // parallel to Ruleset::behavior_terms
  Enrolled* const enrolled_;       // parallel to Ruleset::remembered
  Timestamp* const local_times_;   // parallel to Ruleset::local_times
};

}  // namespace guidon::evaluation
