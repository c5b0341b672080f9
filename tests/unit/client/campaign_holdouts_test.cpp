// Holdouts that keep people out of campaigns, through a whole client.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using Steps = std::vector<std::string>;

constexpr std::uint32_t kSize = 100'000;  // of the holdout "q4", the group it is compared with, and the campaign's own

enum class Side { kHeldOut, kComparison, kNeither };

std::string DeviceOn(Side side, bool is_held_out_by_campaign = false) {
  for (int i = 0;; ++i) {
    std::string id = "d-" + std::to_string(i);
    const std::uint32_t slot = evaluation::Slot('h', "q4", id);
    const Side is = slot < kSize ? Side::kHeldOut : slot < 2 * kSize ? Side::kComparison : Side::kNeither;
    if (is == side && (evaluation::Slot('c', "try-share.1", id) < kSize) == is_held_out_by_campaign) return id;
  }
}

const char* const kHoldout =
    R"("holdouts":{"q4":{"unit":"device","salt":"q4","size":100000,"experiments":[],"campaigns":"*"}})";

CampaignSpec WithHoldout() {
  CampaignSpec campaign;
  campaign.holdout = kSize;
  return campaign;
}

// A month in which the trigger happens every day, and what is shown is dismissed.
void LiveAMonth(PromptWorld* world) {
  world->host.on_present = [](const Prompt&, PromptLease& lease) {
    lease.Presented();
    lease.Dismissed(DismissCause::kPerson);
  };
  for (int day = 0; day < 30; ++day) {
    world->Write();
    world->Pass(hours(24), hours(12));
  }
}

Steps SidesTold(const PromptWorld& world) {
  Steps sides;
  for (auto& exposure : world.CollectedOf("feature_flag.evaluation")) {
    CHECK(exposure.attributes["guidon.holdout.key"] == "q4");
    CHECK(exposure.attributes["feature_flag.context.id"] == world.options.context.units().front().id);
    CHECK(exposure.attributes["feature_flag.version"] == "1.1");
    sides.push_back(exposure.attributes["feature_flag.result.variant"]);
  }
  return sides;
}

TEST_CASE("whom a holdout keeps out of campaigns sees none, and is told of where the others see them, by the holdout") {
  std::vector<std::size_t> asked;
  for (const Side side : {Side::kHeldOut, Side::kComparison, Side::kNeither}) {
    CAPTURE(static_cast<int>(side));
    PromptWorld world({WithHoldout()}, kHoldout, DeviceOn(side));
    LiveAMonth(&world);
    asked.push_back(world.host.asked.size());
    CHECK(world.host.presented.size() == (side == Side::kHeldOut ? 0u : 3u));
    CHECK(world.PromptSteps().size() == (side == Side::kHeldOut ? 0u : 9u));
    CHECK(SidesTold(world) ==
          Steps(side == Side::kNeither ? 0 : 3, side == Side::kHeldOut ? "held_out" : "comparison"));
    for (const Prompt& prompt : world.host.asked) CHECK(prompt.variant == "prompt");
  }
  // Those kept out have come to the same moments and used the same caps.
  CHECK(asked == std::vector<std::size_t>(3, 3));
}

TEST_CASE("who is held out by the campaign alone is on its own list, and one kept out by a holdout is not") {
  for (const Side side : {Side::kHeldOut, Side::kComparison}) {
    CAPTURE(static_cast<int>(side));
    PromptWorld world({WithHoldout()}, kHoldout, DeviceOn(side, true));
    LiveAMonth(&world);
    CHECK(world.host.presented.empty());
    CHECK(world.PromptSteps() == Steps(side == Side::kHeldOut ? 0 : 3, "exposure held_out"));
    CHECK(SidesTold(world).size() == 3);
  }
}

TEST_CASE("what a holdout kept out is remembered across restarts, and explained") {
  PromptWorld world({WithHoldout()}, kHoldout, DeviceOn(Side::kHeldOut));
  world.Write();
  CHECK(world.host.asked.size() == 1);
  world.Pass(hours(1), hours(1));
  world.Restart();
  world.Write();
  CHECK(world.host.asked.size() == 1);  // once in 7 days
  world.Pass(hours(24 * 8), hours(24));
  world.Write();
  CHECK(world.host.asked.size() == 2);
  const std::string text = world.client().ExplainPrompt("try-share");
  CHECK(text.find("holdout    q4: slot ") != std::string::npos);
  CHECK(text.find(" is in 0–99,999") != std::string::npos);
}

TEST_CASE("QA holds a unit out, or lets it past, and the campaign's other gates go on asking") {
  for (const Side side : {Side::kHeldOut, Side::kNeither}) {
    const bool is_held_out = side == Side::kNeither;  // the other way round
    CAPTURE(is_held_out);
    PromptWorld world({WithHoldout()}, kHoldout, DeviceOn(side));
    REQUIRE(world.client().overrides().ForceHoldout("q4", is_held_out).ok());
    CHECK(world.client().overrides().ForceHoldout("q5", true).message() ==
          "holdout \"q5\" is not in the datafile; did you mean \"q4\"?");
    LiveAMonth(&world);
    CHECK(world.host.presented.size() == (is_held_out ? 0u : 3u));
    const std::string text = world.client().ExplainPrompt("try-share");
    CHECK(text.find(is_held_out ? "q4: held out, forced" : "q4: not held out, forced") != std::string::npos);
    for (auto& told : world.CollectedOf("feature_flag.evaluation")) {
      CHECK(told.attributes["guidon.forced"] == "true");
    }
  }
}

TEST_CASE("a prompt that is forced within its caps is shown past its audience, and not past a cap that is used up") {
  CampaignSpec campaign;
  campaign.when = R"({"op":"==","attribute":"plan","value":"nobody has it"})";
  campaign.caps = R"([{"count":1,"per":"7d"}])";
  PromptWorld world({campaign});
  world.host.on_present = [](const Prompt&, PromptLease& lease) {
    lease.Presented();
    lease.Dismissed(DismissCause::kPerson);
  };
  Override within;
  within.kind = Override::Kind::kPrompt;
  within.key = "try-share";
  within.variant = "within_caps";
  REQUIRE(world.client().overrides().Force(within).ok());
  world.Settle();
  CHECK(world.host.presented.size() == 1);  // nothing was used up
  world.client().overrides().ClearAll();
  // One that comes by itself uses up the cap.
  world.client().Identify(Context().Unit("device", "d-1").Set("plan", "nobody has it"));
  world.Settle();
  world.Write();
  REQUIRE(world.host.presented.size() == 2);
  world.client().Identify(Context().Unit("device", "d-1"));
  world.Settle();
  REQUIRE(world.client().overrides().Force(within).ok());
  world.Settle();
  CHECK(world.host.presented.size() == 2);
  const std::string text = world.client().ExplainPrompt("try-share");
  CAPTURE(text);
  CHECK(text.find("capped") != std::string::npos);
  CHECK(text.find("override   within_caps, past all gates but waits, caps and hours") != std::string::npos);
  REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
  world.Settle();
  CHECK(world.host.presented.size() == 3);
  world.Pass(hours(24 * 8), hours(24));
  REQUIRE(world.client().overrides().Force(within).ok());
  world.Settle();
  CHECK(world.host.presented.size() == 4);
}

TEST_CASE("QA sees a prompt that a holdout would keep back, and no result hears of it") {
  PromptWorld world({WithHoldout()}, kHoldout, DeviceOn(Side::kHeldOut));
  REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
  world.Pass(hours(1), hours(1));
  REQUIRE(world.host.presented.size() == 1);
  CHECK(world.host.presented[0].forced);
  CHECK(SidesTold(world).empty());
  for (auto& step : world.CollectedOf("guidon.prompt")) CHECK(step.attributes["guidon.forced"] == "true");
}

}  // namespace
}  // namespace guidon::test
