// The segments that nobody has to declare, from the source to what a device decides.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr const char* kStages[] = {"new", "active", "back", "lapsed"};

std::string StagesSource() {
  std::string flags;
  for (const char* stage : kStages) {
    flags += (flags.empty() ? "\"" : ",\"") + std::string(stage) +
             R"J(":{"default":false,"rules":[{"when":"segment('lifecycle.)J" + stage + R"J(')","serve":true}]})J";
  }
  return SourceWith(R"("events":["app_open"],"flags":{)" + flags + "}");
}

// "active", or all of them that are true.
std::string StageAt(const ruleset::Ruleset& rules, const behavior::Behavior& behavior, Timestamp now) {
  evaluation::Surroundings surroundings;
  surroundings.behavior = &behavior;
  const Context context;
  const evaluation::PreparedContext prepared(rules, context, surroundings, now);
  std::string stages;
  for (const char* stage : kStages) {
    const auto outcome = evaluation::Evaluate(rules, *rules.FindFlag(stage), prepared, now);
    if (outcome.reason == Reason::kRule) stages += (stages.empty() ? "" : " ") + std::string(stage);
  }
  return stages;
}

}  // namespace

TEST_CASE("where people are with the app is known without declaring it") {
  const auto loaded = dialects::LoadNative(PublishText(StagesSource()));
  REQUIRE(static_cast<bool>(loaded.rules));
  behavior::Behavior behavior;
  const Timestamp start = Noon();
  CHECK(StageAt(*loaded.rules, behavior, start) == "");  // never opened it
  const struct {
    int day;
    bool opens;
    const char* stage;
  } story[] = {{0, true, "new"},     {1, false, "new"},     {6, true, "new"},    {7, true, "active"},
               {13, true, "active"}, {14, false, "active"}, {20, false, "back"}, {21, false, "lapsed"},
               {40, true, "back"},   {41, true, "active"}};
  for (const auto& row : story) {
    CAPTURE(row.day);
    const Timestamp now = start + row.day * kDay;
    if (row.opens) behavior.Add("app_open", now);
    CHECK(StageAt(*loaded.rules, behavior, now) == row.stage);
  }
}

TEST_CASE("whoever opened the app is in exactly one stage at any time") {
  const auto loaded = dialects::LoadNative(PublishText(StagesSource()));
  REQUIRE(static_cast<bool>(loaded.rules));
  constexpr unsigned kSeed = 20261122;
  CAPTURE(kSeed);
  std::mt19937 dice(kSeed);
  for (int person = 0; person < 60; ++person) {
    CAPTURE(person);
    behavior::Behavior behavior;
    Timestamp now = Noon();
    for (int i = 0; i < 60; ++i) {
      behavior.Add("app_open", now);
      const Duration away = std::chrono::minutes(dice() % (dice() % 3 == 0 ? 20'000 : 2'000));
      for (const Duration part : {Duration(0), away / 2}) {
        const std::string stage = StageAt(*loaded.rules, behavior, now + part);
        CAPTURE(stage);
        CHECK((stage != "" && stage.find(' ') == std::string::npos));
      }
      now += away;
    }
  }
}

TEST_CASE("a declared segment of the name is meant, and a name that is nearly one is a mistake") {
  const std::string own =
      SourceWith(R"J("segments":{"lifecycle.new":"plan == 'trial'"},)J"
                 R"J("flags":{"f":{"default":false,"rules":[{"when":"segment('lifecycle.new')","serve":true}]}})J");
  CHECK(PublishText(own).find("trial") != std::string::npos);
  CHECK(PublishText(own).find("app_open") == std::string::npos);
  const auto near = Read(
      SourceWith(R"J("flags":{"f":{"default":false,"rules":[{"when":"segment('lifecycle.lapse')","serve":true}]}})J"));
  const tools::Problem* problem = FindProblem(near->problems, "unknown-segment", "/flags/f/rules/0/when");
  REQUIRE(problem != nullptr);
  CHECK(problem->advice.find("'lifecycle.lapsed'") != std::string::npos);
}
