// Any bytes as a datafile: whatever loads decides every flag for several people, at several moments, the same with a
// trace and without.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/steady_time.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/prompts/explain_prompt.h"
#include "sdk/core/prompts/triggered.h"
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
      .Set("ip", "::ffff:10.1.2.3")
      .Set("roles", List{Value("pro"), Value(3), Value(true), Value()})
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
  const evaluation::PreparedContext prepared(rules, context, {behavior}, now);
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

// As one whose only prompt of each campaign was closed, and another one left open.
void Offer(const ruleset::Ruleset& rules, Timestamp now, const behavior::Behavior* behavior) {
  prompts::Showings showings;
  for (const ruleset::Campaign& campaign : rules.campaigns) {
    for (const auto what : {prompts::What::kExposure, prompts::What::kDismissal}) {
      prompts::Step step;
      step.what = what;
      step.campaign = campaign.key;
      step.prompt = "p1";
      step.when = TimestampFromMs(1'794'996'400'000);
      showings.Fold(step);
    }
  }
  const Context context = prompts::WithEvent(Somebody(), {{"chars", Value(1812)}});
  const evaluation::PreparedContext prepared(rules, context, {behavior}, now);
  for (const ruleset::Campaign& campaign : rules.campaigns) {
    const auto shown = showings.Of(campaign.key);
    const std::vector<ruleset::Trigger> nothing(1);
    for (const ruleset::Trigger& trigger : campaign.triggers.empty() ? nothing : campaign.triggers) {
      std::vector<prompts::GateResult> trace;
      const std::string name = trigger.steps.empty() ? "" : trigger.name();
      prompts::Question question{rules, campaign, prepared, name, *shown, now};
      question.trigger = trigger.id;
      const prompts::Verdict verdict = prompts::Consider(question);
      GUIDON_REQUIRE(verdict.why == prompts::Consider(question, &trace).why);
      GUIDON_REQUIRE((verdict.why == prompts::Why::kInvalid) == !campaign.is_valid);
      GUIDON_REQUIRE(trace.empty() == !campaign.is_valid);
      prompts::TriggerEvent event{name, {{"chars", Value(1812)}}, now};
      event.trigger = trigger.id;
      prompts::PromptQuestion asked{rules, campaign.key, context, {behavior}, &showings, now, &event};
      const prompts::PromptExplanation explained = prompts::ExplainPrompt(asked);
      GUIDON_REQUIRE(explained.why == verdict.why);
      GUIDON_REQUIRE(explained.next >= now);
      GUIDON_REQUIRE(!prompts::ToText(explained).empty());
      GUIDON_REQUIRE(json::Document::Parse(prompts::ToJson(explained), nullptr).has_value());
    }
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
    Offer(*loaded.rules, SteadyTime::Bounded(TimestampFromMs(now)), &used);  // as clients ask
  }
  Decide(*loaded.rules, Context(), TimestampFromMs(1'795'000'000'000));
  return 0;
}
