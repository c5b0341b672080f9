// What an app says about sending reaches the requests.
#include <doctest/doctest.h>

#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<std::string> kComposer{"composer", ""};

TEST_CASE("what the host says of the network and of power decides what is sent, until it says otherwise") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  world.Settle();
  const auto tracked = [&] { return world.CollectedOf("guidon.event").size(); };
  const auto exposed = [&] { return world.CollectedOf("feature_flag.evaluation").size(); };

  client.SetNetwork(NetworkCost::kOffline);
  client.Track("a");
  CHECK(client.Get(kComposer) != "");
  world.Pass(minutes(10), seconds(10));
  CHECK(tracked() + exposed() == 0);

  client.SetNetwork(NetworkCost::kRoaming);
  world.Pass(minutes(6), seconds(10));
  CHECK(tracked() == 0);
  CHECK(exposed() == 1);

  client.SetNetwork(NetworkCost::kUnmetered);
  client.SetPower(PowerSource::kLowBattery);
  world.Pass(minutes(6), seconds(10));
  CHECK(tracked() == 0);

  client.SetPower(PowerSource::kBattery);
  world.Pass(seconds(20));
  CHECK(tracked() == 1);

  client.SetNetwork(NetworkCost::kMetered);
  client.Track("b");
  world.Pass(minutes(4), seconds(10));
  CHECK(tracked() == 1);
  world.Pass(minutes(2), seconds(10));
  CHECK(tracked() == 2);
}

TEST_CASE(
    "an event that is a goal's, a KPI's, or has a value is a conversion: committed at once, sent also where it is "
    "dear") {
  struct Row {
    std::string name;
    std::optional<double> value;
    bool is_conversion;
  };
  for (const Row& row : {Row{"file_shared", std::nullopt, true}, Row{"purchase", std::nullopt, true},
                         Row{"other", 0.0, true}, Row{"other", std::nullopt, false}}) {
    CAPTURE(row.name);
    CAPTURE(row.value.has_value());
    World world;
    world.options.bundled_datafile = CampaignsDatafile(1, {},
                                                       R"("kpis":{"activation":{"event":"file_shared","within":"7d"},)"
                                                       R"("revenue":{"event":"purchase"}})");
    Client& client = world.Open();
    world.Settle();
    client.SetNetwork(NetworkCost::kRoaming);
    std::vector<std::string> told;
    const auto watch = client.OnEvent(nullptr, [&](const EventRecord& record) { told.push_back(record.name); });
    if (row.value) {
      client.Track(row.name, *row.value);
    } else {
      client.Track(row.name);
    }
    world.Settle();
    CHECK(told.size() == (row.is_conversion ? 1 : 0));
    world.Pass(minutes(6), seconds(10));
    CHECK(told.size() == 1);
    CHECK(world.CollectedOf("guidon.event").size() == (row.is_conversion ? 1 : 0));
  }
}

TEST_CASE("Segment's key is the user of basic authentication, unless the app brings that header itself") {
  struct Row {
    std::string name;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string expected;
  };
  for (const Row& row :
       {Row{"by the key", {}, "Basic a2V5Og=="}, Row{"the app's own", {{"Authorization", "Bearer 1"}}, "Bearer 1"},
        Row{"the app's own, in lower case", {{"authorization", "Bearer 1"}}, "Bearer 1"}}) {
    CAPTURE(row.name);
    World world;
    world.collector_status = 503;
    world.options.sink = EventSink::kSegment;
    world.options.collector_key = "key";
    world.options.collector_headers = row.headers;
    world.Open().Track("a");
    world.Pass(seconds(15));
    std::size_t posts = 0;
    for (const HttpRequest& request : world.http->requests()) {
      if (request.method != "POST") continue;
      ++posts;
      std::vector<std::string> found;
      for (const auto& [name, value] : request.headers) {
        if (name == "Authorization" || name == "authorization") found.push_back(value);
      }
      CHECK(found == std::vector<std::string>{row.expected});
    }
    CHECK(posts > 0);
  }
}

}  // namespace
}  // namespace guidon::test
