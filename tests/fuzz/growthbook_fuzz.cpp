// Any bytes as a GrowthBook payload: whatever loads decides every flag for several people within its budget, the same
// with a trace and without, and explains it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "guidon/platform_parts.h"
#include "sdk/core/dialects/growthbook/load.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prerequisites.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

// What prerequisites within prerequisites add to a budget that is used up.
constexpr std::uint32_t kMostCost = 4 * evaluation::kStepBudget;

Context Somebody() {
  return Context()
      .Set("id", "u-42")
      .Set("device", 7)
      .Set("plan", "pro")
      .Set("version", "1.2.3-beta")
      .Set("empty", "")
      .Set("tags", List{Value("a"), Value(3), Value(true), Value(), Value(List{Value("b")}), Value(Object{{"c", 1}})})
      .Set("deep", Object{{"er", Value(2.5)}, {"still", Value(Object{{"x", "y"}})}});
}

enrollment::Enrollments Enrolled(const ruleset::Ruleset& rules) {
  enrollment::Enrollments enrolled;
  for (const ruleset::Experiment& experiment : rules.experiments) {
    enrollment::Enrollment met;
    met.iteration = experiment.iteration;
    met.variant = experiment.variants.empty() ? "" : experiment.variants.back().name;
    enrolled.Add("id", "u-42", experiment.key, met);
  }
  return enrolled;
}

void Decide(const ruleset::Ruleset& rules, const Context& context, const enrollment::Enrollments* enrolled) {
  const evaluation::PreparedContext prepared(rules, context, {nullptr, enrolled}, Timestamp());
  for (const ruleset::Flag& flag : rules.flags) {
    evaluation::Trace trace;
    const auto decided = evaluation::Evaluate(rules, flag, prepared, Timestamp());
    const auto traced = evaluation::Evaluate(rules, flag, prepared, Timestamp(), nullptr, &trace);
    GUIDON_REQUIRE(decided.reason == traced.reason);
    GUIDON_REQUIRE(decided.value == traced.value);
    GUIDON_REQUIRE(decided.exposure_count == traced.exposure_count);
    GUIDON_REQUIRE((decided.reason == Reason::kInvalidFlag) == !flag.is_valid);
    const auto explained = evaluation::Explain(rules, flag.key, context, prepared, Timestamp());
    GUIDON_REQUIRE(explained.result.reason == decided.reason);
    GUIDON_REQUIRE(!evaluation::ToText(explained).empty());
  }
  for (const ruleset::Experiment& experiment : rules.experiments) {
    if (experiment.first_step == ruleset::kNone) continue;
    evaluation::Outcome outcome;
    const std::uint32_t cost =
        evaluation::DecideVariant({rules, prepared, Timestamp()}, experiment, nullptr, nullptr, &outcome);
    GUIDON_REQUIRE(cost < kMostCost);
    GUIDON_REQUIRE(outcome.variant == ruleset::kNone || outcome.variant < experiment.variants.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto patterns = Re2Patterns();
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  for (const bool is_sticky : {false, true}) {
    const auto loaded = dialects::growthbook::Load(payload, {patterns.get(), is_sticky});
    GUIDON_REQUIRE(loaded.rules != nullptr || !loaded.problems.empty());
    if (loaded.rules == nullptr) return 0;
    const enrollment::Enrollments enrolled = Enrolled(*loaded.rules);
    Decide(*loaded.rules, Somebody(), is_sticky ? &enrolled : nullptr);
    Decide(*loaded.rules, Context(), nullptr);
  }
  return 0;
}
