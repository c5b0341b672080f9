// Several contents of one campaign: who gets which, and that who is held out is asked for just like those who see it.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/prompts/consider.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::Gate;
using prompts::Verdict;
using prompts::Why;

namespace {

constexpr int kPeople = 40'000;

std::string Variant(const std::string& name, int begin, int end, const std::string& show) {
  return "\"" + name + R"(":{"slots":[[)" + std::to_string(begin) + "," + std::to_string(end) + R"(]],"show":)" + show +
         "}";
}

std::string Variants(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& each : all) text += (text.empty() ? "{" : ",") + each;
  return text + "}";
}

const std::string kPlain = R"({"kind":"modal","title":"Hello"})";

Rules RulesOf(const std::string& variants, const std::string& holdout = "0", const std::string& salt = "c.1") {
  return CampaignRules({{"show", ""}, {"variants", variants}, {"holdout", holdout}, {"salt", "\"" + salt + "\""}});
}

Verdict Ask(const Rules& rules, const Context& context, const prompts::HostAbilities* host = nullptr,
            std::vector<prompts::GateResult>* trace = nullptr) {
  const evaluation::PreparedContext prepared(*rules, context);
  static const prompts::CampaignShowings kNothing;
  return prompts::Consider({*rules, *rules->FindCampaign("c"), prepared, "message_sent", kNothing, kNow, host}, trace);
}

Context Person(int i) { return Context().Unit("device", "person-" + std::to_string(i)); }

}  // namespace

TEST_CASE("variants are shared out by their slots, and who is held out has nothing to do with it") {
  const std::string three = Variants({Variant("a", 0, 500'000, kPlain), Variant("b", 500'000, 800'000, kPlain),
                                      Variant("c", 800'000, 1'000'000, kPlain)});
  const Rules rules = RulesOf(three, "200000");
  const Rules again = RulesOf(three, "200000", "c.2");
  const double shares[] = {0.5, 0.3, 0.2};
  double in[3][2] = {};
  double same = 0;
  for (int i = 0; i < kPeople; ++i) {
    const Verdict verdict = Ask(rules, Person(i));
    REQUIRE(verdict.may_show());
    ++in[verdict.variant][verdict.is_held_out ? 1 : 0];
    same += verdict.variant == Ask(again, Person(i)).variant ? 1 : 0;
  }
  // A chi-square over the six cells, with five degrees of freedom: 1 in 10,000 is above 25.7.
  double chi_square = 0;
  for (int variant = 0; variant < 3; ++variant) {
    for (const int held_out : {0, 1}) {
      const double expected = kPeople * shares[variant] * (held_out == 1 ? 0.2 : 0.8);
      chi_square += std::pow(in[variant][held_out] - expected, 2) / expected;
    }
  }
  CHECK(chi_square < 25.7);
  // Another salt is another draw: as many agree as would by chance.
  CHECK(same / kPeople == doctest::Approx(0.25 + 0.09 + 0.04).epsilon(0.05));
}

TEST_CASE("with one content there is no draw, and the arm is called prompt") {
  const Rules rules = CampaignRules();
  const ruleset::Campaign& campaign = *rules->FindCampaign("c");
  CHECK_FALSE(campaign.has_variants());
  CHECK(campaign.variants.at(0).name == "prompt");
  CHECK(campaign.ShareOf(0) == 1'000'000);
  std::vector<prompts::GateResult> trace;
  (void)Ask(rules, Person(1), nullptr, &trace);
  for (const prompts::GateResult& gate : trace) CHECK(gate.variant_slot == -1);
}

TEST_CASE("a unit's variant is that of its slot, which the trace tells") {
  const Rules rules = RulesOf(Variants({Variant("a", 0, 333'333, kPlain), Variant("b", 333'333, 1'000'000, kPlain)}));
  CHECK(rules->FindCampaign("c")->ShareOf(1) == 666'667);
  for (int i = 0; i < 100; ++i) {
    std::vector<prompts::GateResult> trace;
    const Verdict verdict = Ask(rules, Person(i), nullptr, &trace);
    const std::uint32_t slot = evaluation::Slot('v', "c.1", "person-" + std::to_string(i));
    CHECK(verdict.variant == (slot < 333'333 ? 0u : 1u));
    const auto arm = std::find_if(trace.begin(), trace.end(), [](const auto& gate) { return gate.gate == Gate::kArm; });
    REQUIRE(arm != trace.end());
    CHECK(arm->variant == verdict.variant);
    CHECK(arm->variant_slot == static_cast<std::int32_t>(slot));
  }
}

TEST_CASE("gates ask the person's own content, and of whoever is held out the one they would see") {
  const struct {
    std::string name;
    std::string show;
    Why why;
  } rows[] = {
      {"kind", R"({"kind":"banner","title":"Hello"})", Why::kCannotDraw},
      {"action", R"({"kind":"modal","title":"Hello","buttons":[{"id":"b","label":"B","do":{"review":true}}]})",
       Why::kCannotDo},
      {"question",
       R"({"kind":"survey","in":"modal","title":"Hello","questions":[{"id":"q","type":"nps","label":"How?"}]})",
       Why::kCannotAsk},
      {"text", R"({"kind":"modal","title":"Hello {name}"})", Why::kUnfilled},
      {"link",
       R"({"kind":"modal","title":"Hello","buttons":[{"id":"b","label":"B","do":{"open":"app://a/{dots|..}"}}]})",
       Why::kBadLink},
  };
  const prompts::HostAbilities host{{"modal"}, {"open"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::string variants =
        Variants({Variant("a", 0, 500'000, kPlain), Variant("b", 500'000, 1'000'000, row.show)});
    const Rules nobody = RulesOf(variants, "0");
    const Rules half = RulesOf(variants, "500000");
    int refused = 0;
    int held_out = 0;
    for (int i = 0; i < 500; ++i) {
      const Verdict shown = Ask(nobody, Person(i), &host);
      const Verdict verdict = Ask(half, Person(i), &host);
      CHECK(shown.why == (shown.variant == 0 ? Why::kMayShow : row.why));
      // Whether or not the person is held out, it is offered at the same points.
      CHECK(verdict.why == shown.why);
      CHECK(verdict.variant == shown.variant);
      refused += verdict.may_show() ? 0 : 1;
      held_out += verdict.is_held_out ? 1 : 0;
    }
    CHECK(refused > 200);
    CHECK(held_out > 200);
  }
}

TEST_CASE("one variant with a mistake costs the campaign, and the place is named") {
  const std::string good = Variant("a", 0, 500'000, kPlain);
  const struct {
    std::string name;
    std::string variants;
    std::string place;
    std::string reason;
  } rows[] = {
      {"one", Variants({Variant("a", 0, 1'000'000, kPlain)}), "", "has less than two variants"},
      {"a list", "[]", "", "must be an object"},
      {"a title", Variants({good, Variant("b", 500'000, 1'000'000, R"({"kind":"modal"})")}), "/b/show/title",
       "is missing"},
      {"a hole", Variants({good, Variant("b", 600'000, 1'000'000, kPlain)}), "", "slot 500000 belongs to none"},
      {"shared", Variants({good, Variant("b", 400'000, 1'000'000, kPlain)}), "", "belongs to none of them, or to two"},
      {"prompt", Variants({good, Variant("prompt", 500'000, 1'000'000, kPlain)}), "/prompt", "or is prompt, held_out"},
      {"held out", Variants({good, Variant("held_out", 500'000, 1'000'000, kPlain)}), "/held_out", "or is prompt"},
      {"off", Variants({good, Variant("off", 500'000, 1'000'000, kPlain)}), "/off", "show or off"},
      {"no show", Variants({good, R"("b":{"slots":[[500000,1000000]]})"}), "/b/show", "is missing"},
      {"nine",
       Variants({good, Variant("b", 500'000, 500'001, kPlain), Variant("c", 500'001, 500'002, kPlain),
                 Variant("d", 500'002, 500'003, kPlain), Variant("e", 500'003, 500'004, kPlain),
                 Variant("f", 500'004, 500'005, kPlain), Variant("g", 500'005, 500'006, kPlain),
                 Variant("h", 500'006, 500'007, kPlain), Variant("i", 500'007, 1'000'000, kPlain)}),
       "", "9 variants"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(
        Datafile(R"("campaigns":{"c":)" + CampaignJson({{"show", ""}, {"variants", row.variants}}) + "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK_FALSE(loaded.rules->FindCampaign("c")->is_valid);
    REQUIRE_FALSE(loaded.problems.empty());
    CHECK(loaded.problems[0].pointer == "/campaigns/c/variants" + row.place);
    CAPTURE(loaded.problems[0].reason);
    CHECK(loaded.problems[0].reason.find(row.reason) != std::string::npos);
  }
}
