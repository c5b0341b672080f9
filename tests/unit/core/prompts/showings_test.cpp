#include "sdk/core/prompts/showings.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/limits.h"
#include "tests/unit/core/dice.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;
using prompts::CampaignShowings;
using prompts::Showing;
using prompts::Showings;
using prompts::Step;
using prompts::What;

namespace {

constexpr What kWhats[] = {What::kExposure, What::kImpression, What::kAction, What::kDismissal,
                           What::kSnooze,   What::kFailure,    What::kUnknown};

std::size_t CountEver(const CampaignShowings& showings) {
  std::size_t count = static_cast<std::size_t>(showings.older);
  for (const Showing& each : showings.list) count += each.counts_ever() ? 1u : 0u;
  return count;
}

// Exposures "p0", "p1", … a minute apart.
Showings Exposed(std::size_t count) {
  Showings showings;
  for (std::size_t i = 0; i < count; ++i) {
    showings.Fold(StepOf(What::kExposure, "p" + std::to_string(i), kNow + Duration(60'000 * static_cast<int>(i))));
  }
  return showings;
}

}  // namespace

TEST_CASE("the first end of a showing is its end, and a step that says nothing new is refused") {
  using W = What;
  const struct {
    std::string name;
    std::vector<What> steps;
    std::string folded;  // y or n for each
    What end;
    bool was_seen;
    bool counts_ever;
    bool counts_in_windows;
    bool is_open;
  } rows[] = {
      {"reserved", {W::kExposure}, "y", W::kExposure, false, true, true, true},
      {"reserved twice", {W::kExposure, W::kExposure}, "yn", W::kExposure, false, true, true, true},
      {"seen", {W::kExposure, W::kImpression}, "yy", W::kImpression, true, true, true, true},
      {"seen twice", {W::kExposure, W::kImpression, W::kImpression}, "yyn", W::kImpression, true, true, true, true},
      {"seen for a second",
       {W::kExposure, W::kImpression, W::kViewable, W::kAction, W::kViewable},
       "yyyyn",
       W::kAction,
       true,
       true,
       true,
       false},
      {"in sight, and open still",
       {W::kExposure, W::kImpression, W::kViewable},
       "yyy",
       W::kImpression,
       true,
       true,
       true,
       true},
      {"pressed", {W::kExposure, W::kImpression, W::kAction}, "yyy", W::kAction, true, true, true, false},
      {"closed without having been seen", {W::kExposure, W::kDismissal}, "yy", W::kDismissal, false, true, true, false},
      {"snoozed", {W::kExposure, W::kImpression, W::kSnooze}, "yyy", W::kSnooze, true, true, false, false},
      {"failed unseen", {W::kExposure, W::kFailure}, "yy", W::kFailure, false, false, false, false},
      {"failed after it was seen",
       {W::kExposure, W::kImpression, W::kFailure},
       "yyy",
       W::kFailure,
       true,
       true,
       true,
       false},
      {"the app ended", {W::kExposure, W::kUnknown}, "yy", W::kUnknown, false, true, true, false},
      {"pressed, then closed", {W::kExposure, W::kAction, W::kDismissal}, "yyn", W::kAction, false, true, true, false},
      {"closed, then failed",
       {W::kExposure, W::kDismissal, W::kFailure},
       "yyn",
       W::kDismissal,
       false,
       true,
       true,
       false},
      {"failed, then seen",
       {W::kExposure, W::kFailure, W::kImpression},
       "yyn",
       W::kFailure,
       false,
       false,
       false,
       false},
      {"ended, then reserved again",
       {W::kExposure, W::kFailure, W::kExposure},
       "yyn",
       W::kFailure,
       false,
       false,
       false,
       false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Showings showings;
    std::string folded;
    for (const What what : row.steps) folded += showings.Fold(StepOf(what, "p", kNow)) ? 'y' : 'n';
    CHECK(folded == row.folded);
    const auto of = showings.Of("c");
    CHECK(of->made == 1);
    REQUIRE(of->list.size() == 1);
    CHECK(of->list[0].end == row.end);
    CHECK(of->list[0].was_seen == row.was_seen);
    CHECK(of->list[0].counts_ever() == row.counts_ever);
    CHECK(of->list[0].counts_in_windows() == row.counts_in_windows);
    CHECK(of->list[0].is_open() == row.is_open);
  }
}

TEST_CASE("nothing follows a showing that is held out, or one that is not known") {
  Showings showings;
  for (const What what : kWhats) {
    if (what != What::kExposure) CHECK_FALSE(showings.Fold(StepOf(what, "p", kNow)));
  }
  CHECK(showings.all().empty());
  Step step = StepOf(What::kExposure, "p", kNow);
  step.is_held_out = true;
  CHECK(showings.Fold(step));
  for (const What what : kWhats) CHECK_FALSE(showings.Fold(StepOf(what, "p", kNow)));
  CHECK(showings.Of("c")->list[0].counts_in_windows());
  CHECK_FALSE(showings.Of("c")->list[0].is_open());
}

TEST_CASE("a snapshot does not change with what is folded later") {
  Showings showings = Exposed(1);
  const Showings before = showings;
  const auto list = before.Of("c");
  showings.Fold(StepOf(What::kImpression, "p0", kNow));
  CHECK_FALSE(list->list[0].was_seen);
  CHECK_FALSE(before.Of("c")->list[0].was_seen);
  CHECK(showings.Of("c")->list[0].was_seen);
}

TEST_CASE(
    "no order of steps, repeated and mixed as they may be, un-counts a showing, and folding again changes nothing") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Showings showings;
    std::vector<Step> steps;
    std::vector<Step> taken;
    for (int i = 0; i < 120; ++i) {
      const std::string prompt = "p" + std::to_string(dice.Below(12));
      Step step = StepOf(dice.Pick(kWhats), prompt, kNow + Duration(static_cast<int>(dice.Below(1'000'000))), kHour);
      step.is_held_out = dice.Chance(20);
      steps.push_back(step);
    }
    for (const Step& step : steps) {
      const auto before = showings.Of("c");
      const Showing* was = before->Find(step.prompt);
      const bool gives_back = was != nullptr && was->is_open() && !was->was_seen && step.what == What::kFailure;
      const std::string bytes = prompts::EncodeShowings(*before);
      const bool folded = showings.Fold(step);
      if (folded) taken.push_back(step);
      const auto after = showings.Of("c");
      CHECK((prompts::EncodeShowings(*after) != bytes) == folded);
      const std::size_t expected = CountEver(*before) + (folded && step.what == What::kExposure ? 1u : 0u);
      CHECK(CountEver(*after) == expected - (gives_back ? 1u : 0u));
      for (std::size_t i = 1; i < after->list.size(); ++i) CHECK(after->list[i - 1].began <= after->list[i].began);
    }
    const std::string bytes = prompts::EncodeShowings(*showings.Of("c"));
    for (const Step& step : taken) CHECK_FALSE(showings.Fold(step));
    CHECK(prompts::EncodeShowings(*showings.Of("c")) == bytes);
  }
}

TEST_CASE("beyond the bound the showings go first that no window counts, and never the latest") {
  Showings showings = Exposed(limits::kShowings);
  showings.Fold(StepOf(What::kSnooze, "p7", kNow, kHour));
  showings.Fold(StepOf(What::kFailure, "p9", kNow));
  const auto add = [&](const char* prompt, Timestamp when) {
    CHECK(showings.Fold(StepOf(What::kExposure, prompt, when)));
    CHECK(showings.Of("c")->list.size() == limits::kShowings);
    CHECK(showings.Of("c")->Find(prompt) != nullptr);
  };
  add("a", kNow + kDay);  // the snoozed one goes, and still counts
  CHECK(showings.Of("c")->Find("p7") == nullptr);
  CHECK(showings.Of("c")->older == 1);
  add("b", kNow + kDay);  // the failed one goes, and never counted
  CHECK(showings.Of("c")->Find("p9") == nullptr);
  CHECK(showings.Of("c")->older == 1);
  add("d", kNow + kDay);  // the oldest goes
  CHECK(showings.Of("c")->Find("p0") == nullptr);
  CHECK(showings.Of("c")->older == 2);
  add("e", kNow - kDay);  // with the clock set back
  CHECK(showings.Of("c")->Find("p1") == nullptr);
  CHECK(showings.Of("c")->made == limits::kShowings + 4);
  CHECK(CountEver(*showings.Of("c")) == limits::kShowings + 3);
}

TEST_CASE("of too many campaigns the one last shown longest ago is forgotten, and that moment with it") {
  Showings showings;
  const auto show = [&](std::size_t campaign, Timestamp when, std::string* forgotten) {
    Step step = StepOf(What::kExposure, "p" + std::to_string(ToMs(when)), when);
    step.campaign = "c" + std::to_string(campaign);
    return showings.Fold(step, forgotten);
  };
  std::string forgotten;
  for (std::size_t i = 0; i < limits::kShownCampaigns; ++i) {
    REQUIRE(show(i, kNow + kSecond * static_cast<int>(i), &forgotten));
  }
  REQUIRE(show(0, kNow + kDay, &forgotten));
  CHECK(forgotten == "");
  CHECK(showings.forgotten_before() == Timestamp::min());
  REQUIRE(show(limits::kShownCampaigns, kNow + kDay, &forgotten));
  CHECK(forgotten == "c1");
  CHECK(showings.all().size() == limits::kShownCampaigns);
  CHECK(showings.forgotten_before() == kNow + kSecond);
  CHECK(showings.Of("c1")->forgotten_before == kNow + kSecond);
  CHECK(showings.Of("c2")->forgotten_before == Timestamp::min());
  REQUIRE(show(1, kNow + kDay, nullptr));
  CHECK(showings.Of("c1")->forgotten_before == kNow + kSecond);
}

TEST_CASE("what was forgotten is asked of campaigns that are not known, and never moves back") {
  Showings showings = Exposed(1);
  showings.ForgetBefore(kNow);
  showings.ForgetBefore(kNow - kDay);
  CHECK(showings.forgotten_before() == kNow);
  CHECK(showings.Of("c")->forgotten_before == Timestamp::min());
  CHECK(showings.Of("other")->forgotten_before == kNow);
}

TEST_CASE("showings come back from their bytes, and from no others") {
  Showings showings = Exposed(3);
  showings.Fold(StepOf(What::kImpression, "p0", kNow));
  showings.Fold(StepOf(What::kSnooze, "p0", kNow + kDay, kDay));
  CampaignShowings some = *showings.Of("c");
  some.list[1].is_held_out = true;
  some.made = 200;
  some.older = 190;
  some.forgotten_before = TimestampFromMs(-5);
  const std::string bytes = prompts::EncodeShowings(some);
  const auto back = prompts::DecodeShowings(bytes);
  REQUIRE(back.has_value());
  CHECK(prompts::EncodeShowings(*back) == bytes);
  CHECK(back->list[0].snooze == kDay);
  CHECK(back->list[0].was_seen);
  CHECK(back->list[1].is_held_out);
  CHECK(back->forgotten_before == some.forgotten_before);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(prompts::DecodeShowings(bytes.substr(0, size)).has_value());
  }
  CHECK_FALSE(prompts::DecodeShowings(bytes + '\0').has_value());
  for (const What aside : {What::kAnswer, What::kViewable}) {
    CampaignShowings ended = some;
    ended.list[0].end = aside;
    CHECK_FALSE(prompts::DecodeShowings(prompts::EncodeShowings(ended)).has_value());
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto read = prompts::DecodeShowings(damaged);
    if (!read) continue;
    CHECK(read->list.size() <= limits::kShowings);
    CHECK(prompts::EncodeShowings(*read).size() <= damaged.size() + 8);
  }
}

TEST_CASE("an empty campaign and one with as many showings as are kept come back, too") {
  for (const std::size_t count : {std::size_t{0}, limits::kShowings}) {
    CAPTURE(count);
    const std::string bytes = prompts::EncodeShowings(*Exposed(count).Of("c"));
    const auto back = prompts::DecodeShowings(bytes);
    REQUIRE(back.has_value());
    CHECK(back->list.size() == count);
    CHECK(prompts::EncodeShowings(*back) == bytes);
  }
  CampaignShowings many = *Exposed(limits::kShowings).Of("c");
  many.list.push_back(many.list.back());
  many.made = 101;
  CHECK_FALSE(prompts::DecodeShowings(prompts::EncodeShowings(many)).has_value());
}
