#include "sdk/datafile/announcements.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/manual_lanes.h"

using namespace guidon;
using namespace guidon::datafile;
using guidon::test::FakeClock;
using guidon::test::ManualLanes;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// A server of streams that a test opens, feeds and ends by hand.
class StreamServer final : public Http {
 public:
  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override {
    requests.push_back(std::move(request));
    id_ = id;
    sink_ = std::move(sink);
  }
  void Cancel(std::uint64_t id) noexcept override {
    if (id == id_ && sink_ != nullptr) End(Status(StatusCode::kClosed, "cancelled"));
  }
  bool Stop(MonoTime) noexcept override { return true; }

  void Open() { Head(200, {{"content-type", "text/event-stream; charset=utf-8"}}); }
  void Head(int status, const HttpHeaders& headers = {}) { sink_->Head(status, headers); }
  void Write(std::string_view bytes) { REQUIRE(sink_->Body(bytes)); }
  void End(Status status = Status()) {
    const auto sink = std::exchange(sink_, nullptr);
    sink->Done({std::move(status)});
  }
  bool is_asked() const { return sink_ != nullptr; }

  std::vector<HttpRequest> requests;

 private:
  std::uint64_t id_ = 0;
  std::shared_ptr<HttpSink> sink_;
};

struct World {
  explicit World(std::string install_id = "install-1") {
    AnnouncementsSettings settings;
    settings.url = "https://rules.example/events";
    settings.headers = {{"Authorization", "Bearer x"}};
    settings.install_id = std::move(install_id);
    AnnouncementsCallbacks callbacks;
    callbacks.on_change = [this] { ++changes; };
    callbacks.on_state = [this](Status status) { states.push_back(status.message()); };
    announcements = std::make_unique<Announcements>(std::move(settings), std::move(callbacks), server, clock, lanes);
  }
  // The wait until the next connection; zero when none comes within two days.
  Duration WaitForConnection() {
    const MonoTime start = clock->Monotonic();
    while (!server->is_asked() && clock->Monotonic() - start < hours(48)) {
      if (!lanes->AdvanceToNextTimer()) return Duration(0);
    }
    return server->is_asked() ? clock->Monotonic() - start : Duration(0);
  }
  // A connection that fails at once.
  Duration Fail(int status = 503, const HttpHeaders& headers = {}) {
    server->Head(status, headers);
    server->End();
    lanes->RunReady();
    return WaitForConnection();
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<ManualLanes> lanes = std::make_shared<ManualLanes>(clock.get());
  std::shared_ptr<StreamServer> server = std::make_shared<StreamServer>();
  int changes = 0;
  std::vector<std::string> states;
  std::unique_ptr<Announcements> announcements;
};

}  // namespace

TEST_CASE("a stream is asked for as one, and each event on it says that something changed") {
  World world;
  CHECK_FALSE(world.server->is_asked());
  world.announcements->Start();
  REQUIRE(world.server->is_asked());
  const HttpRequest& request = world.server->requests[0];
  CHECK(request.url == "https://rules.example/events");
  CHECK(FindHeader(request.headers, "Accept") == "text/event-stream");
  CHECK(FindHeader(request.headers, "Authorization") == "Bearer x");
  CHECK(request.total_timeout == Duration(0));
  CHECK(request.idle_timeout == minutes(1));
  world.server->Open();
  world.lanes->RunReady();
  CHECK(world.changes == 1);  // what was missed before
  CHECK(world.states == std::vector<std::string>{""});
  world.server->Write(": ping\n\n");
  world.lanes->RunReady();
  CHECK(world.changes == 1);
  world.server->Write("event: datafile\ndata: 1.8\n\n");
  world.lanes->RunReady();
  CHECK(world.changes == 2);
  // A flood before the lane gets to it is one change.
  for (int i = 0; i < 1'000; ++i) world.server->Write("data: x\n\ndata: y\n\n");
  world.lanes->RunReady();
  CHECK(world.changes == 3);
}

TEST_CASE("a stream that ends is opened again, and a thousand that end leave the thousand-and-first working") {
  World world;
  world.announcements->Start();
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(world.server->is_asked());
    world.server->Open();
    world.lanes->RunReady();
    CHECK(world.changes == i + 1);
    if (i % 2 == 0) world.clock->Advance(seconds(31));  // it held, and so did not fail
    world.server->End(i % 3 == 0 ? Status() : Status(StatusCode::kUnavailable, "cut"));
    world.lanes->RunReady();
    const Duration wait = world.WaitForConnection();
    CHECK(wait <= seconds(10));
  }
  world.server->Open();
  world.server->Write("data: x\n\n");
  world.lanes->RunReady();
  CHECK(world.changes == 1'002);
}

TEST_CASE("a server that fails is left alone for longer and longer, with full jitter, up to five minutes") {
  Duration longest[14] = {};
  for (int install = 0; install < 200; ++install) {
    World world("install-" + std::to_string(install));
    world.announcements->Start();
    for (int i = 0; i < 14; ++i) longest[i] = std::max(longest[i], world.Fail());
  }
  for (int i = 0; i < 14; ++i) {
    CAPTURE(i);
    const Duration bound = std::clamp<Duration>(seconds(std::int64_t{1} << i), seconds(10), minutes(5));
    CHECK(longest[i] <= bound);
    CHECK(longest[i] > bound * 9 / 10);
  }
}

TEST_CASE("who says when to come back is left alone until then") {
  World world;
  world.announcements->Start();
  CHECK(world.Fail(503, {{"retry-after", "120"}}) >= minutes(2));
  world.server->Open();
  world.server->Write("retry: 40000\n\n");
  world.server->End();
  world.lanes->RunReady();
  CHECK(world.WaitForConnection() >= seconds(40));
}

TEST_CASE("a server that has no stream says why, and one that wants none any more is not asked again") {
  World world;
  world.announcements->Start();
  (void)world.Fail(404);
  world.server->Head(200, {{"content-type", "text/html"}});
  world.server->End();
  world.lanes->RunReady();
  CHECK(world.states ==
        std::vector<std::string>{"stream: the server answered 404", "stream: the server answered with something else"});
  CHECK(world.changes == 0);
  CHECK(world.WaitForConnection() > Duration(0));
  CHECK(world.Fail(204) == Duration(0));
  world.announcements->Background();
  world.announcements->Foreground();
  CHECK(world.WaitForConnection() == Duration(0));
}

TEST_CASE("in the background there is no stream, and back in the foreground there is one again") {
  World world;
  world.announcements->Start();
  world.server->Open();
  world.lanes->RunReady();
  world.announcements->Background();
  CHECK_FALSE(world.server->is_asked());
  world.lanes->RunReady();
  CHECK(world.WaitForConnection() == Duration(0));
  CHECK(world.states.size() == 1);  // that it went was no failure
  for (int i = 0; i < 100; ++i) {
    world.announcements->Foreground();
    world.announcements->Background();
  }
  world.announcements->Foreground();
  world.lanes->RunReady();
  REQUIRE(world.server->is_asked());
  world.server->Open();
  world.lanes->RunReady();
  CHECK(world.changes == 2);
  CHECK(world.server->requests.size() == 2);
}

TEST_CASE("coming to the foreground does not call a failing server early") {
  World world;
  world.announcements->Start();
  world.server->Head(503, {{"retry-after", "600"}});
  world.server->End();
  world.lanes->RunReady();
  world.announcements->Background();
  world.announcements->Foreground();
  world.lanes->RunReady();
  CHECK_FALSE(world.server->is_asked());
  CHECK(world.WaitForConnection() >= minutes(10));
}

TEST_CASE("after Stop nothing is heard, also from within a callback") {
  World world;
  world.announcements->Start();
  world.server->Open();
  world.announcements->Stop();
  CHECK_FALSE(world.server->is_asked());
  world.lanes->RunReady();
  CHECK(world.changes == 0);
  CHECK(world.states.empty());
}
