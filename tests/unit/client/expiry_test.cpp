// Datafiles that have expired, and clocks that cannot be right.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Flag<std::string> kComposer{"composer", "none"};
constexpr Flag<bool> kSharing{"sharing", false};

// Until eight hours after the world begins: everybody gets "text", and may share files.
std::string ExpiringDatafile(int version, const std::string& expiry = "2026-11-21T18:00:00Z") {
  return DatafileText(version, R"("expires_at":")" + expiry + R"(",
    "layers":{"l":{"unit":"device","salt":"l.1"},"m":{"unit":"account","salt":"m.1"}},
    "experiments":{
      "attach":{"iteration":1,"status":"running","layer":"l","slots":[[0,1000000]],"salt":"a.1",
        "variants":{"control":{"slots":[],"flags":{"composer":"icon"}},
                    "text":{"slots":[[0,1000000]],"flags":{"composer":"text"}}}},
      "tone":{"iteration":1,"status":"running","layer":"m","slots":[[0,1000000]],"salt":"t.1",
        "variants":{"control":{"slots":[[0,1000000]],"flags":{"tone":"b"}}}}},
    "flags":{"composer":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"attach"}]},
      "tone":{"type":"string","default":"a","rules":[{"id":"r1","experiment":"tone"}]},
      "sharing":{"type":"bool","default":false,"when_expired":"default","rules":[{"id":"r1","serve":true}]}})");
}

std::string TextOf(World& world, std::string_view flag) {
  return std::string(world.client().Decide(flag, "fallback").AsText().value_or("none"));
}

TEST_CASE(
    "input 16: an expired datafile goes on serving whom it had, lets nobody new in, and closes the flags that say so") {
  World world;
  world.options.bundled_datafile = ExpiringDatafile(1);
  world.options.context.Unit("account", "first");
  world.Open();
  world.Settle();
  std::vector<std::string> changes;
  const auto tell = [&](const Change& change) {
    changes.push_back(change.flag + " " + std::string(ReasonName(change.reason)));
  };
  const Subscription of_composer = world.client().OnChange("composer", nullptr, tell);
  const Subscription of_sharing = world.client().OnChange("sharing", nullptr, tell);
  CHECK(world.client().Get(kComposer) == "text");
  CHECK(TextOf(world, "tone") == "b");
  world.client().Decide("tone", "fallback").Expose();
  CHECK(world.client().Get(kSharing));
  world.Pass(hours(7), minutes(10));
  CHECK_FALSE(world.client().status().datafile_expired);
  CHECK(world.client().Get(kSharing));
  CHECK(changes.empty());

  world.Pass(hours(2), minutes(10));
  const ClientStatus status = world.client().status();
  CHECK(status.datafile_expired);
  CHECK(status.ready);
  CHECK(status.datafile_expires_at == TimestampFromMs(1'795'284'000'000));
  CHECK(world.client().Get(kComposer) == "text");
  CHECK(TextOf(world, "tone") == "b");
  CHECK_FALSE(world.client().Get(kSharing));
  CHECK(OpenFeatureReason(world.client().Decide(kSharing).reason()) == "STALE");
  CHECK(changes == std::vector<std::string>{"sharing expired"});
  CHECK(world.client().Explain("composer").find("expired at 2026-11-21T18:00:00Z") != std::string::npos);

  world.client().Identify(Context().Unit("account", "second"));
  world.Settle();
  CHECK(TextOf(world, "tone") == "a");
  CHECK(world.client().Explain("tone").find("the datafile has expired: nobody new is let in") != std::string::npos);
  world.client().Identify(Context().Unit("account", "first"));
  world.Settle();
  CHECK(TextOf(world, "tone") == "b");

  SUBCASE("the next process knows it, too") {
    world.Kill();
    world.Open();
    world.Settle();
    CHECK(TextOf(world, "tone") == "b");  // the options' account is the first one's
    CHECK_FALSE(world.client().Get(kSharing));
  }
  SUBCASE("a newer datafile ends it") {
    world.published = ExpiringDatafile(2, "2027-02-21T10:00:00Z");
    world.client().OnForeground();
    world.Pass(minutes(10), minutes(1));
    CHECK(world.client().status().datafile_version == 2);
    CHECK_FALSE(world.client().status().datafile_expired);
    CHECK(world.client().Get(kSharing));
    world.client().Identify(Context().Unit("account", "second"));
    CHECK(TextOf(world, "tone") == "b");
  }
}

TEST_CASE("of an expired datafile no prompt is shown, and people are told why") {
  PromptWorld world({CampaignSpec()}, R"("expires_at":"2026-11-21T18:00:00Z")");
  world.Pass(hours(9), minutes(30));
  world.Write();
  CHECK(world.host.presented.empty());
  CHECK(world.client().ExplainPromptJson("try-share").find(R"("datafile_expired")") != std::string::npos);
  CHECK(world.client().ExplainPrompt("try-share").find("the datafile has expired") != std::string::npos);
}

TEST_CASE("input 19: a clock set to 1970 makes nothing fresh, and no duration negative") {
  PromptWorld world({CampaignSpec()}, R"("flags":{"sharing":{"type":"bool","default":false,"when_expired":"default",)"
                                      R"("rules":[{"id":"r1","serve":true}]}},"expires_at":"2027-02-21T10:00:00Z")");
  CHECK(world.client().Get(kSharing));
  const auto is_stale = [&] {
    world.client().Identify(Context().Unit("device", "d-1"));
    world.Write();
    return world.client().status().datafile_expired && !world.client().Get(kSharing);
  };
  world.clock->SetWall(TimestampFromMs(0));
  CHECK(is_stale());
  CHECK(world.client().status().datafile_version == 1);
  world.Kill();
  world.host.lease.reset();
  world.Start();
  CHECK(world.client().status().datafile_version == 1);
  CHECK(is_stale());
  world.clock->SetWall(TimestampFromMs(1'795'255'200'000));  // right again
  world.client().OnForeground();
  world.Pass(minutes(1), minutes(1));
  CHECK_FALSE(world.client().status().datafile_expired);
  CHECK(world.client().Get(kSharing));
}

TEST_CASE(
    "prompts know what has expired by a time that no jump changes, and by a clock that began in 1970 none is shown") {
  const std::string expiry = R"("expires_at":"2026-11-21T18:00:00Z")";
  {
    PromptWorld world({CampaignSpec()}, expiry);
    world.clock->SetWall(TimestampFromMs(0));
    world.Write();
    CHECK(world.host.presented.size() == 1);
  }
  {
    PromptWorld world({CampaignSpec()}, expiry);
    world.Pass(hours(9), minutes(30));
    world.clock->AdvanceWall(-hours(5));
    world.Write();
    CHECK(world.host.presented.empty());
  }
  {
    PromptWorld world({CampaignSpec()}, expiry);
    world.Kill();
    world.clock->SetWall(TimestampFromMs(0));
    world.storage = LastingStorage();
    world.Start();
    world.Write();
    CHECK(world.host.presented.empty());
  }
}

}  // namespace
}  // namespace guidon::test
