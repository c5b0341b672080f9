// Datafiles that have expired: what goes on, and what does not.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::testing;

namespace {

// 2026-11-18T12:00:00Z, 53 minutes and 20 seconds after kNow.
constexpr Timestamp kExpiry = TimestampFromMs(1'795'003'200'000);

std::string Expiring(const std::string& members) { return R"("expires_at":"2026-11-18T12:00:00Z",)" + members; }

// Everybody is in variant a of the experiment e.
std::string Experiment(const std::string& more = "") {
  return Expiring(
      R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":{"iteration":3,"status":"running","layer":"l",)"
      R"("slots":[[0,1000000]],"salt":"e.3","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":"A"}},)"
      R"("b":{"slots":[],"flags":{"f":"B"}}})" +
      more +
      R"(}},"flags":{"f":{"type":"string","default":"off","rules":[{"id":"r1","experiment":"e"}]},)"
      R"("on":{"type":"bool","default":false,"rules":[{"id":"r1","when":{"op":"in","variant":"e","values":["a","b"]},"serve":true}]}})");
}

enrollment::Enrollments EnrolledIn(const std::string& variant, std::int64_t iteration = 3) {
  enrollment::Enrollments enrollments;
  enrollment::Enrollment met;
  met.iteration = iteration;
  met.variant = variant;
  met.first = met.last = kNow;
  enrollments.Add("device", "u-1", "e", met);
  return enrollments;
}

struct Asked {
  Outcome outcome;
  std::string value;
  std::string first_result;
};

Asked Ask(const Rules& rules, std::string_view flag, Timestamp now, const enrollment::Enrollments& enrollments = {},
          std::optional<Timestamp> expires_at = std::nullopt, const Forced* forced = nullptr) {
  const Context context = Context().Unit("device", "u-1");
  Surroundings surroundings;
  surroundings.enrollments = &enrollments;
  surroundings.expires_at = expires_at;
  const PreparedContext prepared(*rules, context, surroundings, now);
  Asked asked;
  Trace trace;
  asked.outcome = Evaluate(*rules, *rules->FindFlag(flag), prepared, now, forced, &trace);
  const Value value = ValueOf(asked.outcome);
  asked.value = value.AsString() != nullptr ? *value.AsString() : value == Value(true) ? "true" : "false";
  if (!trace.empty()) asked.first_result = std::string(StepResultName(trace.front().result));
  return asked;
}

}  // namespace

TEST_CASE("once the datafile has expired an experiment lets nobody new in, and keeps whom it has") {
  const struct {
    std::string name;
    std::string more;
    enrollment::Enrollments enrollments;
    std::string before, after, result;
  } rows[] = {
      {"nobody yet", "", {}, "A", "off", "expired"},
      {"exposed", "", EnrolledIn("a"), "A", "A", "stays"},
      {"exposed to another iteration", "", EnrolledIn("a", 2), "A", "off", "expired"},
      {"sticky, exposed", R"(,"sticky":"exposed")", EnrolledIn("b"), "B", "B", "stays"},
      {"sticky, not exposed", R"(,"sticky":"exposed")", {}, "A", "off", "expired"},
      {"past its end, exposed", R"(,"ends_at":"2026-11-18T11:30:00Z")", EnrolledIn("a"), "A", "off", "ended"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Rules rules = LoadRules(Experiment(row.more));
    const Asked before = Ask(rules, "f", kNow, row.enrollments);
    CHECK(before.value == row.before);
    CHECK(before.outcome.valid_until <= kExpiry);
    CHECK(Ask(rules, "f", kExpiry - Duration(1), row.enrollments).outcome.exposure_count ==
          (row.result == "ended" ? 0 : 1));
    const Asked after = Ask(rules, "f", kExpiry, row.enrollments);
    CHECK(after.value == row.after);
    CHECK(after.first_result == row.result);
    CHECK(after.outcome.exposure_count == (row.after == "off" ? 0 : 1));
    CHECK(after.outcome.valid_until == ruleset::kNever);
  }
}

TEST_CASE("what asks for an experiment sees that nobody new is let in, from the expiry on") {
  const Rules rules = LoadRules(Experiment());
  const Asked before = Ask(rules, "on", kNow);
  CHECK(before.value == "true");
  CHECK(before.outcome.valid_until == kExpiry);
  CHECK(Ask(rules, "on", kExpiry).value == "false");
  CHECK(Ask(rules, "on", kExpiry, EnrolledIn("b")).value == "true");
}

TEST_CASE("a flag goes on by its rules when the datafile has expired, or is its default where it says so") {
  const std::string rule = R"("rules":[{"id":"r1","serve":2}])";
  const std::string ends = R"("when_expired":"default",)";
  const Rules rules = LoadRules(Expiring(R"("flags":{"goes_on":{"type":"int","default":1,)" + rule +
                                         R"(},"ends":{"type":"int","default":1,)" + ends + rule +
                                         R"(},"plain":{"type":"int","default":1,"when_expired":"default"},)"
                                         R"("killed":{"type":"int","default":1,"kill":true,)" +
                                         ends + rule +
                                         R"(},"asks":{"type":"int","default":1,"rules":[{"id":"r1","when":)"
                                         R"({"op":"==","flag":"ends","value":2},"serve":3}]}})"));
  const auto ask = [&](std::string_view flag, Timestamp now, const Forced* forced = nullptr) {
    return Ask(rules, flag, now, {}, std::nullopt, forced).outcome;
  };
  const auto is = [](const Outcome& outcome, std::int64_t value, Reason reason) {
    return ValueOf(outcome) == Value(value) && outcome.reason == reason;
  };
  CHECK(is(ask("goes_on", kExpiry), 2, Reason::kRule));
  CHECK(ask("goes_on", kNow).valid_until == ruleset::kNever);
  CHECK(is(ask("ends", kExpiry - Duration(1)), 2, Reason::kRule));
  CHECK(ask("ends", kNow).valid_until == kExpiry);
  CHECK(is(ask("ends", kExpiry), 1, Reason::kExpired));
  CHECK(ask("ends", kExpiry).valid_until == ruleset::kNever);
  CHECK(ask("plain", kNow).reason == Reason::kStatic);
  CHECK(ask("plain", kNow).valid_until == kExpiry);
  CHECK(is(ask("plain", kExpiry), 1, Reason::kExpired));
  CHECK(is(ask("killed", kExpiry), 1, Reason::kKilled));
  CHECK(is(ask("asks", kNow), 3, Reason::kRule));
  CHECK(ask("asks", kNow).valid_until == kExpiry);
  CHECK(is(ask("asks", kExpiry), 1, Reason::kDefault));
  Forced forced;
  forced.flags.emplace_back(rules->IndexOf(*rules->FindFlag("ends")), rules->values[0]);
  CHECK(ask("ends", kExpiry, &forced).reason == Reason::kForced);
}

TEST_CASE("whoever asks may know better than the datafile when it expires") {
  const Rules rules = LoadRules(Experiment());
  CHECK(Ask(rules, "f", kExpiry, {}, ruleset::kNever).value == "A");
  CHECK(Ask(rules, "f", kNow, {}, Timestamp::min()).value == "off");
  CHECK(Ask(rules, "f", kNow, EnrolledIn("a"), Timestamp::min()).value == "A");
}

TEST_CASE(
    "what becomes of a flag at the expiry is a word that this version may not know: it goes on then, with a warning") {
  const dialects::Loaded loaded = dialects::LoadNative(Datafile(
      Expiring(R"("flags":{"f":{"type":"int","default":1,"when_expired":"fade","rules":[{"id":"r1","serve":2}]}})")));
  REQUIRE(bool(loaded.rules));
  CHECK(ToText(loaded.problems) ==
        "warning: /flags/f/when_expired: is not known here, so its rules go on: only \"default\" is\n");
  CHECK(ValueOf(Decide(loaded.rules, "f", Context(), nullptr, nullptr, kExpiry)) == Value(2));
}
