// Which values flags can serve at all, and which flags serve one value to all.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/tools/files.h"
#include "sdk/tools/reach.h"
#include "tests/unit/core/random_rules.h"
#include "tests/unit/core/rules.h"
#include "tests/unit/tools/command.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string Published(const std::string& flag, const std::string& experiment = "") {
  const std::string experiments =
      experiment.empty()
          ? ""
          : R"("layers":{"one":{"unit":"device","salt":"s"}},"experiments":{"look":{"iteration":1,"layer":"one",
        "salt":"look.1",)" +
                experiment + "}},";
  return R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-11-20T10:00:00Z",)" +
         experiments + R"("flags":{"f":)" + flag + "}}";
}

const char* const kVariants =
    R"("variants":{"control":{"slots":[[0,500000]],"flags":{"f":1}},"big":{"slots":[[500000,1000000]],"flags":{"f":2}}})";

std::string Running(const std::string& slots) { return R"("status":"running","slots":)" + slots + "," + kVariants; }

}  // namespace

TEST_CASE("a flag that serves one value to all is found with its cause, and one that does not is not") {
  const std::string of_look = R"({"type":"int","default":1,"rules":[{"id":"r1","experiment":"look"}]})";
  const struct {
    const char* name;
    std::string flag;
    std::string experiment;
    const char* cause;
  } rows[] = {
      {"no rules", R"({"type":"int","default":1})", "", "no_rules"},
      {"killed", R"({"type":"int","default":1,"kill":true,"rules":[{"id":"r1","serve":2}]})", "", "killed"},
      {"a rule for all", R"({"type":"int","default":1,"rules":[{"id":"r1","serve":2}]})", "", "rule"},
      {"a rule for some",
       R"({"type":"int","default":1,"rules":[{"id":"r1","when":{"op":"==","attribute":"a","value":1},"serve":2}]})", "",
       ""},
      {"a rule for some that serves the default",
       R"({"type":"int","default":1,"rules":[{"id":"r1","when":{"op":"==","attribute":"a","value":1},"serve":1}]})", "",
       "same_value"},
      {"behind a rule for all", R"({"type":"int","default":1,"rules":[{"id":"r1","serve":2},{"id":"r2","serve":3}]})",
       "", "rule"},
      {"rolled out to all",
       R"({"type":"int","default":1,"rules":[{"id":"r1","rollout":{"unit":"device","salt":"x","split":[{"slots":[[0,1000000]],"serve":2}]}}]})",
       "", "rollout"},
      {"rolled out to some",
       R"({"type":"int","default":1,"rules":[{"id":"r1","rollout":{"unit":"device","salt":"x","split":[{"slots":[[0,999999]],"serve":2}]}}]})",
       "", ""},
      {"an experiment on some", of_look, Running("[[0,300000]]"), ""},
      {"an experiment on all", of_look, Running("[[0,1000000]]"), ""},
      {"an experiment on nobody", of_look, Running("[]"), "default"},
      {"an experiment that is over", of_look, R"("ends_at":"2026-11-01T00:00:00Z",)" + Running("[[0,300000]]"),
       "default"},
      {"one that is to begin", of_look, R"("starts_at":"2027-01-01T00:00:00Z",)" + Running("[[0,300000]]"), ""},
      {"one that ended and ships nothing", of_look, std::string(R"("status":"ended","slots":[],)") + kVariants,
       "default"},
      {"one that shipped to all", of_look,
       std::string(R"("status":"ended","slots":[],"ship":{"variant":"big","slots":[[0,1000000]]},)") + kVariants,
       "shipped"},
      {"one that ships to some", of_look,
       std::string(R"("status":"ended","slots":[],"ship":{"variant":"big","slots":[[0,400000]]},)") + kVariants, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(Published(row.flag, row.experiment));
    REQUIRE(loaded.rules != nullptr);
    for (const Problem& problem : loaded.problems) CHECK_MESSAGE(false, problem.pointer << " " << problem.reason);
    const ruleset::Flag* flag = loaded.rules->FindFlag("f");
    REQUIRE(flag != nullptr);
    const Reach reach = ReachOf(*loaded.rules, *flag, *text::ParseTimestamp("2026-11-22"));
    CAPTURE(reach.why);
    CHECK(reach.cause == row.cause);
    CHECK((reach.values.size() == 1) == !reach.cause.empty());
    CHECK(reach.why.empty() == reach.cause.empty());
  }
}

TEST_CASE("nobody gets a value that a flag is said not to reach") {
  using namespace guidon::testing;
  int stale = 0, decided = 0;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    const Rules rules = LoadRules(RandomMembers(&dice));
    for (const ruleset::Flag& flag : rules->flags) {
      if (!flag.is_valid) continue;
      CAPTURE(flag.key);
      const Reach reach = ReachOf(*rules, flag, kNow);
      stale += reach.why.empty() ? 0 : 1;
      for (int person = 0; person < 8; ++person) {
        const Context context = RandomContext(&dice);
        const behavior::Behavior behavior = RandomBehavior(&dice);
        const enrollment::Enrollments enrollments = RandomEnrollments(*rules, context, &dice);
        const evaluation::PreparedContext prepared(*rules, context, {&behavior, &enrollments}, kNow);
        const evaluation::Outcome outcome = evaluation::Evaluate(*rules, flag, prepared, kNow);
        if (outcome.value == nullptr) continue;  // no unit: the caller's fallback
        ++decided;
        CHECK(std::any_of(reach.values.begin(), reach.values.end(),
                          [&](const ruleset::FlagValue* value) { return *value == *outcome.value; }));
      }
    }
  }
  CHECK(stale > 100);
  CHECK(decided > 10'000);
}

TEST_CASE("the command lists what is stale, and --check fails for it") {
  const Folder folder;
  REQUIRE(WriteFile(folder / "some", Published(R"({"type":"int","default":1,"kill":true})")).ok());
  const Outcome some = Run("stale " + (folder / "some"));
  CAPTURE(some.output);
  CHECK(some.exit_code == 0);
  CHECK(Says(some, "1 of 1 flag serves one value to all"));
  CHECK(Says(some, "its kill switch is on"));
  CHECK(Run("stale " + (folder / "some") + " --check").exit_code == 1);
  const Outcome json = Run("stale " + (folder / "some") + " --json", "2>/dev/null");
  const auto document = json::Document::Parse(json.output, nullptr);
  REQUIRE(document);
  CHECK(document->root()["stale"].First()["cause"].AsString() == "killed");
  CHECK(document->root()["stale"].First()["value"].AsInt() == 1);
  REQUIRE(WriteFile(folder / "none", Published(R"({"type":"int","default":1,"rules":[
      {"id":"r1","when":{"op":"==","attribute":"a","value":1},"serve":2}]})"))
              .ok());
  const Outcome none = Run("stale " + (folder / "none") + " --check");
  CHECK(none.exit_code == 0);
  CHECK(Says(none, "each of 1 flag serves more than one value"));
}
