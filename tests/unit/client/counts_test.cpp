// Counts of events by their properties, through a whole client.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::string CountsOf(int chars) {
  return R"("counts":{"long_messages":{"event":"message_sent","where":{"op":">=","attribute":"chars","kind":"event","value":)" +
         std::to_string(chars) + "}}}";
}

// Whoever wrote at least two long messages in two weeks.
CampaignSpec ForWriters(const char* condition = R"({"op":">=","count":"long_messages","window":"14d","value":2})") {
  CampaignSpec campaign;
  campaign.trigger = R"({"event":"message_sent"})";
  campaign.when = condition;
  campaign.caps = R"([{"count":50}])";
  return campaign;
}

std::string Asked(PromptWorld& world) {
  const std::string text = world.client().ExplainPrompt("try-share");
  const std::size_t at = text.find("count('long_messages'");
  return at == std::string::npos ? text : text.substr(at, text.find('\n', at) - at);
}

void Publish(PromptWorld* world, int version, const std::string& more) {
  world->published = CampaignsDatafile(version, {ForWriters()}, more);
  world->client().OnForeground();
  world->Pass(minutes(6), std::chrono::seconds(30));
  REQUIRE(world->client().status().datafile_version == version);
}

TEST_CASE("a prompt for those who wrote long messages comes at the second one, also after a restart") {
  for (const bool has_journal : {false, true}) {
    CAPTURE(has_journal);
    PromptWorld world({ForWriters()}, CountsOf(1'500));
    if (has_journal) {
      world.Kill();
      world.journal = std::make_shared<MemoryJournal>();
      world.Start();
    }
    world.Write(20);
    world.Write(1'600);
    world.Write(1'499);
    CHECK(world.host.presented.empty());
    CHECK(Asked(world) == "count('long_messages', '14d') >= 2   it is 1");
    world.Restart();
    world.Write(30);
    CHECK(world.host.presented.empty());
    world.Write(1'500);
    CHECK(world.host.presented.size() == 1);
  }
}

TEST_CASE("what is told and not committed when the process dies is counted by the next one") {
  const auto journal = std::make_shared<MemoryJournal>();
  PromptWorld world({ForWriters()}, CountsOf(1'500));
  world.Kill();
  world.journal = journal;
  world.Start();
  world.client().Track("message_sent", {{"chars", 1'600}});
  world.client().Track("message_sent", {{"chars", 1'600}});
  journal->Crash();
  world.Start();
  world.Write(1);
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("a count that is new in the datafile knows of nobody what they did before, until that has left its window") {
  PromptWorld world({ForWriters()}, "");
  world.Write(1'600);
  world.Write(1'600);
  // Without the count it is an event's name, and none of that name was tracked.
  CHECK(world.host.presented.empty());
  Publish(&world, 2, CountsOf(1'500));
  world.Write(1'600);
  CHECK(world.host.presented.empty());
  CHECK(Asked(world).find("at least 1") != std::string::npos);
  world.Pass(hours(24 * 14), hours(6));
  world.Write(10);
  CHECK(Asked(world) == "count('long_messages', '14d') >= 2   it is 0");
}

TEST_CASE("a definition that changed begins anew, and one that came back knows what nobody looked at") {
  PromptWorld world({ForWriters(R"({"op":"==","count":"long_messages","window":"14d","value":0})")}, CountsOf(1'500));
  world.Write(10);
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Settle();
  const auto publish = [&](int version, int chars) {
    world.published = CampaignsDatafile(
        version, {ForWriters(R"({"op":"==","count":"long_messages","window":"14d","value":0})")}, CountsOf(chars));
    world.client().OnForeground();
    world.Pass(minutes(6), std::chrono::seconds(30));
  };
  publish(2, 2'000);
  world.Write(10);
  CHECK(world.host.presented.size() == 1);  // it may not be 0
  publish(3, 1'500);
  world.Write(10);
  CHECK(world.host.presented.size() == 1);
  world.Pass(hours(24 * 14), hours(6));
  world.Write(10);
  CHECK(world.host.presented.size() == 2);
}

TEST_CASE("what is counted leaves the device no more than before") {
  PromptWorld world({ForWriters()}, CountsOf(1'500));
  world.Write(1'600);
  world.Pass(minutes(2));
  const std::vector<Received> sent = world.CollectedOf("guidon.event");
  REQUIRE(sent.size() == 1);
  for (const auto& [name, value] : sent[0].attributes) {
    CAPTURE(name);
    CHECK(value.find("long_messages") == std::string::npos);
  }
}

TEST_CASE("without consent to personalization nothing is counted, and nothing is asked of it") {
  PromptWorld world({ForWriters()}, CountsOf(1'500));
  world.client().SetConsent(Purpose::kPersonalization, Consent::kDenied);
  world.Settle();
  for (int i = 0; i < 3; ++i) world.Write(1'600);
  CHECK(world.host.presented.empty());
  world.client().SetConsent(Purpose::kPersonalization, Consent::kGranted);
  world.Settle();
  world.Write(1'600);
  CHECK(world.host.presented.empty());
  world.Write(1'600);
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("answers of a survey are counted by what they say") {
  CampaignSpec survey;
  survey.kind = "modal";
  survey.questions = R"([{"id":"score","type":"nps","label":"How likely?"}])";
  survey.caps = R"([{"count":50}])";
  CampaignSpec happy = ForWriters(R"({"op":">=","count":"promoters","value":1})");
  happy.key = "happy";
  happy.trigger = R"({"event":"note_created"})";
  PromptWorld world(
      {survey, happy},
      R"("counts":{"promoters":{"event":"answered","where":{"op":">=","attribute":"answer","kind":"event","value":9}}})");
  for (const int score : {3, 9}) {
    world.Write();
    REQUIRE(world.host.lease->Answer("score", score).ok());
    REQUIRE(world.host.lease->Completed().ok());
    world.Pass(minutes(1));
    world.client().Track("note_created");
    world.Pass(minutes(1));
    CHECK(world.host.presented.back().campaign == (score == 9 ? "happy" : "try-share"));
  }
}

}  // namespace
}  // namespace guidon::test
