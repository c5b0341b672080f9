// Surveys in a source: what is published of them, and what lint says of typical mistakes.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sdk/core/dialects/native/load.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string WithShow(const std::string& show, const std::string& more = {}) {
  return SourceWith(R"("flags":{},"events":["e","g"],"campaigns":{"c":{"trigger":"e","goals":["g within 1d"],)" + more +
                    R"("show":)" + show + "}}");
}

std::string WithQuestions(const std::string& questions) {
  return WithShow(R"({"kind":"modal","title":"T","questions":)" + questions + "}");
}

}  // namespace

TEST_CASE("a survey is published in the form devices load, byte for byte, and older devices show nothing of it") {
  const std::string source = WithShow(R"J({"kind":"card","title":"Two minutes?","questions":[
      {"id":"score","type":"nps","label":"How likely, {name|you}?","required":true,
       "next":[{"if":"answer <= 6","go":"why"},{"if":"answer in [9, 10] && answer != 9","go":"end"}]},
      {"id":"mood","type":"csat","label":"Mood?","next":[{"go":"end"}]},
      {"id":"why","type":"choices","label":"Why?","shuffle":true,"options":{"speed":"Slow","price":"Dear"},
       "next":[{"if":"answer.containsAny(['price'])","go":"words"}]},
      {"id":"where","type":"choice","label":"Where?","options":{"app":"App","web":"Web"},
       "next":[{"if":"answer == 'web' || !(answer in ['app', 'web'])","go":"end"}]},
      {"id":"words","type":"text","label":"In your words","max_chars":80}],
      "language":"en","translations":{"de":{"title":"Zwei Minuten?","questions":{
        "score":{"label":"Wie sehr?"},"mood":{"label":"Laune?"},"words":{"label":"Mit Ihren Worten"},
        "where":{"label":"Wo?","options":{"web":"Netz","app":"Programm"}},
        "why":{"label":"Warum?","options":{"price":"Teuer","speed":"Langsam"}}}}}})J",
                                      R"("waits":{"completion":"180d"},)");
  const std::string published = PublishText(source);
  const std::string show =
      R"J("show":{"kind":"survey","in":"card","title":"Two minutes?","questions":[)J"
      R"J({"id":"score","type":"nps","label":"How likely, {name|you}?","required":true,)J"
      R"J("next":[{"any":[0,1,2,3,4,5,6],"go":"why"},{"any":[10],"go":"end"}]},)J"
      R"J({"id":"mood","type":"csat","label":"Mood?","next":[{"go":"end"}]},)J"
      R"J({"id":"why","type":"choices","label":"Why?","options":[{"id":"speed","label":"Slow"},)J"
      R"J({"id":"price","label":"Dear"}],"shuffle":true,"next":[{"any":["price"],"go":"words"}]},)J"
      R"J({"id":"where","type":"choice","label":"Where?","options":[{"id":"app","label":"App"},)J"
      R"J({"id":"web","label":"Web"}],"next":[{"any":["web"],"go":"end"}]},)J"
      R"J({"id":"words","type":"text","label":"In your words","max_chars":80}],)J"
      R"J("language":"en","translations":{"de":{"title":"Zwei Minuten?","questions":{"score":{"label":"Wie sehr?"},)J"
      R"J("mood":{"label":"Laune?"},"why":{"label":"Warum?","options":{"speed":"Langsam","price":"Teuer"}},)J"
      R"J("where":{"label":"Wo?","options":{"app":"Programm","web":"Netz"}},)J"
      R"J("words":{"label":"Mit Ihren Worten"}}}}})J";
  CHECK_MESSAGE(published.find(show) != std::string::npos, published);
  CHECK(published.find(R"("waits":{"dismissal":"7d","action":"30d","completion":"180d"})") != std::string::npos);
  CHECK(Read(source)->problems.all().empty());
  const dialects::Loaded loaded = dialects::LoadNative(published);
  CHECK(loaded.problems.empty());
  REQUIRE(loaded.rules.get() != nullptr);
  REQUIRE(loaded.rules->campaigns[0].is_valid);
  CHECK(loaded.rules->campaigns[0].variants[0].content.questions.size() == 5);
  CHECK(loaded.rules->campaigns[0].WaitAfterCompletion() == Duration(180 * 86'400'000LL));
}

TEST_CASE("mistakes in questions are told with their place and what is right") {
  const std::string q = R"({"id":"a","type":"nps","label":"A")";
  const std::string b = R"({"id":"b","type":"csat","label":"B"})";
  const std::string options = R"("options":{"x":"X","y":"Y"})";
  const struct {
    std::string questions;
    const char* code;
    const char* pointer;  // below the questions
    const char* says;
  } rows[] = {
      {"[]", "no-questions", "", "remove"},
      {"{}", "wrong-type", "", "type"},
      {"[7]", "wrong-type", "/0", "score"},
      {R"([{"type":"nps","label":"A"}])", "missing-member", "/0", "\"id\""},
      {R"([{"id":"end","type":"nps","label":"A"}])", "bad-name", "/0/id", "over"},
      {"[" + q + "}," + q + "}]", "duplicate-question-id", "/1/id", "rename"},
      {R"([{"id":"a","type":"stars","label":"A"}])", "unknown-type", "/0/type", "\"csat\""},
      {R"([{"id":"a","type":"choise","label":"A"}])", "unknown-type", "/0/type", "'choice'"},
      {R"([{"id":"a","type":"nps"}])", "missing-member", "/0", "\"label\""},
      {R"([{"id":"a","type":"nps","label":"{A"}])", "bad-place", "/0/label", "closed"},
      {R"([{"id":"a","type":"choice","label":"A"}])", "missing-member", "/0", "\"options\""},
      {R"([{"id":"a","type":"choice","label":"A","options":{"x":"X"}}])", "bad-options", "/0/options", "2 to 20"},
      {R"([{"id":"a","type":"choice","label":"A","options":{"x y":"X","z":"Z"}}])", "bad-name", "/0/options/x y", ""},
      {"[" + q + "," + options + "}]", "member-unused", "/0/options", "another type"},
      {"[" + q + R"(,"shuffle":true}])", "member-unused", "/0/shuffle", "another type"},
      {"[" + q + R"(,"max_chars":9}])", "member-unused", "/0/max_chars", "another type"},
      {R"([{"id":"a","type":"text","label":"A","max_chars":5001}])", "out-of-range", "/0/max_chars", "5000"},
      {"[" + q + R"(,"next":[{"if":"answer > 6"}]}])", "missing-member", "/0/next/0", "\"go\""},
      {"[" + q + R"(,"next":[{"go":"c"}]},)" + b + "]", "unknown-question", "/0/next/0/go", "'b'"},
      {"[" + b + "," + q + R"(,"next":[{"go":"b"}]}])", "goes-back", "/1/next/0/go", "no later"},
      {"[" + q + R"(,"next":[{"if":"answer >","go":"end"}]}])", "bad-branch", "/0/next/0/if", ""},
      {"[" + q + R"(,"next":[{"if":"score > 6","go":"end"}]}])", "bad-branch", "/0/next/0/if", "answer <= 6"},
      {"[" + q + R"(,"next":[{"if":"answer > 10","go":"end"}]}])", "branch-never", "/0/next/0/if", "no answer"},
      {"[" + q + R"(,"next":[{"if":"answer > 6.5","go":"end"}]}])", "unknown-answer", "/0/next/0/if", "whole number"},
      {R"([{"id":"a","type":"choice","label":"A",)" + options + R"(,"next":[{"if":"answer == 'z'","go":"end"}]}])",
       "unknown-answer", "/0/next/0/if", "'x'"},
      {R"([{"id":"a","type":"choices","label":"A",)" + options + R"(,"next":[{"if":"answer == 'x'","go":"end"}]}])",
       "bad-branch", "/0/next/0/if", "answer.containsAny(['x'])"},
      {R"([{"id":"a","type":"text","label":"A","next":[{"if":"answer == 'x'","go":"end"}]}])", "bad-branch",
       "/0/next/0/if", "leave \"if\" out"},
      {"[" + q + R"(,"next":[{"go":"end"},{"if":"answer > 6","go":"b"}]},)" + b + "]", "branch-unused", "/0/next/1",
       "\"if\" first"},
      {"[" + q + R"(,"next":[{"go":"end"}]},)" + b + "]", "question-unreachable", "/1", "\"go\""},
      {"[" + q + R"(,"required":true,"next":[{"if":"answer < 9","go":"end"},{"if":"answer >= 9","go":"end"}]},)" + b +
           "]",
       "question-unreachable", "/1", "\"go\""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.questions);
    const auto bench = Read(WithQuestions(row.questions));
    std::string all;
    for (const tools::Problem& problem : bench->problems.all()) all += problem.code + " " + problem.pointer + "\n";
    CAPTURE(all);
    const tools::Problem* problem =
        FindProblem(bench->problems, row.code, std::string("/campaigns/c/show/questions") + row.pointer);
    REQUIRE(problem != nullptr);
    const std::string said = problem->reason + problem->advice;
    CHECK_MESSAGE(said.find(row.says) != std::string::npos, said);
  }
  // What may be skipped leads on.
  CHECK(Read(WithQuestions("[" + q + R"(,"next":[{"if":"answer >= 0","go":"end"}]},)" + b + "]"))
            ->problems.all()
            .empty());
}

TEST_CASE("a survey has room, a wait that counts, and all of its words in every language") {
  const std::string q = R"("questions":[{"id":"a","type":"choice","label":"A","options":{"x":"X","y":"Y"}}])";
  const struct {
    std::string source;
    const char* code;
    const char* pointer;
  } rows[] = {
      {WithShow(R"({"kind":"tooltip","anchor":"x","title":"T",)" + q + "}"), "tooltip-with-questions",
       "/campaigns/c/show/kind"},
      {WithShow(R"({"kind":"modal","title":"T"})", R"("waits":{"completion":"9d"},)"), "wait-unused",
       "/campaigns/c/waits/completion"},
      {WithShow(R"({"kind":"modal","title":"T","language":"en",)" + q + R"(,"translations":{"de":{"title":"T"}}})"),
       "incomplete-translation", "/campaigns/c/show/translations/de"},
      {WithShow(R"({"kind":"modal","title":"T","language":"en",)" + q +
                R"(,"translations":{"de":{"title":"T","questions":{}}}})"),
       "incomplete-translation", "/campaigns/c/show/translations/de/questions"},
      {WithShow(R"({"kind":"modal","title":"T","language":"en",)" + q +
                R"(,"translations":{"de":{"title":"T","questions":{"a":{"label":"A","options":{"x":"X"}}}}}})"),
       "incomplete-translation", "/campaigns/c/show/translations/de/questions/a/options"},
      {SourceWith(R"("flags":{},"events":["answered"])"), "reserved-event", "/events/0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.source);
    CHECK(FindProblem(Read(row.source)->problems, row.code, row.pointer) != nullptr);
  }
}

TEST_CASE("answers may be asked for where events are declared") {
  const std::string source = SourceWith(
      R"("flags":{},"events":["g"],"campaigns":{"invite":{"trigger":"answered where campaign == 'c' && answer >= 9",)"
      R"("when":"count('answered', '30d') >= 1","goals":["g within 1d"],"show":{"kind":"modal","title":"Invite?"}},)"
      R"("c":{"trigger":"idle 1m","goals":["g within 1d"],"show":{"kind":"modal","title":"?",)"
      R"("questions":[{"id":"score","type":"nps","label":"?"}]}}})");
  CHECK(Read(source)->problems.all().empty());
}
