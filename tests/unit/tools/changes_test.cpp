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
