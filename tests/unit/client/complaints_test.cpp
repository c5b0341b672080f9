// What people complain of in other engines for prompts, and does not happen here. docs/guide/prompts.md lists them with
// the same numbers.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kDay = hours(24);

CampaignSpec Often() {
  CampaignSpec campaign;
  campaign.trigger = R"({"event":"message_sent"})";
  campaign.caps = R"([{"count":100}])";
  return campaign;
}

void Do(PromptWorld* world, const char* event) {
  world->client().Track(event);
  world->Pass(Duration(200), Duration(100));
}

// Sees each prompt and closes it.
void CloseAll(PromptWorld* world) {
  world->host.on_present = [](const Prompt&, PromptLease& lease) {
    lease.Presented();
    lease.Dismissed(DismissCause::kPerson);
  };
}

std::vector<std::string> Shown(const PromptWorld& world) {
  std::vector<std::string> campaigns;
  for (const Prompt& prompt : world.host.presented) campaigns.push_back(prompt.campaign);
  return campaigns;
}

bool Says(PromptWorld* world, const char* campaign, const std::string& text) {
  const std::string page = world->client().ExplainPrompt(campaign);
  CAPTURE(page);
  return page.find(text) != std::string::npos;
}

TEST_CASE(
    "complaint 1, shown more often than configured: never, over restarts, new datafiles, logins and clock changes") {
  CampaignSpec campaign = Often();
  campaign.caps = R"([{"count":1,"per":"7d"},{"count":3}])";
  PromptWorld world({campaign});
  CloseAll(&world);
  std::vector<Timestamp> shown;
  for (int day = 0; day < 60; ++day) {
    const std::size_t before = world.host.presented.size();
    Do(&world, "message_sent");
    Do(&world, "message_sent");
    const std::size_t now = world.host.presented.size() - before;
    REQUIRE(now <= 1);
    if (now == 1) shown.push_back(world.clock->Now());
    if (day % 4 == 1) world.Restart();
    if (day % 9 == 2) world.PublishCampaigns(day + 2, {campaign});
    if (day % 10 == 3) {
      world.client().Identify(Context().Unit("device", "d-1").Unit("user", "u" + std::to_string(day)));
      world.Settle();
    }
    if (day == 20) world.clock->AdvanceWall(-3 * kDay);  // and never forward again
    world.Pass(kDay, hours(12));
  }
  REQUIRE(shown.size() == 3);
  CHECK(shown[1] - shown[0] >= 7 * kDay);
  CHECK(shown[2] - shown[1] >= 7 * kDay);
}

TEST_CASE("complaint 2, an endless loop of showings: a condition that stays true and a trigger by time show it once") {
  CampaignSpec campaign = Often();
  campaign.members = R"(,"triggers":[{"idle":"5s"},{"on":"session_start"}])";
  campaign.when = R"({"op":"!=","attribute":"plan","value":"pro"})";
  campaign.dismissal = "7d";
  PromptWorld world({campaign});
  world.client().Identify(Context().Unit("device", "d-1").Set("plan", "free"));
  CloseAll(&world);
  world.Pass(hours(2), seconds(5));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE(
    "complaint 3, never comes back: what was closed by Back is there again when its wait is over, at the next event") {
  CampaignSpec campaign = Often();
  campaign.dismissal = "1d";
  PromptWorld world({campaign});
  CloseAll(&world);
  Do(&world, "message_sent");
  const Timestamp closed = world.clock->Now();
  while (world.host.presented.size() < 2 && world.clock->Now() < closed + 2 * kDay) {
    world.Pass(minutes(10), minutes(10));
    Do(&world, "message_sent");
  }
  const Duration after = world.clock->Now() - closed;
  CHECK(after >= kDay - seconds(1));
  CHECK(after <= kDay + minutes(11));
}

TEST_CASE("complaint 4, a cap used up by what nobody saw: a failure, a rotation and a retraction give it back") {
  for (const char* what : {"failed", "dropped", "retracted"}) {
    CAPTURE(what);
    CampaignSpec campaign = Often();
    campaign.caps = R"([{"count":1}])";
    PromptWorld world({campaign});
    Do(&world, "message_sent");
    REQUIRE(world.host.presented.size() == 1);
    if (std::string(what) == "failed") world.host.lease->Failed("no room");
    if (std::string(what) == "dropped") world.host.lease.reset();
    if (std::string(what) == "retracted") {
      CampaignSpec paused = campaign;
      paused.status = "paused";
      world.PublishCampaigns(2, {paused});
      world.PublishCampaigns(3, {campaign});
    }
    world.Settle();
    Do(&world, "message_sent");
    CHECK(world.host.presented.size() == 2);
  }
}

TEST_CASE("complaint 5, two prompts at once: while the first one's image still loads, nothing else is offered") {
  CampaignSpec first = Often();
  CampaignSpec second = Often();
  second.key = "tell-friends";
  second.trigger = R"({"event":"note_shared"})";
  PromptWorld world({first, second});
  world.client().Track("message_sent");
  world.client().Track("note_shared");
  world.Pass(seconds(5));
  REQUIRE(world.host.presented.size() == 1);  // and it has not said that it is presented
  CHECK(world.host.asked.size() == 1);
  world.host.lease->Presented();
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Pass(seconds(2));
  CHECK(Shown(world) == std::vector<std::string>{"try-share", "tell-friends"});
}

TEST_CASE(
    "complaint 6, nobody can say which campaign wins: the more important one, in any order of the datafile, then the "
    "other") {
  CampaignSpec less = Often();
  less.key = "a-first";
  CampaignSpec more = Often();
  more.key = "z-last";
  more.priority = 5;
  for (const bool is_swapped : {false, true}) {
    CAPTURE(is_swapped);
    PromptWorld world(is_swapped ? std::vector<CampaignSpec>{more, less} : std::vector<CampaignSpec>{less, more});
    Do(&world, "message_sent");
    REQUIRE(Shown(world) == std::vector<std::string>{"z-last"});
    CHECK(Says(&world, "a-first", "✗ screen     the prompt of z-last is up"));
    world.host.lease->Presented();
    world.host.lease->Dismissed(DismissCause::kPerson);
    world.Pass(seconds(2));
    CHECK(Shown(world) == std::vector<std::string>{"z-last", "a-first"});
  }
}

TEST_CASE("complaint 7, the wrong screen: a campaign for the home screen waits until that has been in front") {
  CampaignSpec campaign = Often();
  campaign.members = R"(,"triggers":[{"screen":"home","for":"2s"}])";
  PromptWorld world({campaign});
  world.client().SetScreen("splash");
  world.Pass(seconds(10));
  CHECK(world.host.asked.empty());
  world.client().SetScreen("home");
  world.Pass(seconds(1));
  CHECK(world.host.asked.empty());
  world.Pass(seconds(2));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("complaint 8, suppressed once and lost: what the host puts off is there when the host is free") {
  PromptWorld world({Often()});
  world.host.admission = Admission::kLater;
  Do(&world, "message_sent");
  world.Pass(seconds(40));
  CHECK(world.host.presented.empty());
  world.host.admission = Admission::kNow;
  world.Pass(seconds(2));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("complaint 9, held and not asked again: whoever stops to qualify while the prompt waits does not get it") {
  for (const bool is_delayed : {false, true}) {
    CAPTURE(is_delayed);
    CampaignSpec campaign = Often();
    campaign.when = R"({"op":"==","attribute":"plan","value":"free"})";
    if (is_delayed) campaign.members = R"(,"delay":"10s")";
    PromptWorld world({campaign});
    world.client().Identify(Context().Unit("device", "d-1").Set("plan", "free"));
    if (!is_delayed) world.host.admission = Admission::kLater;
    Do(&world, "message_sent");
    world.Pass(seconds(5));
    world.client().Identify(Context().Unit("device", "d-1").Set("plan", "pro"));
    world.host.admission = Admission::kNow;
    world.Pass(seconds(30));
    CHECK(world.host.presented.empty());
    CHECK(Says(&world, "try-share", "not_eligible"));
  }
}

TEST_CASE("complaint 10, triggers that ignore what the event says: a message of 399 characters is not one of 400") {
  PromptWorld world;
  world.Write(399);
  CHECK(world.host.asked.empty());
  world.Write(400);
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("complaint 11, nothing in the first session: a bundled campaign shows at once, an urgent one within a poll") {
  PromptWorld world({Often()});
  CloseAll(&world);
  Do(&world, "message_sent");
  CHECK(world.host.presented.size() == 1);
  CampaignSpec urgent = Often();
  urgent.key = "outage";
  urgent.trigger = R"({"event":"note_opened"})";
  world.published = CampaignsDatafile(2, {Often(), urgent});
  const Timestamp published = world.clock->Now();
  while (world.client().status().datafile_version != 2 && world.clock->Now() < published + kDay) {
    world.Pass(minutes(1), minutes(1));
  }
  CHECK(world.clock->Now() - published <= world.options.poll_interval * 5 / 4);
  Do(&world, "note_opened");
  CHECK(Shown(world).back() == "outage");
}

TEST_CASE("complaint 12, nobody can say why not: the explanation names the gate, what it saw, and when it passes") {
  CampaignSpec campaign = Often();
  campaign.caps = R"([{"count":1,"per":"7d"}])";
  PromptWorld world({campaign});
  CloseAll(&world);
  Do(&world, "message_sent");
  Do(&world, "message_sent");
  CHECK(Says(&world, "try-share", "try-share is not shown   capped"));
  CHECK(Says(&world, "try-share", "1 per 7d: 1 used"));
  CHECK(Says(&world, "try-share", "1 used, free 2026-11-28T10:00:00.100Z"));
}

TEST_CASE(
    "complaint 13, trying it on a device is not reliable: QA sees it at once, past every cap, as often as they ask") {
  CampaignSpec campaign = Often();
  campaign.caps = R"([{"count":1}])";
  campaign.when = R"({"op":"==","attribute":"plan","value":"pro"})";
  PromptWorld world({campaign});
  CloseAll(&world);
  for (std::size_t i = 1; i <= 5; ++i) {
    REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
    world.Pass(seconds(1));
    CHECK(world.host.presented.size() == i);
  }
}

TEST_CASE(
    "complaint 14, the wrong person after a logout: it goes with them, and their caps are there when they are back") {
  CampaignSpec campaign = Often();
  campaign.unit = "account";
  campaign.caps = R"([{"count":1}])";
  PromptWorld world({campaign});
  const auto login = [&](const char* user) {
    Context context;
    context.Unit("device", "d-1");
    if (user != nullptr) context.Unit("account", user);
    world.client().Identify(context, Carry::kNothing);
    world.Pass(seconds(1));
  };
  login("anna");
  Do(&world, "message_sent");
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  login(nullptr);
  CHECK(world.host.retracted.size() == 1);
  login("ben");
  Do(&world, "message_sent");
  REQUIRE(world.host.presented.size() == 2);  // his own
  world.host.lease->Presented();
  world.host.lease->Dismissed(DismissCause::kPerson);
  login("anna");
  Do(&world, "message_sent");
  CHECK(world.host.presented.size() == 2);
}

TEST_CASE(
    "complaint 16, no end, no limit, no later: a goal ends it, a cap for ever limits it, and a snooze brings it back") {
  CampaignSpec campaign = Often();
  campaign.caps = R"([{"count":3},{"until":{"op":">=","count":"file_shared","window":"ever","value":1}}])";
  for (const bool is_done : {false, true}) {
    CAPTURE(is_done);
    PromptWorld world({campaign});
    Do(&world, "message_sent");
    REQUIRE(world.host.presented.size() == 1);
    world.host.lease->Action("b2");  // a day later
    world.Pass(seconds(1));
    Do(&world, "message_sent");
    CHECK(world.host.presented.size() == 1);
    if (is_done) Do(&world, "file_shared");
    CloseAll(&world);
    for (int day = 0; day < 6; ++day) {
      world.Pass(kDay, hours(12));
      Do(&world, "message_sent");
    }
    CHECK(world.host.presented.size() == (is_done ? 1u : 3u));
  }
}

TEST_CASE(
    "complaint 17, numbers that are wrong: each way out is counted as itself, once, though the network repeats it") {
  PromptWorld world({Often()});
  world.host.on_present = [](const Prompt&, PromptLease& lease) {
    lease.Presented();
    lease.Presented();
    lease.Action("b1");
    lease.Dismissed(DismissCause::kPerson);
  };
  world.collector_status = 503;
  Do(&world, "message_sent");
  world.Restart();
  world.Pass(minutes(2));
  world.collector_status = 200;
  world.Pass(minutes(30), seconds(10));
  CHECK(world.PromptSteps() == std::vector<std::string>{"exposure", "impression", "action b1"});
}

TEST_CASE(
    "complaint 18, zones and summer time: nine o'clock is nine by the person's clock, before and after the change") {
  CampaignSpec campaign = Often();
  campaign.caps = R"([{"count":100},{"hours":"09:00-10:00"}])";
  campaign.valid_for = "1s";
  for (const int offset_hours : {1, 2}) {
    CAPTURE(offset_hours);
    PromptWorld world({campaign});
    CloseAll(&world);
    world.clock->SetUtcOffset(hours(offset_hours));
    std::set<int> open;  // hours of UTC in which it shows
    for (int hour = 0; hour < 24; ++hour) {
      world.Pass(hours(1), minutes(30));
      const std::size_t before = world.host.presented.size();
      Do(&world, "message_sent");
      const auto of_day = world.clock->Now().time_since_epoch() % kDay;
      if (world.host.presented.size() > before) open.insert(static_cast<int>(of_day / Duration(hours(1))));
    }
    CHECK(open == std::set<int>{9 - offset_hours});
  }
}

}  // namespace
}  // namespace guidon::test
