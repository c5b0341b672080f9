// Clocks that lie: caps and waits hold, and nobody waits for longer than they say.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kDay = hours(24);

// A device whose clock may lie. Once a week is all that its campaign may be shown.
struct LyingWorld : PromptWorld {
  LyingWorld() : PromptWorld({WeeklyCampaign()}) {
    Write();
    Dismiss();
  }
  static CampaignSpec WeeklyCampaign() {
    CampaignSpec campaign;
    campaign.caps = R"([{"count":1,"per":"7d"}])";
    return campaign;
  }
  void Dismiss() {
    if (host.lease) host.lease->Dismissed(DismissCause::kPerson);
    host.lease.reset();
    Pass(seconds(1));
  }
  std::size_t TryToShow() {
    Write();
    Dismiss();
    return host.presented.size();
  }
  // Off for so long; then the clock is off by that much more.
  void Reboot(Duration off, Duration jump = Duration(0)) {
    Kill();
    truth += off + (clock->Monotonic() - booted);
    clock->Reboot();
    booted = clock->Monotonic();
    clock->AdvanceWall(off + jump);
    host.lease.reset();
    Start();
  }
  Timestamp Truth() const { return truth + (clock->Monotonic() - booted); }
  void AnswerWithDates() {
    server_time = [this] { return Truth(); };
  }
  // Until the collector has answered.
  void Deliver() { Pass(seconds(20)); }

  Timestamp truth = clock->Now() - (clock->Monotonic() - MonoTime(Duration(3'600'000)));
  MonoTime booted{Duration(3'600'000)};
};

TEST_CASE("whatever the clock does, what was shown this week is not shown again, and next week it is") {
  const struct Row {
    const char* name;
    void (*happens)(LyingWorld&);
  } rows[] = {
      {"forward", [](LyingWorld& w) { w.clock->AdvanceWall(40 * kDay); }},
      {"back", [](LyingWorld& w) { w.clock->AdvanceWall(-40 * kDay); }},
      {"forward and back",
       [](LyingWorld& w) {
         w.clock->AdvanceWall(40 * kDay);
         w.Write();
         w.clock->AdvanceWall(-40 * kDay);
       }},
      {"back and forward",
       [](LyingWorld& w) {
         w.clock->AdvanceWall(-40 * kDay);
         w.Write();
         w.clock->AdvanceWall(40 * kDay);
       }},
      {"forward, then another process",
       [](LyingWorld& w) {
         w.clock->AdvanceWall(40 * kDay);
         w.Write();
         w.Restart();
       }},
      {"forward between two processes",
       [](LyingWorld& w) {
         w.Kill();
         w.clock->AdvanceWall(40 * kDay);
         w.Start();
       }},
      {"forward, and the collector says otherwise",
       [](LyingWorld& w) {
         w.AnswerWithDates();
         w.clock->AdvanceWall(40 * kDay);
         w.Write();
         w.Deliver();
       }},
      {"forward, which the collector denied, and another boot",
       [](LyingWorld& w) {
         w.AnswerWithDates();
         w.clock->AdvanceWall(40 * kDay);
         w.Write();
         w.Deliver();
         w.Write();
         w.server_time = nullptr;
         w.Reboot(hours(8));
       }},
      {"another boot with the clock far back", [](LyingWorld& w) { w.Reboot(hours(8), -400 * kDay); }},
      {"another boot with the clock far back, set right by hand",
       [](LyingWorld& w) {
         w.Reboot(hours(8), -400 * kDay);
         w.clock->AdvanceWall(400 * kDay);
       }},
      {"another boot with the clock far back, set right by a server",
       [](LyingWorld& w) {
         w.AnswerWithDates();
         w.Reboot(hours(8), -400 * kDay);
         w.Deliver();
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    LyingWorld world;
    REQUIRE(world.host.presented.size() == 1);
    row.happens(world);
    CHECK(world.TryToShow() == 1);
    world.Pass(5 * kDay, hours(6));
    CHECK(world.TryToShow() == 1);
    world.Pass(2 * kDay, hours(6));
    CHECK(world.TryToShow() == 2);
  }
}

TEST_CASE("a clock that jumps between the first two processes ever is not believed, though nobody did anything") {
  PromptWorld world;
  world.Kill();
  world.clock->AdvanceWall(40 * kDay);
  world.Start();
  CHECK(world.client().status().clock_ahead == 40 * kDay);
}

TEST_CASE("what nobody reports is noted when it was, too") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":1,"per":"2d"}])";
  PromptWorld world({campaign});
  world.client().SetConsent(Consents(Consent::kGranted).With(Purpose::kAnalytics, Consent::kDenied));
  world.Pass(5 * kDay, hours(6));
  const auto show = [&world] {
    world.Write();
    if (world.host.lease) world.host.lease->Dismissed(DismissCause::kPerson);
    world.host.lease.reset();
    world.Pass(seconds(1));
    return world.host.presented.size();
  };
  CHECK(show() == 1);
  world.Pass(kDay, hours(6));
  CHECK(show() == 1);
  world.Pass(kDay, hours(6));
  CHECK(show() == 2);
}

TEST_CASE("a clock that was wrong since ever and is set right ends no cap") {
  for (const Duration off : {-400 * kDay, 400 * kDay}) {
    CAPTURE(off.count());
    LyingWorld world;  // its clock is what it is; a server says that it is off
    world.truth = world.Truth() - off - (world.clock->Monotonic() - world.booted);
    world.AnswerWithDates();
    world.Write();
    world.Deliver();
    const Duration ahead = world.client().status().clock_ahead;
    CHECK((ahead > off - minutes(1) && ahead < off + minutes(1)));
    CHECK(world.TryToShow() == 1);
    world.Pass(6 * kDay, hours(6));
    CHECK(world.TryToShow() == 1);
    world.Pass(kDay, hours(6));
    CHECK(world.TryToShow() == 2);

    world.clock->AdvanceWall(-off);  // and the person sets it right, too
    world.Write();
    CHECK(world.client().status().clock_ahead == Duration(0));
    CHECK(world.TryToShow() == 2);
    world.Pass(7 * kDay, hours(6));
    CHECK(world.TryToShow() == 3);
  }
}

TEST_CASE("the datafile's server says what time it is, too, but no cache on the way does") {
  for (const bool is_cached : {false, true}) {
    CAPTURE(is_cached);
    LyingWorld world;
    world.collector_status = 503;
    world.published = CampaignsDatafile(2, {LyingWorld::WeeklyCampaign()});
    world.server_time = [&world, is_cached] { return world.Truth() + (is_cached ? -50 * kDay : 100 * kDay); };
    if (is_cached) world.more_headers = {{"age", "4320000"}};
    world.client().OnForeground();
    world.Pass(minutes(6), seconds(30));
    CHECK(world.client().status().datafile_version == 2);
    CHECK((world.client().status().clock_ahead != Duration(0)) == !is_cached);
    CHECK(world.TryToShow() == 1);
  }
}

TEST_CASE("dates and hours go by the time that is believed") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":9}])";
  campaign.members = R"(,"ends_at":"2026-12-01T00:00:00Z")";
  PromptWorld world({campaign});
  world.clock->AdvanceWall(40 * kDay);
  world.Write();
  CHECK(world.host.presented.size() == 1);
  CHECK(world.client().status().clock_ahead == 40 * kDay);
}

TEST_CASE("a session's cap holds through jumps and corrections, and ends with the session") {
  for (const Duration jump : {-40 * kDay, 40 * kDay}) {
    CAPTURE(jump.count());
    CampaignSpec campaign;
    campaign.caps = R"([{"count":1,"per":"session"}])";
    PromptWorld world({campaign});
    const auto show = [&world] {
      world.Write();
      if (world.host.lease) world.host.lease->Dismissed(DismissCause::kPerson);
      world.host.lease.reset();
      world.Pass(seconds(1));
      return world.host.presented.size();
    };
    CHECK(show() == 1);
    world.clock->AdvanceWall(jump);
    CHECK(show() == 1);
    world.server_time = [&world] { return world.clock->Now(); };  // it had been wrong, and is right now
    world.Write();
    world.Pass(seconds(20));
    CHECK(world.client().status().clock_ahead == Duration(0));
    CHECK(show() == 1);
    world.client().OnBackground();
    world.Pass(minutes(31), minutes(1));
    world.client().OnForeground();
    CHECK(show() == 2);
  }
}

TEST_CASE("explaining says that the clock is not believed") {
  LyingWorld world;
  CHECK(world.client().ExplainPrompt("try-share").find("clock") == std::string::npos);
  world.clock->AdvanceWall(40 * kDay);
  const std::string text = world.client().ExplainPrompt("try-share");
  CAPTURE(text);
  CHECK(text.find("the device's is 40 days ahead, which is not believed\n") != std::string::npos);
  CHECK(world.client().ExplainPromptJson("try-share").find("\"clock_ahead_ms\":3456000000") != std::string::npos);
}

}  // namespace
}  // namespace guidon::test
