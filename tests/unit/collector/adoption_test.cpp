#include "samples/collector/adoption.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

const FeatureAdoption& Feature(const Adoption& adoption, std::string_view event) {
  for (const FeatureAdoption& feature : adoption.features) {
    if (feature.event == event) return feature;
  }
  FAIL("no such feature");
  return adoption.features.front();
}

const Used& In(const Adoption& adoption, std::string_view event, std::string_view value) {
  for (std::size_t i = 0; i < adoption.segments.size(); ++i) {
    if (adoption.segments[i].value == value) return Feature(adoption, event).by_segment[i];
  }
  FAIL("no such segment");
  return adoption.features.front().all;
}

Event With(Event event, std::string plan) { return event.Text("guidon.context.plan", std::move(plan)); }

TEST_CASE("of the people active now, adoption counts who ever did it and who has not yet") {
  World world;
  world.Post({With(Tracked("1", "a", "opened"), "pro"), With(Tracked("2", "b", "opened"), "free"),
              With(Tracked("3", "c", "opened"), "free"), Tracked("4", "d", "opened"),
              // Long ago, and twice: still once, ever.
              Tracked("5", "a", "shared").At(kNow - 40 * kDay), Tracked("6", "a", "shared").At(kNow - 39 * kDay),
              With(Tracked("7", "b", "shared").At(kNow - 1), "free"),
              // Not active any more.
              Tracked("8", "gone", "shared").At(kNow - 28 * kDay)});
  const Adoption adoption = world.Count().adoption;
  CHECK(adoption.people == 4);
  const Used& all = Feature(adoption, "shared").all;
  CHECK(all.used == 2);
  CHECK(all.share() == 0.5);
  CHECK(all.not_yet() == 2);
  CHECK(In(adoption, "shared", "pro").used == 1);
  CHECK(In(adoption, "shared", "pro").people == 1);
  CHECK(In(adoption, "shared", "free").used == 1);
  CHECK(In(adoption, "shared", "free").not_yet() == 1);
  CHECK(In(adoption, "shared", "not known").people == 1);
  CHECK(In(adoption, "shared", "not known").used == 0);
}

TEST_CASE("active is within 28 days before the last event, to the millisecond") {
  World world;
  world.Post({Tracked("1", "a", "opened").At(kNow), Tracked("2", "b", "opened").At(kNow - 28 * kDay),
              Tracked("3", "c", "opened").At(kNow - 28 * kDay + 1)});
  CHECK(world.Count().adoption.people == 2);
}

TEST_CASE("a person is in the segment of the latest value, in whatever order it arrives") {
  for (const bool is_late_first : {true, false}) {
    CAPTURE(is_late_first);
    World world;
    const Event late = With(Tracked("late", "a", "opened").At(kNow), "pro");
    const Event early = With(Tracked("early", "a", "opened").At(kNow - 1), "free");
    world.Post({is_late_first ? late : early});
    world.Post({is_late_first ? early : late});
    const Adoption adoption = world.Count().adoption;
    REQUIRE(adoption.segments.size() == 1);
    CHECK(adoption.segments[0].value == "pro");
  }
}

TEST_CASE("an attribute has eight segments, the largest, and the rest is one more") {
  World world;
  std::vector<Event> events;
  for (int value = 0; value < 10; ++value) {
    for (int n = 0; n < (value == 7 ? 3 : 1); ++n) {
      const std::string id = std::to_string(value) + "-" + std::to_string(n);
      events.push_back(With(Tracked(id, "p" + id, value < 9 ? "opened" : "shared"), "plan-" + std::to_string(value)));
    }
  }
  world.Post(events);
  const Adoption adoption = world.Count().adoption;
  REQUIRE(adoption.segments.size() == 9);
  CHECK(adoption.segments[0].value == "plan-7");
  CHECK(adoption.segments[0].people == 3);
  CHECK(adoption.segments[8].kind == Segment::Kind::kOther);
  CHECK(adoption.segments[8].people == 2);
  CHECK(In(adoption, "shared", "other values").used == 1);
  std::uint64_t people = 0;
  for (const Segment& segment : adoption.segments) people += segment.people;
  CHECK(people == adoption.people);
}

TEST_CASE("goals come first, also those nobody reached, then the rest by use; twenty at most") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 22; ++i) {
    const std::string name = "f" + std::to_string(i);
    events.push_back(Tracked("a" + name, "a", name));
    if (i == 13) events.push_back(Tracked("b" + name, "b", name));
  }
  world.Post(events);
  const Adoption adoption = world.Count().adoption;
  REQUIRE(adoption.features.size() == 20);
  CHECK(adoption.features[0].event == "shared");
  CHECK(adoption.features[0].is_goal);
  CHECK(adoption.features[0].all.used == 0);
  CHECK(adoption.features[0].all.not_yet() == 2);
  CHECK(adoption.features[1].event == "opened");
  CHECK(adoption.features[2].event == "f13");
  CHECK(!adoption.features[2].is_goal);
  CHECK(adoption.features_left_out == 4);
}

TEST_CASE("an attribute the datafile does not list makes no segment") {
  World world;
  world.Post({Tracked("1", "a", "opened").Text("guidon.context.city", "Riga")});
  const Adoption adoption = world.Count().adoption;
  REQUIRE(adoption.segments.size() == 1);
  CHECK(adoption.segments[0].attribute == "plan");
  CHECK(adoption.segments[0].kind == Segment::Kind::kNone);
}

}  // namespace
}  // namespace guidon::collector
