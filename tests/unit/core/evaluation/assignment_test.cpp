// Who is in what, and who may move when traffic changes. Units are ids from a seed.
#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/core/dice.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

constexpr std::uint64_t kSeed = 20'261'121;

std::vector<Context> Units(std::size_t count) {
  Dice dice(kSeed);
  std::vector<Context> units;
  for (std::size_t i = 0; i < count; ++i) units.push_back(Context().Unit("device", std::to_string(dice.Next())));
  return units;
}

std::string Ranges(const std::vector<std::pair<int, int>>& ranges) {
  std::string text = "[";
  for (const auto& [begin, end] : ranges) {
    text += (text.size() > 1 ? ",[" : "[") + std::to_string(begin) + "," + std::to_string(end) + "]";
  }
  return text + "]";
}

// An experiment on the flag "f" that covers these slots of its layer.
Rules Ramp(const std::vector<std::pair<int, int>>& layer_slots) {
  return LoadRules(R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":1,)"
                   R"("status":"running","layer":"l","slots":)" +
                   Ranges(layer_slots) +
                   R"(,"salt":"e.1","variants":{"a":{"slots":[[0,300000]],"flags":{"f":"a"}},)"
                   R"("b":{"slots":[[300000,900000]],"flags":{"f":"b"}},)"
                   R"("c":{"slots":[[900000,1000000]],"flags":{"f":"c"}}}}},)"
                   R"("flags":{"f":{"type":"string","default":"","rules":[{"id":"r","experiment":"e"}]}})");
}

// The variant of each unit, or "".
std::vector<std::string> Assign(const Rules& rules, const std::vector<Context>& units) {
  std::vector<std::string> variants;
  for (const Context& unit : units) variants.push_back(*ValueOf(Decide(rules, "f", unit)).AsString());
  return variants;
}

std::size_t Moved(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!before[i].empty() && !after[i].empty() && before[i] != after[i]) ++moved;
  }
  return moved;
}

std::size_t Left(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  std::size_t left = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!before[i].empty() && after[i].empty()) ++left;
  }
  return left;
}

}  // namespace

TEST_CASE("more traffic keeps every unit it had, in its variant; less brings back the same assignment") {
  const std::vector<Context> units = Units(20'000);
  CAPTURE(kSeed);
  // As a publisher ramps: ranges are appended, never moved. 0, 1, 5, 10, 25, 50, 100 percent.
  const std::vector<std::vector<std::pair<int, int>>> ramp = {
      {},
      {{400'000, 410'000}},
      {{400'000, 450'000}},
      {{0, 50'000}, {400'000, 450'000}},
      {{0, 50'000}, {400'000, 600'000}},
      {{0, 300'000}, {400'000, 600'000}},
      {{0, 1'000'000}},
  };
  std::vector<std::vector<std::string>> assigned;
  for (const auto& slots : ramp) assigned.push_back(Assign(Ramp(slots), units));
  for (std::size_t i = 0; i + 1 < ramp.size(); ++i) {
    CAPTURE(i);
    CHECK(Left(assigned[i], assigned[i + 1]) == 0);
    CHECK(Moved(assigned[i], assigned[i + 1]) == 0);
    CHECK(Left(assigned[i + 1], assigned[i]) > 0);  // the step added somebody
  }
  CHECK(Left(assigned.back(), Assign(Ramp({}), units)) == units.size());
  for (const std::size_t step : {5u, 2u, 5u, 6u}) {
    CAPTURE(step);
    CHECK(Assign(Ramp(ramp[step]), units) == assigned[step]);
  }
}

TEST_CASE("a rollout that grows keeps everybody who had the value") {
  const std::vector<Context> units = Units(20'000);
  std::set<std::size_t> before;
  for (const int end : {0, 10'000, 50'000, 100'000, 500'000, 1'000'000}) {
    CAPTURE(end);
    const std::string slots = end == 0 ? "[]" : "[[0," + std::to_string(end) + "]]";
    const Rules rules = LoadRules(
        R"("flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","rollout":{"unit":"device","salt":"f.1",)"
        R"("split":[{"slots":)" +
        slots + R"(,"serve":true}]}}]}})");
    std::set<std::size_t> now;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (ValueOf(Decide(rules, "f", units[i])) == Value(true)) now.insert(i);
    }
    for (const std::size_t unit : before) CHECK(now.count(unit) == 1);
    CHECK(now.size() >= before.size());
    before = now;
  }
  CHECK(before.size() == units.size());
}

TEST_CASE("no unit is in two experiments of one layer") {
  // Twenty layers, each cut at random into up to five experiments and holes.
  const std::vector<Context> units = Units(2'000);
  Dice dice(kSeed);
  CAPTURE(kSeed);
  std::string layers, experiments, flags;
  for (int l = 0; l < 20; ++l) {
    const std::string layer = "l" + std::to_string(l);
    layers += (l > 0 ? ",\"" : "\"") + layer + R"(":{"unit":"device","salt":")" + layer + R"(.1"})";
    std::vector<std::vector<std::pair<int, int>>> slots(5);
    int at = 0;
    while (at < 1'000'000) {
      const int end = std::min<int>(1'000'000, at + 1 + static_cast<int>(dice.Below(200'000)));
      const std::size_t owner = dice.Below(6);
      if (owner < 5) slots[owner].push_back({at, end});
      at = end;
    }
    for (int e = 0; e < 5; ++e) {
      const std::string key = layer + "-e" + std::to_string(e);
      const std::string comma = l + e > 0 ? ",\"" : "\"";
      experiments += comma + key + R"(":{"iteration":1,"status":"running","layer":")" + layer + R"(","slots":)" +
                     Ranges(slots[static_cast<std::size_t>(e)]) + R"(,"salt":")" + key +
                     R"(.1","variants":{"on":{"slots":[[0,1000000]],"flags":{")" + key + R"(":true}}}})";
      flags += comma + key + R"(":{"type":"bool","default":false,"rules":[{"id":"r","experiment":")" + key + "\"}]}";
    }
  }
  const Rules rules =
      LoadRules("\"layers\":{" + layers + "},\"experiments\":{" + experiments + "},\"flags\":{" + flags + "}");
  std::size_t in_any = 0;
  for (const Context& unit : units) {
    const PreparedContext prepared(*rules, unit);
    std::map<std::uint32_t, int> in_layer;
    for (const ruleset::Flag& flag : rules->flags) {
      const Outcome outcome = Evaluate(*rules, flag, prepared, kNow);
      if (outcome.reason == Reason::kExperiment) ++in_layer[rules->experiments[outcome.experiment].layer];
    }
    for (const auto& [layer, count] : in_layer) {
      CAPTURE(layer);
      CHECK(count == 1);
    }
    in_any += in_layer.size();
  }
  CHECK(in_any > units.size());
}

TEST_CASE("who is held out is exposed to no experiment that the holdout governs") {
  const std::vector<Context> units = Units(5'000);
  CAPTURE(kSeed);
  std::string experiments, flags;
  for (int e = 0; e < 8; ++e) {
    const std::string key = "e" + std::to_string(e);
    experiments += (e > 0 ? ",\"" : "\"") + key + R"(":{"iteration":1,"status":"running","layer":"l)" +
                   std::to_string(e % 2) + R"(","slots":[[)" + std::to_string(e / 2 * 250'000) + "," +
                   std::to_string(e / 2 * 250'000 + 250'000) + R"(]],"salt":")" + key +
                   R"(.1","variants":{"on":{"slots":[[0,1000000]],"flags":{")" + key + R"(":true}}}})";
    flags += (e > 0 ? ",\"" : "\"") + key + R"(":{"type":"bool","default":false,"rules":[{"id":"r","experiment":")" +
             key + R"("}]})";
  }
  const Rules rules = LoadRules(R"("layers":{"l0":{"unit":"device","salt":"a"},"l1":{"unit":"device","salt":"b"}},)"
                                R"("holdouts":{"all":{"unit":"device","salt":"all","size":200000,"experiments":"*"},)"
                                R"("some":{"unit":"device","salt":"some","size":300000,"experiments":["e0","e3"]}},)"
                                R"("experiments":{)" +
                                experiments + "},\"flags\":{" + flags + "}");
  std::size_t held_out = 0;
  std::size_t compared = 0;
  for (const Context& unit : units) {
    const PreparedContext prepared(*rules, unit);
    std::set<std::uint16_t> out_of;
    std::set<std::uint16_t> compared_in;
    std::set<std::uint16_t> exposed;
    for (const ruleset::Flag& flag : rules->flags) {
      const Outcome outcome = Evaluate(*rules, flag, prepared, kNow);
      for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
        const Exposure& exposure = outcome.exposures[i];
        if (!exposure.is_holdout) {
          exposed.insert(exposure.object);
        } else {
          (exposure.variant == Exposure::kHeldOut ? out_of : compared_in).insert(exposure.object);
        }
      }
    }
    for (const std::uint16_t experiment : exposed) {
      for (const std::uint16_t holdout : rules->experiments[experiment].holdouts) CHECK(out_of.count(holdout) == 0);
    }
    for (const std::uint16_t holdout : out_of) CHECK(compared_in.count(holdout) == 0);
    held_out += out_of.count(0);
    compared += compared_in.count(0);
  }
  // Five sigma of a binomial share of 0.2.
  CHECK(held_out > 1'000 - 141);
  CHECK(held_out < 1'000 + 141);
  CHECK(compared > 1'000 - 141 - 300);  // some are held out by the other one before they are compared
}
