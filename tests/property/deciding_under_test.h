// Deciding as an argument: the evaluator, and mutants of the format's meaning. What a proof of rules holds of the one
// has to fail for some of the others (deciding_mutants.cpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "guidon/context.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/evaluation/evaluate.h"
#include "tests/property/rules_under_test.h"

namespace guidon::property {

// Somebody with a device. The attribute "n" is 0 to 99, but one in ten has none; "meets" is whether they come to where
// an experiment is. Both are drawn by dice, which know nothing of bucketing.
struct Person {
  std::string id;
  Context context;
  int n = -1;
  bool meets = false;
};

// A quarter of UnitCount(), with ids of all families. Always the same ones.
const std::vector<Person>& People();

// A person asking one ruleset. Borrows all that it is made of.
struct Visit {
  Visit(const ruleset::Ruleset& rules, const Person& person, const enrollment::Enrollments* enrollments = nullptr,
        bool has_expired = false);
  const ruleset::Ruleset& rules;
  const Person& person;
  const enrollment::Enrollments* enrollments;  // null: none are known
  const bool has_expired;                      // the datafile
  evaluation::PreparedContext prepared;
};

// What deciding a flag comes to.
struct Seen {
  const ruleset::FlagValue* value = nullptr;
  int experiment = -1;  // whose variant serves; below 0: none's
  int variant = -1;
  bool is_shipped = false;  // by an experiment that has ended
  std::vector<evaluation::Exposure> met;
  bool disagrees = false;  // the format's meaning comes to something else than the evaluator

  // Of an int flag.
  int number() const { return value == nullptr ? -1 : static_cast<int>(value->integer); }
  // Null when it was not met.
  const evaluation::Exposure* Met(const ruleset::Ruleset& rules, std::string_view experiment) const;
  bool operator==(const Seen& other) const;
};

// After somebody's id, of what `disagrees` says.
inline constexpr char kDisagrees[] = " is decided otherwise than the format says";

class Deciding {
 public:
  virtual ~Deciding() = default;
  virtual Seen Decide(const Visit& visit, const ruleset::Flag& flag) const = 0;

  Seen Decide(const Visit& visit, std::string_view flag) const;
};

// What a device remembers once these exposures were accepted.
enrollment::Enrollments EnrolledBy(const Visit& visit, const Seen& seen);

// The evaluator, each decision held against the formula.
const Deciding& OurDeciding();

// The format's meaning for flags whose rules are values, rollouts and experiments without dates, written down without
// the evaluator. Conditions are asked as ever. Each step is open to be taken wrongly.
class Formula : public Deciding {
 public:
  using Deciding::Decide;
  Seen Decide(const Visit& visit, const ruleset::Flag& flag) const override;

 protected:
  struct Place {
    int variant = -1;
    int audience = -1;
    std::uint32_t layer_slot = 0;
    std::uint32_t slot = 0;
  };
  using Experiment = ruleset::Experiment;

  // The variant; below 0: none that counts.
  virtual int EnrolledIn(const Visit& visit, const Experiment& experiment) const;
  // Whether one that is paused goes on for the unit, before its holdouts are asked.
  virtual bool GoesOn(const Visit& visit, const Experiment& experiment) const;
  // Meets the holdouts until one keeps the unit out.
  virtual bool IsHeldOut(const Visit& visit, const Experiment& experiment, Seen* seen) const;
  // The variant that a unit stays in whatever its slots say; below 0: by slots.
  virtual int StaysIn(const Visit& visit, const Experiment& experiment, Seen* seen) const;
  virtual int AudienceOf(const Visit& visit, const Experiment& experiment, Seen* seen) const;
  virtual std::uint32_t LayerSlot(const Visit& visit, const Experiment& experiment, int audience) const;
  virtual std::uint32_t SplitSlot(const Visit& visit, const Experiment& experiment, int audience) const;
  virtual std::uint32_t ShipSlot(const Visit& visit, const Experiment& experiment) const;
  virtual const std::vector<ruleset::SlotRange>& SlotsOf(const Experiment& experiment, int audience) const;
  virtual const std::vector<ruleset::SlotRange>& SplitOf(const Experiment& experiment, int audience) const;
  // Whether an exposure that a condition met is due, when the condition came to `truth`.
  virtual bool Tells(const evaluation::Exposure& exposure, evaluation::Truth truth) const;

  evaluation::Truth Ask(const Visit& visit, std::uint32_t condition, Seen* seen) const;
  Place BySlots(const Visit& visit, const Experiment& experiment, Seen* seen) const;

 private:
  class Nested;
  enum class Taken { kServes, kDefault, kNot };
  Taken Take(const Visit& visit, const Experiment& experiment, Seen* seen) const;
  Taken Ship(const Visit& visit, const Experiment& experiment, Seen* seen) const;
  bool TakeRollout(const Visit& visit, const ruleset::Step& step, Seen* seen) const;
};

struct DecidingMutant {
  std::string name;
  std::string proof;  // that it is made for
  std::unique_ptr<const Deciding> deciding;
};

const std::vector<DecidingMutant>& DecidingMutants();

}  // namespace guidon::property
