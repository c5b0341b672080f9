// What other vendors' flags cost: a rule with three conditions and a percentage split, and a thousand such flags
// loaded.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "guidon/platform_parts.h"
#include "sdk/core/dialects/flagd/load.h"
#include "sdk/core/dialects/growthbook/load.h"
#include "sdk/core/dialects/unleash/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "tests/bench/allocations.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace guidon::bench {
namespace {

using evaluation::PreparedContext;
using Rules = std::shared_ptr<const ruleset::Ruleset>;

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);
constexpr std::size_t kFlagCount = 1'000;

struct Dialect {
  std::string name;
  std::string payload;
  dialects::Loaded (*load)(const std::string& payload);
};

std::string GrowthBookPayload() {
  std::string features;
  for (std::size_t i = 0; i < kFlagCount; ++i) {
    features +=
        (i == 0 ? "\"flag-" : ",\"flag-") + std::to_string(i) + R"(": {"defaultValue": "off", "rules": [{"key": "e)" +
        std::to_string(i) +
        R"(", "hashVersion": 2, "hashAttribute": "id", "condition": {"plan": "pro", "country": {"$in": ["de", "fr", "it"]},
                "seats": {"$gte": 5}}, "variations": ["a", "b"], "weights": [0.5, 0.5], "coverage": 1}]})";
  }
  return "{\"features\": {" + features + "}}";
}

std::string FlagdPayload() {
  std::string flags;
  for (std::size_t i = 0; i < kFlagCount; ++i) {
    flags +=
        (i == 0 ? "\"flag-" : ",\"flag-") + std::to_string(i) +
        R"(": {"state": "ENABLED", "variants": {"off": "off", "a": "a", "b": "b"}, "defaultVariant": "off", "targeting":
             {"if": [{"and": [{"==": [{"var": "plan"}, "pro"]}, {"in": [{"var": "country"}, ["de", "fr", "it"]]}, {">=": [{"var": "seats"}, 5]}]},
             {"fractional": [["a", 50], ["b", 50]]}]}})";
  }
  return "{\"flags\": {" + flags + "}}";
}

std::string UnleashPayload() {
  std::string features;
  for (std::size_t i = 0; i < kFlagCount; ++i) {
    features +=
        (i == 0 ? R"({"name": "flag-)" : R"(,{"name": "flag-)") + std::to_string(i) +
        R"(", "enabled": true, "strategies": [{"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "userId"},
                "constraints": [{"contextName": "plan", "operator": "IN", "values": ["pro"]}, {"contextName": "country", "operator": "IN",
                "values": ["de", "fr", "it"]}, {"contextName": "seats", "operator": "NUM_GTE", "value": "5"}]}]})";
  }
  return "{\"features\": [" + features + "]}";
}

std::vector<Dialect> Dialects() {
  return {{"GrowthBook", GrowthBookPayload(),
           [](const std::string& payload) {
             const auto patterns = Re2Patterns();
             return dialects::growthbook::Load(payload, {patterns.get(), false});
           }},
          {"flagd", FlagdPayload(), [](const std::string& payload) { return dialects::flagd::Load({payload}); }},
          {"Unleash", UnleashPayload(), [](const std::string& payload) {
             const auto patterns = Re2Patterns();
             return dialects::unleash::Load(payload, {patterns.get()});
           }}};
}

std::vector<Context> People() {
  std::vector<Context> people;
  for (int i = 0; i < 64; ++i) {
    people.push_back(Context()
                         .Unit("targetingKey", "user-" + std::to_string(i))
                         .Set("userId", "user-" + std::to_string(i))
                         .Set("id", "user-" + std::to_string(i))
                         .Set("plan", "pro")
                         .Set("country", "fr")
                         .Set("seats", 5 + i));
  }
  return people;
}

Rules Loaded(const Dialect& dialect) {
  const dialects::Loaded loaded = dialect.load(dialect.payload);
  const std::vector<Context> people = People();
  for (std::size_t i = 0; loaded.rules != nullptr && loaded.problems.empty() && i < people.size(); ++i) {
    const PreparedContext prepared(*loaded.rules, people[i]);
    const auto outcome = evaluation::Evaluate(*loaded.rules, loaded.rules->flags[i], prepared, kNow);
    if (outcome.reason != Reason::kExperiment && outcome.reason != Reason::kRule) break;
    if (i + 1 == people.size()) return loaded.rules;
  }
  std::fprintf(stderr, "the flags of %s are not what they should be\n", dialect.name.c_str());
  std::exit(2);
}

Row Prepared(const Rules& rules, const Wish& wish) {
  const std::vector<Context> people = People();
  std::vector<std::unique_ptr<PreparedContext>> prepared;
  for (const Context& person : people) prepared.push_back(std::make_unique<PreparedContext>(*rules, person));
  std::size_t at = 0;
  const Cost cost = Measure(
      [&](std::uint64_t calls) {
        for (std::uint64_t i = 0; i < calls; ++i) {
          at = (at + 1) % people.size();
          Keep(evaluation::Evaluate(*rules, rules->flags[at], *prepared[at], kNow).value);
        }
      },
      wish.is_timed);
  return {"", cost.ns, "ns", cost.allocations, 150.0, 0.0};
}

Row Loading(const Dialect& dialect, const Wish& wish) {
  const double ns = MeasureLongNs([&] { Keep(dialect.load(dialect.payload).rules.get()); }, wish.is_timed);
  return {"", ns / 1e6, "ms", std::nullopt, std::nullopt, std::nullopt};
}

}  // namespace

std::vector<Row> DialectRows(const Wish& wish) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const auto& measure) {
    if (!wish.wanted(name)) return;
    Row row = measure();
    row.name = name;
    if (!wish.is_timed) row.value.reset();
    rows.push_back(std::move(row));
  };
  for (const Dialect& dialect : Dialects()) {
    add(dialect.name + ": evaluate, context prepared", [&] { return Prepared(Loaded(dialect), wish); });
    add(dialect.name + ": load 1,000 flags", [&] { return Loading(dialect, wish); });
  }
  return rows;
}

}  // namespace guidon::bench
