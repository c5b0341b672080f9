// When events say they happened, as the collector reads it.
#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "tests/unit/events/world.h"

namespace guidon::events::test {
namespace {

using guidon::test::ScriptedAnswer;
using std::chrono::hours;
using std::chrono::seconds;

constexpr char kDate[] = "Sat, 21 Nov 2026 10:00:00 GMT";
constexpr std::int64_t kDateMs = 1'795'255'200'000;

std::string TimeOf(const HttpRequest& request) {
  const std::string key = "\"timeUnixNano\":\"";
  const std::size_t at = request.body.find(key) + key.size();
  return request.body.substr(at, request.body.find('"', at) - at);
}

std::string Nanoseconds(std::int64_t ms) { return ms == 0 ? "0" : std::to_string(ms) + "000000"; }

// A collector that says its clock once, to a device whose clock is off. A date stands for half a second after it.
struct TimedWorld : World {
  explicit TimedWorld(Duration off) {
    settings.session = "session-1";
    clock.SetWall(TimestampFromMs(kDateMs) + off);
    answer = [this](const HttpRequest& request) {
      if (is_down) return ScriptedAnswer::Failed();
      ScriptedAnswer taken = collector.Take(request);
      if (!std::exchange(has_told, true)) taken.headers.push_back({"date", kDate});
      return taken;
    };
    Begin();
    Track("first");
    Send();
  }
  void Send() {
    Commit();
    Deliver();
  }
  bool is_down = false;
  bool has_told = false;
};

TEST_CASE(
    "fault 17: events of this run have the collector's time, however the device's clock is wrong or set meanwhile") {
  for (const Duration off : {Duration(hours(365 * 24)), Duration(hours(-24)), Duration(-kDateMs), Duration(5'501)}) {
    CAPTURE(off.count());
    TimedWorld world(off);
    CHECK(TimeOf(world.http->requests()[0]) == Nanoseconds(kDateMs + off.count()));
    world.RunFor(seconds(60));
    world.Track("second");
    world.clock.AdvanceWall(hours(3));  // set while it is sent
    world.Send();
    REQUIRE(world.http->request_count() == 2);
    CHECK(TimeOf(world.http->requests()[1]) == Nanoseconds(kDateMs + 500 + 60'000));
    CHECK(world.http->requests()[1].body.find("clock_suspect") == std::string::npos);
    CHECK(world.Balances());
  }
}

TEST_CASE("a clock that is right to five seconds is believed") {
  TimedWorld world(Duration(5'000));
  world.RunFor(seconds(60));
  world.Track("second");
  world.Send();
  CHECK(TimeOf(world.http->requests()[1]) == Nanoseconds(kDateMs + 5'000 + 60'000));
}

TEST_CASE("a retry after a restart has the bytes of the first try; what else an earlier run left is marked") {
  TimedWorld world(hours(24));
  world.is_down = true;
  world.RunFor(seconds(60));
  world.Track("frozen");
  world.RunFor(seconds(30));
  REQUIRE(world.http->request_count() >= 2);
  const std::string body = world.http->requests()[1].body;
  CHECK(body.find(Nanoseconds(kDateMs + 500 + 60'000)) != std::string::npos);
  world.Track("left");
  world.Commit();
  world.settings.session = "session-2";
  world.is_down = false;
  world.has_told = false;
  const std::int64_t left_at = ToMs(world.clock.Now());
  world.Restart();
  world.Run();
  world.Send();
  REQUIRE(world.http->request_count() >= 2);
  CHECK(world.http->requests()[0].body == body);
  const std::string left = world.http->requests()[1].body;
  CHECK(left.find(Nanoseconds(left_at)) != std::string::npos);
  CHECK(left.find("guidon.clock_suspect") != std::string::npos);
  CHECK(world.Balances());
}

TEST_CASE("where unit ids cannot be hashed nothing is sent, and the status says why") {
  World world;
  world.settings.unit_key = "0123456789abcdef";  // and no cryptography
  world.Begin();
  world.Track("e");
  world.RunFor(hours(1));
  CHECK(world.http->request_count() == 0);
  CHECK(world.delivery->sender_status().code() == StatusCode::kUnsupported);
  CHECK(world.delivery->ledger().pending == 1);
}

}  // namespace
}  // namespace guidon::events::test
