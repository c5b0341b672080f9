// The test client as an app's suite uses it: every case takes the real Client& as the app's code would.
#include <doctest/doctest.h>

#include <thread>

#include "guidon/testing.h"
#include "tests/unit/testing/heard.h"

GUIDON_TESTING_WITH_DOCTEST();

namespace guidon::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr guidon::Flag<bool> kSharing{"file-sharing", false};
constexpr guidon::Flag<std::int64_t> kChunk{"chunk-kb", 256};
constexpr guidon::Flag<double> kRatio{"ratio", 0.5};
constexpr guidon::Flag<std::string> kComposer{"composer", "icon"};
constexpr guidon::Flag<Json> kLayout{"layout", "{}"};
constexpr guidon::Flag<bool> kTypo{"file-shraing", false};

TEST_CASE("flags have the values that a test sets, of each type, for a reason of the app's world") {
  TestClient test;
  test.Flag(kSharing, true).Flag(kChunk, 64).Flag(kRatio, 1).Flag(kComposer, "text");
  test.Flag(kLayout, Object{{"columns", 2}});
  Client& client = test.client();
  CHECK(client.Get(kSharing));
  CHECK(client.Get(kChunk) == 64);
  CHECK(client.Get(kRatio) == 1.0);
  CHECK(client.Get(kComposer) == "text");
  CHECK(client.Get(kLayout) == Value(Object{{"columns", 2}}));
  CHECK(client.Decide(kSharing).reason() == Reason::kStatic);
}

TEST_CASE("by key a value says its own type") {
  TestClient test;
  test.Flag("file-sharing", true).Flag("composer", "text").Flag("ratio", 0.25);
  CHECK(test.client().Get(kSharing));
  CHECK(test.client().Get(kComposer) == "text");
  CHECK(test.client().Get(kRatio) == 0.25);
}

TEST_CASE("whoever is set into a variant is exposed to it as people are, when the value is used") {
  TestClient test;
  test.Variant("attach-button", "labelled", {{"composer", "icon-and-text"}});
  Client& client = test.client();
  CHECK(test.events().Exposed("attach-button", "labelled", kNever));
  CHECK(client.Get(kComposer) == "icon-and-text");
  CHECK(client.Get(kComposer) == "icon-and-text");
  CHECK(test.events().Exposed("attach-button", "labelled", kOnce));
  CHECK_FALSE(test.events().All().front().forced);
  const Decision decision = client.Decide(kComposer);
  CHECK(decision.reason() == Reason::kExperiment);
  CHECK(decision.variant() == "labelled");
}

TEST_CASE("a flag that no datafile has fails the test at its end, whichever thread asked") {
  Heard heard;
  SUBCASE("this one") {
    TestClient test;
    test.Flag(kSharing, true);
    CHECK_FALSE(test.client().Get(kTypo));
  }
  SUBCASE("another") {
    TestClient test;
    test.Flag(kSharing, true);
    std::thread([&client = test.client()] { (void)client.Get(kTypo); }).join();
  }
  SUBCASE("before the app was started again") {
    TestClient test;
    (void)test.client().Get(kTypo);
    test.Restart();
    (void)test.client();
  }
  REQUIRE(heard.failures.size() == 1);
  CHECK(Contains(heard.failures.front(), "the flag \"file-shraing\" was asked for, which the datafile does not have"));
}

TEST_CASE("a flag that is asked for as another type fails the test, too") {
  Heard heard;
  {
    TestClient test;
    test.Flag("file-sharing", "yes");
    CHECK_FALSE(test.client().Get(kSharing));
  }
  REQUIRE(heard.failures.size() == 1);
  CHECK(Contains(heard.failures.front(), "\"file-sharing\" was asked for, which is of another type"));
}

TEST_CASE("what is said to be missing may be asked for, and is the fallback") {
  TestClient test;
  test.Flag(kComposer, "text").Missing("composer").Missing("file-shraing");
  CHECK(test.client().Get(kComposer) == "icon");
  CHECK_FALSE(test.client().Get(kTypo));
}

TEST_CASE("a client that is not ready answers with fallbacks, tells nobody, and is ready once there is a datafile") {
  TestClient test;
  test.Variant("attach-button", "labelled", {{"composer", "icon-and-text"}}).NotReady();
  CHECK(test.client().Get(kComposer) == "icon");
  CHECK(test.client().Decide(kComposer).reason() == Reason::kNotReady);
  CHECK_FALSE(test.client().WaitUntilReady(seconds(5)));
  CHECK(test.events().Exposed("attach-button", "labelled", kNever));
  test.Publish();
  const Timestamp ready = test.clock().Now();
  test.Publish();  // there is nothing new, so nothing to wait for
  CHECK(test.clock().Now() == ready);
  CHECK(test.client().Get(kComposer) == "icon-and-text");
  CHECK(test.client().WaitUntilReady(seconds(5)));
  CHECK(test.events().Exposed("attach-button", "labelled", kOnce));
}

TEST_CASE("what is set while the client is open is published to it, and its watchers hear of it") {
  TestClient test;
  test.Flag(kSharing, false);
  std::vector<Change> changes;
  const Subscription watch =
      test.client().OnChange("file-sharing", nullptr, [&](const Change& change) { changes.push_back(change); });
  const Timestamp before = test.clock().Now();
  test.Flag(kSharing, true);
  CHECK(test.client().Get(kSharing));
  REQUIRE(changes.size() == 1);
  CHECK(changes.front().after == Value(true));
  CHECK(test.clock().Now() - before < seconds(10));
}

TEST_CASE("a newer datafile waits where the app wants it to") {
  TestClient test;
  test.options().apply = ApplyWhen::kNextLaunch;
  test.Flag(kSharing, false);
  CHECK_FALSE(test.client().Get(kSharing));
  test.Flag(kSharing, true);
  CHECK_FALSE(test.client().Get(kSharing));
  test.Restart();
  CHECK(test.client().Get(kSharing));
}

TEST_CASE("what is set between two starts is newer than what was kept") {
  TestClient test;
  test.Flag(kSharing, false);
  CHECK_FALSE(test.client().Get(kSharing));
  test.Restart();
  test.Flag(kSharing, true);
  CHECK(test.client().Get(kSharing));
  CHECK(test.client().status().datafile.ok());
}

TEST_CASE("Flush delivers while it waits, and a slow server takes its time by the test's clock alone") {
  TestClient test;
  test.http().Next(Server::kCollector, HttpAnswer::Late(seconds(3)));
  test.client().Track("file_shared");
  const auto real = std::chrono::steady_clock::now();
  const MonoTime before = test.clock().Monotonic();
  const FlushReport report = test.client().Flush(seconds(10));
  CHECK(report.in_time);
  CHECK(report.delivered == 1);
  CHECK(test.clock().Monotonic() - before >= seconds(3));
  CHECK(test.clock().Monotonic() - before < seconds(4));
  CHECK(std::chrono::steady_clock::now() - real < seconds(3));
}

TEST_CASE("identity, consent and erasure are the real ones") {
  TestClient test;
  test.Flag("x", true);
  Client& client = test.client();
  client.Identify(Context().Unit("account", "u-1"));
  client.Track("kept");
  CHECK(test.events().Tracked("kept", {}, kOnce));
  client.SetConsent(Purpose::kAnalytics, Consent::kDenied);
  client.Track("refused");
  CHECK(test.events().Tracked("refused", {}, kNever));
  CHECK(client.SetConsent(Consent::kGranted, seconds(5)).ok());
  CHECK(client.TrackDurable("after", {}, seconds(1)).ok());
  CHECK(client.Erase(seconds(5)).ok());
}

TEST_CASE("what was kept is there after the app was started again") {
  TestClient test;
  test.Prompt("nps");
  test.http().SetOnline(false);
  test.client().Track("file_shared");
  test.client().Track("nps");
  CHECK(test.prompts().IsUp("nps"));
  const std::string install = test.client().status().install_id;
  test.Restart();
  CHECK(test.client().status().install_id == install);
  CHECK(test.prompts().IsEmpty());
  test.http().SetOnline(true);
  CHECK(test.client().Flush(seconds(60)).kept == 0);
  CHECK(test.events().PromptShown("nps", kOnce));
}

TEST_CASE("time that passes does what becomes due on its way, when it does") {
  TestClient test;
  test.Flag("x", true);
  test.http().Always(Server::kCollector, HttpAnswer::Dropped());
  test.client().Track("file_shared");
  test.Advance(hours(1));
  const std::size_t tries = test.http().Requests(Server::kCollector).size();
  CHECK(tries > 3);
  CHECK(test.client().status().ledger.pending == 1);
  test.http().Always(Server::kCollector, HttpAnswer());
  test.Advance(hours(72));
  CHECK(test.client().status().ledger.pending == 0);
  CHECK(test.client().status().ledger.delivered == 1);
}

TEST_CASE("two runs of one test are the same") {
  const auto run = [] {
    TestClient test;
    test.Variant("attach-button", "labelled", {{"composer", "icon-and-text"}});
    (void)test.client().Get(kComposer);
    test.client().Track("file_shared", {{"kind", "pdf"}});
    (void)test.client().Flush(seconds(5));
    std::string all = test.client().status().install_id;
    for (const HttpRequest& request : test.http().Requests(Server::kCollector)) all += request.body;
    return all;
  };
  const std::string first = run();
  CHECK(first.size() > 500);
  CHECK(first == run());
}

TEST_CASE("a year of prompts is over in a moment") {
  TestClient test;
  test.Prompt("nps");
  const auto real = std::chrono::steady_clock::now();
  for (int day = 0; day < 365; ++day) {
    test.client().Track("nps");
    if (day % 30 == 0) CHECK(test.prompts().Dismiss());
    test.Advance(hours(24));
  }
  CHECK(std::chrono::steady_clock::now() - real < seconds(20));
}

}  // namespace
}  // namespace guidon::testing
