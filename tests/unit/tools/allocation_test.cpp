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

Ranges Joined(Ranges a, const Ranges& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::int64_t SizeOfCommon(const Ranges& a, const Ranges& b) {
  std::int64_t size = 0;
  for (const Range& x : a) {
    for (const Range& y : b) size += std::max<std::int64_t>(std::min(x.end, y.end) - std::max(x.begin, y.begin), 0);
  }
  return size;
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

}  // namespace

TEST_CASE("whatever is edited, more traffic keeps everybody, less lets go only some, and nobody changes variant") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::map<std::string, Live> now;
    std::optional<Previous> previous;
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
        if (previous) used = previous->retired.LastOf(name);
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
        REQUIRE(SizeOf(experiment.slots) == live.size);
        REQUIRE(Covers(experiment.held, experiment.slots));
        all.insert(all.end(), experiment.held.begin(), experiment.held.end());
        const PreviousExperiment* old = previous ? FindNamed(previous->experiments, experiment.name) : nullptr;
        if (old == nullptr || old->iteration != experiment.iteration) continue;
        REQUIRE((live.size >= SizeOf(old->slots) ? Covers(experiment.slots, old->slots)
                                                 : Covers(old->slots, experiment.slots)));
        for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
          REQUIRE(experiment.variants[i].slots == old->variants[i].slots);
        }
      }
      REQUIRE_FALSE(Overlap(all));
      previous = std::move(next);
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

TEST_CASE("a rollout's parts move nobody who need not move, and to one that grows those first who have to") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<Part> held(3);
    std::vector<Ranges> parts(3);
    for (int step = 0; step < 12; ++step) {
      std::vector<std::int64_t> sizes;
      std::int64_t left = kSlots;
      std::int64_t shrinks = 0;
      std::int64_t needs = 0;  // beyond what they hold
      for (std::size_t i = 0; i < 3; ++i) {
        sizes.push_back(static_cast<std::int64_t>(random.Below(static_cast<std::size_t>(left) + 1)));
        left -= sizes.back();
        shrinks += std::max<std::int64_t>(SizeOf(parts[i]) - sizes[i], 0);
        needs += std::max<std::int64_t>(sizes[i] - SizeOf(held[i].held), 0);
      }
      held = ResizeParts(std::move(held), sizes);
      Ranges all;
      std::int64_t moved_on = 0;  // from a part that shrinks to one that grows
      for (std::size_t i = 0; i < 3; ++i) {
        const Ranges next = Sorted(FirstOf(held[i].held, sizes[i]));
        REQUIRE(SizeOf(next) == sizes[i]);
        REQUIRE((sizes[i] >= SizeOf(parts[i]) ? Covers(next, parts[i]) : Covers(parts[i], next)));
        for (std::size_t j = 0; j < 3; ++j) {
          if (j != i) moved_on += SizeOfCommon(parts[j], next);
        }
        all.insert(all.end(), held[i].held.begin(), held[i].held.end());
      }
      REQUIRE(moved_on >= std::min(shrinks, needs));
      REQUIRE_FALSE(Overlap(all));
      for (std::size_t i = 0; i < 3; ++i) parts[i] = Sorted(FirstOf(held[i].held, sizes[i]));
    }
  }
}

TEST_CASE("a rollout's parts that shrink and later grow again give those who return the value they had") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    // Together they have never wanted more than there is, so nobody needs another's reserve.
    const std::int64_t most[] = {kSlots / 2, 3 * kSlots / 10, kSlots / 5};
    std::vector<Part> held(3);
    Ranges ever[3];  // all that a part had at some time
    for (int step = 0; step < 12; ++step) {
      std::vector<std::int64_t> sizes;
      for (std::size_t i = 0; i < 3; ++i) {
        // All shrink, or all grow.
        const std::int64_t room = step % 2 == 0 ? most[i] - held[i].used : held[i].used;
        const auto change = static_cast<std::int64_t>(random.Below(static_cast<std::size_t>(room) + 1));
        sizes.push_back(step % 2 == 0 ? held[i].used + change : held[i].used - change);
      }
      const std::vector<Part> before = held;
      held = ResizeParts(held, sizes);
      for (std::size_t i = 0; i < 3; ++i) {
        const Ranges next = FirstOf(held[i].held, sizes[i]);
        for (std::size_t j = 0; j < 3; ++j) REQUIRE_FALSE((i != j && Overlap(Joined(next, ever[j]))));
        if (sizes[i] <= SizeOf(before[i].held)) REQUIRE(Covers(ever[i], next));
        if (sizes[i] >= SizeOf(before[i].held)) REQUIRE(Covers(next, ever[i]));
        if (SizeOf(next) > SizeOf(ever[i])) ever[i] = next;
      }
    }
  }
}

TEST_CASE("a rollout's value comes back to who had it, from one published file to the next") {
  const auto at = [](const char* first, const char* second) {
    return SourceWith(R"("flags":{"f":{"default":0,"rules":[{"split":[{"percent":)" + std::string(first) +
                      R"(,"serve":1},{"percent":)" + second + R"(,"serve":2}]}]}})");
  };
  const Previous first = Reread(PublishText(at("20", "30")));
  const std::string down = PublishText(at("5", "30"), &first);
  CHECK(down.find(R"({"slots":[[0,50000]],"serve":1,"held":[[0,200000]]})") != std::string::npos);
  const Previous less = Reread(down);
  const Previous other = Reread(PublishText(at("5", "45"), &less));
  const std::string up = PublishText(at("20", "45"), &other);
  CHECK(up.find(R"({"slots":[[0,200000]],"serve":1},{"slots":[[200000,650000]],"serve":2})") != std::string::npos);
}
