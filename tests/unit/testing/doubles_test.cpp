// The doubles that stand for the world: network, store, the person before the screen; and what looks say.
#include <doctest/doctest.h>

#include <sstream>

#include "guidon/testing.h"
#include "tests/unit/testing/heard.h"

namespace guidon::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};

TEST_CASE("a look that fails says what was there instead") {
  TestClient test;
  test.Variant("attach-button", "control", {{"composer", "icon"}});
  CHECK(test.events().Exposed("attach-button", "labelled").text() ==
        "exposed to labelled of attach-button: never instead of at least once; there are no exposures");
  (void)test.client().Get(kComposer);
  CHECK(
      test.events().Exposed("attach-button", "labelled").text() ==
      "exposed to labelled of attach-button: never instead of at least once; all exposures:\n  attach-button control");
  test.client().Track("file_shared", {{"kind", "pdf"}, {"pages", 3}});
  test.client().Track("file_shared", {{"kind", "pdf"}, {"pages", 3}});
  test.client().Track("bought", 9.5);
  const Verdict verdict = test.events().Tracked("file_shared", {{"kind", "png"}}, kOnce);
  CHECK_FALSE(verdict);
  CHECK(verdict.text() ==
        "tracked file_shared with {\"kind\":\"png\"}: never instead of once; all tracked events:\n"
        "  file_shared {\"kind\":\"pdf\",\"pages\":3}, 2 times\n  bought 9.5");
  CHECK(test.events().Tracked("file_shared", {{"kind", "pdf"}}, Exactly(2)));
  CHECK(test.events().Tracked("file_shared", {{"pages", 3.0}}));
  CHECK(Contains(test.events().Tracked("file_shared", {}, kOnce).text(), "2 times instead of once"));
  CHECK(Contains(test.events().Tracked("bought", {}, kNever).text(), "once instead of never"));
}

TEST_CASE("a matcher of one's own sees every event, and what was cleared is not seen") {
  TestClient test;
  test.client().Track("bought", 9.5);
  const auto costs = [](const EventRecord& record) { return record.value == 9.5; };
  CHECK(test.events().Any("costs 9.5", costs, kOnce));
  test.events().Clear();
  CHECK_FALSE(test.events().Any("costs 9.5", costs));
}

TEST_CASE("what a framework compared it prints in words") {
  EventRecord record;
  record.kind = EventKind::kExposure;
  record.name = "attach-button";
  record.variant = "control";
  std::ostringstream out;
  out << Value(Object{{"kind", "pdf"}, {"pages", 3}}) << " " << Reason::kHoldout << " " << record << " "
      << Status(StatusCode::kOutOfSpace, "full") << " " << Status();
  CHECK(out.str() == "{\"kind\":\"pdf\",\"pages\":3} holdout attach-button control out_of_space: full ok");
}

TEST_CASE("a verdict is what it says, also turned about, and prints its words") {
  const Verdict no(false, "seen: nothing");
  CHECK_FALSE(no);
  CHECK(!no);
  CHECK((!no).text() == "seen: nothing");
  std::ostringstream out;
  out << no;
  CHECK(out.str() == "seen: nothing");
}

TEST_CASE("a person answers, presses, dismisses and waits, and the engine hears it") {
  SurveyQuestion score;
  score.id = "score";
  score.type = "nps";
  score.label = "How likely?";
  score.required = true;
  TestPrompt nps;
  nps.trigger = "note_created";
  nps.questions = {score};
  TestClient test;
  test.Prompt("nps", nps).Prompt("upsell");
  test.client().Track("note_created");
  REQUIRE(test.prompts().IsUp("nps"));
  CHECK(Contains(test.prompts().Complete().text(), "not complete"));
  CHECK(Contains(test.prompts().Answer("score", 11).text(), "refused"));
  CHECK(test.prompts().Answer("score", 9));
  CHECK(test.prompts().Complete());
  CHECK(test.prompts().IsEmpty());
  CHECK(test.events().PromptAnswered("nps", "score", 9, kOnce));

  test.client().Track("upsell");
  REQUIRE(test.prompts().IsUp("upsell"));
  CHECK(Contains(test.prompts().Press("buy").text(), "has no button buy; it has ok"));
  std::string opened;
  test.prompts().on_action = [&](const PromptAction& action) { opened = action.link; };
  CHECK(test.prompts().Press("ok"));
  CHECK(opened == "app://ok");
  CHECK(test.events().PromptPressed("upsell", "ok", kOnce));
  CHECK(test.events().PromptDismissed("upsell", kNever));
  CHECK(Contains(test.prompts().Press("ok").text(), "no prompt is up"));

  test.client().Track("upsell");
  CHECK(test.prompts().Dismiss());
  CHECK(test.events().PromptDismissed("upsell", kOnce));
  test.client().Track("upsell");
  CHECK(test.prompts().Snooze(hours(1)));
  test.client().Track("upsell");
  CHECK(test.prompts().IsEmpty());
  test.Advance(hours(2));
  test.client().Track("upsell");
  CHECK(test.prompts().IsUp("upsell"));
  CHECK(test.prompts().shown().size() == 5);
}

TEST_CASE("a prompt is taken back when its campaign ends, and one that comes at a bad moment waits") {
  TestClient test;
  test.Prompt("nps");
  test.prompts().admission = Admission::kLater;
  test.client().Track("nps");
  CHECK(test.prompts().IsEmpty());
  test.prompts().admission = Admission::kNow;
  test.Advance(seconds(3));
  REQUIRE(test.prompts().IsUp("nps"));
  test.client().Logout();
  test.client().SetConsent(Consent::kDenied);
  CHECK(test.prompts().IsEmpty());
  CHECK(test.prompts().retracted().size() == 1);
}

TEST_CASE("what a collector says is scripted, request by request and for good, and nothing is lost by it") {
  TestClient test;
  FakeHttp& http = test.http();
  http.Next(Server::kCollector, HttpAnswer::Of(503, {{"retry-after", "120"}}));
  http.Next(Server::kCollector, HttpAnswer::CutAfter(0));
  test.client().Track("file_shared");
  (void)test.client().Flush(Duration(0));
  test.Settle();
  CHECK(http.Requests(Server::kCollector).size() == 1);
  test.Advance(seconds(100));
  CHECK(http.Requests(Server::kCollector).size() == 1);
  test.Advance(hours(2));
  const auto requests = http.Requests(Server::kCollector);
  REQUIRE(requests.size() >= 2);
  CHECK(requests.front().body == requests[1].body);
  CHECK(test.client().status().ledger.pending == 0);
}

TEST_CASE("a datafile that arrives damaged is refused, and fetched again") {
  TestClient test;
  test.Flag("composer", "a").NotReady();
  test.http().Next(Server::kDatafile, HttpAnswer::Of(404));
  test.http().Next(Server::kDatafile, HttpAnswer::CorruptAt(0));
  (void)test.client();
  {
    Heard heard;
    test.Publish();
    REQUIRE(heard.failures.size() == 1);
    CHECK(Contains(heard.failures.front(), "the datafile was refused"));
  }
  CHECK(test.client().Get(kComposer) == "icon");
  test.Advance(hours(25));
  CHECK(test.client().Get(kComposer) == "a");
}

TEST_CASE("a datafile that is cut on its way is not taken") {
  TestClient test;
  test.Flag("composer", "a").NotReady();
  (void)test.client();
  test.http().Next(Server::kDatafile, HttpAnswer::CutAfter(20));
  test.Publish();
  CHECK_FALSE(test.client().status().ready);
  CHECK(Contains(test.client().status().fetch.message(), "cut"));
}

TEST_CASE("a datafile that is published while the network is gone, or the app away, arrives when it is back") {
  TestClient test;
  test.Flag("composer", "a");
  CHECK(test.client().Get(kComposer) == "a");
  test.http().SetOnline(false);
  test.Flag("composer", "b");
  CHECK(test.client().Get(kComposer) == "a");
  test.http().SetOnline(true);
  test.Advance(minutes(10));
  CHECK(test.client().Get(kComposer) == "b");
  test.client().OnBackground();
  test.Flag("composer", "c");
  CHECK(test.client().Get(kComposer) == "b");
  test.client().OnForeground();
  test.Advance(minutes(1));
  CHECK(test.client().Get(kComposer) == "c");
}

TEST_CASE("offline, what was told waits; and the datafile of the last start is there") {
  TestClient test;
  test.Flag("composer", "a");
  test.http().SetOnline(false);
  test.client().Track("file_shared");
  CHECK(test.client().Flush(seconds(5)).kept >= 1);
  CHECK(test.client().Get(kComposer) == "a");
  test.Restart();
  test.http().SetOnline(true);
  test.Advance(hours(1));
  CHECK(test.client().status().ledger.pending == 0);
}

TEST_CASE("a store fails at the write that was named, or until it is well again, and nothing that was told is lost") {
  TestClient test;
  (void)test.client();
  const std::size_t writes = test.store().writes();
  test.store().FailWrite(1);
  CHECK(test.client().TrackDurable("first", {}, Duration(0)).ok());
  CHECK(test.store().writes() == writes + 2);  // the client tries once more at once
  test.store().FailAll(Status(StatusCode::kOutOfSpace, "the disk is full"));
  CHECK_FALSE(test.client().TrackDurable("second", {}, seconds(1)).ok());
  CHECK(test.client().status().store.code() == StatusCode::kOutOfSpace);
  CHECK(test.client().status().at_risk == 1);
  test.store().FailAll(Status());
  test.Advance(minutes(30));
  CHECK(test.client().status().store.ok());
  CHECK(test.client().status().at_risk == 0);
  CHECK(test.events().Tracked("second", {}, kOnce));
}

}  // namespace
}  // namespace guidon::testing
