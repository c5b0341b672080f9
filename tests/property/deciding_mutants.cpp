// Each takes one step of the format wrongly, in a way that somebody might.
#include <utility>

#include "sdk/core/evaluation/bucketing.h"
#include "tests/property/deciding_under_test.h"

namespace guidon::property {
namespace {

using evaluation::Exposure;
using evaluation::Slot;
using evaluation::Truth;

struct IterationForgotten : Formula {
  int EnrolledIn(const Visit& visit, const Experiment& experiment) const override {
    if (visit.enrollments == nullptr) return -1;
    const auto* enrolled = visit.enrollments->Find("device", visit.person.id, experiment.key);
    for (std::size_t i = 0; enrolled != nullptr && i < experiment.variants.size(); ++i) {
      if (experiment.variants[i].name == enrolled->variant) return static_cast<int>(i);
    }
    return -1;
  }
};

struct StickyAsksTargeting : Formula {
  int StaysIn(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    if (experiment.condition != ruleset::kNone && Ask(visit, experiment.condition, seen) != Truth::kTrue) return -1;
    return Formula::StaysIn(visit, experiment, seen);
  }
};

struct StickyAsksSlots : Formula {
  int StaysIn(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    const int stays = Formula::StaysIn(visit, experiment, seen);
    return stays >= 0 && BySlots(visit, experiment, seen).variant >= 0 ? stays : -1;
  }
};

struct StickyTakesNewWeights : Formula {
  int StaysIn(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    const int stays = Formula::StaysIn(visit, experiment, seen);
    const int drawn = BySlots(visit, experiment, seen).variant;
    return stays >= 0 && drawn >= 0 ? drawn : stays;
  }
};

// Others are split by the slot that let them in.
struct OthersByLayer : Formula {
  std::uint32_t SplitSlot(const Visit& visit, const Experiment& experiment, int audience) const override {
    return EnrolledIn(visit, experiment) < 0 ? LayerSlot(visit, experiment, audience)
                                             : Formula::SplitSlot(visit, experiment, audience);
  }
};

struct PausedLetsIn : Formula {
  bool GoesOn(const Visit&, const Experiment&) const override { return true; }
};

struct PausedEndsForAll : Formula {
  bool GoesOn(const Visit&, const Experiment&) const override { return false; }
};

// Enough is let in that somebody is missing from among nobody: one in twenty, by chance.
struct PausedLetsFewIn : Formula {
  bool GoesOn(const Visit& visit, const Experiment& experiment) const override {
    return Formula::GoesOn(visit, experiment) || Formula::SplitSlot(visit, experiment, -1) < 50'000;
  }
};

struct ShipBySplit : Formula {
  std::uint32_t ShipSlot(const Visit& visit, const Experiment& experiment) const override {
    return SplitSlot(visit, experiment, -1);
  }
};

struct ShipByLayer : Formula {
  std::uint32_t ShipSlot(const Visit& visit, const Experiment& experiment) const override {
    return LayerSlot(visit, experiment, -1);
  }
};

struct ShipWithoutSalt : Formula {
  std::uint32_t ShipSlot(const Visit& visit, const Experiment&) const override {
    return Slot('w', "", visit.person.id);
  }
};

struct ShipDrawsAgain : Formula {
  std::uint32_t ShipSlot(const Visit& visit, const Experiment& experiment) const override {
    std::uint32_t size = 0;
    for (const ruleset::SlotRange& range : experiment.ship.slots) size += range.end - range.begin;
    return Slot('w', experiment.salt + std::to_string(size), visit.person.id);
  }
};

struct ShipForgetsEnrollments : Formula {
  int EnrolledIn(const Visit& visit, const Experiment& experiment) const override {
    return experiment.ship.variant != ruleset::kNone ? -1 : Formula::EnrolledIn(visit, experiment);
  }
};

struct ShipAsksNoHoldout : Formula {
  bool IsHeldOut(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    return Formula::IsHeldOut(visit, experiment, seen) && experiment.ship.variant == ruleset::kNone;
  }
};

// Enrollment comes before holdouts.
struct StickyAsksNoHoldout : Formula {
  bool IsHeldOut(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    return EnrolledIn(visit, experiment) < 0 && Formula::IsHeldOut(visit, experiment, seen);
  }
};

struct SplitByLayer : Formula {
  std::uint32_t SplitSlot(const Visit& visit, const Experiment& experiment, int audience) const override {
    return audience < 0 ? Formula::SplitSlot(visit, experiment, audience) : LayerSlot(visit, experiment, audience);
  }
};

struct SplitByAudience : Formula {
  std::uint32_t SplitSlot(const Visit& visit, const Experiment& experiment, int audience) const override {
    if (audience < 0) return Formula::SplitSlot(visit, experiment, audience);
    return Slot('s', "audience." + std::to_string(audience), visit.person.id);
  }
};

struct LastAudience : Formula {
  int AudienceOf(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    for (std::size_t i = experiment.audiences.size(); i > 0; --i) {
      if (Ask(visit, experiment.audiences[i - 1].condition, seen) == Truth::kTrue) return static_cast<int>(i - 1);
    }
    return -1;
  }
};

struct UnknownIsIn : Formula {
  int AudienceOf(const Visit& visit, const Experiment& experiment, Seen* seen) const override {
    for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
      if (Ask(visit, experiment.audiences[i].condition, seen) != Truth::kFalse) return static_cast<int>(i);
    }
    return -1;
  }
};

struct SharesOfAll : Formula {
  const std::vector<ruleset::SlotRange>& SlotsOf(const Experiment& experiment, int) const override {
    return experiment.slots;
  }
};

struct WeightsOfAll : Formula {
  const std::vector<ruleset::SlotRange>& SplitOf(const Experiment& experiment, int) const override {
    return experiment.split;
  }
};

// One draw for all experiments.
struct SplitWithoutSalt : Formula {
  std::uint32_t SplitSlot(const Visit& visit, const Experiment&, int) const override {
    return Slot('s', "", visit.person.id);
  }
};

struct LayerWithoutSalt : Formula {
  std::uint32_t LayerSlot(const Visit& visit, const Experiment&, int) const override {
    return Slot('l', "", visit.person.id);
  }
};

struct OnlyWhoPassesIsTold : Formula {
  bool Tells(const Exposure&, Truth truth) const override { return truth == Truth::kTrue; }
};

struct ControlIsNotTold : Formula {
  bool Tells(const Exposure& exposure, Truth) const override { return exposure.is_holdout || exposure.variant != 0; }
};

struct HoldoutsAreNotTold : Formula {
  bool Tells(const Exposure& exposure, Truth) const override { return !exposure.is_holdout; }
};

struct NothingIsTold : Formula {
  bool Tells(const Exposure&, Truth) const override { return false; }
};

template <class Mutant>
DecidingMutant Make(std::string name, std::string proof) {
  return {std::move(name), std::move(proof), std::make_unique<Mutant>()};
}

std::vector<DecidingMutant> MakeMutants() {
  std::vector<DecidingMutant> mutants;
  mutants.push_back(Make<IterationForgotten>("sticky over iterations", "T17"));
  mutants.push_back(Make<StickyAsksTargeting>("sticky only for whom it is for", "T17"));
  mutants.push_back(Make<StickyAsksSlots>("sticky only within the slots", "T17"));
  mutants.push_back(Make<StickyTakesNewWeights>("the enrolled split by new weights", "T17"));
  mutants.push_back(Make<OthersByLayer>("others split by their layer slot", "T17"));
  mutants.push_back(Make<IterationForgotten>("paused over iterations", "T18"));
  mutants.push_back(Make<PausedLetsIn>("paused lets everybody in", "T18"));
  mutants.push_back(Make<PausedLetsFewIn>("paused lets few in", "T18"));
  mutants.push_back(Make<PausedEndsForAll>("paused ends it for the enrolled", "T18"));
  mutants.push_back(Make<StickyAsksNoHoldout>("paused asks the enrolled no holdout", "T18"));
  mutants.push_back(Make<ShipBySplit>("shipped by the split's hash", "T19"));
  mutants.push_back(Make<ShipByLayer>("shipped by the layer's hash", "T19"));
  mutants.push_back(Make<ShipWithoutSalt>("one draw for all that ships", "T19"));
  mutants.push_back(Make<ShipDrawsAgain>("each step of shipping draws again", "T19"));
  mutants.push_back(Make<ShipForgetsEnrollments>("shipping asks no enrollment", "T19"));
  mutants.push_back(Make<ShipAsksNoHoldout>("shipped to who is held out", "T19"));
  mutants.push_back(Make<SplitByLayer>("an audience split by its layer slot", "T20"));
  mutants.push_back(Make<SplitByAudience>("one split for an audience's number", "T20"));
  mutants.push_back(Make<LastAudience>("the last audience wins", "T20"));
  mutants.push_back(Make<UnknownIsIn>("unknown is in an audience", "T20"));
  mutants.push_back(Make<SharesOfAll>("an audience without a share", "T20"));
  mutants.push_back(Make<WeightsOfAll>("an audience without weights", "T20"));
  mutants.push_back(Make<SplitWithoutSalt>("one split for all that rests", "T21"));
  mutants.push_back(Make<LayerWithoutSalt>("one layer for all that rests", "T21"));
  mutants.push_back(Make<OnlyWhoPassesIsTold>("only who passes is exposed", "T21"));
  mutants.push_back(Make<ControlIsNotTold>("control is not exposed", "T21"));
  mutants.push_back(Make<HoldoutsAreNotTold>("who is held out is not told of", "T21"));
  mutants.push_back(Make<NothingIsTold>("nothing asked for is exposed", "T21"));
  return mutants;
}

}  // namespace

const std::vector<DecidingMutant>& DecidingMutants() {
  static const std::vector<DecidingMutant> mutants = MakeMutants();
  return mutants;
}

}  // namespace guidon::property
