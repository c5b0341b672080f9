// How prompts end otherwise than by the person: withdrawn, forced, or with their host or the client.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Steps = std::vector<std::string>;

TEST_CASE("a prompt that is up is taken back as soon as it must not be shown any more") {
  struct Row {
    const char* name;
    std::function<void(PromptWorld&)> happens;
    bool is_retracted;
    bool is_told;
  };
  const auto publish = [](const char* status) {
    return [status](PromptWorld& world) {
      CampaignSpec campaign;
      campaign.status = status;
      world.PublishCampaigns(2, {campaign});
    };
  };
  const Row rows[] = {
      {"paused", publish("paused"), true, true},
      {"ended", publish("ended"), true, true},
      {"cannot be read", publish("sleeping"), true, true},
      {"gone", [](PromptWorld& world) { world.PublishCampaigns(2, {}); }, true, true},
      {"forced off", [](PromptWorld& world) { (void)world.client().overrides().ForcePrompt("try-share", false); }, true,
       true},
      {"somebody else", [](PromptWorld& world) { world.client().Identify(Context().Unit("device", "d-2")); }, true,
       true},
      {"consent withdrawn", [](PromptWorld& world) { world.client().SetConsent(Consent::kDenied); }, true, false},
      {"erased", [](PromptWorld& world) { CHECK(world.client().Erase(seconds(5)).ok()); }, true, false},
      {"no host any more", [](PromptWorld& world) { world.client().SetPromptHost(nullptr); }, false, true},
  };
  for (const Row& row : rows) {
    for (const bool is_seen : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(is_seen);
      PromptWorld world;
      world.Write();
      REQUIRE(world.host.presented.size() == 1);
      const std::string id = world.host.presented[0].id;
      if (is_seen) world.host.lease->Presented();
      row.happens(world);
      world.Settle();
      CHECK(world.host.retracted == (row.is_retracted ? Steps{id} : Steps()));
      if (world.host.lease) world.host.lease->Action("b1");  // void
      world.Pass(minutes(1));
      if (!row.is_told) continue;
      Steps steps = world.PromptSteps();  // some take longer to happen than others
      steps.erase(std::remove(steps.begin(), steps.end(), "viewable"), steps.end());
      CHECK(steps ==
            (is_seen ? Steps{"exposure", "impression", "dismissal host"} : Steps{"exposure", "failure retracted"}));
    }
  }
}

TEST_CASE("a prompt that is up stays up under a new datafile that still has it") {
  PromptWorld world;
  world.Write();
  CampaignSpec campaign;
  campaign.priority = 7;
  world.PublishCampaigns(2, {campaign});
  REQUIRE(world.client().status().datafile_version == 2);
  CHECK(world.host.retracted.empty());
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "impression", "action b1"});
  for (auto& step : world.CollectedOf("guidon.prompt")) CHECK(step.attributes["feature_flag.version"] == "1.1");
}

TEST_CASE("facts of a prompt are about whoever it was shown to, also when they have logged out") {
  CampaignSpec campaign;
  campaign.unit = "account";
  World world;
  TestHost host;
  world.options.bundled_datafile = CampaignsDatafile(1, {campaign});
  world.options.context.Unit("account", "u-42").Set("plan", "pro");
  world.Open().SetPromptHost(&host);
  world.client().Track("message_sent", {{"chars", 500}});
  world.Pass(seconds(1));
  REQUIRE(host.presented.size() == 1);
  host.lease->Presented();
  world.client().Logout();
  world.Pass(minutes(1));
  CHECK(host.retracted.size() == 1);
  auto steps = world.CollectedOf("guidon.prompt");
  REQUIRE(steps.size() == 4);
  for (auto& step : steps) {
    CHECK(step.attributes["feature_flag.context.id"] == "u-42");
    CHECK(step.attributes["guidon.unit.account"] == "u-42");
    CHECK(step.attributes["guidon.context.plan"] == "pro");
  }
  world.client().Track("message_sent", {{"chars", 500}});
  world.Pass(seconds(1));
  CHECK(host.presented.size() == 1);  // nobody is there whose caps could be asked
}

TEST_CASE("QA sees a prompt as often as it asks, past all gates, and no cap is used") {
  CampaignSpec campaign;
  campaign.when = R"({"op":"==","attribute":"plan","value":"pro"})";
  campaign.holdout = 500'000;
  campaign.caps = R"([{"count":1}])";
  PromptWorld world({campaign}, "", "d-3");
  REQUIRE(evaluation::Slot('c', "try-share.1", "d-3") < 500'000);
  for (std::size_t time = 1; time <= 3; ++time) {
    REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
    world.Pass(seconds(1));
    REQUIRE(world.host.presented.size() == time);
    CHECK(world.host.presented.back().forced);
    world.host.lease->Action("b1");
    world.Pass(seconds(1));
  }
  world.client().overrides().ClearAll();
  world.Pass(minutes(1));
  CHECK(world.host.presented.size() == 3);
  std::size_t marked = 0;
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    CHECK(step.attributes["guidon.forced"] == "true");
    CHECK(step.attributes["guidon.forced_by"] == "api");
    CHECK(step.attributes["guidon.campaign.variant"] == "prompt");
    ++marked;
  }
  CHECK(marked == 9);
  // Its one time is there still: held out, it is logged.
  world.client().Identify(Context().Unit("device", "d-3").Set("plan", "pro"));
  world.Write();
  world.Pass(minutes(1));
  CHECK(world.PromptSteps().back() == "exposure held_out");
}

TEST_CASE("QA sees a prompt also where nobody is logged in whom its caps would be about") {
  CampaignSpec campaign;
  campaign.unit = "account";
  PromptWorld world({campaign});
  world.Write();
  CHECK(world.host.asked.empty());
  REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
  world.Pass(seconds(1));
  REQUIRE(world.host.presented.size() == 1);
  world.client().Identify(Context().Set("plan", "pro"));
  world.Pass(seconds(1));
  CHECK(world.host.retracted.empty());
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "impression", "action b1"});
}

TEST_CASE("a forced prompt waits for the host, for as long as it takes") {
  PromptWorld world;
  world.host.admission = Admission::kLater;
  REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
  world.Pass(hours(2), minutes(1));
  CHECK(world.host.presented.empty());
  world.host.admission = Admission::kNow;
  world.Pass(seconds(2));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("a prompt that QA turned off is not shown, and says why") {
  PromptWorld world;
  REQUIRE(world.client().overrides().ForcePrompt("try-share", false).ok());
  world.Write();
  CHECK(world.host.asked.empty());
  CHECK(world.client().ExplainPrompt("try-share").find("forced_off") != std::string::npos);
  world.client().overrides().ClearPrompt("try-share");
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("while something else is forced, caps hold all the same, and afterwards") {
  PromptWorld world;
  REQUIRE(world.client().overrides().ForceFlag("anything", Value(true)).ok());
  world.host.on_present = [](const Prompt&, PromptLease& lease) { lease.Action("b1"); };
  for (int i = 0; i < 5; ++i) {
    world.Write();
    world.Pass(hours(24), hours(8));
  }
  CHECK(world.host.presented.size() == 1);
  for (auto& step : world.CollectedOf("guidon.prompt")) CHECK(step.attributes["guidon.forced"] == "true");
  world.Restart();
  world.Write();
  world.Pass(minutes(1));
  CHECK(world.host.presented.size() == 1);
}

// Runs tasks when the test says so.
class HeldExecutor final : public Executor {
 public:
  void Post(std::function<void()> task) override { tasks.push_back(std::move(task)); }
  void RunAll() {
    while (!tasks.empty()) {
      const auto task = std::move(tasks.front());
      tasks.erase(tasks.begin());
      task();
    }
  }
  std::vector<std::function<void()>> tasks;
};

TEST_CASE("the host is called on its executor, and neither is touched once it was unset") {
  PromptWorld world;
  HeldExecutor executor;
  world.client().SetPromptHost(&world.host, &executor);
  world.host.kinds_asked = 0;
  world.Settle();
  CHECK(world.host.kinds_asked == 0);
  executor.RunAll();
  CHECK(world.host.kinds_asked == 1);
  world.Write();
  CHECK(world.host.asked.empty());
  executor.RunAll();
  CHECK(world.host.asked.size() == 1);
  world.Settle();
  REQUIRE(executor.tasks.size() == 1);  // to present it
  world.client().SetPromptHost(nullptr);
  executor.RunAll();
  CHECK(world.host.presented.empty());
  world.Write();
  world.Pass(minutes(1));
  CHECK(executor.tasks.empty());
  CHECK(world.PromptSteps().front() == "exposure");
  CHECK(world.PromptSteps().at(1).rfind("failure", 0) == 0);
}

TEST_CASE("an executor that drops its tasks leaves no showing open") {
  PromptWorld world;
  HeldExecutor executor;
  world.client().SetPromptHost(&world.host, &executor);
  world.Settle();
  executor.RunAll();
  world.Write();
  executor.RunAll();
  world.Settle();
  executor.tasks.clear();
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "failure lease_dropped"});
}

TEST_CASE("unsetting the host waits for a call that runs on another thread, and not in the call itself") {
  PromptWorld world;
  HeldExecutor executor;
  world.client().SetPromptHost(&world.host, &executor);
  world.Settle();
  executor.RunAll();
  world.Write();
  SUBCASE("another thread") {
    std::atomic<bool> is_inside{false}, is_unsetting{false}, has_left{false};
    world.host.on_ask = [&] {
      is_inside = true;
      while (!is_unsetting) std::this_thread::yield();
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      has_left = true;
    };
    std::thread ui([&] { executor.RunAll(); });
    while (!is_inside) std::this_thread::yield();
    is_unsetting = true;
    world.client().SetPromptHost(nullptr);
    CHECK(has_left);
    ui.join();
  }
  SUBCASE("the call itself") {
    world.host.on_ask = [&] { world.client().SetPromptHost(nullptr); };
    executor.RunAll();
    world.Pass(seconds(1));
    CHECK(world.host.presented.empty());
  }
  SUBCASE("the call closes the client") {
    world.host.on_ask = [&] { (void)world.client().Close(Duration(0)); };
    executor.RunAll();
    CHECK(world.host.presented.empty());
  }
}

TEST_CASE("after Close the host is not called, and leases say nothing") {
  PromptWorld world;
  world.Write();
  REQUIRE(world.host.lease);
  (void)world.client().Close(Duration(0));
  world.host.lease->Action("b1");
  CHECK(world.host.retracted.empty());
  world.Restart();
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "unknown"});
}

TEST_CASE("a host may turn the client's pump, and is called for the next thing when it is back") {
  PromptWorld world;
  int depth = 0, deepest = 0;
  world.host.on_present = [&](const Prompt&, PromptLease& lease) {
    deepest = std::max(deepest, ++depth);
    lease.Presented();
    world.client().Identify(Context().Unit("device", "d-2"));  // which has it retracted
    (void)world.client().Flush(Duration(1));
    CHECK(world.host.retracted.empty());
    --depth;
  };
  world.Write();
  world.Pass(seconds(1));
  CHECK(deepest == 1);
  CHECK(world.host.retracted.size() == 1);
}

}  // namespace
}  // namespace guidon::test
