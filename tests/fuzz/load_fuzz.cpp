// Any bytes as a datafile: whatever loads decides every flag for several people, at several moments, the same with a
// trace and without.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

Context Somebody() {
  return Context()
      .Unit("device", "device-1")
      .Unit("account", "u-42")
      .Set("plan", "pro")
      .Set("app.version", "4.2.0-beta.1")
      .Set("seats", 5)
      .Set("born", "2026-11-20T00:00:00Z")
      .Set("tester", true)
      .Set("deep", Object{{"er", Value(2.5)}})
      .SetFor("team", "size", 12);
}

// As a device that lost its store an hour before and was used since; its clock may say anything.
behavior::Behavior Used() {
  behavior::Behavior behavior;
  behavior.ForgetBefore(TimestampFromMs(1'794'996'400'000));
  for (const std::int64_t ms : {INT64_MIN, std::int64_t{0}, std::int64_t{1'795'000'000'000}, INT64_MAX}) {
    behavior.Add("app_open", TimestampFromMs(ms));
  }
  return behavior;
}

void Decide(const ruleset::Ruleset& rules, const Context& context, Timestamp now,
            const behavior::Behavior* behavior = nullptr) {
  const evaluation::PreparedContext prepared(rules, context, behavior, now);
  for (const ruleset::Flag& flag : rules.flags) {
    evaluation::Trace trace;
    const auto decided = evaluation::Evaluate(rules, flag, prepared, now);
    const auto traced = evaluation::Evaluate(rules, flag, prepared, now, nullptr, &trace);
    GUIDON_REQUIRE(decided.reason == traced.reason);
    GUIDON_REQUIRE(decided.value == traced.value);
    GUIDON_REQUIRE(decided.exposure_count == traced.exposure_count);
    GUIDON_REQUIRE((decided.reason == Reason::kInvalidFlag) == !flag.is_valid);
    GUIDON_REQUIRE(decided.valid_until > now);
    if (decided.value != nullptr) GUIDON_REQUIRE(decided.value->type == flag.type);
    const auto explained = evaluation::Explain(rules, flag.key, context, prepared, now);
    GUIDON_REQUIRE(explained.result.reason == decided.reason);
    GUIDON_REQUIRE(!evaluation::ToText(explained).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = dialects::LoadNative(std::string_view(reinterpret_cast<const char*>(data), size));
  GUIDON_REQUIRE(loaded.rules != nullptr || !loaded.problems.empty());
  GUIDON_REQUIRE(loaded.problems.size() <= limits::kProblems);
  for (const Problem& problem : loaded.problems) {
    GUIDON_REQUIRE(!problem.reason.empty());
    GUIDON_REQUIRE(text::IsUtf8(problem.pointer));
  }
  if (loaded.rules == nullptr) return 0;
  const behavior::Behavior used = Used();
  for (const std::int64_t now : {INT64_MIN, std::int64_t{0}, std::int64_t{1'795'000'000'000}}) {
    Decide(*loaded.rules, Somebody(), TimestampFromMs(now), &used);
  }
  Decide(*loaded.rules, Context(), TimestampFromMs(1'795'000'000'000));
  return 0;
}
