// Units that were exposed: in sticky, paused and shipped experiments.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

enrollment::Enrollments EnrolledIn(const std::string& variant, std::int64_t iteration = 3,
                                   const std::string& audience = "") {
  enrollment::Enrollments enrollments;
  enrollment::Enrollment met;
  met.iteration = iteration;
  met.variant = variant;
  met.audience = audience;
  met.first = met.last = kNow - Duration(1'000);
  enrollments.Add("device", "u-1", "e", met);
  return enrollments;
}

// Variant a has all of the split, so what comes of b comes of the enrollment.
std::string Experiment(const std::string& more) {
  return R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":3,"layer":"l",)"
         R"("salt":"e.3","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"A"}},"b":{"slots":[],"flags":{"f":"B"}}},)" +
         more +
         R"(}},"flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"},)"
         R"({"id":"r2","serve":"next"}]}})";
}

struct Decided {
  std::string value;
  Outcome outcome;
  std::string results;
};

Decided DecideWith(const Rules& rules, const enrollment::Enrollments* enrollments,
                   const Context& context = Context().Unit("device", "u-1"), const Forced* forced = nullptr) {
  const PreparedContext prepared(*rules, context, {nullptr, enrollments}, kNow);
  Decided decided;
  Trace trace;
  decided.outcome = Evaluate(*rules, *rules->FindFlag("f"), prepared, kNow, forced, &trace);
  const Value value = ValueOf(decided.outcome);
  decided.value = value.AsString() == nullptr ? "fallback" : *value.AsString();
  for (const TraceStep& step : trace) decided.results += std::string(StepResultName(step.result)) + " ";
  return decided;
}

const std::string kAll = R"("slots":[[0,1000000]])";
const std::string kNobody = R"("slots":[])";
const std::string kOut = R"(,"when":{"op":"exists","attribute":"x"})";
const std::string kRunning = R"("status":"running",)";
const std::string kSticky = R"(,"sticky":"exposed")";

}  // namespace

TEST_CASE("what becomes of a unit that was exposed") {
  const struct {
    std::string name;
    std::string experiment;
    enrollment::Enrollments enrollments;
    std::string expected;
    std::string results;
  } rows[] = {
      {"sticky: keeps its variant", kRunning + kAll + kSticky, EnrolledIn("b"), "B", "passed passed enrolled "},
      {"not sticky: the slots say", kRunning + kAll, EnrolledIn("b"), "A", "passed passed in_layer served "},
      {"said to be not sticky", kRunning + kAll + R"(,"sticky":"none")", EnrolledIn("b"), "A",
       "passed passed in_layer served "},
      {"sticky, out of the layer's slots", kRunning + kNobody + kSticky, EnrolledIn("b"), "B",
       "passed passed enrolled "},
      {"sticky, no longer targeted", kRunning + kAll + kSticky + kOut, EnrolledIn("b"), "B", "passed passed enrolled "},
      {"sticky, exposed to another iteration", kRunning + kAll + kSticky, EnrolledIn("b", 2), "A",
       "passed passed not_enrolled in_layer served "},
      {"sticky, exposed to a later iteration", kRunning + kAll + kSticky, EnrolledIn("b", 4), "A",
       "passed passed not_enrolled in_layer served "},
      {"sticky, its variant is gone", kRunning + kAll + kSticky, EnrolledIn("c"), "A",
       "passed passed not_enrolled in_layer served "},
      {"sticky, not exposed",
       kRunning + kNobody + kSticky,
       {},
       "next",
       "passed passed not_enrolled not_in_layer served "},
      {"sticky, past its end", kRunning + kAll + kSticky + R"(,"ends_at":"2026-11-01")", EnrolledIn("b"), "next",
       "ended served "},
      {"sticky, before its start", kRunning + kAll + kSticky + R"(,"starts_at":"2026-12-01")", EnrolledIn("b"), "next",
       "not_started served "},
      {"sticky, ended", R"("status":"ended",)" + kAll + kSticky, EnrolledIn("b"), "next", "ended served "},
      {"paused, exposed", R"("status":"paused",)" + kAll, EnrolledIn("b"), "A", "stays passed in_layer served "},
      {"paused, not exposed", R"("status":"paused",)" + kAll, {}, "next", "paused served "},
      {"paused, exposed to another iteration", R"("status":"paused",)" + kAll, EnrolledIn("a", 2), "next",
       "paused served "},
      {"paused, exposed, no longer targeted", R"("status":"paused",)" + kAll + kOut, EnrolledIn("a"), "next",
       "stays passed condition_false served "},
      {"paused and sticky, exposed", R"("status":"paused",)" + kNobody + kSticky + kOut, EnrolledIn("b"), "B",
       "stays passed enrolled "},
      {"paused and sticky, not exposed", R"("status":"paused",)" + kAll + kSticky, {}, "next", "paused served "},
      {"paused, exposed, past its end", R"("status":"paused",)" + kAll + R"(,"ends_at":"2026-11-01")", EnrolledIn("a"),
       "next", "ended served "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(Experiment(row.experiment));
    const Decided decided = DecideWith(rules, &row.enrollments);
    CHECK(decided.value == row.expected);
    CHECK(decided.results == row.results);
  }
}

TEST_CASE("a unit that its enrollment keeps is exposed as such, in the audience of then") {
  const Rules rules = LoadRules(Experiment(
      kRunning + kNobody + kSticky +
      R"(,"audiences":[{"name":"busy","when":{"op":"exists","attribute":"x"},"slots":[],"variants":{"a":[[0,1000000]]}}])"));
  const enrollment::Enrollments enrollments = EnrolledIn("b", 3, "busy");
  const Outcome outcome = DecideWith(rules, &enrollments).outcome;
  CHECK(outcome.reason == Reason::kExperiment);
  REQUIRE(outcome.exposure_count == 1);
  CHECK(outcome.exposures[0].is_sticky);
  CHECK(outcome.exposures[0].audience == 0);
  CHECK(outcome.exposures[0].variant == 1);
  CHECK(outcome.exposures[0].slot == -1);
  CHECK_FALSE(outcome.exposures[0].is_forced);
  const enrollment::Enrollments of_none = EnrolledIn("b", 3, "renamed");
  CHECK(DecideWith(rules, &of_none).outcome.exposures[0].audience == Exposure::kNoAudience);
}

TEST_CASE("an enrollment is the unit's own: another one, or none, has none") {
  const Rules rules = LoadRules(Experiment(kRunning + kAll + kSticky));
  const enrollment::Enrollments enrollments = EnrolledIn("b");
  CHECK(DecideWith(rules, &enrollments, Context().Unit("device", "u-2")).value == "A");
  CHECK(DecideWith(rules, &enrollments, Context().Unit("account", "u-1")).value == "fallback");
  CHECK(DecideWith(rules, nullptr).value == "A");
}

TEST_CASE("a holdout and an override come before the enrollment") {
  const std::string experiment = Experiment(kRunning + kAll + kSticky);
  const enrollment::Enrollments enrollments = EnrolledIn("b");
  // Half of everybody: one of these salts holds the unit out.
  bool was_held_out = false;
  for (int n = 0; n < 8; ++n) {
    const Rules rules = LoadRules(R"("holdouts":{"h":{"unit":"device","salt":"h.)" + std::to_string(n) +
                                  R"(","size":500000,"experiments":"*"}},)" + experiment);
    const Decided decided = DecideWith(rules, &enrollments);
    was_held_out |= decided.outcome.reason == Reason::kHoldout;
    CHECK(decided.value == (decided.outcome.reason == Reason::kHoldout ? "off" : "B"));
  }
  CHECK(was_held_out);
  const Rules rules = LoadRules(experiment);
  Forced forced;
  forced.experiments.push_back({0, 0});
  CHECK(DecideWith(rules, &enrollments, Context().Unit("device", "u-1"), &forced).value == "A");
  forced.experiments[0].second = Forced::kUnassigned;
  CHECK(DecideWith(rules, &enrollments, Context().Unit("device", "u-1"), &forced).value == "next");
}

TEST_CASE("the winner is shipped to those who had it, and step by step to all others") {
  // By its slots everybody was in a.
  const auto ended = [](const std::string& ship, const std::string& more = "") {
    return Experiment(R"("status":"ended",)" + kAll + R"(,"ship":)" + ship + more);
  };
  const std::string no_more_a = R"({"variant":"a","slots":[]})";
  const std::string no_more_b = R"({"variant":"b","slots":[]})";
  const struct {
    std::string name;
    std::string members;
    enrollment::Enrollments enrollments;
    std::string expected;
    std::string results;
  } rows[] = {
      {"had it by its slots", ended(no_more_a), {}, "A", "shipping passed not_enrolled in_layer served "},
      {"had another by its slots",
       ended(no_more_b),
       {},
       "next",
       "shipping passed not_enrolled in_layer not_winner not_in_rollout served "},
      {"had it by its enrollment", ended(no_more_b), EnrolledIn("b"), "B", "shipping passed enrolled "},
      {"had another by its enrollment", ended(no_more_b), EnrolledIn("a"), "next",
       "shipping passed not_enrolled in_layer not_winner not_in_rollout served "},
      {"had it in another iteration", ended(no_more_b), EnrolledIn("b", 2), "next",
       "shipping passed not_enrolled in_layer not_winner not_in_rollout served "},
      {"all others",
       ended(R"({"variant":"b","slots":[[0,1000000]]})"),
       {},
       "B",
       "shipping passed not_enrolled in_layer not_winner served "},
      {"was not targeted",
       ended(no_more_a, kOut),
       {},
       "next",
       "shipping passed not_enrolled condition_false not_in_rollout served "},
      {"was not targeted, all others",
       ended(R"({"variant":"a","slots":[[0,1000000]]})", kOut),
       {},
       "A",
       "shipping passed not_enrolled condition_false served "},
      {"has ended and ships nothing", Experiment(R"("status":"ended",)" + kAll), EnrolledIn("a"), "next",
       "ended served "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(row.members);
    const Decided decided = DecideWith(rules, &row.enrollments);
    CHECK(decided.value == row.expected);
    CHECK(decided.results == row.results);
    CHECK(decided.outcome.exposure_count == 0);
    if (row.expected == "next") continue;
    CHECK(decided.outcome.reason == Reason::kRollout);
    CHECK(VariantName(*rules, *rules->FindFlag("f"), decided.outcome) == (row.expected == "A" ? "a" : "b"));
  }
}

TEST_CASE("shipping to more takes it from nobody, and to everybody misses nobody but the held out") {
  const char* const kShares[] = {R"([])", R"([[0,200000]])", R"([[0,200000],[500000,700000]])", R"([[0,1000000]])"};
  std::vector<bool> had(500, false);
  std::size_t reached = 0;
  for (const char* share : kShares) {
    const Rules rules = LoadRules(
        R"("holdouts":{"h":{"unit":"device","salt":"h","size":100000,"experiments":"*"}},)"
        R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":3,"status":"ended","layer":"l",)"
        R"("slots":[[0,300000]],"salt":"e.3","variants":{"a":{"slots":[[0,500000]],"flags":{"f":"A"}},)"
        R"("b":{"slots":[[500000,1000000]],"flags":{"f":"B"}}},"ship":{"variant":"b","slots":)" +
        std::string(share) +
        R"(}}},"flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"}]}})");
    reached = 0;
    std::size_t held_out = 0;
    for (std::size_t i = 0; i < had.size(); ++i) {
      const Decided decided = DecideWith(rules, nullptr, Context().Unit("device", "u-" + std::to_string(i)));
      const bool has = decided.value == "B";
      if (had[i]) CHECK(has);
      had[i] = has;
      reached += has;
      held_out += decided.outcome.reason == Reason::kHoldout;
    }
    CHECK(held_out > 0);
    if (share == kShares[3]) CHECK(reached + held_out == had.size());
  }
}
