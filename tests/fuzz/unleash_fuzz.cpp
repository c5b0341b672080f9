// Any bytes as an Unleash payload: whatever loads decides every flag for several people within its budget, the same
// with a trace and without, and explains it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "guidon/platform_parts.h"
#include "sdk/core/dialects/unleash/load.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);

Context Somebody() {
  return Context()
      .Set("userId", "u-42")
      .Set("sessionId", "s")
      .Set("environment", "prod")
      .Set("remoteAddress", "10.1.2.3")
      .Set("currentTime", "2026-01-01T00:00:00Z")
      .Set("plan", "Pro")
      .Set("version", "1.2.3-beta.1")
      .Set("seats", 30);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto patterns = Re2Patterns();
  const auto loaded = dialects::unleash::Load({reinterpret_cast<const char*>(data), size}, {patterns.get()});
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
  return 0;
}
