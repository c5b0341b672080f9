#include "tests/unit/core/rules.h"

#include <doctest/doctest.h>

namespace guidon::testing {

std::string Datafile(std::string_view members) {
  std::string text = R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":7,)"
                     R"("issued_at":"2026-11-18T10:00:00Z")";
  if (!members.empty()) text.append(",").append(members);
  return text + "}";
}

std::string ToText(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += (problem.is_error ? "" : "warning: ") + problem.pointer + ": " + problem.reason + "\n";
  }
  return text;
}

Rules LoadRules(std::string_view members) {
  const dialects::Loaded loaded = dialects::LoadNative(Datafile(members));
  REQUIRE(ToText(loaded.problems) == "");
  REQUIRE(loaded.rules.get() != nullptr);
  return loaded.rules;
}

evaluation::Outcome Decide(const Rules& rules, std::string_view flag, const Context& context,
                           const evaluation::Forced* forced, evaluation::Trace* trace, Timestamp now) {
  const ruleset::Flag* found = rules->FindFlag(flag);
  REQUIRE(found != nullptr);
  const evaluation::PreparedContext prepared(*rules, context);
  return evaluation::Evaluate(*rules, *found, prepared, now, forced, trace);
}

Value ValueOf(const evaluation::Outcome& outcome) {
  return outcome.value == nullptr ? Value() : ruleset::ToValue(*outcome.value);
}

}  // namespace guidon::testing
