// Two routes that must agree: what an explanation states, and what Evaluate decides without being asked to explain.
#include <algorithm>
#include <cstdint>
#include <string>

#include "sdk/core/ruleset/value.h"
#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::explain_test;

namespace {

constexpr std::uint64_t kSeed = 20261121;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  std::size_t Below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ >> 16) % bound;
  }

 private:
  std::uint64_t state_;
};

Value RandomValue(Random* random) {
  const Value values[] = {Value(),      Value("pro"),   Value("free"), Value("beta"),       Value("4.12.3"),
                          Value("4.1"), Value("AT"),    Value(1440),   Value(-0.5),         Value(true),
                          Value(List()), Value(Object{{"version", "5.0.0"}, {"width", 1500}}), Value("ada@example.com"),
                          Value("2025-01-01T00:00:00Z"), Value("\x1b[2J\xff\xe2\x80\xae")};
  return values[random->Below(sizeof values / sizeof values[0])];
}

Context RandomContext(Random* random) {
  Context context;
  if (random->Below(8) > 0) context.Unit("device", "d-" + std::to_string(random->Below(100'000)));
  if (random->Below(3) > 0) context.Unit("account", std::string(random->Below(10) == 0 ? 300 : 6, 'u'));
  const char* names[] = {"plan",  "app.version", "app",       "screen.width", "screen",
                         "email", "channel",     "installed", "nickname",     "country"};
  for (const char* name : names) {
    if (random->Below(2) == 0) context.Set(name, RandomValue(random));
  }
  if (random->Below(2) == 0) context.SetFor("team", "size", Value(random->Below(20)));
  return context;
}

Forced RandomForced(const ruleset::Ruleset& rules, Random* random) {
  Forced forced;
  for (std::uint32_t i = 0; i < rules.experiments.size(); ++i) {
    if (random->Below(6) > 0) continue;
    const std::size_t variants = rules.experiments[i].variants.size();
    const std::size_t choice = random->Below(variants + 2);
    auto to = static_cast<std::uint32_t>(choice);
    if (choice >= variants) to = choice == variants ? Forced::kOff : Forced::kUnassigned;
    forced.experiments.emplace_back(i, to);
  }
  for (std::uint32_t i = 0; i < rules.flags.size(); ++i) {
    if (random->Below(20) == 0) forced.flags.emplace_back(i, rules.values[random->Below(rules.values.size())]);
  }
  return forced;
}

void CheckSame(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const Outcome& outcome,
               const Explanation& explanation) {
  REQUIRE(explanation.result.reason == outcome.reason);
  REQUIRE(explanation.result.value.has_value() == (outcome.value != nullptr));
  if (outcome.value != nullptr) REQUIRE(*explanation.result.value == *outcome.value);
  REQUIRE(explanation.result.variant == VariantName(rules, flag, outcome));
  REQUIRE(explanation.is_forced == outcome.is_forced);
  REQUIRE(explanation.natural.has_value() == outcome.is_forced);
  REQUIRE(explanation.overrides.empty() == !outcome.is_forced);
  REQUIRE(explanation.valid_until == outcome.valid_until);
  REQUIRE(explanation.exposures.size() == outcome.exposure_count);
  for (const ExplainedRule& rule : explanation.rules) {
    REQUIRE((rule.outcome == ExplainedRule::Outcome::kNotAsked) == rule.steps.empty());
    for (const ExplainedStep& step : rule.steps) {
      if (!step.condition) continue;
      const Truth truth = step.result == StepResult::kPassed           ? Truth::kTrue
                          : step.result == StepResult::kConditionFalse ? Truth::kFalse
                                                                       : Truth::kUnknown;
      REQUIRE(step.condition->truth == truth);
    }
  }
}

void CheckJson(const Explanation& explanation) {
  json::Error error;
  const auto document = json::Document::Parse(ToJson(explanation, 2), &error);
  REQUIRE_MESSAGE(document, error.ToText());
  const json::Node root = document->root();
  REQUIRE(root["flag"].AsString() == std::optional<std::string_view>(explanation.flag));
  REQUIRE(root["reason"].AsString() == std::optional<std::string_view>(ReasonName(explanation.result.reason)));
  REQUIRE(root["is_fallback"].AsBool() == std::optional<bool>(!explanation.result.value));
  REQUIRE(root["value"].exists() == explanation.result.value.has_value());
  if (explanation.result.value) REQUIRE(root["value"].ToValue() == ruleset::ToValue(*explanation.result.value));
  REQUIRE(root["rules"].size() == explanation.rules.size());
  REQUIRE(root["exposures"].size() == explanation.exposures.size());
  REQUIRE(root["datafile"]["version"].AsInt() == std::optional<std::int64_t>(1187));
}

void CheckText(const std::string& text, bool is_ascii) {
  REQUIRE(text::IsUtf8(text));
  REQUIRE(text.back() == '\n');
  std::size_t width = 0;
  std::size_t widest = 0;
  bool is_clean = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    is_clean = is_clean && (c == '\n' || (byte >= 0x20 && byte != 0x7F)) && (!is_ascii || byte < 0x80);
    width = c == '\n' ? 0 : width + ((byte & 0xC0) != 0x80);
    widest = std::max(widest, width);
  }
  CAPTURE(text);
  REQUIRE(is_clean);
  REQUIRE(widest <= 90);
}

}  // namespace

TEST_CASE("an explanation states the decision, over 2,000 random contexts and overrides") {
  const auto rules = LoadGolden();
  REQUIRE(rules != nullptr);
  CAPTURE(kSeed);
  Random random(kSeed);
  const char* times[] = {"2026-11-21T12:00:00Z", "2026-12-15T00:00:00Z", "2027-01-15T00:00:00Z", "2027-06-01T00:00:00Z"};
  std::size_t forced_decisions = 0;
  for (int i = 0; i < 2000; ++i) {
    CAPTURE(i);
    const Context context = RandomContext(&random);
    const PreparedContext prepared(*rules, context);
    const Forced forced = RandomForced(*rules, &random);
    const Timestamp now = ParseTime(times[random.Below(4)]);
    const std::size_t shown = random.Below(rules->flags.size());
    for (const ruleset::Flag& flag : rules->flags) {
      const Outcome outcome = Evaluate(*rules, flag, prepared, now, &forced);
      const Explanation explanation = Explain(*rules, flag.key, context, prepared, now, &forced);
      CheckSame(*rules, flag, outcome, explanation);
      forced_decisions += explanation.is_forced;
      if (rules->IndexOf(flag) != shown) continue;
      CheckJson(explanation);
      CheckText(ToText(explanation), false);
      CheckText(ToText(explanation, Letters::kAscii), true);
    }
  }
  CHECK(forced_decisions > 500);
}
