// Campaigns that wait for each other, and what lint says of typical mistakes.
#include <doctest/doctest.h>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("a campaign without a holdout of its own has one where a holdout over several governs it") {
  const auto warns = [](const std::string& holdouts) {
    const std::unique_ptr<Workbench> bench = Read(
        SourceWith(holdouts + R"("flags":{},"campaigns":{"step":{"trigger":"e","goals":["g within 7d"],"holdout":0,)"
                              R"("show":{"kind":"banner","title":"Hello"}}})"));
    CHECK_FALSE(bench->problems.has_errors());
    return FindProblem(bench->problems, "no-holdout", "/campaigns/step/holdout") != nullptr;
  };
  CHECK(warns(""));
  CHECK(warns(R"("holdouts":{"all":{"percent":5}},)"));
  CHECK_FALSE(warns(R"("holdouts":{"journey":{"percent":5,"campaigns":["step"]}},)"));
  CHECK_FALSE(warns(R"("holdouts":{"journey":{"percent":5,"campaigns":"*"}},)"));
}

TEST_CASE("a campaign that starts at an answer names a campaign, a question and an answer that there are") {
  const struct {
    const char* where;
    const char* code;  // empty: nothing is wrong
    const char* says;
  } rows[] = {
      {"campaign == 'ask' && question == 'why' && answer == 'price'", "", ""},
      {"campaign == 'ask' && question == 'score' && answer >= 9", "", ""},
      {"question in ['score', 'likes'] && answer.containsAny(['speed'])", "", ""},
      {"campaign != 'ask' && question == 'mood'", "", ""},
      {"question != 'why' && answer.containsAny(['speed'])", "", ""},
      {"campaign == 'aks'", "unknown-campaign", "did you mean 'ask'?"},
      {"!(campaign in ['ask', 'gone'])", "unknown-campaign", "there is no campaign 'gone'"},
      {"campaign == 'c'", "asks-nothing", "name a campaign with \"questions\""},
      {"campaign == 'ask' && question == 'scroe'", "unknown-question", "did you mean 'score'?"},
      {"question == 'moon'", "unknown-question", "did you mean 'mood'?"},
      {"campaign == 'ask' && question == 'mood'", "unknown-question", "no question is called 'mood'"},
      {"campaign == 'ask' && question == 'why' && answer == 'prize'", "unknown-answer", "did you mean 'price'?"},
      {"question == 'why' && answer == 'speed'", "unknown-answer", "nobody can answer 'speed'"},
      {"question == 'score' && answer == '9'", "unknown-answer", "compare scores with numbers"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.where);
    const std::unique_ptr<Workbench> bench = Read(SourceWith(
        R"("flags":{},"campaigns":{"ask":{"trigger":"e","goals":["g within 7d"],"show":{"kind":"modal","title":"?",)"
        R"("questions":[{"id":"score","type":"nps","label":"?"},{"id":"why","type":"choice","label":"?",)"
        R"("options":{"price":"Price","time":"Time"}},{"id":"likes","type":"choices","label":"?",)"
        R"("options":{"speed":"Speed","looks":"Looks"}}]}},"feel":{"trigger":"f","goals":["g within 7d"],"show":{)"
        R"("kind":"modal","title":"?","questions":[{"id":"mood","type":"csat","label":"?"}]}},"c":{"trigger":"answered where )" +
        std::string(row.where) + R"(","goals":["g within 7d"],"show":{"kind":"banner","title":"Hello"}}})"));
    CAPTURE(bench->problems.ToText("s.json", bench->text, Style(false)));
    CHECK_FALSE(bench->problems.has_errors());
    std::string codes;
    for (const tools::Problem& problem : bench->problems.all()) codes += problem.code;
    CHECK(codes == row.code);
    const tools::Problem* problem = FindProblem(bench->problems, row.code, "/campaigns/c/trigger");
    if (*row.code == '\0' || problem == nullptr) continue;
    CHECK((problem->reason + problem->advice).find(row.says) != std::string::npos);
  }
}
