// Flags and experiments that rest on others: chance is drawn anew for them, and whoever was asked about has met it.
#include "tests/property/checks.h"
#include "tests/property/deciding_under_test.h"

namespace guidon::property {
namespace {

using Counts = std::vector<std::uint64_t>;

// "e" is asked for by its variant and by its flag, "r" is a rollout; each of the others rests on one of them.
constexpr char kMembers[] = R"("holdouts":{"q":{"percent":5,"experiments":["e"]}},
  "layers":{"le":{"unit":"device"},"l1":{"unit":"device"},"l2":{"unit":"device"},"l3":{"unit":"device"}},
  "flags":{"fe":{"default":0},"r":{"default":0,"rules":[{"split":[{"percent":30,"serve":1},{"percent":40,"serve":2}]}]},
    "by-variant":{"default":0},"by-flag":{"default":0},"by-rollout":{"default":0}},
  "experiments":{
    "e":{"layer":"le","percent":80,"weights":{"control":40,"b":40,"c":20},
      "variants":{"control":{"fe":1},"b":{"fe":2},"c":{"fe":3}},"goals":["g"]},
    "d1":{"layer":"l1","when":"variant('e') in ['b', 'c']","percent":60,"weights":{"control":50,"b":30,"c":20},
      "variants":{"control":{"by-variant":1},"b":{"by-variant":2},"c":{"by-variant":3}},"goals":["g"]},
    "d2":{"layer":"l2","when":"flag('fe') >= 1","percent":60,"weights":{"control":50,"b":30,"c":20},
      "variants":{"control":{"by-flag":1},"b":{"by-flag":2},"c":{"by-flag":3}},"goals":["g"]},
    "d3":{"layer":"l3","when":"flag('r') >= 1","percent":60,"weights":{"control":50,"b":30,"c":20},
      "variants":{"control":{"by-rollout":1},"b":{"by-rollout":2},"c":{"by-rollout":3}},"goals":["g"]}})";

// One experiment that rests on something, seen by what its units are there.
class Dependent {
 public:
  Dependent(std::string name, std::size_t answers)
      : name_(std::move(name)), in_(answers, Counts(2, 0)), variants_(answers, Counts(3, 0)) {}

  // `answer` of the prerequisite; below 0: it keeps the unit out.
  void Take(const Person& person, int answer, const Seen& seen, Checks* checks) {
    if (seen.disagrees) checks->Refute(name_ + ": " + person.id + kDisagrees);
    if (answer < 0) {
      if (seen.variant >= 0) checks->Refute(name_ + ": " + person.id + " is in it and does not pass");
      return;
    }
    const auto row = static_cast<std::size_t>(answer);
    ++in_[row][seen.variant >= 0];
    if (seen.variant >= 0) ++variants_[row][static_cast<std::size_t>(seen.variant)];
  }

  void Check(Checks* checks) const {
    Counts all(3, 0);
    for (const Counts& row : variants_) {
      for (std::size_t i = 0; i < 3; ++i) all[i] += row[i];
    }
    std::uint64_t asked = 0;
    for (const Counts& row : in_) asked += row[0] + row[1];
    checks->Note(name_ + ":");
    checks->Share("  share in it, of those who pass", all[0] + all[1] + all[2], asked, 0.6);
    checks->Split("  by variant", all, {50, 30, 20});
    checks->Independent("  being in it and what it rests on", in_);
    checks->Independent("  the variant and what it rests on", variants_);
  }

 private:
  std::string name_;
  std::vector<Counts> in_;
  std::vector<Counts> variants_;
};

// Who met the prerequisite when something that rests on it was decided: everybody who is in it or held out of it.
class Told {
 public:
  explicit Told(std::string name) : name_(std::move(name)) {}

  void Take(const ruleset::Ruleset& rules, const Person& person, const Seen& own, const Seen& seen, Checks* checks) {
    const evaluation::Exposure* exposure = seen.Met(rules, "e");
    const int told = exposure == nullptr ? -1 : static_cast<int>(exposure->variant);
    const int side = Side(seen);
    if (exposure != nullptr) ++arms_[static_cast<std::size_t>(told)];
    if (side >= 0) ++sides_[static_cast<std::size_t>(side)];
    if (told >= 0 && told != own.variant) checks->Refute(name_ + ": " + person.id + " is told of another variant");
    if (told == own.variant && side == Side(own)) return;
    if (missed_++ == 0) first_ = person.id;
  }

  void Check(Checks* checks) const {
    // First by what a results page would see.
    checks->Split("exposures to it, " + name_, arms_, {40, 40, 20});
    checks->Split("held out of it and compared, " + name_, sides_, {1, 1});
    if (missed_ > 0)
      checks->Refute(name_ + Line(": %llu are not told, the first ", static_cast<unsigned long long>(missed_)) +
                     first_);
  }

 private:
  static int Side(const Seen& seen) {
    for (const evaluation::Exposure& exposure : seen.met) {
      if (exposure.is_holdout) return static_cast<int>(exposure.variant);
    }
    return -1;
  }

  std::string name_;
  Counts arms_ = Counts(3, 0);
  Counts sides_ = Counts(2, 0);
  std::uint64_t missed_ = 0;
  std::string first_;
};

}  // namespace

Finding ProvePrerequisites(const Deciding& deciding) {
  Checks checks;
  const Rules rules = Publication().Next(kMembers);
  Dependent by_variant("rests on a variant", 2);
  Dependent by_flag("rests on an experiment's flag", 3);
  Dependent by_rollout("rests on a rollout", 2);
  Told by_variant_told("by variant()");
  Told by_flag_told("by flag()");
  for (const Person& person : People()) {
    if (!checks.holds()) break;
    const Visit visit(*rules, person);
    const Seen own = deciding.Decide(visit, "fe");
    const Seen first = deciding.Decide(visit, "by-variant");
    const Seen second = deciding.Decide(visit, "by-flag");
    by_variant.Take(person, own.variant - 1, first, &checks);
    by_flag.Take(person, own.variant, second, &checks);
    by_rollout.Take(person, deciding.Decide(visit, "r").number() - 1, deciding.Decide(visit, "by-rollout"), &checks);
    by_variant_told.Take(*rules, person, own, first, &checks);
    by_flag_told.Take(*rules, person, own, second, &checks);
  }
  if (!checks.holds()) return checks.finding();
  by_variant.Check(&checks);
  by_flag.Check(&checks);
  by_rollout.Check(&checks);
  by_variant_told.Check(&checks);
  by_flag_told.Check(&checks);
  return checks.finding();
}

}  // namespace guidon::property
