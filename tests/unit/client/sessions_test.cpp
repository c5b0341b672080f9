// What happened in this session, as rules ask for it: count('message_sent', 'session').
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<bool> kIsBusy{"is-busy", false};

std::string Members() {
  return R"("counts":{"long_messages":{"event":"message_sent","where":{"op":">=","attribute":"chars","kind":"event","value":400}}},
    "flags":{"is-busy":{"type":"bool","default":false,"rules":[
      {"id":"r1","when":{"op":">=","count":"message_sent","window":"session","value":3},"serve":true}]}})";
}

CampaignSpec AtSecondLongMessage() {
  CampaignSpec campaign;
  campaign.trigger = R"({"event":"message_sent"})";
  campaign.when = R"({"op":"==","count":"long_messages","window":"session","value":2})";
  campaign.caps = R"([{"count":50}])";
  return campaign;
}

struct SessionWorld : PromptWorld {
  SessionWorld() : PromptWorld({AtSecondLongMessage()}, Members()) {
    Kill();
    journal = std::make_shared<MemoryJournal>();
    Start();
  }
  void WriteShort(int times) {
    for (int i = 0; i < times; ++i) Write(20);
  }
  void StayAway(Duration time) {
    client().OnBackground();
    Pass(time, minutes(1));
    client().OnForeground();
    Settle();
  }
  bool IsBusy() { return client().Get(kIsBusy); }
  // Of "message_sent" in the session; "unknown" where that is so.
  std::string Counted() {
    const std::string text = client().Explain("is-busy");
    const std::size_t at = text.find("count('message_sent', 'session') >= 3");
    REQUIRE(at != std::string::npos);
    const std::string line = text.substr(at, text.find('\n', at) - at);
    return line.substr(line.find_last_of(' ') + 1);
  }
};

TEST_CASE("a count of the session knows what happened since it began, and nothing from before") {
  SessionWorld world;
  CHECK(world.Counted() == "0");
  world.WriteShort(2);
  CHECK(world.Counted() == "2");
  CHECK_FALSE(world.IsBusy());
  world.WriteShort(1);
  CHECK(world.IsBusy());

  SUBCASE("away for less than half an hour it goes on, though the store was closed") {
    world.StayAway(minutes(29));
    CHECK(world.Counted() == "3");
    world.WriteShort(1);
    CHECK(world.Counted() == "4");
  }
  SUBCASE("away for half an hour another one begins") {
    world.StayAway(minutes(30));
    CHECK(world.Counted() == "0");
    CHECK_FALSE(world.IsBusy());
    world.WriteShort(3);
    CHECK(world.IsBusy());
  }
  SUBCASE("another process is another session") {
    world.Restart();
    CHECK(world.Counted() == "0");
    CHECK_FALSE(world.IsBusy());
  }
  SUBCASE("what a process told that died, and did not commit, is of none that goes on") {
    for (int i = 0; i < 3; ++i) world.client().Track("message_sent", {{"chars", 20}});
    std::static_pointer_cast<MemoryJournal>(world.journal)->Crash();
    world.Start();
    CHECK(world.Counted() == "0");
    world.WriteShort(1);
    CHECK(world.Counted() == "1");
  }
  SUBCASE("it goes on as long as the app is there, over days") {
    world.Pass(hours(72), minutes(30));
    CHECK(world.Counted() == "3");
  }
  SUBCASE("what was done before anybody logged in goes to who does, and each account has its own") {
    world.client().Identify(Context().Unit("device", "d-1").Unit("account", "ada"));
    world.Settle();
    CHECK(world.Counted() == "3");
    world.WriteShort(1);
    world.client().Identify(Context().Unit("device", "d-1").Unit("account", "bob"));
    world.Settle();
    CHECK(world.Counted() == "0");
    world.client().Identify(Context().Unit("device", "d-1").Unit("account", "ada"));
    world.Settle();
    CHECK(world.Counted() == "4");
  }
}

TEST_CASE("what is told once the app is back is of the session that began then, however soon it is committed") {
  for (const bool has_store : {true, false}) {
    for (const bool has_journal : {true, false}) {
      for (const int how : {0, 1, 2}) {
        CAPTURE(has_store);
        CAPTURE(has_journal);
        CAPTURE(how);
        SessionWorld world;
        world.Kill();
        if (!has_store) world.storage = nullptr;
        if (!has_journal) world.journal = nullptr;
        world.Start();
        world.WriteShort(2);
        world.client().OnBackground();
        world.Pass(minutes(45), minutes(1));
        world.client().OnForeground();
        if (how == 1) world.Settle();
        world.client().Track("message_sent", {{"chars", 20}});
        if (how == 2) world.client().Flush(Duration(0));
        world.Settle();
        world.Pass(minutes(1));
        CHECK(world.Counted() == "1");
      }
    }
  }
}

TEST_CASE("a prompt at the second long message of a session comes in each session, and short ones bring it not") {
  SessionWorld world;
  for (int session = 1; session <= 3; ++session) {
    CAPTURE(session);
    world.Write(500);
    world.WriteShort(3);
    CHECK(world.host.presented.size() == static_cast<std::size_t>(session - 1));
    world.Write(500);
    CHECK(world.host.presented.size() == static_cast<std::size_t>(session));
    world.host.lease->Dismissed(DismissCause::kPerson);
    world.host.lease.reset();
    world.Write(500);
    CHECK(world.host.presented.size() == static_cast<std::size_t>(session));
    world.StayAway(hours(2));
  }
}

TEST_CASE("without consent to fit the app to what people do nothing is known of their session") {
  SessionWorld world;
  world.WriteShort(3);
  world.client().SetConsent(Purpose::kPersonalization, Consent::kDenied);
  world.Settle();
  CHECK_FALSE(world.IsBusy());
  const std::string text = world.client().Explain("is-busy");
  CHECK(text.find("? count('message_sent', 'session') >= 3") != std::string::npos);
  CHECK(text.find("nothing is known of this session") != std::string::npos);
  CHECK(world.client().ExplainJson("is-busy").find(R"("missing":"session")") != std::string::npos);
}

}  // namespace
}  // namespace guidon::test
