// What a debug panel says of events: each with what became of it.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/overrides_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using State = PanelEvent::State;

// By name, of the last ones told.
const PanelEvent& EventOf(const PanelSnapshot& snapshot, std::string_view name) {
  const auto event = std::find_if(snapshot.events.rbegin(), snapshot.events.rend(),
                                  [name](const PanelEvent& each) { return each.record.name == name; });
  REQUIRE(event != snapshot.events.rend());
  return *event;
}

TEST_CASE("an event waits until the collector took it; one that it did not take says why") {
  World world;
  world.options.bundled_datafile = WithCampaign(1);
  Client& client = world.Open();
  Panel panel(client);
  client.Track("before_lunch");
  world.Pass(seconds(1));
  CHECK(EventOf(panel.Snapshot(), "before_lunch").state == State::kWaiting);
  const std::uint64_t version = panel.version();
  world.Pass(minutes(1));
  CHECK(panel.version() != version);
  CHECK(EventOf(panel.Snapshot(), "before_lunch").state == State::kDelivered);

  SUBCASE("it took all but one of two, and does not say which") {
    world.collector_says = R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}})";
    client.Track("either");
    client.Track("or");
    world.Pass(minutes(1));
    CHECK(EventOf(panel.Snapshot(), "either").state == State::kDoubtful);
    CHECK(EventOf(panel.Snapshot(), "or").state == State::kDoubtful);
  }
  SUBCASE("it took none") {
    world.collector_says = R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}})";
    client.Track("alone");
    world.Pass(minutes(1));
    const PanelEvent event = EventOf(panel.Snapshot(), "alone");
    CHECK(event.state == State::kLost);
    CHECK(event.cause == "rejected_by_collector");
  }
  SUBCASE("it refuses it") {
    world.collector_status = 422;
    client.Track("refused");
    world.Pass(minutes(5));
    const PanelEvent event = EventOf(panel.Snapshot(), "refused");
    CHECK(event.state == State::kLost);
    CHECK(event.cause == "rejected_by_collector");
  }
  SUBCASE("nobody may send it any more") {
    world.is_online = false;
    client.Track("unheard");
    world.Pass(seconds(5));
    CHECK(EventOf(panel.Snapshot(), "unheard").state == State::kWaiting);
    client.SetConsent(Purpose::kAnalytics, Consent::kDenied);
    world.Pass(seconds(5));
    const PanelEvent event = EventOf(panel.Snapshot(), "unheard");
    CHECK(event.state == State::kLost);
    CHECK(event.cause.empty());
  }
  SUBCASE("it is too old") {
    world.is_online = false;
    client.Track("old_news");
    world.Pass(hours(24 * (limits::kOutboxDays + 1)), hours(6));
    const PanelEvent event = EventOf(panel.Snapshot(), "old_news");
    CHECK(event.state == State::kLost);
    CHECK(event.cause == "expired");
  }
}

TEST_CASE("an event that has to make room says so") {
  World world;
  world.options.bundled_datafile = WithCampaign(1);
  world.options.outbox_bytes = 1u << 20;
  world.is_online = false;
  Client& client = world.Open();
  Panel panel(client);
  const std::string much(1000, 'x');
  for (int i = 0; i < 400; ++i) {
    client.Track("event_" + std::to_string(i), {{"a", much}, {"b", much}, {"c", much}, {"d", much}});
    if (i % 20 == 19) world.Pass(seconds(1));
  }
  const PanelSnapshot snapshot = panel.Snapshot();
  CHECK(EventOf(snapshot, "event_0").state == State::kWaiting);  // it is in a batch that was tried already
  CHECK(EventOf(snapshot, "event_399").state == State::kWaiting);
  std::uint64_t lost = 0;
  for (const PanelEvent& event : snapshot.events) {
    lost += event.state == State::kLost;
    CHECK(event.cause == (event.state == State::kLost ? "outbox_full" : ""));
  }
  std::uint64_t told = 0;
  for (const Ledger::Loss& loss : snapshot.status.ledger.lost) told += loss.count;
  CHECK(lost > 0);
  CHECK(lost == told);
}

TEST_CASE("the last 500 events are listed, the newest last, from when the panel began to watch") {
  World world;
  world.options.bundled_datafile = WithCampaign(1);
  Client& client = world.Open();
  client.Track("unseen");
  world.Pass(seconds(1));
  Panel panel(client);
  CHECK(panel.Snapshot().events.empty());
  Panel another(client);
  for (int i = 0; i < 700; ++i) {
    client.Track("event_" + std::to_string(i));
    if (i % 50 == 0) world.Pass(seconds(20));
  }
  world.Pass(minutes(5));
  for (const Panel* each : {&panel, &another}) {
    const std::vector<PanelEvent> events = each->Snapshot().events;
    REQUIRE(events.size() == 500);
    CHECK(events.back().record.name == "event_699");
    CHECK(events.front().record.name == "event_200");
    CHECK(
        std::all_of(events.begin(), events.end(), [](const auto& event) { return event.state == State::kDelivered; }));
  }
}

}  // namespace
}  // namespace guidon::test
