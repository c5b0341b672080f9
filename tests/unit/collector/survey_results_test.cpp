#include "samples/collector/survey_results.h"

#include <doctest/doctest.h>

#include "samples/collector/page.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

const SurveyResult& Survey(const Results& results) {
  REQUIRE(!results.campaigns.empty());
  const auto& surveys = results.campaigns[0].surveys;
  REQUIRE(surveys.size() > CampaignResult::kFirst);
  REQUIRE(surveys[CampaignResult::kFirst]);
  return *surveys[CampaignResult::kFirst];
}

const QuestionResult& Question(const Results& results, std::string_view id) {
  for (const QuestionResult& question : Survey(results).questions) {
    if (question.id == id) return question;
  }
  FAIL("no such question");
  return Survey(results).questions[0];
}

// Each value is one unit's answer to the question.
Results Answered(World& world, const std::string& question, const std::vector<std::string>& values) {
  const std::vector<std::string> units = UnitsReaching("prompt", values.size());
  std::vector<Event> events;
  for (std::size_t i = 0; i < values.size(); ++i) {
    events.push_back(Step("e" + units[i], units[i], "exposure"));
    events.push_back(AnswerTo("a" + units[i], units[i], question, values[i]));
  }
  REQUIRE(world.Post(events).body == R"({"partialSuccess":{}})");
  return world.Count();
}

std::vector<std::uint64_t> Counts(const QuestionResult& question) {
  std::vector<std::uint64_t> counts;
  for (const AnswerCount& count : question.counts) counts.push_back(count.n);
  return counts;
}

TEST_CASE("the NPS is promoters minus detractors, with the adjusted Wald interval") {
  World world;
  std::vector<std::string> values;
  for (const int score : {10, 10, 9, 9, 9, 8, 7, 6, 5, 0}) values.push_back(ScoreValue(score));
  const Results results = Answered(world, "score", values);
  const QuestionResult& question = Question(results, "score");
  CHECK(question.answered == 10);
  CHECK(question.promoters == 5);
  CHECK(question.passives == 2);
  CHECK(question.detractors == 3);
  REQUIRE(question.score);
  CHECK(*question.score == doctest::Approx(0.2));
  CHECK(Counts(question) == std::vector<std::uint64_t>{1, 0, 0, 0, 0, 1, 1, 1, 1, 3, 2});
  CHECK(AnswerSentence(question) == "NPS +20.0 (95 %: \u221230.3 to +61.1), of 10 answers");
}

TEST_CASE("a CSAT has a mean, and the share that gave a 4 or a 5") {
  World world;
  const Results results = Answered(world, "stars", {ScoreValue(5), ScoreValue(4), ScoreValue(4), ScoreValue(1)});
  const QuestionResult& question = Question(results, "stars");
  REQUIRE(question.mean);
  CHECK(*question.mean == doctest::Approx(3.5));
  CHECK(question.top == 3);
  CHECK(Counts(question) == std::vector<std::uint64_t>{1, 0, 0, 2, 1});
  // Wilson's interval for 3 of 4.
  CHECK(AnswerSentence(question) == "Mean 3.5 of 5, 75.0 % gave a 4 or a 5 (95 %: 30.1 % to 95.4 %), of 4 answers");
}

TEST_CASE("options are counted by how many chose them") {
  World world;
  CHECK(Counts(Question(Answered(world, "plan", {OptionValue("pro"), OptionValue("pro"), OptionValue("free")}),
                        "plan")) == std::vector<std::uint64_t>{1, 2});
  World other;
  const Results results = Answered(
      other, "like",
      {OptionsValue({"speed"}), OptionsValue({"price", "speed"}), OptionsValue({"speed", "price"}), OptionsValue({})});
  CHECK(Question(results, "like").answered == 4);
  CHECK(Counts(Question(results, "like")) == std::vector<std::uint64_t>{3, 2});
}

TEST_CASE("of several answers to one question of one showing the one with the highest number holds") {
  for (const bool is_first_late : {false, true}) {
    CAPTURE(is_first_late);
    World world;
    const std::string unit = UnitsReaching("prompt", 1)[0];
    const Event first = AnswerTo("1", unit, "score", ScoreValue(2), 1);
    const Event second = AnswerTo("2", unit, "score", ScoreValue(9), 2);
    world.Post({Step("e", unit, "exposure"), is_first_late ? second : first});
    world.Post({is_first_late ? first : second});
    const Results results = world.Count();
    CHECK(Question(results, "score").answered == 1);
    CHECK(Question(results, "score").promoters == 1);
    CHECK(Question(results, "score").detractors == 0);
  }
}

TEST_CASE("each showing counts, and where people left") {
  World world;
  const std::vector<std::string> units = UnitsReaching("prompt", 6);
  std::vector<Event> events;
  for (const std::string& unit : units) {
    events.push_back(Step("e" + unit, unit, "exposure"));
    events.push_back(Step("i" + unit, unit, "impression"));
  }
  events.push_back(AnswerTo("a0", units[0], "score", ScoreValue(9), 1));
  events.push_back(AnswerTo("b0", units[0], "why", "fine", 2));
  events.push_back(Step("c0", units[0], "completion"));
  events.push_back(AnswerTo("a1", units[1], "score", ScoreValue(3), 1));
  events.push_back(Step("d1", units[1], "dismissal"));
  events.push_back(Step("d2", units[2], "snooze"));
  events.push_back(AnswerTo("a3", units[3], "stars", ScoreValue(4), 2));
  events.push_back(AnswerTo("b3", units[3], "score", ScoreValue(3), 1));
  events.push_back(Step("u3", units[3], "unknown"));
  events.push_back(AnswerTo("a4", units[4], "score", ScoreValue(8), 1));
  // Its impression is still on its way.
  events.push_back(Step("again", units[0], "exposure", "second"));
  Event second = AnswerTo("a6", units[0], "score", ScoreValue(10), 1);
  events.push_back(second.Text("guidon.prompt.id", "second"));
  world.Post(events);
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  const SurveyResult& survey = Survey(results);
  CHECK(survey.shown == 7);
  CHECK(survey.answered == 5);
  CHECK(survey.completed == 1);
  CHECK(survey.left_at_start == 1);
  CHECK(survey.open == 3);
  CHECK(Question(results, "score").left_after == 1);
  CHECK(Question(results, "stars").left_after == 1);
  CHECK(Question(results, "score").answered == 5);
  CHECK(Question(results, "why").answered == 1);
}

TEST_CASE("answers of forced units, and of showings that nobody knows, are in no count") {
  World world;
  const std::vector<std::string> units = UnitsReaching("prompt", 2);
  world.Post({Step("e0", units[0], "exposure"), AnswerTo("a0", units[0], "score", ScoreValue(9)),
              Step("e1", units[1], "exposure").Forced("api"),
              AnswerTo("a1", units[1], "score", ScoreValue(0)).Forced("api"),
              AnswerTo("a2", units[0], "score", ScoreValue(0)).Text("guidon.prompt.id", "unheard of")});
  const Results results = world.Count();
  CHECK(Survey(results).answered == 1);
  CHECK(Question(results, "score").answered == 1);
  CHECK(Question(results, "score").detractors == 0);
}

TEST_CASE("an answer that the question does not take goes to the quarantine") {
  const std::string unit = UnitsReaching("prompt", 1)[0];
  const struct {
    const char* name;
    const char* question;
    std::string value;
    const char* reason;
  } rows[] = {{"11", "score", ScoreValue(11), "answer_mismatch"},
              {"-1", "score", ScoreValue(-1), "answer_mismatch"},
              {"no star", "stars", ScoreValue(0), "answer_mismatch"},
              {"a word for a score", "score", OptionValue("9"), "answer_mismatch"},
              {"a text for a score", "score", "nine", "answer_mismatch"},
              {"no option", "plan", OptionValue("gold"), "answer_mismatch"},
              {"a list for one option", "plan", OptionsValue({"pro"}), "answer_mismatch"},
              {"one of them is no option", "like", OptionsValue({"speed", "gold"}), "answer_mismatch"},
              {"the same twice", "like", OptionsValue({"speed", "speed"}), "answer_mismatch"},
              {"a score for a text", "why", ScoreValue(3), "answer_mismatch"},
              {"no such question", "who", ScoreValue(3), "unknown_question"},
              {"a number with a fraction", "score", R"({"doubleValue":9.0})", "malformed"},
              {"a list in a list", "like", R"({"arrayValue":{"values":[{"arrayValue":{}}]}})", "malformed"},
              {"no question", "", ScoreValue(3), "malformed"},
              {"a text beyond all bounds", "why", std::string(20'001, 'x'), "malformed"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    world.Post({Step("e", unit, "exposure"), AnswerTo("a", unit, row.question, row.value)});
    const Results results = world.Count();
    REQUIRE(results.quarantined.size() == 1);
    CHECK(results.quarantined[0].name == row.reason);
    CHECK(Survey(results).answered == 0);
  }
  World world;
  Event both = AnswerTo("b", unit, "why", "words");
  both.values.emplace_back("guidon.prompt.answer", ScoreValue(3));
  world.Post({AnswerTo("a", unit, "score", ScoreValue(3), 0), both});
  REQUIRE(world.Count().quarantined.size() == 1);
  CHECK(world.Count().quarantined[0].n == 2);
}

TEST_CASE("answers to what the newest datafile does not ask any more are counted apart") {
  World world;
  REQUIRE(world.archive->Add(Datafile(2, R"({"id":"score","type":"nps")", R"({"id":"rank","type":"nps")"), kNow).ok());
  const std::string unit = UnitsReaching("prompt", 1)[0];
  world.Post({Step("e", unit, "exposure"), AnswerTo("a", unit, "score", ScoreValue(9)),
              AnswerTo("b", unit, "stars", ScoreValue(5), 2)});
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  CHECK(Survey(results).other_answers == 1);
  CHECK(Question(results, "rank").answered == 0);
  CHECK(Question(results, "stars").answered == 1);
}

TEST_CASE("the page shows the newest twenty texts, escaped") {
  World world;
  const std::vector<std::string> units = UnitsReaching("prompt", 22);
  std::vector<Event> events;
  for (std::size_t i = 0; i < units.size(); ++i) {
    events.push_back(Step("e" + units[i], units[i], "exposure"));
    const std::string text = i == 21 ? "<script>alert(1)</script>" : "text " + std::to_string(i) + ".";
    events.push_back(AnswerTo("a" + units[i], units[i], "why", text).At(kNow - 1000 + static_cast<std::int64_t>(i)));
  }
  world.Post(events);
  const Results results = world.Count();
  CHECK(Question(results, "why").answered == 22);
  REQUIRE(Question(results, "why").texts.size() == 20);
  CHECK(Question(results, "why").texts[1].text == "text 20.");
  CHECK(Question(results, "why").texts[19].text == "text 2.");
  const std::string page = ResultsPage(results, "n");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  CHECK(page.find("text 2.<") != std::string::npos);
  CHECK(page.find("text 1.<") == std::string::npos);
  CHECK(page.find("The newest 20 of 22 texts.") != std::string::npos);
  const std::string json = ResultsJson(results);
  CHECK(json.find(R"("text": "text 2.")") != std::string::npos);
  CHECK(json.find(R"("text": "text 1.")") == std::string::npos);
}

TEST_CASE("the answers to each variant are counted apart, to its own questions") {
  World world;
  REQUIRE(world.archive
              ->Add(Datafile(2, "\"holdout\":200000,\n\"show\":{",
                             R"("holdout":200000,"variants":{"long":{"slots":[[0,500000]],"show":{"questions":[
{"id":"score","type":"nps","label":"Long?"},{"id":"more","type":"text","label":"More?"}]}},
"short":{"slots":[[500000,1000000]],"show":{"questions":[{"id":"score","type":"csat","label":"Short?"}]}}},"ignored":{)"),
                    kNow)
              .ok());
  std::vector<Event> events;
  for (const std::string& unit : UnitsReaching("prompt", 20)) {
    const bool is_long = evaluation::Slot('v', "try-share.3", unit) < 500'000;
    for (Event event : {Step("e" + unit, unit, "exposure"), AnswerTo("a" + unit, unit, "score", ScoreValue(5)),
                        AnswerTo("b" + unit, unit, "more", "words", 2)}) {
      event.Text("feature_flag.version", "1.2").Text("guidon.campaign.variant", is_long ? "long" : "short");
      events.push_back(event);
    }
  }
  world.Post(events);
  const Results results = world.Count();
  const CampaignResult& campaign = results.campaigns[0];
  REQUIRE(campaign.surveys.size() == 3);
  REQUIRE((campaign.surveys[1] && campaign.surveys[2]));
  const std::uint64_t longs = campaign.arms[1].units;
  const std::uint64_t shorts = campaign.arms[2].units;
  REQUIRE((longs > 0 && shorts > 0));
  CHECK(campaign.surveys[1]->questions[0].detractors == longs);
  CHECK(campaign.surveys[1]->questions[1].answered == longs);
  CHECK(campaign.surveys[2]->questions[0].mean == 5.0);
  CHECK(campaign.surveys[2]->questions[0].answered == shorts);
  REQUIRE(results.quarantined.size() == 1);
  CHECK(results.quarantined[0].name == "unknown_question");
  CHECK(results.quarantined[0].n == shorts);
}

TEST_CASE("a campaign that asks nothing has no part about answers") {
  World world;
  REQUIRE(world.archive->Add(Datafile(2, R"("show":{"questions")", R"("show":{"nothing")"), kNow).ok());
  const Results results = world.Count();
  REQUIRE(!results.campaigns.empty());
  CHECK(!results.campaigns[0].surveys[CampaignResult::kFirst]);
  CHECK(ResultsPage(results, "n").find("Answers") == std::string::npos);
}

}  // namespace
}  // namespace guidon::collector
