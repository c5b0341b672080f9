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

}  // namespace
}  // namespace guidon::test
