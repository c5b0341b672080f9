// Surveys through a whole client: from the question to the collector, to triggers and to behavior.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Steps = std::vector<std::string>;

// Two questions for those who are not happy, one for those who are.
CampaignSpec Survey() {
  CampaignSpec survey;
  survey.kind = "modal";
  survey.questions = R"([
    {"id":"score","type":"nps","label":"How likely, {first_name|friend}?","required":true,
     "next":[{"any":[0,1,2,3,4,5,6],"go":"why"},{"go":"love"}]},
    {"id":"why","type":"choices","label":"Why?","options":[{"id":"speed","label":"Slow"},{"id":"price","label":"Dear"}],
     "next":[{"go":"end"}]},
    {"id":"love","type":"text","label":"What do you like?","max_chars":10}])";
  return survey;
}

struct SurveyWorld : PromptWorld {
  explicit SurveyWorld(std::vector<CampaignSpec> campaigns = {Survey()}) : PromptWorld(campaigns) {
    Write();
    REQUIRE(host.presented.size() == 1);
    host.lease->Presented();
  }
  const Prompt& prompt() const { return host.presented[0]; }
  Status Answer(std::string_view question, const Value& answer) { return host.lease->Answer(question, answer); }
};

TEST_CASE("each answer goes out as it is given, then the completion, with who was asked what") {
  SurveyWorld world;
  REQUIRE(world.prompt().questions.size() == 3);
  CHECK(world.prompt().kind == "modal");
  CHECK(world.prompt().questions[0].label == "How likely, friend?");
  CHECK(world.prompt().questions[1].options[0].label == "Slow");
  REQUIRE(world.Answer("score", 3).ok());
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "impression", "answer score 3"});
  REQUIRE(world.Answer("why", List{"price", "speed"}).ok());
  REQUIRE(world.host.lease->Completed().ok());
  CHECK(world.host.lease->Completed().code() == StatusCode::kClosed);
  CHECK(world.Answer("score", 4).code() == StatusCode::kClosed);
  world.Pass(minutes(1));
  const Steps steps = world.PromptSteps();
  REQUIRE(steps.size() == 6);
  CHECK(steps[3] == "viewable");
  CHECK(steps[4].find("answer why") == 0);
  CHECK(steps[4].find("price") < steps[4].find("speed"));
  CHECK(steps[5] == "completion");
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    CHECK(step.attributes["guidon.prompt.id"] == world.prompt().id);
    CHECK(step.attributes["guidon.campaign.key"] == "try-share");
    CHECK(step.attributes["guidon.campaign.variant"] == "prompt");
    CHECK(step.attributes["feature_flag.context.id"] == "d-1");
  }
}

TEST_CASE("answers of a survey that is left half-way are kept, and a later answer to a question is told apart") {
  SurveyWorld world;
  REQUIRE(world.Answer("score", 9).ok());
  REQUIRE(world.Answer("score", 10).ok());
  REQUIRE(world.Answer("love", "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4").ok());
  world.Settle();
  world.Kill();
  world.host.lease.reset();
  world.Open();
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "impression", "answer score 9", "answer score 10",
                                     "answer love \u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4",
                                     "unknown"});
  CHECK(world.duplicates() == 0);
  Steps numbers;
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    if (step.attributes["guidon.prompt.what"] == "answer") numbers.push_back(step.attributes["guidon.prompt.number"]);
  }
  std::sort(numbers.begin(), numbers.end());
  CHECK(numbers == Steps{"1", "2", "3"});
}

TEST_CASE("what is no answer is refused with the reason, and nothing of it is told") {
  SurveyWorld world;
  const struct {
    const char* question;
    Value answer;
    const char* says;
  } rows[] = {{"score", 11, "from 0 to 10"},
              {"score", -1, "from 0 to 10"},
              {"score", "9", "from 0 to 10"},
              {"score", Value(), "from 0 to 10"},
              {"why", "speed", "a list"},
              {"why", List{"speed", "speed"}, "twice"},
              {"why", List{"taste"}, "no such option"},
              {"love", " ", "no answer"},
              {"love", "\xFF", "no readable text"},
              {"mood", 1, "no question mood"}};
  for (const auto& row : rows) {
    CAPTURE(row.question);
    CAPTURE(row.says);
    const Status status = world.Answer(row.question, row.answer);
    CHECK(status.code() == StatusCode::kInvalidArgument);
    CHECK(status.message().find(row.says) != std::string::npos);
  }
  CHECK(world.host.lease->Completed().message().find("score: is required") == 0);
  for (std::size_t i = 0; i < limits::kAnswers; ++i) REQUIRE(world.Answer("score", i % 11).ok());
  CHECK(world.Answer("score", 1).code() == StatusCode::kTooLarge);
  CHECK(world.host.lease->Completed().ok());
  world.Pass(minutes(1));
  CHECK(world.PromptSteps().size() == 3 + limits::kAnswers);
}

TEST_CASE("an answer starts the campaigns that it triggers once the survey is gone, and counts as behavior") {
  CampaignSpec invite;
  invite.key = "invite";
  invite.trigger = R"({"event":"answered","where":{"op":"and","of":[
    {"op":"==","attribute":"campaign","kind":"event","value":"try-share"},
    {"op":"==","attribute":"question","kind":"event","value":"score"},
    {"op":">=","attribute":"answer","kind":"event","value":9}]}})";
  invite.when = R"({"op":">=","count":"answered","window":"1d","value":1})";
  for (const int score : {8, 9}) {
    CAPTURE(score);
    SurveyWorld world({Survey(), invite});
    REQUIRE(world.Answer("score", score).ok());
    world.Pass(Duration(500), Duration(100));
    CHECK(world.host.presented.size() == 1);
    REQUIRE(world.host.lease->Completed().ok());
    world.Pass(Duration(500), Duration(100));
    REQUIRE(world.host.presented.size() == (score == 9 ? 2u : 1u));
    if (score == 9) CHECK(world.host.presented[1].campaign == "invite");
  }
}

TEST_CASE("what people wrote is no property of the event that triggers hear") {
  CampaignSpec after;
  after.key = "after";
  after.trigger = R"({"event":"answered","where":{"op":"exists","attribute":"answer","kind":"event"}})";
  SurveyWorld world({Survey(), after});
  REQUIRE(world.Answer("love", "the notes").ok());
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Pass(Duration(500), Duration(100));
  CHECK(world.host.presented.size() == 1);
  CHECK(world.client().ExplainPrompt("after").find("the notes") == std::string::npos);
}

TEST_CASE("without consent to analytics no answer leaves the device, and triggers hear of it all the same") {
  CampaignSpec invite;
  invite.key = "invite";
  invite.trigger = R"({"event":"answered","where":{"op":">=","attribute":"answer","kind":"event","value":9}})";
  PromptWorld world({Survey(), invite});
  world.client().SetConsent(Consents(Consent::kGranted).With(Purpose::kAnalytics, Consent::kDenied));
  world.Settle();
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  REQUIRE(world.host.lease->Answer("score", 10).ok());
  REQUIRE(world.host.lease->Answer("love", "secret").ok());
  REQUIRE(world.host.lease->Completed().ok());
  world.Pass(Duration(500), Duration(100));
  REQUIRE(world.host.presented.size() == 2);
  CHECK(world.host.presented[1].campaign == "invite");
  world.Pass(minutes(1));
  CHECK(world.PromptSteps().empty());
}

TEST_CASE("a completed survey has a wait of its own, and that of an action where there is none") {
  for (const bool has_own : {true, false}) {
    CAPTURE(has_own);
    CampaignSpec survey = Survey();
    survey.caps = R"([{"count":10}])";
    survey.action = has_own ? R"(1h","completion":"5h)" : "5h";
    SurveyWorld world({survey});
    REQUIRE(world.Answer("score", 9).ok());
    REQUIRE(world.host.lease->Completed().ok());
    world.Pass(hours(4), hours(1));
    world.Write();
    CHECK(world.host.presented.size() == 1);
    const std::string why = world.client().ExplainPrompt("try-share");
    CHECK(why.find("after_completion") != std::string::npos);
    CHECK(why.find("survey completed") != std::string::npos);
    world.Pass(hours(1), hours(1));
    world.Write();
    CHECK(world.host.presented.size() == 2);
  }
}

TEST_CASE("a host is offered the questions that it asks, and no others") {
  PromptWorld world({Survey()});
  for (const auto& questions : {Steps{}, Steps{"nps", "text"}}) {
    TestHost host;
    host.questions = questions;
    world.client().SetPromptHost(&host);
    world.Settle();
    world.Write();
    CHECK(host.asked.empty());
    const std::string why = world.client().ExplainPrompt("try-share");
    CHECK(why.find("cannot_ask") != std::string::npos);
    CHECK(why.find("nps, choices, text: the app asks " + std::string(questions.empty() ? "nothing" : "nps, text")) !=
          std::string::npos);
    world.client().SetPromptHost(nullptr);
    world.Settle();
  }
  world.client().SetPromptHost(&world.host);
  world.Settle();
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what QA is shown asks the same, and its answers count for nothing") {
  CampaignSpec often;
  often.key = "often";
  often.when = R"({"op":">=","count":"answered","window":"1d","value":1})";
  PromptWorld world({Survey(), often});
  REQUIRE(world.client().overrides().ForcePrompt("try-share").ok());
  world.Settle();
  REQUIRE(world.host.presented.size() == 1);
  REQUIRE(world.host.lease->Answer("score", 2).ok());
  REQUIRE(world.host.lease->Completed().ok());
  world.Pass(minutes(1));
  auto steps = world.CollectedOf("guidon.prompt");
  CHECK(steps.size() == 4);
  for (auto& step : steps) CHECK(step.attributes["guidon.forced"] == "true");
  CHECK(world.client().ExplainPrompt("often").find("not_eligible") != std::string::npos);
}

}  // namespace
}  // namespace guidon::test
