// The order in which a datafile says things decides nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/prompts/triggered.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

using Texts = std::vector<std::string>;

void Shuffle(Texts* texts, Dice* dice) {
  for (std::size_t i = texts->size(); i > 1; --i) std::swap((*texts)[i - 1], (*texts)[dice->Below(i)]);
}

std::string Joined(const Texts& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

// By campaign, the members of it.
std::vector<Texts> MakeCampaigns(Dice* dice) {
  std::vector<Texts> campaigns;
  for (int i = 0; i < 8; ++i) {
    const std::string number = std::to_string(i);
    campaigns.push_back(
        {R"("iteration":1)", R"("status":"running")", R"("unit":"device")", R"("salt":"c)" + number + ".1\"",
         R"("holdout":)" + std::to_string(dice->Below(500'000)), R"("priority":)" + std::to_string(dice->Below(3)),
         R"("trigger":{"event":")" + std::string(dice->Chance(70) ? "e" : "f") + R"("})",
         R"("caps":[{"count":1,"per":"7d"},{"group":"g"}])",
         R"("when":{"op":"==","attribute":"plan","value":")" + std::string(dice->Chance(50) ? "pro" : "free") + R"("})",
         R"("show":{"kind":"banner","title":"Hello"})"});
  }
  return campaigns;
}

// All that is decided for these people, as text: who is offered what, in which order, and why not.
std::string Decisions(std::vector<Texts> campaigns, Dice* shuffle) {
  Texts named;
  for (std::size_t i = 0; i < campaigns.size(); ++i) {
    if (shuffle != nullptr) Shuffle(&campaigns[i], shuffle);
    named.push_back("\"c" + std::to_string(i) + "\":{" + Joined(campaigns[i]) + "}");
  }
  Texts root = {R"("format":"guidon/1")",
                R"("project":"p")",
                R"("environment":"e")",
                R"("epoch":1)",
                R"("version":1)",
                R"("issued_at":"2026-01-01T00:00:00Z")",
                R"("groups":{"g":{"caps":[{"count":9,"per":"1d"}]}})"};
  if (shuffle != nullptr) Shuffle(&named, shuffle);
  root.push_back("\"campaigns\":{" + Joined(named) + "}");
  if (shuffle != nullptr) Shuffle(&root, shuffle);
  const auto loaded = dialects::LoadNative("{" + Joined(root) + "}");
  REQUIRE(static_cast<bool>(loaded.rules));
  REQUIRE(loaded.problems.empty());
  std::string decided;
  for (int person = 0; person < 40; ++person) {
    const Context context =
        Context().Unit("device", "d-" + std::to_string(person)).Set("plan", person % 2 == 0 ? "pro" : "free");
    const evaluation::PreparedContext prepared(*loaded.rules, context);
    for (const std::uint32_t index : prompts::TriggeredBy(*loaded.rules, prepared, "e")) {
      const ruleset::Campaign& campaign = loaded.rules->campaigns[index];
      const prompts::CampaignShowings nothing;
      const prompts::Verdict verdict = prompts::Consider({*loaded.rules, campaign, prepared, "e", nothing, kNow});
      decided += campaign.key + " " + std::string(prompts::WhyName(verdict.why)) + " " + std::to_string(verdict.slot) +
                 (verdict.is_held_out ? " held out\n" : "\n");
    }
  }
  return decided;
}

}  // namespace

TEST_CASE("campaigns and their members in any order decide the same for everybody, and in the same order") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const std::vector<Texts> campaigns = MakeCampaigns(&dice);
    const std::string decided = Decisions(campaigns, nullptr);
    CHECK(decided.find("may_show") != std::string::npos);
    CHECK(Decisions(campaigns, &dice) == decided);
  }
}
