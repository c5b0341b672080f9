#include "sdk/tools/changes.h"

#include <doctest/doctest.h>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr const char* kBase =
    R"({"format":"guidon-source/1","project":"p","environment":"e","layers":{"l":{"unit":"device"},"m":{"unit":"device"}},)"
    R"("holdouts":{"h":{"percent":2}},"flags":{"f":{"default":"x","rules":[{"percent":10,"serve":"y"}]}},)"
    R"("experiments":{"t":{"layer":"l","iteration":2,"percent":50,"variants":{"control":{"f":"x"},"b":{"f":"y"}},)"
    R"("weights":{"control":1,"b":1},"goals":["g"]}}})";

std::string Edited(const std::string& from, const std::string& to) {
  std::string text = kBase;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("changes that would move people or mix results are refused, with the way out") {
  const Previous previous = Reread(PublishText(kBase));
  const Previous ended = Reread(PublishText(Edited(R"("percent":50)", R"("percent":50,"status":"ended")"), &previous));
  std::string without = kBase;
  without = without.substr(0, without.find(R"(,"experiments")")) + "}";
  const Previous removed = Reread(PublishText(without, &previous));
  const Previous removed_long_ago = Reread(PublishText(without, &removed));
  const struct {
    const char* name;
    const Previous* previous;
    std::string text;
    const char* code;
    const char* pointer;
    const char* advice;
  } rows[] = {
      {"weights", &previous, Edited(R"("b":1})", R"("b":3})"), "split-changed", "/experiments/t/weights",
       "\"iteration\": 3"},
      {"variant added", &previous,
       Edited(R"("b":{"f":"y"}},"weights":{"control":1,"b":1})", R"("b":{"f":"y"},"c":{"f":"z"}})"), "split-changed",
       "/experiments/t/variants/c", "\"iteration\": 3"},
      {"variant gone", &previous, Edited(R"("b":{"f":"y"}},"weights":{"control":1,"b":1})", R"("c":{"f":"z"}})"),
       "split-changed", "/experiments/t/variants", "\"iteration\": 3"},
      {"iteration back", &previous, Edited(R"("iteration":2)", R"("iteration":1)"), "salt-reused",
       "/experiments/t/iteration", "\"iteration\": 3"},
      {"other layer", &previous, Edited(R"("layer":"l")", R"("layer":"m")"), "layer-changed", "/experiments/t/layer",
       "\"iteration\": 3"},
      {"ended and running again", &ended, kBase, "ended-restarted", "/experiments/t", "\"iteration\": 3"},
      {"gone and back", &removed, kBase, "salt-reused", "/experiments/t/iteration", "\"iteration\": 3"},
      {"gone for long and back", &removed_long_ago, kBase, "salt-reused", "/experiments/t/iteration",
       "\"iteration\": 3"},
      {"larger holdout", &previous, Edited(R"("percent":2)", R"("percent":3)"), "holdout-changed",
       "/holdouts/h/percent", "new name"},
      {"smaller holdout", &previous, Edited(R"("percent":2)", R"("percent":1)"), "holdout-changed",
       "/holdouts/h/percent", "leave it at 2 %"},
      {"layer reshuffled", &previous, Edited(R"("l":{"unit":"device")", R"("l":{"unit":"device","epoch":2)"),
       "layer-occupied", "/layers/l", "end them first"},
      {"other project", &previous, Edited(R"("project":"p")", R"("project":"q")"), "other-project", "", "--previous"},
      {"variant's value", &previous, Edited(R"("b":{"f":"y"})", R"("b":{"f":"z"})"), "variant-changed",
       "/experiments/t/variants/b/f", "\"iteration\": 3"},
      {"flag's type", &previous, Edited(R"("default":"x","rules":[{"percent":10,"serve":"y"}])", R"("default":1)"),
       "type-changed", "/flags/f", "new flag"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::unique_ptr<Workbench> bench = Read(row.text, row.previous);
    const Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    CAPTURE(Errors(bench->problems));
    REQUIRE(problem != nullptr);
    CHECK(problem->advice.find(row.advice) != std::string::npos);
  }
}

namespace {

// Two experiments of three variants, one with audiences; the other has ended and ships.
constexpr const char* kParts =
    R"J({"format":"guidon-source/1","project":"p","environment":"e","segments":{"s":"segment('t')","t":"plan == 'pro'"},)J"
    R"J("flags":{"f":{"default":"x"},"g":{"default":0}},"layers":{"m":{}},)J"
    R"J("experiments":{"t":{"percent":50,"variants":{"control":{"f":"x"},"b":{"f":"y"},"c":{"f":"z"}},)J"
    R"J("weights":{"control":1,"b":2,"c":3},"sticky":"exposed","audiences":{)J"
    R"J("one":{"when":"segment('s')","percent":40,"weights":{"control":1,"b":1,"c":4}},)J"
    R"J("two":{"when":"has(a)"}},"goals":["g"]},)J"
    R"J("w":{"layer":"m","STATUS","percent":50,"variants":{"control":{"g":0},"b":{"g":1}},"goals":["g"]}}})J";

std::string Parts(const std::string& from = "", const std::string& to = "",
                  const std::string& status = R"("status":"ended","ship":{"variant":"b","percent":20})") {
  std::string text = kParts;
  text.replace(text.find(R"("STATUS")"), 8, status);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("audiences, winners and stickiness keep what people have been promised") {
  const Previous running = Reread(PublishText(Parts("", "", R"("status":"running")")));
  const Previous previous = Reread(PublishText(Parts(), &running));
  const std::string ship = R"("ship":{"variant":"b","percent":20})";
  const std::string weights = R"("b":1,"c":4})";
  const std::string two = R"J("two":{"when":"has(a)"})J";
  std::string swapped = Parts("," + two, "");
  swapped.insert(swapped.find(R"("one":)"), two + ",");
  const std::string of_w = R"(,"w":{"layer")";
  std::string without = Parts();
  without = without.substr(0, without.find(of_w)) + "}}";
  std::string with_default = without;
  with_default.replace(with_default.find(R"("g":{"default":0})"), 17, R"("g":{"default":1})");
  const struct {
    std::string name;
    std::string text;
    std::string code;
    std::string pointer;
    std::string says;
  } rows[] = {
      {"weights of an audience", Parts(weights, R"("b":2,"c":3})"), "split-changed",
       "/experiments/t/audiences/one/weights", "\"iteration\": 2"},
      {"weights of an audience that has none",
       Parts(two, R"J("two":{"when":"has(a)","weights":{"control":1,"b":1,"c":1}})J"), "split-changed",
       "/experiments/t/audiences/two/weights", "\"iteration\": 2"},
      {"weights of an audience gone", Parts(R"(,"weights":{"control":1,"b":1,"c":4})", ""), "split-changed",
       "/experiments/t/audiences/one", "\"iteration\": 2"},
      {"who is in it", Parts("has(a)", "has(b)"), "audiences-changed", "/experiments/t/audiences/two/when",
       "\"iteration\": 2"},
      {"audience gone", Parts("," + two, ""), "audiences-changed", "/experiments/t/audiences", "'two' is gone"},
      {"audience new", Parts(two, two + R"J(,"three":{"when":"has(c)"})J"), "audiences-changed",
       "/experiments/t/audiences/three", "'three' is new"},
      {"audiences swapped", swapped, "audiences-changed", "/experiments/t/audiences", "leave 'one' before 'two'"},
      {"a segment of an audience", Parts("plan == 'pro'", "plan == 'team'"), "audience-shifts",
       "/experiments/t/audiences/one/when", "'t' changes"},
      {"sticky no more", Parts(R"("sticky":"exposed",)", ""), "sticky-off", "/experiments/t",
       "until the experiment has ended"},
      {"another winner", Parts(ship, R"("ship":{"variant":"control","percent":20})"), "ship-changed",
       "/experiments/w/ship/variant", "leave it at 'b'"},
      {"fewer get it", Parts(ship, R"("ship":{"variant":"b","percent":10})"), "ship-shrinks", "/experiments/w/ship",
       "about 7.5 % of the units lose it"},
      {"ships no more", Parts("," + ship, ""), "shipped-removed", "/experiments/w", "about 40 % of the units"},
      {"is removed", without, "shipped-removed", "", "the default of each flag"},
      {"becomes a draft", Parts(R"("status":"ended",)" + ship, R"("status":"draft")"), "shipped-removed",
       "/experiments/w", "about 40 %"},
      {"is drawn anew", Parts(R"("status":"ended",)" + ship, R"("iteration":2)"), "shipped-removed", "/experiments/w",
       "with another name"},
      {"runs again", Parts(R"("status":"ended",)" + ship, R"("status":"running")"), "ended-restarted",
       "/experiments/w/status", "\"iteration\": 2"},
      {"the winner is another", Parts(R"("b":{"g":1})", R"("b":{"g":2})"), "variant-changed",
       "/experiments/w/variants/b/g", "ships it"},
      {"its layer is reshuffled", Parts(R"("m":{})", R"("m":{"epoch":2})"), "layer-occupied", "/layers/m",
       "ship to 100"},
      {"its layer is of another unit", Parts(R"("m":{})", R"("m":{"unit":"account"})"), "layer-occupied", "/layers/m",
       "another unit"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::unique_ptr<Workbench> bench = Read(row.text, &previous);
    const Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    CAPTURE(Errors(bench->problems));
    REQUIRE(problem != nullptr);
    CHECK((problem->reason + problem->advice).find(row.says) != std::string::npos);
  }
  const std::string all = R"("ship":{"variant":"b","percent":100})";
  const Previous shipped = Reread(PublishText(Parts(ship, all), &previous));
  const struct {
    const Previous* previous;
    std::string text;
  } taken[] = {
      {&previous, Parts()},
      {&previous, Parts(ship, R"("ship":{"variant":"b","percent":20.5})")},
      {&previous, Parts(R"("percent":40)", R"("percent":100)")},
      {&previous, Parts(R"("percent":40)", R"("percent":0)")},
      {&previous, Parts(two, R"J("two":{"when":"has(a)","percent":7,"weights":{"control":5,"b":10,"c":15}})J")},
      {&previous, Parts(R"("control":{"f":"x"},"b":{"f":"y"},"c":{"f":"z"})",
                        R"("c":{"f":"z"},"b":{"f":"y"},"control":{"f":"x"})")},
      {&previous, with_default},
      {&running, Parts("", "", R"("status":"paused")")},
      {&running, Parts("", "", R"("status":"running","sticky":"exposed")")},
      {&shipped, Parts(ship, all).replace(Parts(ship, all).find(R"("m":{})"), 6, R"("m":{"epoch":2})")},
  };
  for (const auto& row : taken) {
    CAPTURE(row.text);
    const std::unique_ptr<Workbench> bench = Read(row.text, row.previous);
    for (const Problem& problem : bench->problems.all()) {
      CAPTURE(problem.code);
      CAPTURE(problem.reason);
      CHECK(problem.severity == Severity::kNote);
    }
  }
}

TEST_CASE("variants that change places keep their people and their shares, however often") {
  const Previous first = Reread(PublishText(Parts()));
  const std::string other =
      Parts(R"("control":{"f":"x"},"b":{"f":"y"},"c":{"f":"z"})", R"("control":{"f":"x"},"c":{"f":"z"},"b":{"f":"y"})");
  const Previous second = Reread(PublishText(other, &first));
  const Previous third = Reread(PublishText(other, &second));
  const Previous back = Reread(PublishText(Parts(), &third));
  for (const Previous* each : {&second, &third, &back}) {
    for (const PreviousVariant& variant : each->experiments[0].variants) {
      CHECK(variant.slots == FindNamed(first.experiments[0].variants, variant.name)->slots);
    }
    for (const PreviousAudience& audience : each->experiments[0].audiences) {
      const PreviousAudience* was = FindNamed(first.experiments[0].audiences, audience.name);
      for (const PreviousVariant& variant : audience.variants) {
        CHECK(variant.slots == FindNamed(was->variants, variant.name)->slots);
      }
    }
  }
}

namespace {

constexpr const char* kCampaign =
    R"({"format":"guidon-source/1","project":"p","environment":"e","flags":{},"campaigns":{"c":{"trigger":"t",)"
    R"("holdout":10,"goals":["g within 7d"],"show":{"kind":"banner","title":"Hello"}}}})";

std::string EditedCampaign(const std::string& from, const std::string& to) {
  std::string text = kCampaign;
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a running campaign keeps its holdout and its unit, and an ended one stays ended") {
  const Previous previous = Reread(PublishText(kCampaign));
  const Previous ended =
      Reread(PublishText(EditedCampaign(R"("holdout")", R"("status":"ended","holdout")"), &previous));
  const struct {
    std::string name;
    const Previous* previous;
    std::string text;
    std::string code;
    std::string pointer;
    std::string advice;
  } rows[] = {
      {"larger holdout", &previous, EditedCampaign(R"("holdout":10)", R"("holdout":20)"), "holdout-changed",
       "/campaigns/c/holdout", "leave it at 10, or write \"iteration\": 2"},
      {"smaller holdout", &previous, EditedCampaign(R"("holdout":10)", R"("holdout":5)"), "holdout-changed",
       "/campaigns/c/holdout", "\"iteration\": 2"},
      {"holdout gone", &previous, EditedCampaign(R"("holdout":10)", R"("holdout":0)"), "holdout-changed",
       "/campaigns/c/holdout", "\"iteration\": 2"},
      {"other unit", &previous, EditedCampaign(R"("holdout")", R"("unit":"account","holdout")"), "unit-changed",
       "/campaigns/c/unit", "\"iteration\": 2"},
      {"other words", &previous, EditedCampaign("Hello", "Howdy"), "content-changed", "/campaigns/c/show",
       "\"iteration\": 2"},
      {"ended and running again", &ended, kCampaign, "ended-restarted", "/campaigns/c", "\"iteration\": 2"},
      {"removed while it runs", &previous, EditedCampaign(R"("holdout")", R"("status":"draft","holdout")"),
       "running-removed", "/campaigns/c", "\"status\": \"ended\""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::unique_ptr<Workbench> bench = Read(row.text, row.previous);
    const Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    REQUIRE(problem != nullptr);
    CHECK(problem->advice.find(row.advice) != std::string::npos);
  }
  const std::string taken[] = {
      kCampaign,
      EditedCampaign(R"("trigger":"t")", R"("trigger":"u where n > 3")"),
      EditedCampaign(R"("holdout":10,)", ""),
      EditedCampaign(R"("holdout":10)", R"("holdout":10,"caps":["9 ever"],"when":"a == 1","status":"paused")"),
      EditedCampaign(R"("holdout":10)", R"("holdout":30,"iteration":2,"unit":"account")"),
  };
  for (const std::string& text : taken) {
    CAPTURE(text);
    CHECK(Errors(Read(text, &previous)->problems) == "");
  }
  CHECK(Errors(Read(EditedCampaign(R"("holdout")", R"("iteration":2,"holdout")"), &ended)->problems) == "");
}

TEST_CASE("changes that move nobody are taken") {
  const Previous previous = Reread(PublishText(kBase));
  const std::string texts[] = {
      kBase,
      Edited(R"("percent":50)", R"("percent":80)"),
      Edited(R"("percent":50)", R"("percent":50,"status":"paused")"),
      Edited(R"("percent":50)", R"("percent":50,"status":"ended")"),
      Edited(R"("iteration":2,)", ""),
      Edited(R"("iteration":2)", R"("iteration":3)"),
      Edited(R"("iteration":2)", R"("iteration":9,"when":"plan == 'pro'")"),
      Edited(R"("weights":{"control":1,"b":1},)", ""),
      Edited(R"({"control":{"f":"x"},"b":{"f":"y"}})", R"({"b":{"f":"y"},"control":{"f":"x"}})"),
      Edited(R"("holdouts":{"h":{"percent":2}},)", ""),
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(Errors(Read(text, &previous)->problems) == "");
  }
}
