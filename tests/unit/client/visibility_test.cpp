// For how long a prompt could be seen, by the clock that nobody sets.

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Steps = std::vector<std::string>;

// What was told of prompts, in order: "dismissal 1500", with the milliseconds where there are any.
Steps Told(World& world) {
  std::map<std::uint64_t, std::string> steps;
  for (auto& event : world.CollectedOf("guidon.prompt")) {
    std::string step = event.attributes["guidon.prompt.what"];
    if (event.attributes.count("guidon.prompt.visible_ms") != 0) {
      step += " " + event.attributes["guidon.prompt.visible_ms"];
    }
    steps[std::stoull(event.attributes["guidon.seq"])] = step;
  }
  Steps told;
  for (const auto& [sequence, step] : steps) told.push_back(step);
  return told;
}

struct VisibleWorld : PromptWorld {
  VisibleWorld() {
    Write();
    REQUIRE(host.lease);
  }
  void Wait(Duration time) { Pass(time, time); }
  PromptLease& lease() { return *host.lease; }
};

TEST_CASE("how long a prompt could be seen is told with its end, and once when that was a second in all") {
  using W = VisibleWorld;
  struct Row {
    const char* name;
    std::function<void(W&)> happens;
    Steps told;
  };
  const auto close = [](W& world) { world.lease().Dismissed(DismissCause::kPerson); };
  const Row rows[] = {
      {"a host that says nothing of it",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(milliseconds(1500));
         close(world);
       },
       {"exposure", "impression", "viewable", "dismissal 1500"}},
      {"a millisecond short of a second",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(milliseconds(999));
         close(world);
       },
       {"exposure", "impression", "dismissal 999"}},
      {"a second",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(seconds(1));
         close(world);
       },
       {"exposure", "impression", "viewable", "dismissal 1000"}},
      {"hidden, and again",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(milliseconds(600));
         world.lease().Visible(false);
         world.Wait(minutes(5));
         world.lease().Visible(true);
         world.Wait(milliseconds(300));
         world.lease().Visible(true);  // as before
         world.Wait(milliseconds(100));
         close(world);
       },
       {"exposure", "impression", "viewable", "dismissal 1000"}},
      {"never scrolled to",
       [&](W& world) {
         world.lease().Visible(false);
         world.lease().Presented();
         world.Wait(minutes(5));
         close(world);
       },
       {"exposure", "impression", "dismissal 0"}},
      {"before it is presented nothing counts",
       [&](W& world) {
         world.lease().Visible(true);
         world.Wait(minutes(5));
         world.lease().Presented();
         world.Wait(milliseconds(10));
         close(world);
       },
       {"exposure", "impression", "dismissal 10"}},
      {"told while it is up, and not again",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(seconds(2));
         world.lease().Visible(false);
         world.lease().Visible(true);
         world.Wait(seconds(2));
         world.lease().Visible(false);
         world.Wait(seconds(2));
       },
       {"exposure", "impression", "viewable"}},
      {"pressed without a word of its being presented",
       [&](W& world) {
         world.Wait(minutes(1));
         world.lease().Action("b1");
       },
       {"exposure", "impression", "action 0"}},
      {"failed before it was drawn",
       [&](W& world) {
         world.Wait(minutes(1));
         world.lease().Failed("no room");
       },
       {"exposure", "failure"}},
      {"failed afterwards",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(seconds(3));
         world.lease().Failed("the window went away");
       },
       {"exposure", "impression", "viewable", "failure 3000"}},
      {"after the end nothing counts",
       [&](W& world) {
         world.lease().Presented();
         close(world);
         world.lease().Visible(true);
         world.Wait(minutes(1));
         world.lease().Visible(false);
       },
       {"exposure", "impression", "dismissal 0"}},
      {"snoozed",
       [&](W& world) {
         world.lease().Presented();
         world.Wait(seconds(4));
         world.lease().Snoozed(hours(1));
       },
       {"exposure", "impression", "viewable", "snooze 4000"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    VisibleWorld world;
    row.happens(world);
    world.host.lease.reset();
    world.Pass(minutes(1));
    Steps told = Told(world);
    // One that was left open is dropped with its lease.
    if (row.told.back() == "viewable" && !told.empty()) told.pop_back();
    CHECK(told == row.told);
  }
}

TEST_CASE("a prompt that is withdrawn tells how long it could be seen, unless nothing may be told any more") {
  for (const bool is_denied : {false, true}) {
    CAPTURE(is_denied);
    VisibleWorld world;
    world.lease().Presented();
    world.Wait(milliseconds(1200));
    if (is_denied) {
      world.client().SetConsent(Consent::kDenied);
    } else {
      world.client().Identify(Context().Unit("device", "d-2"));
    }
    world.Settle();
    world.Pass(minutes(1));
    if (is_denied) {
      for (const std::string& step : Told(world)) CHECK(step.rfind("viewable", 0) != 0);
    } else {
      CHECK(Told(world) == Steps{"exposure", "impression", "viewable", "dismissal 1200"});
    }
  }
}

TEST_CASE("while the app is in the background nobody sees a prompt") {
  VisibleWorld world;
  world.lease().Presented();
  world.Wait(milliseconds(400));
  world.client().OnBackground();
  world.Pass(minutes(10));
  world.client().OnForeground();
  world.Wait(milliseconds(500));
  world.lease().Action("b1");
  world.Pass(minutes(1));
  CHECK(Told(world) == Steps{"exposure", "impression", "action 900"});
}

TEST_CASE("setting the device's clock makes nobody see a prompt for longer") {
  VisibleWorld world;
  world.lease().Presented();
  world.Wait(milliseconds(300));
  world.clock->SetWall(world.clock->Now() + hours(24));
  world.Wait(milliseconds(300));
  world.lease().Dismissed(DismissCause::kPerson);
  world.Pass(minutes(1));
  CHECK(Told(world) == Steps{"exposure", "impression", "dismissal 600"});
}

TEST_CASE("killed while a prompt is up, an app has told what was said until then and nothing more") {
  for (const bool is_said : {false, true}) {
    CAPTURE(is_said);
    VisibleWorld world;
    world.lease().Presented();
    world.Wait(seconds(5));
    if (is_said) world.lease().Visible(true);
    world.Settle();
    world.Restart();
    world.Pass(minutes(1));
    CHECK(Told(world) == (is_said ? Steps{"exposure", "impression", "viewable", "unknown"}
                                  : Steps{"exposure", "impression", "unknown"}));
  }
}

TEST_CASE("a prompt that QA forced tells of it, too, and is marked") {
  PromptWorld world;
  REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
  world.Pass(seconds(1));
  REQUIRE(world.host.lease);
  world.host.lease->Presented();
  world.Pass(seconds(2));
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  const Steps told = Told(world);
  REQUIRE(told.size() == 4);
  CHECK(told[2] == "viewable");
  for (auto& event : world.CollectedOf("guidon.prompt")) CHECK(event.attributes["guidon.forced"] == "true");
}

TEST_CASE("an answer tells that the survey was in sight, and the end for how long") {
  CampaignSpec campaign;
  campaign.kind = "modal";
  campaign.questions = R"([{"id":"score","type":"nps","label":"Would you recommend it?"}])";
  PromptWorld world({campaign});
  world.Write();
  REQUIRE(world.host.lease);
  world.host.lease->Presented();
  world.Pass(seconds(3), milliseconds(100));
  CHECK(world.host.lease->Answer("score", Value(9)).ok());
  world.Pass(seconds(1), milliseconds(100));
  CHECK(world.host.lease->Completed().ok());
  world.Pass(minutes(1));
  CHECK(Told(world) == Steps{"exposure", "impression", "viewable", "answer", "completion 4000"});
}

}  // namespace
}  // namespace guidon::test
