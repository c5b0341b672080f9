#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<bool> kSharing{"file-sharing", false};
constexpr Flag<std::int64_t> kChunk{"chunk-kb", 7};
constexpr Flag<double> kRatio{"ratio", -1.0};
constexpr Flag<std::string> kComposer{"composer", "fallback"};
constexpr Flag<Json> kLayout{"layout", R"({"columns":[]})"};
constexpr Flag<bool> kUnknown{"no-such-flag", true};

TEST_CASE("without any datafile every flag is its fallback and says not_ready") {
  World world;
  Client& client = world.Open();
  CHECK_FALSE(client.Get(kSharing));
  CHECK(client.Get(kChunk) == 7);
  CHECK(client.Get(kRatio) == -1.0);
  CHECK(client.Get(kComposer) == "fallback");
  CHECK(client.Get(kLayout).Find("columns")->AsList()->empty());
  const Decision decision = client.Decide(kComposer);
  CHECK(decision.reason() == Reason::kNotReady);
  CHECK(decision.is_fallback());
  CHECK(decision.AsText() == "fallback");
  CHECK(client.DecideAll().empty());
  CHECK_FALSE(client.status().ready);
}

TEST_CASE("a bundled datafile decides from the first line after Open, each type as its own") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  world.options.context.Set("plan", "pro");
  Client& client = world.Open();
  CHECK(client.Get(kSharing));
  CHECK(client.Get(kChunk) == 1024);
  CHECK(client.Get(kRatio) == 0.5);
  CHECK(client.Get(kLayout).Find("columns")->AsList()->size() == 2);
  const std::string composer = client.Get(kComposer);
  CHECK((composer == "icon" || composer == "icon-and-text"));
  CHECK(client.Get(kUnknown));
  CHECK(client.Decide(kUnknown).reason() == Reason::kFlagNotFound);
  CHECK(client.status().datafile_source == DatafileSource::kBundle);
  CHECK(client.DecideAll().size() == 6);
}

TEST_CASE("a flag asked for as another type is its fallback and says so; an int serves as a double") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  CHECK(client.Get(Flag<bool>{"chunk-kb", true}));
  CHECK(client.Decide(Flag<bool>{"chunk-kb", true}).reason() == Reason::kTypeMismatch);
  CHECK(client.Get(Flag<double>{"chunk-kb", -1.0}) == 256.0);
  CHECK(client.Get(Flag<std::int64_t>{"ratio", -1}) == -1);
  CHECK(client.Get(Flag<std::string>{"file-sharing", "no"}) == "no");
  const Decision by_key = client.Decide("chunk-kb", Value(1));
  CHECK(by_key.AsInt() == 256);
  CHECK(by_key.variant() == "default");
}

TEST_CASE("Identify is seen by the next Get, and Logout takes it back") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  CHECK(client.Get(kChunk) == 256);
  client.Identify(Context().Unit("account", "u-42").Set("plan", "pro"));
  CHECK(client.Get(kChunk) == 1024);
  client.Logout();
  CHECK(client.Get(kChunk) == 256);
}

TEST_CASE("the newest good datafile of network, cache and bundle is in force") {
  World world;
  world.options.bundled_datafile = NotesDatafile(3);
  world.published = NotesDatafile(5);
  world.Open();
  CHECK(world.client().status().datafile_version == 3);
  world.Settle();
  CHECK(world.client().status().datafile_version == 5);
  CHECK(world.client().status().datafile_source == DatafileSource::kNetwork);

  SUBCASE("offline, the cached one beats the older bundle") {
    world.is_online = false;
    world.Open();
    CHECK(world.client().status().datafile_version == 5);
    CHECK(world.client().status().datafile_source == DatafileSource::kCache);
  }
  SUBCASE("a newer bundle, shipped with an update of the app, beats the cache") {
    world.options.bundled_datafile = NotesDatafile(9);
    world.Open();
    CHECK(world.client().status().datafile_version == 9);
    world.Settle();
    CHECK(world.client().status().datafile_version == 9);
    CHECK_FALSE(world.client().status().datafile.ok());
  }
  SUBCASE("a server that has nothing newer is asked with the ETag and sends nothing") {
    world.Open();
    world.Settle();
    CHECK(world.not_modified == 1);
    CHECK(world.client().status().fetch.ok());
  }
}

TEST_CASE("a published kill switch survives an offline restart although the bundle says otherwise") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  world.published = NotesDatafile(2, true);
  world.Open();
  CHECK(world.client().Get(kSharing));
  world.Settle();
  CHECK_FALSE(world.client().Get(kSharing));
  CHECK(world.client().Decide(kSharing).reason() == Reason::kKilled);
  world.Kill();
  world.is_online = false;
  world.Open();
  world.Settle();
  CHECK_FALSE(world.client().Get(kSharing));
}

TEST_CASE("an unsigned datafile is refused unless the options allow it") {
  World world;
  world.options.allow_unsigned = false;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  CHECK_FALSE(client.status().ready);
  CHECK(client.status().datafile.code() == StatusCode::kUntrusted);
  CHECK_FALSE(client.Get(kSharing));
}

TEST_CASE("a bad flag costs that flag and no other, and Problems tell where and why") {
  World world;
  world.options.bundled_datafile = DatafileText(1, R"("flags":{"good":{"type":"bool","default":true},
      "bad":{"type":"int","default":"many"},"worse":{"type":"bool","default":true,"rules":[{"id":"r1","serve":3}]}})");
  Client& client = world.Open();
  CHECK(client.Get(Flag<bool>{"good", false}));
  CHECK(client.Get(Flag<std::int64_t>{"bad", 4}) == 4);
  CHECK(client.Decide(Flag<std::int64_t>{"bad", 4}).reason() == Reason::kInvalidFlag);
  CHECK_FALSE(client.Get(Flag<bool>{"worse", false}));
  const auto problems = client.Problems();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].pointer == "/flags/bad/default");
  CHECK(problems[1].pointer == "/flags/worse/rules/0/serve");
}

TEST_CASE("an exposure goes out once per day, when the value is used, and says what was met") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  (void)client.Decide(kComposer);
  (void)client.DecideAll();
  (void)client.Explain("composer");
  world.Pass(minutes(1));
  CHECK(world.collected().empty());

  for (int i = 0; i < 100; ++i) (void)client.Get(kComposer);
  client.Decide(kComposer).Expose();
  world.Pass(minutes(1));
  auto exposures = world.CollectedOf("feature_flag.evaluation");
  REQUIRE(exposures.size() == 1);
  auto& attributes = exposures[0].attributes;
  CHECK(attributes["guidon.experiment.key"] == "attach-button");
  CHECK(attributes["feature_flag.result.variant"] == client.Decide(kComposer).variant());
  CHECK(attributes["guidon.unit.kind"] == "device");
  CHECK(attributes["feature_flag.context.id"] == client.status().install_id);
  CHECK(attributes["feature_flag.set.id"] == "notes/test");
  CHECK(attributes["feature_flag.version"] == "1.1");
  CHECK(attributes.count("guidon.forced") == 0);

  SUBCASE("a restart the same day repeats nothing") {
    world.Kill();
    world.Open();
    (void)world.client().Get(kComposer);
    world.Pass(minutes(1));
    CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
  }
  SUBCASE("the next day it is due again") {
    world.Pass(hours(24), minutes(10));
    (void)client.Get(kComposer);
    world.Pass(minutes(1));
    CHECK(world.CollectedOf("feature_flag.evaluation").size() == 2);
  }
  SUBCASE("a new datafile alone makes nothing due") {
    world.published = NotesDatafile(2);
    world.Pass(minutes(10));
    REQUIRE(client.status().datafile_version == 2);
    (void)client.Get(kComposer);
    world.Pass(minutes(1));
    CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
  }
}

TEST_CASE("with the network down from the first start, decisions come from the bundle and all events arrive later") {
  World world;
  world.is_online = false;
  world.options.bundled_datafile = NotesDatafile(1);
  for (int run = 0; run < 3; ++run) {
    world.Open();
    CHECK(world.client().Get(kSharing));
    (void)world.client().Get(kComposer);
    for (int i = 0; i < 50; ++i) world.client().Track("note_created", {{"n", run * 50 + i}});
    world.Pass(seconds(3));
    const Ledger ledger = world.client().status().ledger;
    CHECK(ledger.accepted == static_cast<std::uint64_t>(1 + (run + 1) * 50));
    CHECK(ledger.pending == ledger.accepted);
    world.Kill();
  }
  world.is_online = true;
  world.Open();
  world.Pass(minutes(10));
  CHECK(world.CollectedOf("guidon.event").size() == 150);
  CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
  const Ledger ledger = world.client().status().ledger;
  CHECK(ledger.pending == 0);
  CHECK(ledger.delivered == 151);
  CHECK(ledger.lost.empty());
}

TEST_CASE("OnEvent tells of every event once it is durable, in order, and stops when cancelled") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  std::vector<EventRecord> seen;
  Subscription subscription = client.OnEvent(nullptr, [&](const EventRecord& record) { seen.push_back(record); });
  client.Track("a");
  client.Track("b", 2.5, {{"kind", "pdf"}});
  CHECK(seen.empty());
  world.Pass(seconds(1));
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].name == "a");
  CHECK(seen[1].value == 2.5);
  CHECK(seen[1].sequence == seen[0].sequence + 1);
  subscription.Cancel();
  client.Track("c");
  world.Pass(seconds(1));
  CHECK(seen.size() == 2);
}

TEST_CASE("without consent nothing is stored and nothing leaves; decisions are made all the same") {
  World world;
  world.options.consent = Consent::kUnknown;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  const std::string before = client.Get(kComposer);
  client.Track("early");
  world.Pass(minutes(5));
  CHECK(world.collected().empty());
  CHECK_FALSE(world.files->Has("install-id"));
  const std::string id = client.status().install_id;
  CHECK(client.status().ledger.accepted == 0);
  bool counted = false;
  for (const auto& refused : client.status().ledger.refused) counted = counted || refused.cause == "no_consent";
  CHECK(counted);

  SUBCASE("once granted, the same id is kept and exposures become due; what came before stays unsent") {
    client.SetConsent(Consent::kGranted);
    CHECK(client.Get(kComposer) == before);
    world.Pass(minutes(5));
    CHECK(world.files->Content("install-id") == id);
    CHECK(world.CollectedOf("feature_flag.evaluation").size() == 1);
    CHECK(world.CollectedOf("guidon.event").empty());
  }
  SUBCASE("denied, it stays so") {
    client.SetConsent(Consent::kDenied);
    client.Track("late");
    world.Pass(minutes(5));
    CHECK(world.collected().empty());
    CHECK(client.status().install_id != id);
  }
}

TEST_CASE("consent withdrawn erases what waits, and the id") {
  World world;
  world.is_online = false;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  client.Track("kept");
  world.Pass(seconds(2));
  CHECK(client.status().ledger.pending == 1);
  CHECK(world.files->Has("install-id"));
  client.SetConsent(Consent::kDenied);
  world.is_online = true;
  world.Pass(minutes(5));
  CHECK_FALSE(world.files->Has("install-id"));
  CHECK(world.collected().empty());
  std::size_t rows_with_event = 0;
  world.storage->Open([](auto) {});
  world.storage->Read("o/", "o0", std::size_t{1} << 20, [&](Result<std::vector<Row>> rows) {
    if (rows.ok()) rows_with_event = rows->size();
  });
  CHECK(rows_with_event == 0);
}

TEST_CASE("Erase draws a new id and leaves nothing behind") {
  World world;
  world.is_online = false;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  (void)client.Get(kComposer);
  client.Track("kept");
  world.Pass(seconds(2));
  const std::string id = client.status().install_id;
  CHECK(client.Erase(seconds(5)).ok());
  CHECK(client.status().install_id != id);
  CHECK(world.files->Content("install-id") == client.status().install_id);
  CHECK(client.status().ledger.pending == 0);
  world.is_online = true;
  world.Pass(minutes(5));
  CHECK(world.collected().empty());
}

TEST_CASE("the install id, and with it the variant, survives restarts") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  world.Open();
  world.Settle();
  const std::string id = world.client().status().install_id;
  const std::string composer = world.client().Get(kComposer);
  for (int i = 0; i < 5; ++i) {
    world.Kill();
    world.Open();
    world.Settle();
    CHECK(world.client().status().install_id == id);
    CHECK(world.client().Get(kComposer) == composer);
  }
}

TEST_CASE("OnChange tells of a new value, not of a datafile that changed nothing") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  world.published = NotesDatafile(2);
  Client& client = world.Open();
  std::vector<Change> changes;
  auto watch = client.OnChange("file-sharing", nullptr, [&](const Change& change) { changes.push_back(change); });
  world.Pass(minutes(6));
  CHECK(changes.empty());
  world.published = NotesDatafile(3, true);
  world.Pass(minutes(6));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].before == Value(true));
  CHECK(changes[0].after == Value(false));
  CHECK(changes[0].reason == Reason::kKilled);
}

TEST_CASE("a subscription may end itself in its own callback") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  int calls = 0;
  Subscription watch;
  watch = client.OnChange("chunk-kb", nullptr, [&](const Change&) {
    ++calls;
    watch.Cancel();
  });
  client.Identify(Context().Set("plan", "pro"));
  client.Identify(Context());
  world.Settle();
  CHECK(calls == 1);
}

class CountingExecutor final : public Executor {
 public:
  void Post(std::function<void()> task) override { tasks.push_back(std::move(task)); }
  std::vector<std::function<void()>> tasks;
};

TEST_CASE("callbacks run on the executor, and once a subscription ended its executor is left alone") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  CountingExecutor executor;
  int calls = 0;
  Subscription watch = client.OnChange("chunk-kb", &executor, [&](const Change&) { ++calls; });
  client.Identify(Context().Set("plan", "pro"));
  world.Settle();
  REQUIRE(executor.tasks.size() == 1);
  CHECK(calls == 0);
  executor.tasks[0]();
  CHECK(calls == 1);
  client.Identify(Context());
  watch.Cancel();
  world.Settle();
  CHECK(executor.tasks.size() == 1);
  executor.tasks[0]();
  CHECK(calls == 1);
}

TEST_CASE("a rule with a date changes by time alone, seen by Get at that very moment") {
  World world;
  world.options.bundled_datafile = DatafileText(1, R"("flags":{"sale":{"type":"bool","default":false,
      "rules":[{"id":"r1","when":{"op":"since","date":"2026-11-21T12:00:00Z"},"serve":true}]}})");
  Client& client = world.Open();
  const Flag<bool> sale{"sale", false};
  int changes = 0;
  auto watch = client.OnChange("sale", nullptr, [&](const Change&) { ++changes; });
  CHECK_FALSE(client.Get(sale));
  world.clock->Advance(hours(2) - Duration(1));
  CHECK_FALSE(client.Get(sale));
  world.clock->Advance(Duration(1));
  CHECK(client.Get(sale));
  world.Settle();
  CHECK(changes == 1);
}

TEST_CASE("overrides take hold at once, mark what they touch, and end with Clear") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  const std::string natural = client.Get(kComposer);
  world.Pass(minutes(1));

  REQUIRE(client.overrides().ForceFlag("file-sharing", Value(false)).ok());
  CHECK_FALSE(client.Get(kSharing));
  CHECK(client.Decide(kSharing).reason() == Reason::kForced);

  const std::string other = natural == "icon" ? "labelled" : "control";
  REQUIRE(client.overrides().ForceExperiment("attach-button", other).ok());
  CHECK(client.Get(kComposer) != natural);
  CHECK(client.Decide(kComposer).variant() == other);
  client.Track("file_shared");
  world.Pass(minutes(1));
  std::size_t forced = 0;
  for (const auto& exposure : world.CollectedOf("feature_flag.evaluation"))
    forced += exposure.attributes.count("guidon.forced");
  CHECK(forced == 1);
  CHECK(world.CollectedOf("guidon.event").at(0).attributes.count("guidon.forced") == 1);

  REQUIRE(client.overrides().ForceExperiment("attach-button", "off").ok());
  CHECK(client.Get(kComposer) == "icon");
  CHECK(client.Decide(kComposer).experiment().empty());
  CHECK(client.overrides().List().size() == 2);

  client.overrides().ClearExperiment("attach-button");
  CHECK(client.Get(kComposer) == natural);
  client.overrides().ClearAll();
  CHECK(client.Get(kSharing));
  CHECK(client.overrides().List().empty());
}

TEST_CASE("an override that cannot take hold is refused with the reason") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  CHECK(client.overrides().ForceFlag("chunk-kb", Value("many")).code() == StatusCode::kInvalidArgument);
  CHECK(client.overrides().ForceExperiment("attach-button", "purple").code() == StatusCode::kNotFound);
  CHECK(client.overrides().ForceExperiment("no-such", "off").code() == StatusCode::kNotFound);
  CHECK(client.overrides().ForceFlag("secret", Value(true)).ok());  // unsigned: everything may be overridden
  REQUIRE(client.overrides().ForceFlag("brand-new", Value(3)).ok());
  CHECK(client.Get(Flag<std::int64_t>{"brand-new", 0}) == 3);
}

TEST_CASE("DecideAll is of one moment, and a Decision keeps its texts when the rules are replaced") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  world.Open();
  Decision decision = world.client().Decide(kComposer);
  const std::string value(*decision.AsText());
  auto all = world.client().DecideAll();
  for (int version = 2; version < 200; ++version) {
    world.published = NotesDatafile(version, version % 2 == 0);
    world.client().Identify(Context().Set("plan", version % 2 == 0 ? "pro" : "free"));
    world.client().OnForeground();
    world.Pass(minutes(6), minutes(3));
  }
  CHECK(decision.AsText() == value);
  CHECK(all.front().flag() == "chunk-kb");
  CHECK(all.front().AsInt() == 256);
  world.Kill();
  CHECK(decision.AsText() == value);
}

TEST_CASE("a closed client answers with fallbacks, calls nobody, and can be closed again") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  int calls = 0;
  auto watch = client.OnChange("file-sharing", nullptr, [&](const Change&) { ++calls; });
  client.Track("last");
  const FlushReport report = client.Close(Duration(50));
  CHECK_FALSE(report.in_time);  // the collector is mute: scripted HTTP answers only when the test lets it
  CHECK(report.kept == 1);
  CHECK_FALSE(client.Get(kSharing));
  CHECK(client.Decide(kSharing).reason() == Reason::kClosed);
  client.Track("too late");
  client.Identify(Context());
  CHECK(client.Close(Duration(50)).kept == 1);
  CHECK(calls == 0);
  CHECK(client.overrides().ForceFlag("file-sharing", Value(true)).code() == StatusCode::kClosed);
  // What was told before is there at the next start.
  world.Open();
  world.Pass(minutes(1));
  CHECK(world.CollectedOf("guidon.event").size() == 1);
}

TEST_CASE("closing from within a callback works") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  bool closed = false;
  auto watch = client.OnChange("chunk-kb", nullptr, [&](const Change&) {
    (void)client.Close(seconds(1));
    closed = true;
  });
  client.Identify(Context().Set("plan", "pro"));
  world.Settle();
  CHECK(closed);
  CHECK(client.Decide(kSharing).reason() == Reason::kClosed);
}

TEST_CASE("a client dropped by its own callback, while the host turns its pump, ends well") {
  auto clock = std::make_shared<FakeClock>();
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  Platform platform;
  platform.clock = clock;
  platform.entropy = std::make_shared<CountingEntropy>();
  auto client = Client::Open(options, platform);
  auto watch = client->OnChange("chunk-kb", nullptr, [&](const Change&) { client.reset(); });
  client->Identify(Context().Set("plan", "pro"));
  (void)client->Pump(Lane::kLogic, seconds(1));
  CHECK(client == nullptr);
}

TEST_CASE("a callback on the host's executor may close while another thread closes") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  CountingExecutor executor;
  std::atomic<bool> is_inside{false};
  std::atomic<bool> is_closing{false};
  auto watch = client.OnChange("chunk-kb", &executor, [&](const Change&) {
    is_inside = true;
    while (!is_closing) std::this_thread::yield();
    CHECK_FALSE(client.Close(seconds(30)).in_time);  // somebody else closes; there is no waiting for it in here
  });
  client.Identify(Context().Set("plan", "pro"));
  world.Settle();
  REQUIRE(executor.tasks.size() == 1);
  std::thread ui([&] { executor.tasks[0](); });
  while (!is_inside) std::this_thread::yield();
  // The client is closed as far as everybody sees once its closing has begun.
  std::thread closer([&] { (void)client.Close(seconds(30)); });
  while (client.Decide(kSharing).reason() != Reason::kClosed) std::this_thread::yield();
  is_closing = true;
  ui.join();
  closer.join();
}

TEST_CASE("WaitUntilReady ends when the client is closed") {
  World world;
  world.is_online = false;
  Client& client = world.Open();
  std::thread waiter([&] { CHECK_FALSE(client.WaitUntilReady(hours(1))); });
  (void)client.Close(Duration(10));
  waiter.join();
}

TEST_CASE("an empty callback is no subscription") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  auto changes = client.OnChange("chunk-kb", nullptr, {});
  auto events = client.OnEvent(nullptr, {});
  client.Identify(Context().Set("plan", "pro"));
  client.Track("note_created");
  world.Pass(seconds(1));
  CHECK(client.Get(kChunk) == 1024);
}

TEST_CASE("after consent was withdrawn and given again, exposures are due again under the new id") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  client.SetConsent(Consent::kDenied);
  client.SetConsent(Consent::kGranted);
  (void)client.Get(kComposer);  // before the erasure has run
  world.Pass(minutes(1));
  (void)client.Get(kComposer);
  world.Pass(minutes(1));
  auto exposures = world.CollectedOf("feature_flag.evaluation");
  REQUIRE(exposures.size() == 1);
  CHECK(exposures[0].attributes["feature_flag.context.id"] == client.status().install_id);
}

TEST_CASE("an exposure met while anything was forced does not stand for the real one") {
  World world;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  REQUIRE(client.overrides().ForceFlag("not-in-the-datafile", Value(true)).ok());
  CHECK(client.Explain("not-in-the-datafile").find("forced") != std::string::npos);
  (void)client.Get(kComposer);
  client.overrides().ClearAll();
  (void)client.Get(kComposer);
  world.Pass(minutes(1));
  std::size_t forced = 0;
  const auto exposures = world.CollectedOf("feature_flag.evaluation");
  for (const auto& exposure : exposures) forced += exposure.attributes.count("guidon.forced");
  CHECK(exposures.size() == 2);
  CHECK(forced == 1);
}

TEST_CASE("a kept datafile that an app update has overtaken is nothing wrong") {
  World world;
  world.published = NotesDatafile(2);
  world.Open();
  world.Settle();
  world.is_online = false;
  world.options.bundled_datafile = NotesDatafile(5);
  CHECK(world.Open().status().datafile.ok());
  CHECK(world.client().status().datafile_version == 5);
}

TEST_CASE("a client without ports decides, and says that events are not durable") {
  Options options;
  options.bundled_datafile = NotesDatafile(1);
  options.allow_unsigned = true;
  options.consent = Consent::kGranted;
  options.evaluation_summaries = false;  // it is counted what is told
  Platform platform;
  platform.clock = std::make_shared<FakeClock>();
  platform.entropy = std::make_shared<CountingEntropy>();
  const auto client = Client::Open(options, platform);
  CHECK(client->Get(kSharing));
  client->Track("volatile");
  const FlushReport flushed = client->Flush(seconds(1));
  CHECK(flushed.delivered == 0);
  CHECK(client->status().durability == Durability::kNone);
  CHECK(client->WaitUntilReady(seconds(1)));
  CHECK(client->Close(seconds(1)).volatile_lost == 1);
}

TEST_CASE("without a clock or entropy the client is closed from the start and says why") {
  const auto client = Client::Open(Options(), Platform());
  CHECK_FALSE(client->status().datafile.ok());
  CHECK(client->Get(kUnknown));
  client->Track("nothing");
  CHECK(client->Flush(seconds(1)).kept == 0);
}

TEST_CASE("WaitUntilReady turns the pump itself where nobody else does") {
  World world;
  world.published = NotesDatafile(4);
  Client& client = world.Open();
  CHECK_FALSE(client.WaitUntilReady(Duration(1)));
  world.Settle();
  CHECK(client.WaitUntilReady(Duration(1)));
}

}  // namespace
}  // namespace guidon::test
