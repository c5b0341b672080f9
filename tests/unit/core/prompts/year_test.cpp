// A year of one person's prompts, many times over: what caps, waits and holdouts promise holds whatever happens.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/prompts/triggered.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::CampaignShowings;
using prompts::Showings;
using prompts::Verdict;
using prompts::What;

namespace {

constexpr const char* kWindows[] = {"30m", "6h", "1d", "7d", "36h", "30d", "2w", "90d"};
constexpr const char* kWaits[] = {"0s", "1h", "2d", "7d", "30d"};

std::map<std::string, std::string> RandomCampaign(Dice* dice) {
  std::string caps;
  const std::size_t count = 1 + dice->Below(4);
  for (std::size_t i = 0; i < count; ++i) {
    caps += (i == 0 ? "" : ",") + std::string(R"({"count":)") + std::to_string(1 + dice->Below(i == 0 ? 4 : 30));
    caps += dice->Chance(15) ? "}" : std::string(R"(,"per":")") + dice->Pick(kWindows) + "\"}";
  }
  const std::string waits =
      std::string(R"({"dismissal":")") + dice->Pick(kWaits) + R"(","action":")" + dice->Pick(kWaits) + "\"}";
  return {{"caps", "[" + caps + "]"}, {"waits", waits}, {"holdout", "500000"}};
}

// One showing as the test itself remembers it.
struct Remembered {
  Timestamp began;
  bool counts_ever = true;
  bool counts_in_windows = true;
};

class Person {
 public:
  Person(Rules rules, std::string id, Dice* dice) : rules_(std::move(rules)), dice_(*dice) {
    context_.Unit("device", std::move(id));
  }

  Verdict Ask(Timestamp now) const {
    const evaluation::PreparedContext prepared(*rules_, context_);
    const auto showings = showings_.Of("c");
    return prompts::Consider({*rules_, campaign(), prepared, "message_sent", *showings, now});
  }
  const ruleset::Campaign& campaign() const { return *rules_->FindCampaign("c"); }
  const CampaignShowings& showings() const { return *(kept_ = showings_.Of("c")); }
  const std::vector<Remembered>& all() const { return all_; }

  void Show(Timestamp now, bool is_held_out) {
    const std::string prompt = "p" + std::to_string(all_.size());
    prompts::Step step = StepOf(What::kExposure, prompt, now);
    step.is_held_out = is_held_out;
    REQUIRE(showings_.Fold(step));
    all_.push_back({now});
    if (is_held_out) return;
    const bool is_seen = dice_.Chance(80);
    if (is_seen) showings_.Fold(StepOf(What::kImpression, prompt, now));
    constexpr What kEnds[] = {What::kAction,  What::kDismissal, What::kDismissal, What::kSnooze,
                              What::kFailure, What::kUnknown,   What::kExposure};
    const What end = dice_.Pick(kEnds);
    if (end == What::kExposure) return;  // the app was killed, and says nothing for now
    const Duration snooze = kHour * static_cast<int>(1 + dice_.Below(100));
    REQUIRE(showings_.Fold(StepOf(end, prompt, now + kSecond * static_cast<int>(dice_.Below(600)), snooze)));
    all_.back().counts_ever = end != What::kFailure || is_seen;
    all_.back().counts_in_windows = all_.back().counts_ever && end != What::kSnooze;
  }

 private:
  Rules rules_;
  Dice& dice_;
  Context context_;
  Showings showings_;
  mutable std::shared_ptr<const CampaignShowings> kept_;
  std::vector<Remembered> all_;
};

// Every window of a cap's length that begins with a showing, and all of them together, hold no more than it allows.
void CheckCaps(const Person& person) {
  for (const ruleset::Cap& cap : person.campaign().caps) {
    std::vector<Timestamp> counted;
    std::size_t ever = 0;
    for (const Remembered& each : person.all()) {
      ever += each.counts_ever ? 1u : 0u;
      if (each.counts_in_windows) counted.push_back(each.began);
    }
    if (cap.window == Duration(0)) {
      CHECK(ever <= cap.count);
      continue;
    }
    std::sort(counted.begin(), counted.end());
    for (std::size_t i = cap.count; i < counted.size(); ++i) {
      CHECK(counted[i] - counted[i - cap.count] >= cap.window);
    }
  }
}

}  // namespace

TEST_CASE("caps are never exceeded, and what is capped is free at exactly the moment that is named") {
  std::size_t shown = 0;
  std::size_t capped = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = CampaignRules(RandomCampaign(&dice));
    Person person(rules, "d-" + std::to_string(seed), &dice);
    Timestamp now = kNow;
    while (now < kNow + 365 * kDay) {
      const bool is_back = dice.Chance(2);
      const Duration step =
          dice.Chance(50) ? kSecond * static_cast<int>(dice.Below(7'200)) : kHour * static_cast<int>(dice.Below(120));
      now = is_back ? now - step : now + step;
      const Timestamp free = prompts::FreeAt(person.campaign(), person.showings(), now);
      const Verdict verdict = person.Ask(now);
      REQUIRE(verdict.may_show() == (free == now));
      if (verdict.may_show()) {
        person.Show(now, verdict.is_held_out);
        ++shown;
        continue;
      }
      ++capped;
      REQUIRE(free > now);
      if (free == ruleset::kNever) continue;
      REQUIRE(person.Ask(free).may_show());
      REQUIRE_FALSE(person.Ask(free - Duration(1)).may_show());
      if (dice.Chance(30)) now = free - Duration(static_cast<int>(dice.Below(3)));
    }
    CheckCaps(person);
  }
  CHECK(shown > 3'000);
  CHECK(capped > 3'000);
}

TEST_CASE("people who are held out pass the same gates as they would if they were not") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    auto members = RandomCampaign(&dice);
    const std::string id = "d-" + std::to_string(seed);
    // Two salts, one of which holds this person out.
    std::string salts[2];
    for (int i = 0; salts[0].empty() || salts[1].empty(); ++i) {
      const std::string salt = "c." + std::to_string(i);
      salts[evaluation::Slot('c', salt, id) < 500'000 ? 1 : 0] = salt;
    }
    members["salt"] = "\"" + salts[0] + "\"";
    Person shown(CampaignRules(members), id, &dice);
    members["salt"] = "\"" + salts[1] + "\"";
    Person held_out(CampaignRules(members), id, &dice);
    Timestamp now = kNow;
    std::size_t passed = 0;
    for (int i = 0; i < 400; ++i) {
      now += kSecond * static_cast<int>(dice.Below(100'000));
      const Verdict a = shown.Ask(now);
      const Verdict b = held_out.Ask(now);
      REQUIRE_FALSE(a.is_held_out);
      REQUIRE(b.is_held_out);
      REQUIRE(a.why == b.why);
      REQUIRE(a.passes_at == b.passes_at);
      if (!a.may_show()) continue;
      // Without an outcome on either side: that is all there is of who is held out.
      shown.Show(now, true);
      held_out.Show(now, true);
      ++passed;
    }
    CHECK(passed > 0);
  }
}

TEST_CASE("the order of campaigns in the datafile decides nothing") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    std::vector<std::string> campaigns;
    for (int i = 0; i < 12; ++i) {
      auto members = RandomCampaign(&dice);
      members["priority"] = std::to_string(dice.Below(3));
      members["salt"] = "\"s." + std::to_string(i) + "\"";
      campaigns.push_back("\"c" + std::to_string(i) + "\":" + CampaignJson(members));
    }
    const auto decisions = [&] {
      std::string text;
      for (const std::string& each : campaigns) text += (text.empty() ? "" : ",") + each;
      const Rules rules = LoadRules(R"("campaigns":{)" + text + "}");
      std::string decided;
      for (int person = 0; person < 30; ++person) {
        const Context context = Context().Unit("device", "d-" + std::to_string(person));
        const evaluation::PreparedContext prepared(*rules, context);
        for (const std::uint32_t i : prompts::TriggeredBy(*rules, prepared, "message_sent")) {
          const Verdict verdict =
              prompts::Consider({*rules, rules->campaigns[i], prepared, "message_sent", CampaignShowings(), kNow});
          decided += rules->campaigns[i].key + (verdict.is_held_out ? "-" : "+");
        }
        decided += "\n";
      }
      return decided;
    };
    const std::string before = decisions();
    for (std::size_t i = campaigns.size(); i > 1; --i) std::swap(campaigns[i - 1], campaigns[dice.Below(i)]);
    CHECK(decisions() == before);
  }
}
