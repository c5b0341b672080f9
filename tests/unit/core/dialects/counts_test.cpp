// Counts of events by their properties: what a datafile says of them, and which of them an event is of.
#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/looks.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

constexpr const char* kLong =
    R"({"event":"message_sent","where":{"op":">=","attribute":"chars","kind":"event","value":1500}})";

// A flag that asks `asked`, one that nothing can touch, and these counts.
std::string WithCounts(const std::string& counts, const std::string& asked = "long_messages") {
  return Datafile(R"("counts":{)" + counts +
                  R"(},"flags":{"f":{"type":"bool","default":false,"rules":[{"id":"r","when":{"op":">=","count":")" +
                  asked + R"(","value":1},"serve":true}]},"untouched":{"type":"bool","default":true}})");
}

std::string Count(const std::string& name, const std::string& says) { return "\"" + name + "\":" + says; }

std::string Where(const std::string& condition) {
  return Count("long_messages", R"({"event":"message_sent","where":)" + condition + "}");
}

std::string LooksText(const ruleset::Ruleset& rules, const std::string& event, const Context& properties) {
  std::string text;
  for (const behavior::Look& look : evaluation::LookAt(rules, event, properties)) text += look.is_of_it ? "y" : "n";
  return text;
}

Context Chars(Value value) {
  Context context;
  context.SetFor(ruleset::kEventKind, "chars", std::move(value));
  return context;
}

}  // namespace

TEST_CASE("a count that a condition asks becomes a term of its event's series") {
  const auto loaded = dialects::LoadNative(WithCounts(Count("long_messages", kLong)));
  REQUIRE(ToText(loaded.problems) == "");
  const ruleset::Ruleset& rules = *loaded.rules;
  REQUIRE(rules.behavior_terms.size() == 1);
  CHECK(rules.behavior_terms[0].event == "long_messages");
  CHECK(rules.behavior_terms[0].whole == "message_sent");
  CHECK(rules.behavior_terms[0].part != 0);
  REQUIRE(rules.FindCount("long_messages") != nullptr);
  CHECK(rules.FindCount("long_messages")->part == rules.behavior_terms[0].part);
  CHECK(rules.FindCount("message_sent") == nullptr);
  CHECK(rules.CountsOf("note_created").first == nullptr);
  CHECK(dialects::LoadNative(WithCounts("", "message_sent")).rules->CountsOf("message_sent").first == nullptr);
}

TEST_CASE("an event is of a count where its condition is true, and unknown is not true") {
  const auto loaded = dialects::LoadNative(WithCounts(Count("long_messages", kLong)));
  const ruleset::Ruleset& rules = *loaded.rules;
  const struct {
    const char* name;
    Context properties;
    const char* looks;
  } rows[] = {{"long enough", Chars(1'500), "y"},
              {"too short", Chars(1'499), "n"},
              {"without the property", Context(), "n"},
              {"of another type", Chars("1500"), "n"},
              {"known of the person alone", Context().Set("chars", 1'500), "n"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(LooksText(rules, "message_sent", row.properties) == row.looks);
    CHECK(LooksText(rules, "long_messages", row.properties) == "");
  }
}

TEST_CASE("what says the same is the same part, by any name and in any datafile; what says otherwise is not") {
  const auto part_of = [](const std::string& counts, const char* name) {
    const auto loaded = dialects::LoadNative(WithCounts(counts));
    const ruleset::Count* count = loaded.rules->FindCount(name);
    REQUIRE(count != nullptr);
    return count->part;
  };
  const std::string same = Count("long_messages", kLong) + "," + Count("essays", kLong);
  const std::uint64_t part = part_of(Count("long_messages", kLong), "long_messages");
  CHECK(part == 8'995'769'992'170'616'990u);  // as devices keep it, for good
  CHECK(part_of(same, "essays") == part);
  const std::string spaced = Where(R"( { "op": ">=", "attribute": "ch\u0061rs",
      "kind": "event", "value": 1500 } )");
  CHECK(part_of(spaced, "long_messages") == part);
  CHECK(LooksText(*dialects::LoadNative(WithCounts(same)).rules, "message_sent", Chars(2'000)) == "y");
  const std::string longer = R"({"op":">=","attribute":"chars","kind":"event","value":1501})";
  CHECK(part_of(Where(longer), "long_messages") != part);
  const std::string two = Count("essays", kLong) + "," + Where(longer);
  CHECK(LooksText(*dialects::LoadNative(WithCounts(two)).rules, "message_sent", Chars(2'000)) == "yy");
}

TEST_CASE("a count with an error is named by its place, and costs what asks it alone") {
  const std::string of = R"({"op":">=","attribute":"chars","kind":"event","value":1})";
  const struct {
    const char* name;
    std::string counts;
    std::string problem;  // of the count
  } rows[] = {
      {"no condition", Count("long_messages", R"({"event":"message_sent"})"),
       "/counts/long_messages/where: is missing"},
      {"no event", Count("long_messages", "{\"where\":" + of + "}"), "/counts/long_messages/event: is missing"},
      {"no object", Count("long_messages", "3"), "/counts/long_messages: must be an object, not an int"},
      {"a bad condition", Where(R"({"op":">=","attribute":"chars","kind":"event","value":"1"})"),
       "/counts/long_messages/where/value: a text, true and false have no order: only == and != compare them"},
      {"of the person", Where(R"({"op":"==","attribute":"plan","value":"pro"})"),
       "/counts/long_messages/where: asks something besides the properties of the event"},
      {"of the past", Where(R"({"op":">=","count":"app_open","value":1})"),
       "/counts/long_messages/where: asks something besides the properties of the event"},
      {"of time", Where(R"({"op":"and","of":[)" + of + R"(,{"op":"since","date":"2026-12-01T00:00:00Z"}]})"),
       "/counts/long_messages/where: asks something besides the properties of the event"},
      {"of a unit", Where(R"({"op":"in","unit":"device","values":["d"]})"),
       "/counts/long_messages/where: asks something besides the properties of the event"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(WithCounts(row.counts));
    REQUIRE(static_cast<bool>(loaded.rules));
    const std::string problems = ToText(loaded.problems);
    CHECK(problems.find(row.problem) == 0);
    CHECK(problems.find("/flags/f/rules/0/when/count: the count \"long_messages\" has an error") != std::string::npos);
    CHECK_FALSE(loaded.rules->FindFlag("f")->is_valid);
    CHECK(loaded.rules->FindFlag("untouched")->is_valid);
    CHECK(loaded.rules->CountsOf("message_sent").first == nullptr);
  }
}

TEST_CASE("a condition of a later version is not looked at, so that what it counts stays unknown") {
  const auto loaded = dialects::LoadNative(WithCounts(Where(R"({"op":"sounds_like","attribute":"chars"})")));
  CHECK(ToText(loaded.problems).find("warning") != std::string::npos);
  CHECK(loaded.rules->FindFlag("f")->is_valid);
  CHECK(LooksText(*loaded.rules, "message_sent", Chars(2'000)) == "");
}

TEST_CASE("there are so many counts, and of one event so many") {
  const auto counts = [](std::size_t count, bool of_one) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      text +=
          (i == 0 ? "" : ",") +
          Count("c" + number, R"({"event":"e)" + (of_one ? "" : number) +
                                  R"(","where":{"op":">=","attribute":"n","kind":"event","value":)" + number + "}}");
    }
    return WithCounts(text, "c0");
  };
  CHECK(ToText(dialects::LoadNative(counts(limits::kCounts, false)).problems) == "");
  CHECK_FALSE(static_cast<bool>(dialects::LoadNative(counts(limits::kCounts + 1, false)).rules));
  CHECK(ToText(dialects::LoadNative(counts(limits::kCountsPerEvent, true)).problems) == "");
  const auto over = dialects::LoadNative(counts(limits::kCountsPerEvent + 1, true));
  CHECK(ToText(over.problems).find("/counts/c16: is one count too many: of one event there may be 16") == 0);
  CHECK(over.rules->FindFlag("f")->is_valid);
}
