// What starts a prompt beyond a single event, through a whole client.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

CampaignSpec Plain(std::string members = {}) {
  CampaignSpec campaign;
  campaign.trigger = R"({"event":"message_sent"})";
  campaign.members = std::move(members);
  return campaign;
}

void Do(PromptWorld* world, const char* event) {
  world->client().Track(event);
  world->Pass(Duration(200), Duration(100));
}

bool Says(PromptWorld* world, const std::string& text) {
  return world->client().ExplainPrompt("try-share").find(text) != std::string::npos;
}

TEST_CASE("any of a campaign's triggers shows the prompt, and the exposure tells which") {
  for (const char* event : {"note_created", "note_opened", "message_sent"}) {
    CAPTURE(event);
    PromptWorld world({Plain(R"(,"triggers":[{"event":"note_created"},{"event":"note_opened"}])")});
    Do(&world, event);
    const bool is_one = std::string(event) != "message_sent";
    REQUIRE(world.host.presented.size() == (is_one ? 1 : 0));
    world.Pass(minutes(1));
    for (auto& step : world.CollectedOf("guidon.prompt")) CHECK(step.attributes["guidon.prompt.trigger"] == event);
    CHECK(world.CollectedOf("guidon.prompt").empty() == !is_one);
    CHECK(Says(&world, is_one ? "✓ trigger    any of 2" : "✗ trigger    any of 2"));
  }
}

TEST_CASE("a delay is waited out before the host is asked, and its explanation says until when") {
  PromptWorld world({Plain(R"(,"delay":"10s")")});
  Do(&world, "message_sent");
  CHECK(Says(&world, "try-share is not shown   delayed"));
  CHECK(Says(&world, "10s later"));
  CHECK(world.client().ExplainPromptJson("try-share").find("\"until\":") != std::string::npos);
  world.Pass(seconds(9));
  CHECK(world.host.asked.empty());
  world.Pass(seconds(1));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what happens again while the delay lasts does not put it off") {
  PromptWorld world({Plain(R"(,"delay":"10s")")});
  for (int i = 0; i < 9; ++i) {
    Do(&world, "message_sent");
    world.Pass(Duration(800), Duration(400));
  }
  CHECK(world.host.asked.empty());
  world.Pass(seconds(2));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("the gates are asked again when the delay is over") {
  CampaignSpec campaign = Plain(R"(,"delay":"10s")");
  campaign.when = R"({"op":"==","count":"file_shared","value":0})";
  PromptWorld world({campaign});
  Do(&world, "message_sent");
  Do(&world, "file_shared");
  world.Pass(seconds(30));
  CHECK(world.host.asked.empty());
  CHECK(Says(&world, "not_eligible"));
}

TEST_CASE("it is timely for valid_for from the end of the delay on") {
  for (const int later_s : {12, 16}) {
    CAPTURE(later_s);
    CampaignSpec campaign = Plain(R"(,"delay":"10s")");
    campaign.valid_for = "5s";
    PromptWorld world({campaign});
    world.host.admission = Admission::kLater;
    Do(&world, "message_sent");
    world.Pass(seconds(later_s));
    world.host.admission = Admission::kNow;
    world.Pass(seconds(2));
    CHECK(world.host.presented.size() == (later_s < 15 ? 1 : 0));
    CHECK(Says(&world, "expired") == (later_s > 15));
  }
}

TEST_CASE("an event that cancels drops what waits, be it for the delay, the host or another prompt") {
  for (const char* waits_for : {"delay", "host", "screen"}) {
    CAPTURE(waits_for);
    const bool has_delay = std::string(waits_for) == "delay";
    CampaignSpec other;
    other.key = "other";
    other.trigger = R"({"event":"app_open"})";
    PromptWorld world(
        {Plain(has_delay ? R"(,"delay":"10s","cancel_on":["file_shared","closed"])" : R"(,"cancel_on":["closed"])"),
         other});
    if (std::string(waits_for) == "screen") {
      Do(&world, "app_open");
      REQUIRE(world.host.presented.size() == 1);
    }
    if (std::string(waits_for) == "host") world.host.admission = Admission::kLater;
    const std::size_t before = world.host.presented.size();
    Do(&world, "message_sent");
    Do(&world, "closed");
    // What is on screen stands in the way before anything that is over.
    CHECK(Says(&world, before > 0 ? "try-share is not shown   busy" : "try-share is not shown   cancelled"));
    CHECK(Says(&world, ": closed"));
    world.host.admission = Admission::kNow;
    world.host.lease.reset();
    world.Pass(seconds(40));
    CHECK(world.host.presented.size() == before);
    Do(&world, "message_sent");
    world.Pass(seconds(20));
    CHECK(world.host.presented.size() == before + 1);
  }
}

TEST_CASE("an event that both starts and cancels puts the delay off") {
  PromptWorld world({Plain(R"(,"delay":"10s","cancel_on":["message_sent"])")});
  Do(&world, "message_sent");
  world.Pass(seconds(8));
  Do(&world, "message_sent");
  world.Pass(seconds(8));
  CHECK(world.host.asked.empty());
  world.Pass(seconds(2));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what cancels one campaign leaves the others") {
  CampaignSpec other = Plain(R"(,"delay":"10s")");
  other.key = "other";
  PromptWorld world({Plain(R"(,"delay":"10s","cancel_on":["closed"])"), other});
  Do(&world, "message_sent");
  Do(&world, "closed");
  world.Pass(seconds(12));
  REQUIRE(world.host.presented.size() == 1);
  CHECK(world.host.presented[0].campaign == "other");
}

CampaignSpec Started(const std::string& trigger, const std::string& more = {}) {
  return Plain(R"(,"triggers":[)" + trigger + "]" + more);
}

constexpr const char* kThen = R"({"then":[{"event":"note_created"},{"event":"note_opened"}],"within":"10s"})";
constexpr const char* kAbsent = R"({"event":"note_created","and_not":{"event":"file_shared"},"within":"10s"})";

TEST_CASE("a sequence shows the prompt at its last event, at once, and its explanation says how far it is") {
  PromptWorld world({Started(kThen)});
  Do(&world, "note_created");
  CHECK(world.host.asked.empty());
  CHECK(Says(&world, "note_created then note_opened within 10s"));
  CHECK(Says(&world, "1 of 2 happened, the rest by "));
  CHECK(world.client().ExplainPromptJson("try-share").find(R"("kind":"then")") != std::string::npos);
  CHECK(world.client().ExplainPromptJson("try-share").find(R"("done":1)") != std::string::npos);
  world.Pass(seconds(9));
  Do(&world, "note_opened");
  REQUIRE(world.host.presented.size() == 1);
  world.Pass(minutes(1));
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    CHECK(step.attributes["guidon.prompt.trigger"] == "note_opened");
  }
  CHECK(Says(&world, "✓ trigger"));
}

TEST_CASE("a sequence that takes too long shows nothing") {
  PromptWorld world({Started(kThen)});
  Do(&world, "note_created");
  world.Pass(seconds(11));
  Do(&world, "note_opened");
  CHECK(world.host.asked.empty());
}

TEST_CASE("the conditions of each step are asked of its own event") {
  PromptWorld world(
      {Started(R"({"all":[{"event":"a","where":{"op":">=","attribute":"chars","kind":"event","value":9}},)"
               R"({"event":"b","where":{"op":"<","attribute":"chars","kind":"event","value":9}}],"within":"1m"})")});
  const auto track = [&](const char* event, int chars) {
    world.client().Track(event, {{"chars", chars}});
    world.Pass(Duration(200), Duration(100));
    return world.host.presented.size();
  };
  CHECK(track("b", 10) == 0);
  CHECK(track("a", 8) == 0);
  CHECK(track("b", 8) == 0);
  CHECK(track("a", 9) == 1);
}

TEST_CASE("what did not happen in time shows the prompt when the time is over") {
  for (const bool shares : {false, true}) {
    CAPTURE(shares);
    PromptWorld world({Started(kAbsent)});
    Do(&world, "note_created");
    world.Pass(seconds(5));
    if (shares) Do(&world, "file_shared");
    world.Pass(seconds(4));
    CHECK(world.host.asked.empty());
    world.Pass(seconds(2));
    CHECK(world.host.presented.size() == (shares ? 0 : 1));
  }
}

TEST_CASE("the events of a sequence and those that cancel are committed at once, and others wait for company") {
  PromptWorld world({Started(kAbsent, R"(,"cancel_on":["closed"])")});
  const struct {
    const char* event;
    bool is_urgent;
  } rows[] = {{"note_created", true}, {"file_shared", true}, {"closed", true}, {"typed", false}};
  for (const auto& row : rows) {
    CAPTURE(row.event);
    bool is_durable = false;
    const Subscription seen = world.client().OnEvent(
        nullptr, [&](const EventRecord& record) { is_durable = is_durable || record.name == row.event; });
    world.client().Track(row.event);
    world.Settle();
    CHECK(is_durable == row.is_urgent);
    world.Pass(seconds(3));
    CHECK(is_durable);
  }
}

TEST_CASE("what an earlier process did, and what another person did, completes nothing") {
  for (const bool restarts : {false, true}) {
    CAPTURE(restarts);
    PromptWorld world({Started(kThen)});
    Do(&world, "note_created");
    if (restarts) {
      world.Restart();
    } else {
      world.client().Identify(Context().Unit("device", "d-1").Unit("account", "someone"));
      world.Settle();
    }
    Do(&world, "note_opened");
    CHECK(world.host.asked.empty());
    Do(&world, "note_created");
    Do(&world, "note_opened");
    CHECK(world.host.presented.size() == 1);
  }
}

TEST_CASE("the clock on the wall may jump, and a sequence does not notice") {
  PromptWorld world({Started(kThen)});
  Do(&world, "note_created");
  world.clock->SetWall(world.clock->Now() + std::chrono::hours(100));
  Do(&world, "note_opened");
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("a session that starts shows the prompt, and so does coming back after half an hour, not sooner") {
  for (const int away_min : {29, 31}) {
    CAPTURE(away_min);
    CampaignSpec campaign = Started(R"({"on":"session_start"})");
    campaign.caps = R"([{"count":9}])";
    PromptWorld world({campaign});
    world.Pass(seconds(1));
    REQUIRE(world.host.presented.size() == 1);
    CHECK(Says(&world, "session_start"));
    world.host.lease->Presented();
    world.host.lease->Dismissed(DismissCause::kPerson);
    world.Pass(minutes(1));
    CHECK(world.host.presented.size() == 1);
    world.client().OnBackground();
    world.Pass(minutes(away_min), minutes(1));
    world.client().OnForeground();
    world.Pass(seconds(2));
    CHECK(world.host.presented.size() == (away_min > 30 ? 2 : 1));
  }
}

TEST_CASE("a screen that is in front for long enough shows the prompt, each visit anew") {
  PromptWorld world({Started(R"({"screen":"editor","for":"5s"})")});
  world.client().SetScreen("home");
  world.Pass(seconds(9));
  world.client().SetScreen("editor");
  world.Pass(seconds(4));
  CHECK(world.host.asked.empty());
  CHECK(Says(&world, "it starts "));
  world.client().SetScreen("");
  world.Pass(seconds(4));
  CHECK(world.host.asked.empty());
  world.client().SetScreen("editor");
  world.Pass(seconds(5));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("nothing happening for long enough shows the prompt, and anything at all puts it off") {
  for (const char* what : {"nothing", "event", "screen", "activity", "background"}) {
    CAPTURE(what);
    PromptWorld world({Started(R"({"idle":"30s"})")});
    world.client().NoteActivity();
    world.Pass(seconds(29));
    const std::string happened = what;
    if (happened == "event") world.client().Track("anything");
    if (happened == "screen") world.client().SetScreen("home");
    if (happened == "activity") world.client().NoteActivity();
    if (happened == "background") world.client().OnBackground();
    world.Pass(seconds(2));
    CHECK(world.host.presented.size() == (happened == "nothing" ? 1 : 0));
    world.Pass(seconds(30));
    CHECK(world.host.presented.size() == (happened == "background" ? 0 : 1));
  }
}

TEST_CASE("whoever was idle is asked again once they have been back and idle anew") {
  CampaignSpec campaign = Started(R"({"idle":"30s"})");
  campaign.caps = R"([{"count":9}])";
  PromptWorld world({campaign});
  world.host.on_present = [](const Prompt&, PromptLease& lease) {
    lease.Presented();
    lease.Dismissed(DismissCause::kPerson);
  };
  world.Pass(seconds(120));
  CHECK(world.host.presented.size() == 1);
  world.client().NoteActivity();
  world.Pass(seconds(120));
  CHECK(world.host.presented.size() == 2);
}

}  // namespace
}  // namespace guidon::test
