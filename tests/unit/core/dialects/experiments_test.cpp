// What an experiment says beyond its shares: stickiness, audiences, times, what it ships; and a flag's hold.
#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

const std::string kAudience = R"({"name":"busy","when":{"op":"exists","attribute":"x"},"slots":[[0,600000]],)"
                              R"("variants":{"b":[[0,300000]],"a":[[300000,1000000]]}})";

std::string Members(const std::string& more, const std::string& other = "") {
  return R"("layers":{"l":{"unit":"device","salt":"l.1"},"m":{"unit":"device","salt":"m.1"}},"experiments":{"e":{)"
         R"("iteration":1,"layer":"l","slots":[[0,400000]],"salt":"e.1",)" +
         more +
         R"(,"variants":{"a":{"slots":[[0,500000]],"flags":{"f":1}},"b":{"slots":[[500000,1000000]],"flags":{"f":2}}}})" +
         other + R"(},"flags":{"f":{"type":"int","default":0,"rules":[{"id":"r","experiment":"e"}]}})";
}

std::string Other(const std::string& slots, const std::string& more = "", const std::string& layer = "l") {
  return R"(,"o":{"iteration":1,"layer":")" + layer + R"(","slots":)" + slots + R"(,"salt":"o.1","status":"running",)" +
         more + R"("variants":{"a":{"slots":[[0,1000000]],"flags":{"f":1}}}})";
}

std::string ProblemsOf(const std::string& members) { return ToText(dialects::LoadNative(Datafile(members)).problems); }

const std::string kRunning = R"("status":"running")";

}  // namespace

TEST_CASE("all of it is read") {
  const Rules rules = LoadRules(Members(kRunning + R"(,"sticky":"exposed","audiences":[)" + kAudience +
                                        R"(],"starts_at":{"local":"2026-12-01T08:00:00"},)"
                                        R"("ends_at":"2026-12-24T18:00:00+02:00")"));
  const ruleset::Experiment& e = rules->experiments[0];
  CHECK(e.is_sticky);
  CHECK(rules->remembered.at(e.memory) == 0);
  REQUIRE(e.audiences.size() == 1);
  CHECK(e.audiences[0].name == "busy");
  CHECK(e.audiences[0].slots[0].end == 600'000);
  // Sorted, each with the variant's place in the experiment.
  REQUIRE(e.audiences[0].split.size() == 2);
  CHECK(e.audiences[0].split[0].target == 1);
  CHECK(e.audiences[0].split[1].target == 0);
  CHECK(e.starts_at.is_local());
  CHECK(text::FormatTimestamp(rules->local_times.at(e.starts_at.local)) == "2026-12-01T08:00:00Z");
  CHECK_FALSE(e.ends_at.is_local());
  CHECK(text::FormatTimestamp(e.ends_at.at) == "2026-12-24T16:00:00Z");
  CHECK(e.ship.variant == ruleset::kNone);
}

TEST_CASE("what is not said is not so, and costs nothing") {
  const Rules rules = LoadRules(Members(kRunning));
  const ruleset::Experiment& e = rules->experiments[0];
  CHECK_FALSE(e.is_sticky);
  CHECK(e.audiences.empty());
  CHECK(e.first_step == ruleset::kNone);
  CHECK(rules->always_remembered == 0);
  CHECK(rules->local_times.empty());
  CHECK_FALSE(rules->flags[0].holds_for_session);
}

TEST_CASE("the same local time is worked out once") {
  const std::string time = R"({"local":"2026-12-01T08:00:00"})";
  const Rules rules =
      LoadRules(Members(kRunning + R"(,"starts_at":)" + time, Other("[]", R"("starts_at":)" + time + ",")));
  CHECK(rules->local_times.size() == 1);
  CHECK(rules->experiments[0].starts_at.local == rules->experiments[1].starts_at.local);
}

TEST_CASE("what an ended experiment ships") {
  const Rules rules = LoadRules(Members(R"("status":"ended","ship":{"variant":"b","slots":[[0,200000]]})"));
  const ruleset::Experiment& e = rules->experiments[0];
  CHECK(e.ship.variant == 1);
  CHECK(e.ship.slots[0].end == 200'000);
  CHECK(e.memory == 0);
}

TEST_CASE("each fault costs the experiment, and is named by its place") {
  const auto audience = [](const std::string& from, const std::string& to) {
    std::string text = kAudience;
    text.replace(text.find(from), from.size(), to);
    return kRunning + R"(,"audiences":[)" + text + "]";
  };
  std::string many = kAudience;
  for (std::size_t i = 0; i < limits::kAudiences; ++i) many += "," + kAudience;
  const struct {
    std::string name;
    std::string members;
    std::string problem;
  } rows[] = {
      {"another stickiness", Members(kRunning + R"(,"sticky":"always")"),
       "/experiments/e/sticky: must be none or exposed, not \"always\""},
      {"audiences by name", Members(kRunning + R"(,"audiences":{})"), "/experiments/e/audiences: must be an array"},
      {"too many audiences", Members(kRunning + R"(,"audiences":[)" + many + "]"),
       "/experiments/e/audiences: has 17 audiences; at most 16 are allowed"},
      {"an audience without a name", Members(audience(R"("name":"busy",)", "")),
       "/experiments/e/audiences/0/name: is missing"},
      {"an audience of everybody", Members(audience(R"("when":{"op":"exists","attribute":"x"},)", "")),
       "/experiments/e/audiences/0/when: is missing"},
      {"an audience with a fault in its condition", Members(audience(R"("attribute":"x")", R"("a":"x")")),
       "/experiments/e/audiences/0/when/attribute: is missing"},
      {"an audience without slots", Members(audience(R"("slots":[[0,600000]],)", "")),
       "/experiments/e/audiences/0/slots: is missing"},
      {"an audience with a variant that is not there", Members(audience(R"("b":)", R"("c":)")),
       "/experiments/e/audiences/0/variants/c: there is no variant \"c\""},
      {"an audience whose split has a hole", Members(audience("300000,1000000", "300001,1000000")),
       "/experiments/e/audiences/0/variants: do not share out the slots 0 to 1000000 exactly: slot 300000"},
      {"two audiences of one name", Members(kRunning + R"(,"audiences":[)" + kAudience + "," + kAudience + "]"),
       "/experiments/e/audiences/1/name: is the name of two audiences"},
      {"ships while it runs", Members(kRunning + R"(,"ship":{"variant":"b","slots":[]})"),
       "/experiments/e/ship: is for an experiment that has ended"},
      {"ships what is not there", Members(R"("status":"ended","ship":{"variant":"c","slots":[]})"),
       "/experiments/e/ship/variant: there is no variant \"c\""},
      {"ships without shares", Members(R"("status":"ended","ship":{"variant":"b"})"),
       "/experiments/e/ship/slots: is missing"},
      {"a time that is a number", Members(kRunning + R"(,"starts_at":7)"),
       "/experiments/e/starts_at: must be a time such as 2026-12-01T10:00:00Z, or {\"local\": "},
      {"a time of an object of another kind", Members(kRunning + R"(,"starts_at":{"here":"2026-12-01T08:00:00"})"),
       "/experiments/e/starts_at: must be a time such as"},
      {"a local time with an offset", Members(kRunning + R"(,"starts_at":{"local":"2026-12-01T08:00:00Z"})"),
       "/experiments/e/starts_at/local: must be a date and time without an offset such as 2026-12-01T10:00:00, not "},
      {"a local time that is a date", Members(kRunning + R"(,"ends_at":{"local":"2026-12-01"})"),
       "/experiments/e/ends_at/local: must be a date and time without an offset"},
      {"a local time that no calendar has", Members(kRunning + R"(,"ends_at":{"local":"2026-02-30T08:00:00"})"),
       "/experiments/e/ends_at/local: must be a date and time without an offset"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const dialects::Loaded loaded = dialects::LoadNative(Datafile(row.members));
    const std::string problems = ToText(loaded.problems);
    CAPTURE(problems);
    CHECK(problems.find(row.problem) != std::string::npos);
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK_FALSE(loaded.rules->experiments[0].is_valid);
    CHECK_FALSE(loaded.rules->flags[0].is_valid);
  }
}

TEST_CASE("no slot of a layer is in two experiments, whichever audience it is for, unless one has ended") {
  const std::string audiences = R"(,"audiences":[)" + kAudience + "]";
  const std::string shares = "/experiments/o/slots: shares slots of the layer with the experiment \"e\"\n";
  const struct {
    std::string name;
    std::string members;
    std::string problems;
  } rows[] = {
      {"apart", Members(kRunning + audiences, Other("[[600000,1000000]]")), ""},
      {"in an audience's slots", Members(kRunning + audiences, Other("[[599999,1000000]]")), shares},
      {"in the own slots", Members(kRunning + audiences, Other("[[0,1]]")), shares},
      {"in slots that only an audience has not", Members(kRunning, Other("[[400000,600000]]")), ""},
      {"in another layer", Members(kRunning + audiences, Other("[[0,1000000]]", "", "m")), ""},
      {"with one that has ended",
       Members(R"("status":"ended","ship":{"variant":"a","slots":[]})" + audiences, Other("[[0,1000000]]")), ""},
      {"an audience in another's slots",
       Members(kRunning,
               Other("[[400000,500000]]", R"("audiences":[{"name":"n","when":{"op":"exists","attribute":"x"},)"
                                          R"("slots":[[700000,800000],[399999,400000]],)"
                                          R"("variants":{"a":[[0,1000000]]}}],)")),
       "/experiments/o/audiences/0/slots/1: begins before the range ahead of it ends\n"},
      {"an audience in another's slots, in order",
       Members(kRunning,
               Other("[[400000,500000]]", R"("audiences":[{"name":"n","when":{"op":"exists","attribute":"x"},)"
                                          R"("slots":[[399999,400000],[700000,800000]],)"
                                          R"("variants":{"a":[[0,1000000]]}}],)")),
       "/experiments/o/audiences: the audience \"n\" shares slots of the layer with the experiment \"e\"\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(ProblemsOf(row.members) == row.problems);
  }
}

TEST_CASE("a flag may hold for the session, and for nothing else that is known here") {
  const auto flag = [](const std::string& hold) {
    return R"("flags":{"f":{"type":"bool","default":true,"hold":)" + hold + "}}";
  };
  CHECK(LoadRules(flag(R"("session")"))->flags[0].holds_for_session);
  CHECK(ProblemsOf(flag(R"("week")")) ==
        "warning: /flags/f/hold: is not known here, so it is not held: only \"session\" is\n");
  CHECK(ProblemsOf(flag("true")).find("/flags/f/hold: must be a text") == 0);
}
