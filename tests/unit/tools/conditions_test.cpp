// Patterns and hashed lists, from a source to what a device decides.
#include <doctest/doctest.h>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/tools/tool_ports.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string WithSegments(const std::string& segments) {
  return R"JSON({
  "format": "guidon-source/1", "project": "notes", "environment": "test",
  "segments": {)JSON" +
         segments + R"JSON(},
  "flags": { "f": { "default": false, "rules": [{ "when": "segment('s')", "serve": true }] } }
})JSON";
}

bool IsServed(const std::string& source, const Context& context) {
  const auto loaded = dialects::LoadNative(PublishText(source), ToolPatterns());
  REQUIRE(loaded.problems.empty());
  evaluation::Surroundings surroundings;
  surroundings.crypto = ToolCrypto();
  const evaluation::PreparedContext prepared(*loaded.rules, context, surroundings);
  const auto outcome = evaluation::Evaluate(*loaded.rules, *loaded.rules->FindFlag("f"), prepared, Timestamp());
  REQUIRE(outcome.value != nullptr);
  return outcome.value->boolean;
}

}  // namespace

TEST_CASE("a pattern that is none is named where it stands, with what it lacks") {
  if (ToolPatterns() == nullptr) return;
  const auto bench = Read(WithSegments(R"JSON("s": "plan.matches('a(?=b)')")JSON"));
  const tools::Problem* problem = FindProblem(bench->problems, "bad-expression", "/segments/s");
  REQUIRE(problem != nullptr);
  CHECK(problem->reason.find("cannot look ahead or behind") != std::string::npos);
  const std::string text = bench->problems.ToText("notes.json", bench->text, Style(false));
  CHECK(text.find("      plan.matches('a(?=b)')\n                   ^~~~~~~~\n") != std::string::npos);
  CHECK(Read(WithSegments(R"JSON("s": "plan.matches('^a')")JSON"))->problems.errors() == 0);
}

TEST_CASE("devices find in a hashed list whom the source names, and nobody else") {
  const std::string source =
      WithSegments(R"("s": { "attribute": "mail", "values": ["a@x.org", "b@x.org"], "hashed": true })");
  CHECK(PublishText(source).find("x.org") == std::string::npos);
  CHECK(IsServed(source, Context().Set("mail", "a@x.org")));
  CHECK_FALSE(IsServed(source, Context().Set("mail", "c@x.org")));
  const std::string units = WithSegments(R"("s": { "unit": "account", "values": ["u-1"], "hashed": true })");
  CHECK(IsServed(units, Context().Unit("account", "u-1")));
  CHECK_FALSE(IsServed(units, Context().Unit("account", "u-2")));
}

TEST_CASE("devices match the pattern that the source names") {
  if (ToolPatterns() == nullptr) return;
  const std::string source = WithSegments(R"JSON("s": "plan.matches('(?i)^pro\\\\d$')")JSON");
  CHECK(IsServed(source, Context().Set("plan", "Pro7")));
  CHECK_FALSE(IsServed(source, Context().Set("plan", "Pro")));
}
