#include "sdk/tools/allocation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

bool Covers(const Ranges& outer, const Ranges& inner) {
  const Ranges sorted = Sorted(outer);
  return std::all_of(inner.begin(), inner.end(), [&](const Range& range) {
    return std::any_of(sorted.begin(), sorted.end(),
                       [&](const Range& o) { return o.begin <= range.begin && range.end <= o.end; });
  });
}

bool Overlap(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[i - 1].end) return true;
  }
  return false;
}

struct Live {
  std::int64_t iteration = 1;
  std::int64_t size = 0;
};

std::string TextOf(const std::map<std::string, Live>& experiments) {
  std::string members;
  for (const auto& [name, live] : experiments) {
    members += (members.empty() ? "\"" : ",\"") + name + R"(":{"iteration":)" + std::to_string(live.iteration) +
               R"(,"percent":)" + std::to_string(live.size / 10'000) +
               R"(,"variants":{"control":{"f":1},"b":{"f":2},"c":{"f":3}},"goals":["g"]})";
  }
  return SourceWith(R"("flags":{"f":{"default":1}},"experiments":{)" + members + "}");
}

Ranges SlotsOf(const PreviousExperiment& experiment, std::int64_t size) {
  return Sorted(FirstOf(experiment.held, size));
}

}  // namespace

TEST_CASE("whatever is edited, more traffic keeps everybody, less lets go only some, and nobody changes variant") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::map<std::string, Live> now;
    std::optional<Previous> previous;
    std::map<std::string, Live> before;
    for (int step = 0; step < 25; ++step) {
      CAPTURE(step);
      const std::string name = "e" + std::to_string(random.Below(6));
      std::int64_t others = 0;
      for (const auto& [other, live] : now) others += other == name ? 0 : live.size;
      const std::size_t room = static_cast<std::size_t>((1'000'000 - others) / 10'000);
      const std::size_t edit = random.Below(10);
      const auto found = now.find(name);
      if (found == now.end()) {
        std::int64_t used = 0;
        if (previous && previous->retired.count(name) > 0) used = previous->retired[name];
        now[name] = {used + 1, static_cast<std::int64_t>(random.Below(room + 1)) * 10'000};
      } else if (edit == 0) {
        now.erase(found);
      } else if (edit == 1) {
        ++found->second.iteration;
      } else {
        found->second.size = static_cast<std::int64_t>(random.Below(room + 1)) * 10'000;
      }
      Previous next = Reread(PublishText(TextOf(now), previous ? &*previous : nullptr));

      Ranges all;
      for (const PreviousExperiment& experiment : next.experiments) {
        const Live& live = now.at(experiment.name);
        REQUIRE(SizeOf(FirstOf(experiment.held, live.size)) == live.size);
        all.insert(all.end(), experiment.held.begin(), experiment.held.end());
        const PreviousExperiment* old = previous ? FindNamed(previous->experiments, experiment.name) : nullptr;
        if (old == nullptr || old->iteration != experiment.iteration) continue;
        const Ranges slots = SlotsOf(experiment, live.size);
        const Ranges old_slots = SlotsOf(*old, before.at(experiment.name).size);
        REQUIRE((live.size >= SizeOf(old_slots) ? Covers(slots, old_slots) : Covers(old_slots, slots)));
        for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
          REQUIRE(experiment.variants[i].slots == old->variants[i].slots);
        }
      }
      REQUIRE_FALSE(Overlap(all));
      previous = std::move(next);
      before = now;
    }
  }
}

TEST_CASE("down to nothing and up again brings back the same people") {
  const auto at = [](const char* percent) {
    return SourceWith(R"("flags":{"f":{"default":1}},"experiments":{)"
                      R"("x":{"percent":30,"variants":{"control":{"f":1},"b":{"f":2}},"goals":["g"]},)"
                      R"("y":{"percent":)" +
                      std::string(percent) + R"(,"variants":{"control":{"f":1},"b":{"f":2}},"goals":["g"]}})");
  };
  const Previous first = Reread(PublishText(at("50")));
  const Previous none = Reread(PublishText(at("0"), &first));
  const std::string again = PublishText(at("50"), &none);
  CHECK(
      again.find(R"("y":{"iteration":1,"status":"running","layer":"default","slots":[[300000,800000]],"salt":"y.1")") !=
      std::string::npos);
  const Previous back = Reread(again);
  CHECK(back.experiments[1].held == first.experiments[1].held);
}

TEST_CASE("a new experiment takes slots nobody had, then those idle longest, and reserves last") {
  LayerSlots layer;
  layer.claims = {{"a", 300'000, {}}, {"b", 300'000, {}}};
  layer.Allocate();
  CHECK(layer.claims[1].held == Ranges{{300'000, 600'000}});
  layer.Release(layer.claims[0].held);
  layer.claims[0] = {"c", 300'000, {}};
  layer.Allocate();
  CHECK(layer.claims[0].held == Ranges{{600'000, 900'000}});
  layer.claims.push_back({"d", 200'000, {}});
  layer.Allocate();
  CHECK(layer.claims[2].held == Ranges{{900'000, 1'000'000}, {0, 100'000}});
  layer.claims[1].size = 100'000;  // keeps 200,000 in reserve
  layer.claims.push_back({"e", 300'000, {}});
  layer.Allocate();
  CHECK(layer.claims[3].held == Ranges{{100'000, 300'000}, {500'000, 600'000}});
  CHECK(layer.claims[1].held == Ranges{{300'000, 500'000}});
}

TEST_CASE("a split by weight is whole and in proportion") {
  CHECK(SplitByWeight({50, 50}) == std::vector<Ranges>{{{0, 500'000}}, {{500'000, 1'000'000}}});
  CHECK(SplitByWeight({1, 1, 1}) == std::vector<Ranges>{{{0, 333'333}}, {{333'333, 666'667}}, {{666'667, 1'000'000}}});
  CHECK(SplitByWeight({4, 0, 1}) == std::vector<Ranges>{{{0, 800'000}}, {}, {{800'000, 1'000'000}}});
}

TEST_CASE("a rollout's parts grow and shrink without moving anybody from one to the other") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<Ranges> parts(3);
    for (int step = 0; step < 12; ++step) {
      std::vector<std::int64_t> sizes;
      std::int64_t left = kSlots;
      for (int i = 0; i < 3; ++i) {
        sizes.push_back(static_cast<std::int64_t>(random.Below(static_cast<std::size_t>(left) + 1)));
        left -= sizes.back();
      }
      const std::vector<Ranges> next = ResizeParts(parts, sizes);
      Ranges all;
      for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(SizeOf(next[i]) == sizes[i]);
        REQUIRE((sizes[i] >= SizeOf(parts[i]) ? Covers(next[i], parts[i]) : Covers(parts[i], next[i])));
        all.insert(all.end(), next[i].begin(), next[i].end());
      }
      REQUIRE_FALSE(Overlap(all));
      parts = next;
    }
  }
}
