// Any bytes as a flagd source: whatever loads decides every flag for several people within its budgets, the same with a
// trace and without, and explains it, whichever way it shares out.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sdk/core/dialects/flagd/load.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);

Context Somebody() {
  return Context()
      .Unit("targetingKey", "user-42")
      .Set("email", "a@example.com")
      .Set("version", "1.2.3-beta.1")
      .Set("age", 30)
      .Set("l", List{Value(1), Value("a"), Value(), Value(List{Value(2)}), Value(Object{{"c", 1}})})
      .Set("user", Object{{"name", "ten"}, {"plan", Value(Object{{"x", "y"}})}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  for (const auto fractional : {logic::Fractional::kV1, logic::Fractional::kV2, logic::Fractional::kV3}) {
    const auto loaded = dialects::flagd::Load({source}, {fractional});
    GUIDON_REQUIRE(loaded.rules != nullptr || !loaded.problems.empty());
    if (loaded.rules == nullptr) return 0;
    for (const Context& context : {Somebody(), Context()}) {
      const evaluation::PreparedContext prepared(*loaded.rules, context);
      for (const ruleset::Flag& flag : loaded.rules->flags) {
        evaluation::Trace trace;
        const auto decided = evaluation::Evaluate(*loaded.rules, flag, prepared, kNow);
        const auto traced = evaluation::Evaluate(*loaded.rules, flag, prepared, kNow, nullptr, &trace);
        GUIDON_REQUIRE(decided.reason == traced.reason);
        GUIDON_REQUIRE(decided.value == traced.value);
        GUIDON_REQUIRE(decided.valid_until > kNow);
        GUIDON_REQUIRE((decided.reason == Reason::kInvalidFlag) == !flag.is_valid);
        const auto explained = evaluation::Explain(*loaded.rules, flag.key, context, prepared, kNow);
        GUIDON_REQUIRE(explained.result.reason == decided.reason);
        GUIDON_REQUIRE(!evaluation::ToText(explained).empty());
      }
    }
  }
  return 0;
}
