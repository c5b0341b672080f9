// Whose behavior, caps and enrollments: what becomes of them when somebody logs in, changes, logs out, or is merged.

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/support/faulty_storage.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<std::int64_t> kShared{"shared", -1};
constexpr Flag<bool> kFresh{"fresh", false};
constexpr Flag<std::string> kComposer{"composer", "none"};

// `shared` is how often it was, up to 2; `fresh` whether it is known never to have been.
std::string CountingDatafile() {
  return DatafileText(1, R"("flags":{
    "shared":{"type":"int","default":0,"rules":[
      {"id":"two","when":{"op":">=","count":"shared","value":2},"serve":2},
      {"id":"one","when":{"op":">=","count":"shared","value":1},"serve":1}]},
    "fresh":{"type":"bool","default":false,"rules":[
      {"id":"none","when":{"op":"==","count":"shared","value":0},"serve":true}]}})");
}

struct Step {
  std::optional<std::string> who;  // logs in; "": logs out. Nothing: shares something
  Carry carry = Carry::kAnonymous;
};

void Do(const Step& step, World* world) {
  if (!step.who) {
    world->client().Track("shared");
  } else {
    world->client().Identify(step.who->empty() ? Context() : Context().Unit("account", *step.who), step.carry);
  }
  world->Pass(seconds(1));
}

TEST_CASE("behavior goes with who is here, and moves as the carry says") {
  const Step shares{};
  struct Row {
    std::string name;
    std::vector<Step> steps;
    std::int64_t shared;
  };
  const Row rows[] = {
      {"logs in: what was done before is the account's", {shares, {"a"}}, 1},
      {"and no longer the device's", {shares, {"a"}, {""}}, 0},
      {"logs in: to what the account did before", {{"a"}, shares, {""}, shares, {"a"}}, 2},
      {"logs in with nothing", {shares, {"a", Carry::kNothing}}, 0},
      {"and it stays the device's", {shares, {"a", Carry::kNothing}, {""}}, 1},
      {"logs in with all of it", {shares, {"a", Carry::kPrevious}}, 1},
      {"another account begins anew", {{"a"}, shares, {"b"}}, 0},
      {"and the first has kept its own", {{"a"}, shares, {"b"}, {"a"}}, 1},
      {"a merge", {{"a"}, shares, {"b", Carry::kPrevious}}, 1},
      {"a merge adds", {{"b"}, shares, {"a"}, shares, {"b", Carry::kPrevious}}, 2},
      {"after a merge the first begins anew", {{"a"}, shares, {"b", Carry::kPrevious}, {"a"}}, 0},
      {"logs out", {{"a"}, shares, {""}}, 0},
      {"and in again", {{"a"}, shares, {""}, {"a"}}, 1},
      {"logs out and the device takes it", {{"a"}, shares, {"", Carry::kPrevious}}, 1},
      {"the same account", {{"a"}, shares, {"a", Carry::kPrevious}, {"a", Carry::kNothing}}, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.bundled_datafile = CountingDatafile();
    world.Open();
    world.Settle();
    for (const Step& step : row.steps) Do(step, &world);
    CHECK(world.client().Get(kShared) == row.shared);
    CHECK(world.client().Get(kFresh) == (row.shared == 0));

    world.Kill();
    world.options.carry = Carry::kNothing;  // it was carried, or was not to be
    if (row.steps.back().who && !row.steps.back().who->empty()) {
      world.options.context.Unit("account", *row.steps.back().who);
    }
    world.Open();
    CHECK_FALSE(world.client().Get(kFresh));  // nothing was read yet
    world.Settle();
    CHECK(world.client().Get(kShared) == row.shared);
  }
}

TEST_CASE("whoever is here when the client opens has what the device did while nobody was") {
  World world;
  world.options.bundled_datafile = CountingDatafile();
  world.Open();
  world.Settle();
  world.client().Track("shared");
  world.Pass(seconds(1));
  world.options.context.Unit("account", "a");
  world.Open();
  world.Settle();
  CHECK(world.client().Get(kShared) == 1);
  world.client().Logout();
  world.Settle();
  CHECK(world.client().Get(kShared) == 0);
}

TEST_CASE("what the device did is carried over once, also by a process whose store was down for all its life") {
  World world;
  world.options.bundled_datafile = CountingDatafile();
  const auto faulty = std::make_shared<FaultyStorage>(world.storage);
  world.storage = faulty;
  world.journal = std::make_shared<MemoryJournal>();
  world.Open();
  world.Settle();
  world.client().Track("shared");
  world.Pass(seconds(1));
  world.options.context.Unit("account", "a");
  faulty->FailAll(Status(StatusCode::kInternal, "input/output error"));
  world.Open();
  world.Pass(seconds(5));
  faulty->FailAll(Status());
  world.options.carry = Carry::kNothing;  // it was carried
  world.Open();
  world.Pass(seconds(1));
  CHECK(world.client().Get(kShared) == 1);
}

TEST_CASE("a late answer for the identity before says nothing of the one that is here") {
  World world;
  world.options.bundled_datafile = CountingDatafile();
  Client& client = world.Open();
  client.Identify(Context().Unit("account", "a"));
  world.Settle();
  REQUIRE(client.Get(kFresh));
  client.Track("shared");
  world.clock->Advance(milliseconds(200));
  (void)client.Pump(Lane::kLogic, seconds(1));  // the commit of what a did is on its way
  client.Identify(Context().Unit("account", "b"));
  CHECK_FALSE(client.Get(kFresh));  // unknown, not a's
  CHECK(client.Get(kShared) == 0);
  (void)client.Pump(Lane::kDisk, seconds(1));
  (void)client.Pump(Lane::kLogic, Duration(0));
  CHECK(client.Get(kShared) == 0);
  world.Settle();
  CHECK(client.Get(kShared) == 0);
  CHECK(client.Get(kFresh));
  client.Identify(Context().Unit("account", "a"));
  world.Settle();
  CHECK(client.Get(kShared) == 1);
}

TEST_CASE("what is told belongs to who was there when it was told") {
  World world;
  world.options.bundled_datafile = CountingDatafile();
  Client& client = world.Open();
  client.Identify(Context().Unit("account", "a"));
  client.Track("shared");
  client.Identify(Context().Unit("account", "b"));
  client.Track("shared");
  client.Track("shared");
  world.Settle();
  world.Pass(seconds(1));
  CHECK(client.Get(kShared) == 2);
  client.Identify(Context().Unit("account", "a"));
  world.Pass(seconds(1));
  CHECK(client.Get(kShared) == 1);
}

TEST_CASE("caps go with who is here, and a prompt of somebody else is retracted") {
  struct Row {
    std::string name;
    std::string who;
    Carry carry;
    bool shows_again;
  };
  const Row rows[] = {
      {"the account takes over what was shown", "a", Carry::kAnonymous, false},
      {"the account has its own caps", "a", Carry::kNothing, true},
      {"nobody else came", "", Carry::kNothing, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.bundled_datafile = CampaignsDatafile(1, {CampaignSpec()});
    TestHost host;
    Client& client = world.Open();
    client.SetPromptHost(&host);
    world.Settle();
    client.Track("message_sent", {{"chars", 900}});
    world.Pass(seconds(1));
    REQUIRE(host.presented.size() == 1);
    host.lease->Presented();
    world.Pass(seconds(1));
    client.Identify(row.who.empty() ? Context() : Context().Unit("account", row.who), row.carry);
    world.Pass(seconds(1));
    CHECK(host.retracted.size() == (row.who.empty() ? 0 : 1));
    if (row.who.empty()) host.lease->Dismissed(DismissCause::kPerson);
    world.Pass(seconds(1));
    client.Track("message_sent", {{"chars", 900}});
    world.Pass(seconds(1));
    CHECK(host.presented.size() == (row.shows_again ? 2 : 1));
    client.SetPromptHost(nullptr);
  }
}

// Everybody of the plan "pro" is in it; in `ended` its one variant is shipped to nobody else.
std::string StickyDatafile(int version, const std::string& status, const std::string& sticky = R"("sticky":"exposed",)",
                           const std::string& unit = "device") {
  const std::string ship = status == "ended" ? R"("ship":{"variant":"v","slots":[]},)" : "";
  return DatafileText(version, R"("layers":{"default":{"unit":")" + unit + R"(","salt":"default.1"}},
    "experiments":{"attach":{"iteration":1,"status":")" +
                                   status + "\"," + sticky + ship + R"("layer":"default",
      "slots":[[0,1000000]],"salt":"attach.1","when":{"op":"==","attribute":"plan","value":"pro"},"variants":{
      "v":{"slots":[[0,1000000]],"flags":{"composer":"text"}}}}},
    "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach"}]}})");
}

TEST_CASE("a unit that was exposed stays where it was, as the experiment says") {
  struct Row {
    std::string name;
    bool was_exposed;
    std::string then;  // the datafile that follows; empty: none
    std::string plan;
    std::string composer;
  };
  const Row rows[] = {
      {"sticky: targeting fails", true, "", "free", "text"},
      {"sticky: never exposed", false, "", "free", "icon"},
      {"sticky: paused", true, StickyDatafile(2, "paused"), "free", "text"},
      {"not sticky: targeting fails", true, StickyDatafile(2, "running", ""), "free", "icon"},
      {"not sticky: paused, and it still fits", true, StickyDatafile(2, "paused", ""), "pro", "text"},
      {"paused: nobody new", false, StickyDatafile(2, "paused"), "pro", "icon"},
      {"shipped: it keeps the winner", true, StickyDatafile(2, "ended"), "free", "text"},
      {"shipped: to nobody else", false, StickyDatafile(2, "ended"), "free", "icon"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.bundled_datafile = StickyDatafile(1, "running");
    Client& client = world.Open();
    world.Settle();
    client.Identify(Context().Set("plan", row.was_exposed ? "pro" : "free"));
    CHECK(client.Get(kComposer) == (row.was_exposed ? "text" : "icon"));
    world.Settle();
    world.published = row.then;
    world.Pass(minutes(10));
    client.Identify(Context().Set("plan", row.plan));
    CHECK(client.Get(kComposer) == row.composer);

    // The next start reads it.
    world.options.context.Set("plan", row.plan);
    world.Kill();
    world.Open();
    world.Settle();
    CHECK(world.client().Get(kComposer) == row.composer);
    REQUIRE(world.client().Erase(minutes(1)).ok());
    world.Settle();
    if (row.plan == "free") CHECK(world.client().Get(kComposer) == "icon");
  }
}

TEST_CASE("what an enrollment serves is exposed as such, in the audience it was met in") {
  World world;
  world.options.bundled_datafile = StickyDatafile(1, "running");
  Client& client = world.Open();
  world.Settle();
  client.Identify(Context().Set("plan", "pro"));
  (void)client.Get(kComposer);
  world.Pass(minutes(1));
  client.Identify(Context().Set("plan", "free"));
  world.Pass(hours(24), minutes(30));
  (void)client.Get(kComposer);
  world.Pass(minutes(1));
  int sticky = 0;
  const auto exposures = world.CollectedOf("feature_flag.evaluation");
  REQUIRE(exposures.size() == 2);
  for (const Received& exposure : exposures) {
    if (exposure.attributes.count("guidon.sticky") != 0) ++sticky;
    CHECK(exposure.attributes.count("guidon.audience") == 0);
  }
  CHECK(sticky == 1);
}

TEST_CASE("in a merge enrollments are carried at once; an account that follows has none") {
  for (const Carry carry : {Carry::kPrevious, Carry::kAnonymous}) {
    World world;
    world.options.bundled_datafile = StickyDatafile(1, "running", R"("sticky":"exposed",)", "account");
    Client& client = world.Open();
    client.Identify(Context().Unit("account", "a").Set("plan", "pro"));
    world.Settle();
    CHECK(client.Get(kComposer) == "text");
    world.Pass(seconds(1));
    const std::string expected = carry == Carry::kPrevious ? "text" : "icon";
    client.Identify(Context().Unit("account", "b").Set("plan", "free"), carry);
    CHECK(client.Get(kComposer) == expected);
    world.Settle();
    CHECK(client.Get(kComposer) == expected);
  }
}

TEST_CASE("a schedule by the device's clock follows the device: at its boundary, and to another zone") {
  const std::string datafile = DatafileText(1, R"("layers":{"default":{"unit":"device","salt":"default.1"}},
    "experiments":{"attach":{"iteration":1,"status":"running","layer":"default","slots":[[0,1000000]],
      "salt":"attach.1","starts_at":{"local":"2026-11-21T12:00:00"},"variants":{
      "v":{"slots":[[0,1000000]],"flags":{"composer":"text"}}}}},
    "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach"}]}})");
  World world;
  world.options.bundled_datafile = datafile;
  world.clock->SetUtcOffset(hours(1));  // it is 11:00
  Client& client = world.Open();
  int told = 0;
  const auto watch = client.OnChange("composer", nullptr, [&](const Change&) { ++told; });
  SUBCASE("time passes") {
    world.Pass(minutes(59), minutes(1));
    CHECK(client.Get(kComposer) == "icon");
    world.Pass(minutes(1), seconds(10));
    CHECK(client.Get(kComposer) == "text");
  }
  SUBCASE("the person travels east and comes back to the app") {
    world.clock->SetUtcOffset(hours(2));
    CHECK(client.Get(kComposer) == "icon");
    client.OnForeground();
    CHECK(client.Get(kComposer) == "text");
    world.Settle();
  }
  SUBCASE("the person travels east and stays in the app") {
    world.clock->SetUtcOffset(hours(3));
    world.Pass(hours(1), minutes(1));
    CHECK(client.Get(kComposer) == "text");
  }
  CHECK(told == 1);
}

}  // namespace
}  // namespace guidon::test
