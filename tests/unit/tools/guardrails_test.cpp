// Guardrails in a source: what lint says of them, and that good ones pass.
#include <doctest/doctest.h>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("guardrails are read aloud as they are meant, and each mistake says what to write") {
  const struct {
    const char* members;  // beside the goal "g within 7d"
    const char* code;
    const char* pointer;
    const char* says;
  } rows[] = {
      {R"("guardrails":["f within 10m"])", "bad-guardrail", "/0",
       "write \"no more f within 10m\" or \"no less f within 10m\""},
      {R"("guardrails":["no f in 10m"])", "bad-guardrail", "/0", "or \"no less app_open within 7d\""},
      {R"("guardrails":["no fewer f within 10m"])", "bad-guardrail", "/0", "or \"no less f within 10m\""},
      {R"("guardrails":[""])", "bad-guardrail", "/0", "\"no more error_shown within 10m\""},
      {R"("guardrails":["no more f"])", "bad-guardrail", "/0", "write \"no more f within 7d\""},
      {R"("guardrails":["no less f in a week"])", "bad-guardrail", "/0", "write \"no less f within 7d\""},
      {R"("guardrails":["no less f within 91d"])", "bad-guardrail", "/0", "90 days"},
      {R"("guardrails":["no more f within 5s"])", "bad-goal", "/0", "shorter than a minute"},
      {R"("guardrails":["no more f by prompt within 7d"])", "bad-guardrail", "/0", "nothing to compare with"},
      {R"("guardrails":[7])", "wrong-type", "/0", "no more error_shown within 10m"},
      {R"("guardrails":"no more f within 7d")", "wrong-type", "", "[\"no more error_shown within 10m\"]"},
      {R"("guardrails":["no more x within 7d"])", "undeclared-event", "/0", "this would guard nothing"},
      {R"("guardrails":["no less g within 1w"])", "guardrail-is-goal", "/0", "is a goal, too"},
      {R"("guardrails":["no more f within 7d","no more f within 1w"])", "listed-twice", "/1", "remove one"},
      {R"("guardrail":"no more f within 7d")", "unknown-member", "", "write \"guardrails\""},
      {R"("holdout":0,"guardrails":["no more f within 7d"])", "guardrail-without-holdout", "", "write \"holdout\": 10"},
  };
  const std::string campaign =
      R"("flags":{"x":{"default":0}},"events":["e","f","g"],"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],)"
      R"("show":{"kind":"banner","title":"Hello"},)";
  for (const auto& row : rows) {
    CAPTURE(row.members);
    const auto bench = Read(SourceWith(campaign + row.members + "}}"));
    const bool is_singular = std::string_view(row.code) == "unknown-member";
    const tools::Problem* problem = FindProblem(
        bench->problems, row.code, "/campaigns/c/guardrail" + std::string(is_singular ? "" : "s") + row.pointer);
    REQUIRE_MESSAGE(problem != nullptr, bench->problems.ToText("s.json", bench->text, Style(false)));
    CHECK_MESSAGE((problem->reason + problem->advice).find(row.says) != std::string::npos, problem->advice);
  }
  std::string many = R"("guardrails":[)";
  for (int i = 1; i <= 17; ++i)
    many += (i > 1 ? ",\"no more f within " : "\"no more f within ") + std::to_string(i) + "h\"";
  CHECK(FindProblem(Read(SourceWith(campaign + many + "]}}"))->problems, "too-many", "/campaigns/c/guardrails") !=
        nullptr);
  const auto bench = Read(SourceWith(
      campaign +
      R"("guardrails":["no more f within 10m","no less e within 7d","no less g within 1d"]}},"experiments":{"x":{)" +
      R"("percent":50,"variants":{"control":{"x":0},"b":{"x":1}},"goals":["g"],"guardrails":["no more f within 10m"]}})"));
  CHECK_MESSAGE(bench->problems.all().empty(), bench->problems.ToText("s.json", bench->text, Style(false)));
}

TEST_CASE("a mistake in a guardrail's time is pointed at where it stands") {
  const auto bench = Read(SourceWith(
      R"("flags":{},"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],"guardrails":["no more f within soon"],)"
      R"("show":{"kind":"banner","title":"Hello"}}})"));
  const std::string text = bench->problems.ToText("notes.json", bench->text, Style(false));
  CAPTURE(text);
  CHECK(text.find("      no more f within soon\n"
                  "                       ^~~~\n") != std::string::npos);
}
