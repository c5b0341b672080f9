// Prompts through a whole client: from an event to the host, and to the collector.

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Steps = std::vector<std::string>;

// A client with a host, on a datafile of campaigns.
struct PromptWorld : World {
  explicit PromptWorld(std::vector<CampaignSpec> campaigns = {CampaignSpec()}, const std::string& more = {}) {
    options.bundled_datafile = CampaignsDatafile(1, campaigns, more);
    options.datafile_url.clear();
    options.context.Unit("device", "d-1");
    Start();
  }
  void Start() {
    Open();
    client().SetPromptHost(&host);
    Settle();
  }
  void Restart() {
    Kill();
    host.lease.reset();
    Start();
  }
  // A long message: what triggers.
  void Write(int chars = 1812) {
    client().Track("message_sent", {{"chars", chars}});
    Pass(Duration(200), Duration(100));
  }

  TestHost host;
};

TEST_CASE("an event that meets the trigger's condition shows the prompt, and every step of it is reported") {
  PromptWorld world;
  world.Write(399);
  CHECK(world.host.asked.empty());
  world.Write(400);
  REQUIRE(world.host.presented.size() == 1);
  const Prompt& prompt = world.host.presented[0];
  CHECK(prompt.campaign == "try-share");
  CHECK(prompt.anchor == "attach_button");
  CHECK(prompt.buttons.size() == 3);
  CHECK(prompt.buttons[1].snooze == hours(24));
  world.host.lease->Presented();
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "impression", "action b1"});
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    CHECK(step.attributes["guidon.prompt.id"] == prompt.id);
    CHECK(step.attributes["guidon.campaign.key"] == "try-share");
    CHECK(step.attributes["guidon.campaign.iteration"] == "1");
    CHECK(step.attributes["guidon.campaign.variant"] == "prompt");
    CHECK(step.attributes["guidon.prompt.ordinal"] == "1");
    CHECK(step.attributes["guidon.prompt.trigger"] == "message_sent");
    CHECK(step.attributes["guidon.unit.kind"] == "device");
    CHECK(step.attributes["feature_flag.context.id"] == "d-1");
    CHECK(step.attributes["feature_flag.version"] == "1.1");
    CHECK(step.attributes.count("guidon.forced") == 0);
  }
}

}  // namespace
}  // namespace guidon::test
