#include "sdk/datafile/refresher.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/scripted_http.h"

using namespace guidon;
using namespace guidon::datafile;
using guidon::test::FakeClock;
using guidon::test::ManualLanes;
using guidon::test::ScriptedAnswer;
using guidon::test::ScriptedHttp;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

enum class Verdict { kAccept, kRefuse, kWait };

// A refresher with everything around it; time stands still but for Advance.
struct World {
  explicit World(Duration poll_interval = minutes(5), std::string install_id = "install-1") {
    RefresherSettings settings;
    settings.url = "https://cdn.example.com/d";
    settings.poll_interval = poll_interval;
    settings.install_id = std::move(install_id);
    RefresherCallbacks callbacks;
    callbacks.on_datafile = [this](std::string bytes, std::string etag) {
      datafiles.push_back(std::move(bytes));
      if (verdict == Verdict::kAccept) refresher->Accepted(std::move(etag));
      if (verdict == Verdict::kRefuse) refresher->Refused();
    };
    callbacks.on_answer = [this](Status status) { answers.push_back(status.code()); };
    refresher = std::make_unique<Refresher>(std::move(settings), std::move(callbacks), http, clock, lanes);
  }

  std::size_t asked() const { return http->request_count(); }

  // Answers the request under way.
  void Answer(ScriptedAnswer answer) {
    http->Push(std::move(answer));
    REQUIRE(http->DeliverOne());
    lanes->RunReady();
  }

  // The wait until the next request, which is then under way; zero when none comes within two days.
  Duration WaitForRequest() {
    const std::size_t before = asked();
    const MonoTime start = clock->Monotonic();
    while (asked() == before && clock->Monotonic() - start < std::chrono::hours(48)) {
      if (!lanes->AdvanceToNextTimer()) return Duration(0);
    }
    return asked() == before ? Duration(0) : clock->Monotonic() - start;
  }

  std::string AskedWithEtag() const {
    const HttpRequest request = http->requests().back();
    return std::string(FindHeader(request.headers, "If-None-Match"));
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<ManualLanes> lanes = std::make_shared<ManualLanes>(clock.get());
  std::shared_ptr<ScriptedHttp> http = std::make_shared<ScriptedHttp>();
  Verdict verdict = Verdict::kAccept;
  std::vector<std::string> datafiles;
  std::vector<StatusCode> answers;
  std::unique_ptr<Refresher> refresher;
};

ScriptedAnswer Datafile(const std::string& etag) { return ScriptedAnswer::Of(200, "{}", {{"etag", etag}}); }

}  // namespace

TEST_CASE("the server is asked at the start and then once per poll interval, give or take a tenth") {
  World world;
  CHECK(world.asked() == 0);
  world.refresher->Start("");
  CHECK(world.asked() == 1);
  world.Answer(Datafile("\"v1\""));
  world.WaitForRequest();
  Duration least = Duration::max();
  Duration most = Duration::zero();
  Duration sum(0);
  for (int i = 0; i < 200; ++i) {
    world.Answer(Datafile("\"v1\""));
    const Duration wait = world.WaitForRequest();
    least = std::min(least, wait);
    most = std::max(most, wait);
    sum += wait;
  }
  CHECK(least >= seconds(270));
  CHECK(most <= seconds(330));
  CHECK(most - least > seconds(50));  // spread over the whole minute
  CHECK(sum / 200 > seconds(295));
  CHECK(sum / 200 < seconds(305));
  CHECK(world.datafiles.size() == 201);
}

TEST_CASE("the first wait after a start or an outage takes apps anywhere in a poll interval") {
  for (const bool after_outage : {false, true}) {
    CAPTURE(after_outage);
    std::vector<int> by_half_minute(11);
    for (int i = 0; i < 400; ++i) {
      World world(minutes(5), "install-" + std::to_string(i));
      world.refresher->Start("");
      world.Answer(Datafile("\"v1\""));
      Duration wait = world.WaitForRequest();
      if (after_outage) {
        world.Answer(ScriptedAnswer::Failed());
        CHECK(world.WaitForRequest() <= seconds(30));
        world.Answer(Datafile("\"v1\""));
        wait = world.WaitForRequest();
      }
      ++by_half_minute.at(static_cast<std::size_t>(wait / seconds(30)));
    }
    CHECK(by_half_minute[0] == 0);
    for (std::size_t i = 1; i < 11; ++i) CHECK(by_half_minute[i] > 15);  // of 40
  }
}

TEST_CASE("an app that had an answer tries a failing server once more, and then at the pace of polling") {
  World world;
  world.refresher->Start("");
  world.Answer(Datafile("\"v1\""));
  world.WaitForRequest();
  world.Answer(ScriptedAnswer::Failed());
  CHECK(world.WaitForRequest() <= seconds(30));
  Duration sum(0);
  for (int i = 0; i < 200; ++i) {
    world.Answer(ScriptedAnswer::Failed());
    const Duration wait = world.WaitForRequest();
    CHECK(wait >= seconds(150));
    CHECK(wait <= seconds(450));
    sum += wait;
  }
  CHECK(sum / 200 > seconds(280));
  CHECK(sum / 200 < seconds(320));
}

TEST_CASE("installations spread, and one repeats its own waits") {
  const auto first_wait = [](const char* install_id) {
    World world(minutes(5), install_id);
    world.refresher->Start("");
    world.Answer(Datafile(""));
    return world.WaitForRequest();
  };
  CHECK(first_wait("a") == first_wait("a"));
  CHECK(first_wait("a") != first_wait("b"));
}

TEST_CASE("a poll interval is held within one second and thirty days") {
  World quick(Duration(0));
  quick.refresher->Start("");
  quick.Answer(Datafile(""));
  CHECK(quick.WaitForRequest() >= Duration(900));
  World slow(Duration::max());
  slow.refresher->Start("");
  slow.Answer(Datafile(""));
  REQUIRE(slow.lanes->NextTimer().has_value());
  CHECK(*slow.lanes->NextTimer() - slow.clock->Monotonic() <= std::chrono::hours(24 * 33));
}

TEST_CASE("only the ETag of a datafile in force is sent") {
  World world;
  world.refresher->Start("\"cached\"");
  CHECK(world.AskedWithEtag() == "\"cached\"");
  world.Answer(ScriptedAnswer::Of(304));
  CHECK(world.datafiles.empty());

  world.WaitForRequest();
  CHECK(world.AskedWithEtag() == "\"cached\"");
  world.verdict = Verdict::kRefuse;
  world.Answer(Datafile("\"bad\""));

  world.WaitForRequest();
  CHECK(world.AskedWithEtag() == "\"cached\"");
  world.verdict = Verdict::kAccept;
  world.Answer(Datafile("\"good\""));

  world.WaitForRequest();
  CHECK(world.AskedWithEtag() == "\"good\"");
  world.Answer(Datafile(""));

  world.WaitForRequest();
  CHECK(world.AskedWithEtag().empty());
  CHECK(world.answers == std::vector<StatusCode>(4, StatusCode::kOk));
}

TEST_CASE("every failure is told, and the waits grow to five minutes until the server answers well for the first time") {
  struct Row {
    std::string name;
    ScriptedAnswer answer;
    StatusCode code;
  };
  const Row rows[] = {{"offline", ScriptedAnswer::Failed(), StatusCode::kUnavailable},
                      {"500", ScriptedAnswer::Of(500), StatusCode::kUnavailable},
                      {"404", ScriptedAnswer::Of(404), StatusCode::kNotFound},
                      {"403", ScriptedAnswer::Of(403), StatusCode::kPermissionDenied},
                      {"304 without a cache", ScriptedAnswer::Of(304), StatusCode::kUnavailable},
                      {"a captive portal's page", ScriptedAnswer::Of(200, "<html>"), StatusCode::kCorrupt}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world(minutes(1));
    world.verdict = Verdict::kRefuse;
    world.refresher->Start("");
    Duration longest(0);
    for (int i = 0; i < 60; ++i) {
      CAPTURE(i);
      world.Answer(row.answer);
      CHECK(world.answers.back() == row.code);
      const Duration wait = world.WaitForRequest();
      CHECK(wait <= std::min<Duration>(seconds(1) * (1LL << std::min(i, 20)), minutes(5)));
      longest = std::max(longest, wait);
    }
    CHECK(longest > minutes(4));
    world.verdict = Verdict::kAccept;
    world.Answer(Datafile(""));
    CHECK(world.WaitForRequest() >= seconds(6));
    world.verdict = Verdict::kRefuse;
    world.Answer(row.answer);
    CHECK(world.WaitForRequest() <= seconds(30));
    world.Answer(row.answer);
    CHECK(world.WaitForRequest() >= seconds(30));
  }
}

TEST_CASE("a slow poll keeps its pace through an outage") {
  World world(std::chrono::hours(6));
  world.refresher->Start("");
  Duration longest(0);
  for (int i = 0; i < 60; ++i) {
    world.Answer(ScriptedAnswer::Of(500));
    const Duration wait = world.WaitForRequest();
    CHECK(wait <= std::chrono::hours(6));
    longest = std::max(longest, wait);
  }
  CHECK(longest > std::chrono::hours(4));
}

TEST_CASE("a refused datafile is asked for again at the poll interval, not sooner") {
  World world;
  world.verdict = Verdict::kRefuse;
  world.refresher->Start("");
  for (int i = 0; i < 10; ++i) {
    world.Answer(Datafile("\"bad\""));
    CHECK(world.WaitForRequest() >= seconds(270));
  }
}

TEST_CASE("a server that names a time to come back is left alone until then, also by the foreground") {
  World world;
  world.refresher->Start("");
  world.Answer(ScriptedAnswer::Of(503, "", {{"retry-after", "600"}}));
  world.lanes->RunFor(seconds(599));
  world.refresher->Foreground();
  CHECK(world.asked() == 1);
  CHECK(world.WaitForRequest() <= minutes(5) + seconds(1));  // spread: others were told the same
  CHECK(world.asked() == 2);
  world.Answer(ScriptedAnswer::Of(429, "", {{"retry-after", "9999999999"}}));
  const Duration wait = world.WaitForRequest();
  CHECK(wait >= std::chrono::hours(24));
  CHECK(wait <= std::chrono::hours(24) + minutes(5));
}

TEST_CASE("one request is under way at a time, the verdict included") {
  World world;
  world.verdict = Verdict::kWait;
  world.refresher->Start("");
  world.lanes->RunFor(minutes(30));
  world.refresher->Foreground();
  CHECK(world.asked() == 1);
  world.Answer(Datafile("\"v1\""));
  CHECK(world.datafiles.size() == 1);
  CHECK(world.answers.empty());
  world.lanes->RunFor(minutes(30));
  world.refresher->Foreground();
  CHECK(world.asked() == 1);
  world.refresher->Accepted("\"v1\"");
  CHECK(world.answers.size() == 1);
  world.refresher->Refused();  // the verdict was given already
  CHECK(world.answers.size() == 1);
  CHECK(world.WaitForRequest() >= minutes(4));
  CHECK(world.AskedWithEtag() == "\"v1\"");
}

TEST_CASE("nothing is asked in the background, and the foreground asks at once when a poll is due") {
  World world;
  world.refresher->Start("");
  world.Answer(Datafile("\"v1\""));
  world.refresher->Background();
  world.lanes->RunFor(std::chrono::hours(8));
  CHECK(world.asked() == 1);
  world.refresher->Foreground();
  CHECK(world.asked() == 2);
  world.Answer(ScriptedAnswer::Of(304));

  world.refresher->Background();
  world.lanes->RunFor(minutes(2));
  world.refresher->Foreground();
  CHECK(world.asked() == 2);
  const Duration wait = world.WaitForRequest();
  CHECK(wait >= seconds(150));
  CHECK(wait <= seconds(210));
}

TEST_CASE("a request under way when the app goes to the background still counts") {
  World world;
  world.refresher->Start("");
  world.refresher->Background();
  world.Answer(Datafile("\"v1\""));
  CHECK(world.datafiles.size() == 1);
  world.lanes->RunFor(std::chrono::hours(1));
  CHECK(world.asked() == 1);
}

TEST_CASE("started in the background, the first question waits for the foreground") {
  World world;
  world.refresher->Background();
  world.refresher->Start("");
  world.lanes->RunFor(std::chrono::hours(1));
  CHECK(world.asked() == 0);
  world.refresher->Foreground();
  CHECK(world.asked() == 1);
}

TEST_CASE("the foreground asks at once after a failure, but not twice within a second, and piles up no timers") {
  World world;
  world.refresher->Start("");
  for (int i = 0; i < 12; ++i) {
    world.Answer(ScriptedAnswer::Failed());
    if (i < 11) world.WaitForRequest();
  }
  const std::size_t asked = world.asked();
  for (int i = 0; i < 1'000; ++i) world.refresher->Foreground();
  CHECK(world.asked() == asked);
  CHECK(world.lanes->timer_count() <= 2);
  CHECK(world.WaitForRequest() <= seconds(1));
  world.Answer(ScriptedAnswer::Failed());
  world.clock->Advance(seconds(2));
  world.refresher->Foreground();
  CHECK(world.asked() == asked + 2);
}

TEST_CASE("after Stop nothing calls back, whatever was under way") {
  SUBCASE("a request") {
    World world;
    world.refresher->Start("");
    world.refresher->Stop();
    world.http->Push(Datafile("\"v1\""));
    world.http->Deliver();
    world.lanes->RunFor(std::chrono::hours(1));
    CHECK(world.http->under_way() == 0);
    CHECK(world.asked() == 1);
    CHECK(world.answers.empty());
    CHECK(world.datafiles.empty());
  }
  SUBCASE("an answer on its way to the logic lane") {
    World world;
    world.refresher->Start("");
    world.http->Push(Datafile("\"v1\""));
    world.http->Deliver();
    world.refresher.reset();
    world.lanes->RunFor(std::chrono::hours(1));
    CHECK(world.answers.empty());
    CHECK(world.datafiles.empty());
  }
  SUBCASE("a verdict") {
    World world;
    world.verdict = Verdict::kWait;
    world.refresher->Start("");
    world.Answer(Datafile("\"v1\""));
    world.refresher->Stop();
    world.refresher->Accepted("\"v1\"");
    world.lanes->RunFor(std::chrono::hours(1));
    CHECK(world.answers.empty());
    CHECK(world.asked() == 1);
  }
  SUBCASE("a timer") {
    World world;
    world.refresher->Start("");
    world.Answer(Datafile("\"v1\""));
    world.refresher->Stop();
    world.refresher->Stop();
    world.refresher->Foreground();
    world.refresher->Start("");
    world.lanes->RunFor(std::chrono::hours(1));
    CHECK(world.asked() == 1);
  }
  SUBCASE("a request that outlives the refresher and its lanes' other owners") {
    const auto http = std::make_shared<ScriptedHttp>();
    {
      World world;
      world.http = http;
      world.refresher = std::make_unique<Refresher>(
          RefresherSettings{"https://cdn.example.com/d", {}, minutes(5), "i"},
          RefresherCallbacks{[](const std::string&, const std::string&) { FAIL("called back"); },
                             [](const Status&) { FAIL("called back"); }},
          http, world.clock, world.lanes);
      world.refresher->Start("");
    }
    CHECK(http->Deliver() == 1);
  }
}

TEST_CASE("what is announced is asked for within a second or so, and a fleet that hears of it at once spreads out") {
  std::vector<Duration> waits;
  for (int install = 0; install < 1'000; ++install) {
    World world(minutes(5), "install-" + std::to_string(install));
    world.refresher->Start("");
    world.Answer(Datafile("\"1\""));
    world.clock->Advance(seconds(20));
    world.refresher->Announced();
    waits.push_back(world.WaitForRequest());
    CHECK(world.AskedWithEtag() == "\"1\"");
  }
  std::sort(waits.begin(), waits.end());
  CHECK(waits.back() <= seconds(1));
  for (int tenth = 1; tenth < 10; ++tenth) {
    CAPTURE(tenth);
    const Duration wait = waits[static_cast<std::size_t>(tenth) * 100];
    CHECK(wait > Duration(100 * tenth - 60));
    CHECK(wait < Duration(100 * tenth + 60));
  }
}

TEST_CASE("what is announced while a request is under way is asked for after it, once") {
  World world;
  world.refresher->Start("");
  for (int i = 0; i < 10; ++i) world.refresher->Announced();
  world.Answer(Datafile("\"1\""));
  const Duration wait = world.WaitForRequest();
  CHECK(wait >= seconds(1) - Duration(1));  // not within a second of the last
  CHECK(wait <= seconds(2));
  world.Answer(ScriptedAnswer::Of(304));
  CHECK(world.WaitForRequest() > minutes(4));
}

TEST_CASE("announcements hurry neither a failing server nor an app in the background") {
  World world;
  world.refresher->Start("");
  world.Answer(ScriptedAnswer::Of(503, "", {{"retry-after", "600"}}));
  world.refresher->Announced();
  CHECK(world.WaitForRequest() >= minutes(10));
  world.Answer(Datafile("\"1\""));
  world.refresher->Background();
  world.refresher->Announced();
  CHECK(world.WaitForRequest() == Duration(0));
}
