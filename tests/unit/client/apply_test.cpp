// When a newer datafile is put in force, and what of it does not wait.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/base/text.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Flag<std::int64_t> kSize{"size", -1};

// A flag `size` that is this, with whatever else is said of it.
std::string Sized(int version, const std::string& flag) {
  return DatafileText(version, R"("flags":{"size":)" + flag + "}");
}
std::string Sized(int version, int size) {
  return Sized(version, R"({"type":"int","default":)" + std::to_string(size) + "}");
}

enum class Does { kNothing, kForeground, kBackgroundAndForeground, kRestart, kOfflineRestart };

void Do(Does what, World* world) {
  switch (what) {
    case Does::kNothing: break;
    case Does::kForeground: world->client().OnForeground(); break;
    case Does::kBackgroundAndForeground:
      world->client().OnBackground();
      world->Settle();
      world->client().OnForeground();
      break;
    case Does::kOfflineRestart: world->is_online = false; [[fallthrough]];
    case Does::kRestart:
      world->Kill();
      world->Open();
      break;
  }
}

TEST_CASE("a newer datafile is put in force when the options say so") {
  struct Row {
    std::string name;
    ApplyWhen apply;
    Does does;
    std::int64_t size;  // of 1, which was there before, and 2
  };
  const Row rows[] = {
      {"at once", ApplyWhen::kAtOnce, Does::kNothing, 2},
      {"foreground: not while the app is used", ApplyWhen::kNextForeground, Does::kNothing, 1},
      {"foreground: not by a call without having been away", ApplyWhen::kNextForeground, Does::kForeground, 1},
      {"foreground: when the app comes back", ApplyWhen::kNextForeground, Does::kBackgroundAndForeground, 2},
      {"foreground: at the next start", ApplyWhen::kNextForeground, Does::kRestart, 2},
      {"foreground: at the next start, offline", ApplyWhen::kNextForeground, Does::kOfflineRestart, 2},
      {"launch: not while the app is used", ApplyWhen::kNextLaunch, Does::kNothing, 1},
      {"launch: not when the app comes back", ApplyWhen::kNextLaunch, Does::kBackgroundAndForeground, 1},
      {"launch: at the next start", ApplyWhen::kNextLaunch, Does::kRestart, 2},
      {"launch: at the next start, offline", ApplyWhen::kNextLaunch, Does::kOfflineRestart, 2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.apply = row.apply;
    world.options.bundled_datafile = Sized(1, 1);
    world.published = Sized(2, 2);
    Client& client = world.Open();
    CHECK(client.Get(kSize) == 1);
    world.Settle();
    const bool waits = row.apply != ApplyWhen::kAtOnce;
    CHECK(client.status().datafile_version == (waits ? 1 : 2));
    CHECK(client.status().datafile_waiting_version == (waits ? 2 : 0));
    CHECK(client.status().datafile_waiting_epoch == (waits ? 1 : 0));
    CHECK(client.status().datafile.ok());
    Do(row.does, &world);
    CHECK(world.client().Get(kSize) == row.size);
    CHECK(world.client().status().datafile_version == static_cast<std::uint64_t>(row.size));
    CHECK((world.client().status().datafile_waiting_version == 0) == (row.size == 2));
  }
}

TEST_CASE("the first datafile of a client that has none is in force at once, whatever the options say") {
  for (const ApplyWhen apply : {ApplyWhen::kNextForeground, ApplyWhen::kNextLaunch}) {
    World world;
    world.options.apply = apply;
    world.published = Sized(1, 1);
    Client& client = world.Open();
    world.Settle();
    CHECK(client.Get(kSize) == 1);
    CHECK(client.status().datafile_waiting_version == 0);
    world.published = Sized(2, 2);
    world.Pass(minutes(10));
    CHECK(client.Get(kSize) == 1);
    CHECK(client.status().datafile_waiting_version == 2);
  }
}

TEST_CASE("what waits is replaced by what is newer and by nothing else, and its ETag is sent") {
  World world;
  world.options.apply = ApplyWhen::kNextForeground;
  world.options.bundled_datafile = Sized(1, 1);
  world.published = Sized(3, 3);
  Client& client = world.Open();
  world.Settle();
  CHECK(client.status().datafile_waiting_version == 3);
  world.Pass(minutes(10));
  CHECK(world.not_modified > 0);

  struct Row {
    std::string name;
    std::string published;
    std::uint64_t waiting;
    std::string refused;  // part of the message; empty: nothing is wrong
  };
  const Row rows[] = {
      {"older, though newer than what is in force", Sized(2, 2), 3, "older than 1.3, which waits"},
      {"the same version with other content", Sized(3, 4), 3, "waits already, with another content"},
      {"not a datafile", "<html>", 3, ""},
      {"the same", Sized(3, 3), 3, ""},
      {"newer", Sized(5, 5), 5, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    world.published = row.published;
    world.Pass(minutes(10));
    CHECK(client.status().datafile_waiting_version == row.waiting);
    CHECK(client.status().datafile_version == 1);
    if (!row.refused.empty()) {
      CHECK(client.status().datafile.message().find(row.refused) != std::string::npos);
    }
  }
  CHECK(client.status().datafile.ok());
  client.OnBackground();
  client.OnForeground();
  CHECK(client.Get(kSize) == 5);
}

TEST_CASE("kill switches of a datafile that waits pass at once") {
  struct Row {
    std::string name;
    std::string in_force;
    std::vector<std::string> waiting;  // one after the other
    std::int64_t size;
    Reason reason;
  };
  const std::string one = R"({"type":"int","default":1})";
  const std::string ruled = R"({"type":"int","default":1,"rules":[{"id":"r1","serve":5}]})";
  const std::string killed_two = R"({"type":"int","default":2,"kill":true})";
  const std::string two = R"({"type":"int","default":2})";
  const std::string bad = R"({"type":"int","default":"two","kill":true})";
  const Row rows[] = {
      {"no kill", one, {two}, 1, Reason::kStatic},
      {"a kill, with its own default", one, {killed_two}, 2, Reason::kKilled},
      {"a kill of what a rule serves", ruled, {killed_two}, 2, Reason::kKilled},
      {"another type: the default in force",
       ruled,
       {R"({"type":"string","default":"x","kill":true})"},
       1,
       Reason::kKilled},
      {"a kill that is taken back", ruled, {killed_two, two}, 5, Reason::kRule},
      {"a kill that is taken back and given again", ruled, {killed_two, two, killed_two}, 2, Reason::kKilled},
      {"a flag that is not valid kills nothing", ruled, {bad}, 5, Reason::kRule},
      {"what is killed in force stays so", R"({"type":"int","default":1,"kill":true})", {two}, 1, Reason::kKilled},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world;
    world.options.apply = ApplyWhen::kNextLaunch;
    world.options.bundled_datafile = Sized(1, row.in_force);
    Client& client = world.Open();
    int version = 1;
    for (const std::string& flag : row.waiting) {
      world.published = Sized(++version, flag);
      world.Pass(minutes(10));
    }
    CHECK(client.status().datafile_version == 1);
    CHECK(client.status().datafile_waiting_version == static_cast<std::uint64_t>(version));
    CHECK(client.Get(kSize) == row.size);
    const Decision decision = client.Decide(kSize);
    CHECK(decision.AsInt() == row.size);
    CHECK(decision.reason() == row.reason);
    CHECK(client.Decide(kSize, Context().Set("plan", "pro")).AsInt() == row.size);
    CHECK(client.ExplainJson("size").find("\"reason\":\"" + std::string(ReasonName(row.reason))) != std::string::npos);
  }
}

TEST_CASE("a forced flag stands above a kill that waits, and its natural value is the killed one") {
  World world;
  world.options.apply = ApplyWhen::kNextLaunch;
  world.options.bundled_datafile = Sized(1, 1);
  world.published = Sized(2, R"({"type":"int","default":2,"kill":true})");
  Client& client = world.Open();
  world.Settle();
  REQUIRE(client.overrides().ForceFlag("size", Value(9)).ok());
  CHECK(client.Get(kSize) == 9);
  CHECK(client.overrides().List().at(0).natural_value == Value(2));
  client.overrides().ClearAll();
  CHECK(client.Get(kSize) == 2);
}

TEST_CASE("OnChange tells of a datafile when it is put in force, and of a kill at once") {
  World world;
  world.options.apply = ApplyWhen::kNextForeground;
  world.options.bundled_datafile = Sized(1, 1);
  world.published = Sized(2, 2);
  Client& client = world.Open();
  std::vector<std::string> told;
  const auto watch = client.OnChange("size", nullptr, [&](const Change& change) {
    told.push_back(std::to_string(*change.before.AsInt()) + " to " + std::to_string(*change.after.AsInt()) + " " +
                   std::string(ReasonName(change.reason)));
  });
  world.Pass(minutes(10));
  CHECK(told.empty());
  world.published = Sized(3, R"({"type":"int","default":3,"kill":true})");
  world.Pass(minutes(10));
  CHECK(told == std::vector<std::string>{"1 to 3 killed"});
  world.published = Sized(4, 4);
  world.Pass(minutes(10));
  CHECK(told.back() == "3 to 1 static");
  Do(Does::kBackgroundAndForeground, &world);
  world.Settle();
  CHECK(told.back() == "1 to 4 static");
  CHECK(told.size() == 3);
}

TEST_CASE("explanations of flags and prompts say where the datafile came from, how old it is and when it was checked") {
  World world;  // its datafiles were issued on 2025-10-01 at 10:00
  world.options.bundled_datafile =
      CampaignsDatafile(1, {CampaignSpec()}, R"("flags":{"size":{"type":"int","default":1}})");
  world.clock->SetWall(TimestampFromMs(1'759'312'800'000) + hours(50));
  world.is_online = false;
  world.Open();
  world.Settle();
  const auto check = [&](const std::string& line, const std::string& members) {
    CAPTURE(line);
    for (const std::string& said : {world.client().Explain("size"), world.client().ExplainPrompt("try-share")}) {
      CAPTURE(said);
      CHECK(said.find(line) != std::string::npos);
    }
    for (const std::string& said :
         {world.client().ExplainJson("size"), world.client().ExplainPromptJson("try-share")}) {
      CAPTURE(said);
      CHECK(said.find(members) != std::string::npos);
    }
  };
  check(" 1.1\n  from       the bundle, unsigned, 2 days old, not checked since the start\n",
        R"("is_expired":false,"source":"bundle","is_signed":false})");
  world.is_online = true;
  world.published = CampaignsDatafile(2, {CampaignSpec()}, R"("flags":{"size":{"type":"int","default":1}})");
  world.Pass(minutes(10), seconds(1));
  const std::string checked = text::FormatTimestamp(world.client().status().last_fetch);
  check(" 1.2\n  from       the network, unsigned, 2 days old, checked " + checked + "\n",
        R"("source":"network","is_signed":false,"checked_at":")" + checked + "\"}");
  world.Kill();
  world.is_online = false;
  world.clock->Advance(hours(30 * 24));
  world.Open();
  world.Settle();
  check(" 1.2\n  from       the cache, unsigned, 32 days old, not checked since the start\n",
        R"("source":"cache","is_signed":false})");
}

TEST_CASE("an explanation says that a newer datafile waits, and that it kills the flag") {
  World world;
  world.options.apply = ApplyWhen::kNextForeground;
  world.options.bundled_datafile = Sized(1, 1);
  Client& client = world.Open();
  CHECK(client.Explain("size").find("waiting") == std::string::npos);
  world.published = Sized(2, 2);
  world.Settle();
  CHECK(client.Explain("size").find("  waiting    1.2, newer and not in force yet\n") != std::string::npos);
  CHECK(client.ExplainJson("size").find(R"("waiting":{"epoch":1,"version":2,"kills":false})") != std::string::npos);
  world.published = Sized(3, R"({"type":"int","default":3,"kill":true})");
  world.Pass(minutes(10));
  CHECK(client.Explain("size").find("  waiting    1.3, newer and not in force yet; its kill switch is\n") !=
        std::string::npos);
  CHECK(client.ExplainJson("size").find(R"("waiting":{"epoch":1,"version":3,"kills":true})") != std::string::npos);
}

}  // namespace
}  // namespace guidon::test
