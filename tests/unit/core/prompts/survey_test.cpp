#include "sdk/core/prompts/survey.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "tests/unit/core/prompts/campaigns.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

// Five questions, one of each type.
const char kQuestions[] = R"([
  {"id":"score","type":"nps","label":"How likely, {first_name|friend}?","next":[
    {"any":[0,1,2,3,4,5,6],"go":"area"},{"any":[9,10],"go":"words"}]},
  {"id":"rest","type":"csat","label":"And the rest?","next":[{"go":"end"}]},
  {"id":"area","type":"choice","label":"Where?","options":[{"id":"app","label":"App"},{"id":"web","label":"Web"}]},
  {"id":"why","type":"choices","label":"Why?","shuffle":true,"options":[{"id":"a","label":"A"},{"id":"b","label":"B"},
    {"id":"c","label":"C"},{"id":"d","label":"D"}],"next":[{"any":["a","d"],"go":"end"}]},
  {"id":"words","type":"text","label":"In your words","max_chars":20}])";

std::string Show(const std::string& questions, const std::string& more = {}, const std::string& in = "modal") {
  return R"({"kind":"survey","in":")" + in + R"(","title":"Two minutes?","questions":)" + questions + more + "}";
}

std::vector<SurveyQuestion> QuestionsOf(const Rules& rules, const Context& context, std::string_view unit = "d-1") {
  const ruleset::PromptContent& content = rules->campaigns[0].variants[0].content;
  return prompts::QuestionsFor(content, prompts::TextsFor(content, context), {context, "p-1", "c", "prompt"}, unit);
}

std::string OptionsOf(const SurveyQuestion& question) {
  std::string ids;
  for (const SurveyQuestion::Option& option : question.options) ids += option.id;
  return ids;
}

}  // namespace

TEST_CASE("questions are as the datafile says them, with their texts filled in") {
  const Rules rules = CampaignRules({{"show", Show(kQuestions)}});
  REQUIRE(rules->campaigns[0].is_valid);
  const auto questions = QuestionsOf(rules, Context().Set("first_name", "Ann"));
  REQUIRE(questions.size() == 5);
  CHECK(questions[0].label == "How likely, Ann?");
  CHECK(questions[0].type == "nps");
  CHECK(questions[0].least == 0);
  CHECK(questions[0].most == 10);
  CHECK(questions[1].least == 1);
  CHECK(questions[1].most == 5);
  CHECK(questions[2].options[1].label == "Web");
  CHECK(questions[3].options.size() == 4);
  CHECK(questions[4].max_chars == 20);
  CHECK_FALSE(questions[4].required);
}

TEST_CASE("an answer leads to the question that its branch names, else to the next one, and never back") {
  const auto questions = QuestionsOf(CampaignRules({{"show", Show(kQuestions)}}), Context());
  const struct {
    const char* after;
    Value answer;
    const char* next;  // empty: the end
  } rows[] = {
      {"", Value(), "score"},
      {"score", 0, "area"},
      {"score", 6, "area"},
      {"score", 7, "rest"},
      {"score", 10, "words"},
      {"score", Value(), "rest"},
      {"rest", 5, ""},
      {"rest", Value(), ""},
      {"area", "app", "why"},
      {"why", List{"b", "d"}, ""},
      {"why", List{"b"}, "words"},
      {"why", List{}, "words"},
      {"words", "fine", ""},
      {"mood", 1, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.after);
    CAPTURE(row.next);
    const SurveyQuestion* next = NextQuestion(questions, row.after, row.answer);
    CHECK((next == nullptr ? std::string() : next->id) == row.next);
  }
  CHECK((NextQuestion({}, "", Value()) == nullptr));
}

TEST_CASE("a text is cut between two characters, and only where it is too long") {
  SurveyQuestion question;
  question.id = "words";
  question.type = "text";
  question.max_chars = 3;
  const struct {
    const char* text;
    const char* kept;
  } rows[] = {{"abc", "abc"},
              {"abcd", "abc"},
              {"\u00e4\u00f6\u00fc\u00df", "\u00e4\u00f6\u00fc"},
              {"\U0001F600\U0001F600\U0001F600", "\U0001F600\U0001F600\U0001F600"}};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    Value answer(row.text);
    REQUIRE(CheckAnswer(question, &answer).ok());
    CHECK(answer == Value(row.kept));
  }
}

TEST_CASE("shuffled options are in the same order for the same person, and in every order among people") {
  const Rules rules = CampaignRules({{"show", Show(kQuestions)}});
  std::set<std::string> orders;
  std::set<std::string> first;
  for (int person = 0; person < 1'000; ++person) {
    const std::string unit = "d-" + std::to_string(person);
    const std::vector<SurveyQuestion> questions = QuestionsOf(rules, Context(), unit);
    const std::string order = OptionsOf(questions[3]);
    const std::string again = OptionsOf(QuestionsOf(rules, Context().Set("plan", "pro"), unit)[3]);
    CHECK(order == again);
    orders.insert(order);
    first.insert(OptionsOf(questions[2]));
  }
  CHECK(orders.size() == 24);
  CHECK(first == std::set<std::string>{"appweb"});
}

TEST_CASE("questions are translated with all the rest, and lack nothing in any language") {
  const std::string questions = R"([{"id":"q","type":"choice","label":"Where, {name}?","options":[
    {"id":"a","label":"App"},{"id":"b","label":"Web"}]}])";
  const auto with = [&](const std::string& german) {
    return CampaignRules(
        {{"show", Show(questions, R"(,"language":"en","translations":{"de":{"title":"T")" + german + "}}")}});
  };
  const Rules rules = with(R"(,"questions":{"q":{"label":"Wo?","options":{"b":"Netz","a":"Programm"}}})");
  REQUIRE(rules->campaigns[0].is_valid);
  const auto german = QuestionsOf(rules, Context().Set("language", "de"));
  CHECK(german[0].label == "Wo?");
  CHECK(german[0].options[0].label == "Programm");
  const ruleset::PromptContent& content = rules->campaigns[0].variants[0].content;
  CHECK(prompts::FirstUnfilled(content.texts[0], Context()) == "name");
  CHECK(prompts::FirstUnfilled(content.texts[1], Context()).empty());
}

TEST_CASE("a question that cannot be asked costs its campaign, with the place and the reason") {
  const struct {
    std::string show;
    std::string problem;
  } rows[] = {
      {Show("[]"), "questions: is empty"},
      {Show("7"), "questions: must be an array"},
      {Show(R"([{"id":"end","type":"nps","label":"Q"}])"), "questions/0/id: is \"end\""},
      {Show(R"([{"id":"a b","type":"nps","label":"Q"}])"), "questions/0/id: must be 1 to 128"},
      {Show(R"([{"id":"q","type":"stars","label":"Q"}])"), "questions/0/type: must be nps, csat, choice"},
      {Show(R"([{"id":"q","type":"nps","label":"{Q"}])"), "questions/0/label: at byte 0"},
      {Show(R"([{"id":"q","type":"nps","label":""}])"), "questions/0/label: must be"},
      {Show(R"([{"id":"q","type":"nps","label":"Q"},{"id":"q","type":"csat","label":"Q"}])"),
       "questions/1/id: is the id of two questions"},
      {Show(R"([{"id":"q","type":"choice","label":"Q"}])"), "questions/0/options: is missing"},
      {Show(R"([{"id":"q","type":"choice","label":"Q","options":[{"id":"a","label":"A"}]}])"),
       "questions/0/options: has less than two"},
      {Show(R"([{"id":"q","type":"choice","label":"Q","options":[{"id":"a","label":"A"},{"id":"a","label":"B"}]}])"),
       "questions/0/options/1/id: is the id of two options"},
      {Show(R"([{"id":"q","type":"text","label":"Q","max_chars":5001}])"), "questions/0/max_chars: must be from 1"},
      {Show(R"([{"id":"q","type":"nps","label":"Q","next":[{"go":"q"}]}])"),
       "questions/0/next/0/go: does not lead to a later question"},
      {Show(R"([{"id":"q","type":"nps","label":"Q","next":[{"go":"r"}]}])"), "questions/0/next/0/go: is no question"},
      {Show(R"([{"id":"q","type":"nps","label":"Q","next":[{"any":[],"go":"end"}]}])"),
       "questions/0/next/0/any: is empty"},
      {Show(R"([{"id":"q","type":"csat","label":"Q","next":[{"any":[0],"go":"end"}]}])"),
       "questions/0/next/0/any/0: must be from 1 to 5"},
      {Show(R"([{"id":"q","type":"text","label":"Q","next":[{"any":["a"],"go":"end"}]}])"),
       "questions/0/next/0/any: cannot be asked of a text"},
      {Show(R"([{"id":"q","type":"nps","label":"Q"}])", {}, "tooltip"), "in: is tooltip"},
      {Show(R"([{"id":"q","type":"nps","label":"Q"}])", {}, "popup"), "in: must be tooltip"},
      {R"({"kind":"modal","title":"T","questions":[{"id":"q","type":"nps","label":"Q"}]})",
       "kind: must be survey where there are questions"},
      {R"({"kind":"survey","in":"modal","title":"T"})", "kind: must be tooltip"},
      {Show(R"([{"id":"q","type":"nps","label":"Q"}])", R"(,"language":"en","translations":{"de":{"title":"T"}})"),
       "translations/de/questions: is missing"},
      {Show(R"([{"id":"q","type":"nps","label":"Q"}])",
            R"(,"language":"en","translations":{"de":{"title":"T","questions":{}}})"),
       "translations/de/questions/q: is missing"},
      {Show(R"([{"id":"q","type":"nps","label":"Q"}])",
            R"(,"language":"en","translations":{"de":{"title":"T","questions":{"q":{}}}})"),
       "translations/de/questions/q/label: is missing"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.show);
    const auto loaded =
        dialects::LoadNative(Datafile(R"("campaigns":{"c":)" + CampaignJson({{"show", row.show}}) + "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK_FALSE(loaded.rules->campaigns[0].is_valid);
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find("/campaigns/c/show/" + row.problem) == 0, problems);
  }
}
