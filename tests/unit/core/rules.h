// Rulesets to test with, from the members that matter to the case, and one call that decides.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "guidon/context.h"
#include "guidon/time.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::testing {

using Rules = std::shared_ptr<const ruleset::Ruleset>;

// 2026-11-18T11:06:40Z.
inline constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);

// A whole datafile: the header and these members, such as R"("flags":{…})".
std::string Datafile(std::string_view members);

// The ruleset of such a datafile; the test fails when there is any problem, also a warning.
Rules LoadRules(std::string_view members);

// "pointer: reason" of each problem, one a line, warnings marked.
std::string ToText(const std::vector<Problem>& problems);

evaluation::Outcome Decide(const Rules& rules, std::string_view flag, const Context& context,
                           const evaluation::Forced* forced = nullptr, evaluation::Trace* trace = nullptr,
                           Timestamp now = kNow);

// What the decision gives; null when that is the caller's fallback.
Value ValueOf(const evaluation::Outcome& outcome);

}  // namespace guidon::testing
