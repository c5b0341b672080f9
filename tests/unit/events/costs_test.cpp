// Fault 23: what the host says of network and power decides how many requests go, and what is in them.
#include <doctest/doctest.h>

#include "tests/unit/events/faulty_collector.h"

namespace guidon::events::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// An hour: an event every second, an exposure every ten minutes. `each_second` may change what sending costs.
void AnHour(FaultyCollector* collector, const std::function<void(int second)>& each_second = nullptr) {
  for (int second = 0; second < 3'600; ++second) {
    if (each_second) each_second(second);
    collector->world.Track("e" + std::to_string(second));
    if (second % 600 == 0) collector->world.Expose("x" + std::to_string(second));
    collector->world.RunFor(seconds(1));
  }
}

TEST_CASE("fault 23: requests in an hour, by what sending costs") {
  struct Row {
    std::string name;
    NetworkCost network;
    PowerSource power;
    std::size_t least, most;
    std::uint64_t tracked_waiting;  // at least
    bool exposures_go;
  };
  const Row rows[] = {
      {"as usual", NetworkCost::kUnmetered, PowerSource::kMains, 300, 360, 0, true},
      {"battery", NetworkCost::kUnmetered, PowerSource::kBattery, 300, 360, 0, true},
      {"low battery", NetworkCost::kUnmetered, PowerSource::kLowBattery, 6, 12, 3'600, true},
      {"metered", NetworkCost::kMetered, PowerSource::kMains, 11, 12, 0, true},
      {"metered, low battery", NetworkCost::kMetered, PowerSource::kLowBattery, 6, 12, 3'600, true},
      {"roaming", NetworkCost::kRoaming, PowerSource::kMains, 6, 12, 3'600, true},
      {"offline", NetworkCost::kOffline, PowerSource::kMains, 0, 0, 3'600, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FaultyCollector collector;
    collector.Begin();
    collector.world.delivery->SetNetwork(row.network);
    collector.world.delivery->SetPower(row.power);
    AnHour(&collector);
    CHECK(collector.sent.size() >= row.least);
    CHECK(collector.sent.size() <= row.most);
    const Ledger ledger = collector.world.delivery->ledger();
    CHECK(ledger.pending >= row.tracked_waiting);
    if (row.tracked_waiting > 0) CHECK(ledger.delivered == (row.exposures_go ? 6 : 0));
    // What waited goes as soon as it may.
    collector.world.delivery->SetNetwork(NetworkCost::kUnmetered);
    collector.world.delivery->SetPower(PowerSource::kMains);
    collector.world.RunFor(seconds(20));
    CHECK(collector.world.delivery->ledger().delivered == 3'606);
    CHECK(collector.audit.repeats() == 0);
    collector.Check();
  }
}

TEST_CASE("fault 23: a network that comes and goes every second neither starves sending nor makes more of it") {
  for (const NetworkCost other : {NetworkCost::kOffline, NetworkCost::kMetered, NetworkCost::kRoaming}) {
    FaultyCollector collector;
    collector.Begin();
    AnHour(&collector, [&](int second) {
      collector.world.delivery->SetNetwork(second % 2 == 0 ? NetworkCost::kUnmetered : other);
    });
    CHECK(collector.sent.size() <= 360);
    CHECK(collector.world.delivery->ledger().delivered > 3'500);
    collector.Check();
  }
}

TEST_CASE("fault 23: who asks to deliver need not wait for the five minutes, but gets no more through") {
  struct Row {
    std::string name;
    NetworkCost network;
    std::uint64_t delivered;
  };
  for (const Row& row : {Row{"metered", NetworkCost::kMetered, 11}, Row{"roaming", NetworkCost::kRoaming, 1},
                         Row{"offline", NetworkCost::kOffline, 0}}) {
    CAPTURE(row.name);
    FaultyCollector collector;
    collector.Begin();
    collector.world.delivery->SetNetwork(row.network);
    collector.world.TrackMany(10);
    collector.world.Expose("x");
    collector.world.Commit();
    collector.world.Deliver();
    CHECK(collector.world.delivery->ledger().delivered == row.delivered);
    collector.Check();
  }
}

TEST_CASE("fault 23: a batch that was begun is ended where only exposures go, and then no more") {
  FaultyCollector collector;
  collector.Begin();
  collector.answer = [](const HttpRequest&) { return ScriptedAnswer::Of(503, "", {{"retry-after", "60"}}); };
  collector.world.TrackMany(10);
  collector.world.RunFor(seconds(20));
  REQUIRE(collector.sent.size() == 1);
  collector.world.delivery->SetNetwork(NetworkCost::kRoaming);
  collector.answer = nullptr;
  collector.world.RunFor(minutes(2));
  CHECK(collector.world.delivery->ledger().delivered == 10);
  collector.world.TrackMany(10);
  collector.world.RunFor(minutes(20));
  CHECK(collector.sent.size() == 2);
  CHECK(collector.world.delivery->ledger().pending == 10);
  collector.Check();
}

}  // namespace
}  // namespace guidon::events::test
