// `guidon crowd`: what a datafile does to a million people, and whether its shares are right.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/tools/files.h"
#include "sdk/tools/shares.h"
#include "tests/unit/tools/command.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// Two that exclude each other, one beside them for those who pay, and a rollout.
constexpr const char* kMembers = R"J("layers":{"side":{"unit":"device"}},
  "flags":{"composer":{"default":"icon"},"attach":{"default":false},"tone":{"default":"calm"},"size":{"default":1},
    "chunk":{"default":256,"rules":[{"percent":10,"serve":512}]},"still":{"default":true}},
  "experiments":{
    "look":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":30,"goals":["g within 7d"],
      "variants":{"control":{"composer":"icon","attach":false},"labelled":{"composer":"text","attach":true}}},
    "words":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":40,"goals":["g within 7d"],
      "variants":{"control":{"tone":"calm"},"loud":{"tone":"loud"}}},
    "scale":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","layer":"side","percent":50,"when":"plan == 'pro'","goals":["g within 7d"],
      "variants":{"control":{"size":1},"big":{"size":2}},"weights":{"control":3,"big":1}}})J";

std::shared_ptr<const ruleset::Ruleset> Rules() {
  const auto loaded = dialects::LoadNative(PublishText(SourceWith(kMembers)));
  REQUIRE(loaded.problems.empty());
  return loaded.rules;
}

Crowd CrowdOf(std::uint64_t count) {
  Crowd crowd;
  crowd.count = count;
  Profile pro;
  pro.context.Set("plan", "pro");
  pro.now = *text::ParseTimestamp("2026-11-22");
  Profile free = pro;
  free.context.Set("plan", "free");
  crowd.profiles = {pro, free};
  return crowd;
}

const ExperimentShares& Of(const Shares& shares, const std::string& key) {
  for (const ExperimentShares& each : shares.experiments) {
    if (each.key == key) return each;
  }
  FAIL("no " << key);
  return shares.experiments[0];
}

}  // namespace

TEST_CASE("what is counted is what each person by themselves gets") {
  const auto rules = Rules();
  const Crowd crowd = CrowdOf(10'007);  // no whole number of blocks
  const Shares shares = CountShares(*rules, crowd);
  std::uint64_t labelled = 0, chunk = 0, big = 0;
  for (std::uint64_t person = 1; person <= crowd.count; ++person) {
    const Profile& profile = crowd.profiles[crowd.ProfileOf(person)];
    const Context context = crowd.ContextOf(person, rules->unit_kinds);
    const evaluation::PreparedContext prepared(*rules, context, profile.surroundings(), profile.now);
    const auto decide = [&](const char* flag) {
      return evaluation::Evaluate(*rules, *rules->FindFlag(flag), prepared, profile.now);
    };
    const auto look = decide("attach");
    if (look.reason == Reason::kExperiment && look.variant == 1) ++labelled;
    if (decide("chunk").value->integer == 512) ++chunk;
    if (decide("size").value->integer == 2) ++big;
  }
  CHECK(shares.people == 10'007);
  CHECK(shares.decisions == 10'007 * rules->flags.size());
  CHECK(Of(shares, "look").variants[1].people == labelled);
  CHECK(Of(shares, "scale").variants[1].people == big);
  for (const FlagShares& flag : shares.flags) {
    CAPTURE(flag.key);
    std::uint64_t sum = 0;
    for (const ValueShare& value : flag.values) sum += value.people;
    CHECK(sum == 10'007);
    CHECK(flag.key != "still");
    if (flag.key == "chunk") CHECK(flag.values[1].people == chunk);
  }
}

TEST_CASE("shares are those of the splits, also where weights differ, and who is excluded is in one at most") {
  const auto rules = Rules();
  const Shares shares = CountShares(*rules, CrowdOf(200'000));
  CHECK(SharesOff(shares).empty());
  const ExperimentShares& scale = Of(shares, "scale");
  CHECK(scale.people > 45'000);  // half of those who pay
  CHECK(scale.people < 55'000);
  CHECK(scale.variants[0].expected == doctest::Approx(0.75 * static_cast<double>(scale.people)));
  REQUIRE(shares.overlaps.size() == 3);
  for (const Overlap& overlap : shares.overlaps) {
    const std::string a = shares.experiments[overlap.a].key;
    const std::string b = shares.experiments[overlap.b].key;
    CAPTURE(a);
    CAPTURE(b);
    CHECK(overlap.is_exclusive == (a != "scale" && b != "scale"));
    if (overlap.is_exclusive) CHECK(overlap.people == 0);
    if (!overlap.is_exclusive)
      CHECK(static_cast<double>(overlap.people) == doctest::Approx(overlap.by_chance).epsilon(0.05));
  }
}

TEST_CASE("a share that is off by more than chance is named, as are people in two that exclude each other") {
  Shares shares = CountShares(*Rules(), CrowdOf(50'000));
  for (ExperimentShares& experiment : shares.experiments) {
    if (experiment.key != "look") continue;
    experiment.variants[0].people += 600;
    experiment.variants[1].people -= 600;
  }
  for (Overlap& overlap : shares.overlaps) overlap.people += overlap.is_exclusive ? 3 : 0;
  const auto off = SharesOff(shares);
  REQUIRE(off.size() == 3);
  CHECK(off[0].find("'control' of look has 5") == 0);
  CHECK(off[0].find("should have 50.00 %") != std::string::npos);
  CHECK(off[1].find("'labelled' of look has 4") == 0);
  CHECK(off[2].find("3 people are in ") == 0);
}

TEST_CASE("the command prints the shares, draws them, and ends with 0") {
  const Folder folder;
  REQUIRE(WriteFile(folder / "datafile", PublishText(SourceWith(kMembers))).ok());
  REQUIRE(
      WriteFile(folder / "people", "{\"attributes\":{\"plan\":\"pro\"}}\n{\"attributes\":{\"plan\":\"free\"}}\n").ok());
  const std::string run =
      "crowd " + (folder / "datafile") + " --units 20000 --at 2026-11-22 --context " + (folder / "people");
  const Outcome text = Run(run + " --svg " + (folder / "svg"));
  CAPTURE(text.output);
  CHECK(text.exit_code == 0);
  CHECK(Says(text, "20,000 made-up people"));
  CHECK(Says(text, "look and words"));
  CHECK(Says(text, "they exclude each other"));
  CHECK(Says(text, "✓ each share is what the datafile says, within chance"));
  const Outcome json = Run(run + " --json", "2>/dev/null");
  const auto document = json::Document::Parse(json.output, nullptr);
  REQUIRE(document);
  CHECK(document->root()["people"].AsInt() == 20'000);
  CHECK(document->root()["experiments"].size() == 3);
  CHECK(document->root()["off"].size() == 0);
  CHECK(Run(run + " --json", "2>/dev/null").output == json.output);  // whichever thread counted whom
  const Result<std::string> svg = ReadFile(folder / "svg", 1u << 20);
  REQUIRE(svg.ok());
  CHECK(svg->find(">labelled</text>") != std::string::npos);
  CHECK(Run("crowd " + (folder / "datafile") + " --units 0").exit_code == 2);
  CHECK(Run("crowd " + (folder / "none")).exit_code == 1);
}

TEST_CASE("what people did in their session is counted by when it began, and none began after now") {
  const Folder folder;
  const char* tip = R"J("flags":{"tip":{"default":false}})J";
  const char* tip_when = R"J("flags":{"tip":{"default":false,"rules":[
      {"when":"count('message_sent', 'session') >= 2","serve":true}]}})J";
  REQUIRE(WriteFile(folder / "before", PublishText(SourceWith(tip))).ok());
  REQUIRE(WriteFile(folder / "after", PublishText(SourceWith(tip_when))).ok());
  const std::string compare =
      "diff " + (folder / "before") + " " + (folder / "after") + " --units 10 --context " + (folder / "people");
  const auto people_with_tip = [&](const std::string& context) {
    REQUIRE(WriteFile(folder / "people", context).ok());
    const Outcome json = Run(compare + " --json", "2>/dev/null");
    const auto document = json::Document::Parse(json.output, nullptr);
    CAPTURE(json.output);
    REQUIRE(document);
    return document->root()["see_another_value"].AsInt();
  };
  const std::string history = R"("now":"2026-11-22T10:00:00Z","history":[
      {"at":"2026-11-22T09:00:00Z","event":"message_sent"},{"at":"2026-11-22T09:30:00Z","event":"message_sent"}])";
  const auto one_line = [](std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
    return text;
  };
  CHECK(people_with_tip(one_line("{" + history + R"(,"session_began":"2026-11-22T09:00:00Z"})")) == 10);
  CHECK(people_with_tip(one_line("{" + history + R"(,"session_began":"2026-11-22T09:15:00Z"})")) == 0);
  CHECK(people_with_tip(one_line("{" + history + "}")) == 0);  // not told
  REQUIRE(WriteFile(folder / "people", "{" + history + R"(,"session_began":"2026-11-22T11:00:00Z"})").ok());
  const Outcome late = Run(compare);
  CHECK(late.exit_code == 1);
  CHECK(Says(late, "/session_began: 2026-11-22T11:00:00Z is after now, which is 2026-11-22T10:00:00Z"));
}
