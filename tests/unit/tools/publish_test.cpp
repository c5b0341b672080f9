#include "sdk/tools/publish.h"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "sdk/core/dialects/native/load.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string NotesSource() {
  std::ifstream file(GUIDON_NOTES_SOURCE);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string FlagRules(const std::string& published, const char* flag) {
  const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  return document->root()["flags"][flag]["rules"].ToText();
}

std::string Rules(const std::string& rules) {
  return SourceWith(R"("flags":{"f":{"default":0,"rules":[)" + rules + "]}}");
}

}  // namespace

TEST_CASE("the notes sample is faultless, and devices load what is built from it without a complaint") {
  const std::string text = NotesSource();
  const std::unique_ptr<Workbench> bench = Read(text);
  CHECK(bench->problems.all().empty());
  const std::string published = PublishText(text);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(loaded.rules != nullptr);
  for (const guidon::Problem& problem : loaded.problems) {
    CAPTURE(problem.pointer);
    CAPTURE(problem.reason);
    CHECK_FALSE(problem.is_error);
  }
}

TEST_CASE("every member of a source is published in the form devices load") {
  const std::string text = SourceWith(
      R"("event_attributes":["plan"],"segments":{"s":"plan == 'pro'"},)"
      R"("layers":{"acc":{"unit":"account"},"dev":{}},)"
      R"("holdouts":{"all":{"percent":1.5},"one":{"percent":2,"experiments":["x"],"unit":"account"},)"
      R"("asking":{"percent":2,"campaigns":"*"},"both":{"percent":3,"experiments":"*","campaigns":["c"]}},)"
      R"("campaigns":{"c":{"trigger":"e","goals":["g within 1d"],"show":{"kind":"banner","title":"Hello"}},)"
      R"("a":{"unit":"account","trigger":"e","goals":["g within 1d"],"show":{"kind":"banner","title":"Hello"}},)"
      R"("d":{"status":"draft","trigger":"e","goals":["g within 1d"],"show":{"kind":"banner","title":"Hello"}}},)"
      R"("flags":{"b":{"default":true,"kill":true},"i":{"default":1},"d":{"type":"double","default":1},)"
      R"("s":{"default":"a","protected":true},"j":{"default":{"k":[1,null]}},)"
      R"J("r":{"default":0,"rules":[{"id":"first","when":"segment('s')","serve":1},)J"
      R"({"split":[{"percent":10,"serve":2},{"percent":20.5,"serve":3}],"unit":"account"},{"experiment":"y"}]}},)"
      R"J("experiments":{"x":{"layer":"acc","percent":40,"protected":true,"when":"now >= date('2026-12-01')",)J"
      R"("starts_at":"2026-12-01","ends_at":"2027-01-01T00:00:00Z","variants":{"b":{"s":"b","d":2},"control":{"s":"a","d":1}},)"
      R"("weights":{"control":3,"b":1},"goals":["g","h within 12h"]},)"
      R"("y":{"layer":"dev","percent":5,"variants":{"control":{"r":0},"v":{"r":9}},"goals":["g"]},)"
      R"("z":{"layer":"dev","percent":95,"status":"ended","variants":{"control":{"i":0},"v":{"i":9}}},)"
      R"("w":{"percent":5,"status":"draft","variants":{"control":{"i":0},"v":{"i":9}}}})");
  const std::string published = PublishText(text);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(loaded.rules != nullptr);
  for (const guidon::Problem& problem : loaded.problems) {
    CAPTURE(problem.pointer);
    CAPTURE(problem.reason);
    CHECK_FALSE(problem.is_error);
  }
  const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  const json::Node root = document->root();
  const struct {
    json::Node node;
    const char* text;
  } rows[] = {
      {root["version"], "1"},
      {root["epoch"], "1"},
      {root["issued_at"], "\"2026-11-21T12:00:00Z\""},
      {root["expires_at"], "\"2026-11-22T12:00:00Z\""},
      {root["event_attributes"], R"(["plan"])"},
      {root["segments"]["s"], R"({"op":"==","attribute":"plan","value":"pro"})"},
      {root["holdouts"]["all"], R"({"unit":"device","salt":"all","size":15000,"experiments":["y","z"]})"},
      {root["holdouts"]["one"], R"({"unit":"account","salt":"one","size":20000,"experiments":["x"]})"},
      {root["holdouts"]["asking"],
       R"({"unit":"device","salt":"asking","size":20000,"experiments":[],"campaigns":["c"]})"},
      {root["holdouts"]["both"],
       R"({"unit":"device","salt":"both","size":30000,"experiments":["y","z"],"campaigns":["c"]})"},
      {root["layers"]["acc"], R"({"unit":"account","salt":"acc.1","fresh":400000})"},
      {root["experiments"]["x"]["slots"], "[[0,400000]]"},
      {root["experiments"]["x"]["starts_at"], "\"2026-12-01T00:00:00Z\""},
      {root["experiments"]["x"]["when"], R"({"op":"since","date":"2026-12-01T00:00:00Z"})"},
      {root["experiments"]["x"]["variants"],
       R"({"control":{"slots":[[0,750000]],"flags":{"s":"a","d":1.0}},"b":{"slots":[[750000,1000000]],"flags":{"s":"b","d":2.0}}})"},
      {root["experiments"]["x"]["goals"], R"([{"event":"g"},{"event":"h","within":"12h"}])"},
      {root["experiments"]["x"]["protected"], "true"},
      {root["experiments"]["z"]["slots"], "[]"},
      {root["flags"]["b"], R"({"type":"bool","default":true,"kill":true})"},
      {root["flags"]["d"]["default"], "1.0"},
      {root["flags"]["d"]["rules"], R"([{"id":"r1","experiment":"x"}])"},
      {root["flags"]["j"], R"({"type":"json","default":{"k":[1,null]}})"},
      {root["flags"]["r"]["rules"],
       R"([{"id":"first","when":{"op":"segment","segment":"s"},"serve":1},{"id":"r1","rollout":{"unit":"account","salt":"r.1",)"
       R"("split":[{"slots":[[0,100000]],"serve":2},{"slots":[[100000,305000]],"serve":3}]}},{"id":"r2","experiment":"y"}])"},
  };
  for (const auto& row : rows) CHECK(row.node.ToText() == row.text);
  CHECK_FALSE(root["experiments"]["w"].exists());
}

TEST_CASE("what audiences, winners, times and lists say is published in the form devices load") {
  const std::string source = SourceWith(
      R"J("segments":{"plain":{"attribute":"plan","values":["pro",5,true]},)J"
      R"J("ids":{"about":"friends","unit":"account","values":["u-2","u-1"]},)J"
      R"J("ids-hashed":{"unit":"account","values":["u-1","u-2"],"hashed":true},)J"
      R"J("vips":{"attribute":"mail","values":["ann@example.org"],"hashed":true}},)J"
      R"J("flags":{"f":{"default":"a","hold":"session","when_expired":"default"},"g":{"default":0,"rules":[)J"
      R"J({"when":"segment('plain') || segment('ids') || segment('ids-hashed') || segment('vips')","serve":1},)J"
      R"J({"when":"flag('f') == 'b' && variant('x') != 'control'","serve":2}]}},)J"
      R"J("experiments":{"x":{"percent":20,"sticky":"exposed","starts_at":"2026-12-01T09:00:00+02:00",)J"
      R"J("ends_at":"2026-12-24T18:00 local","variants":{"control":{"f":"a"},"b":{"f":"b"},"c":{"f":"c"}},)J"
      R"J("weights":{"control":50,"b":25,"c":25},"audiences":{)J"
      R"J("power":{"when":"plan == 'pro'","percent":60,"weights":{"control":1,"b":4,"c":0}},)J"
      R"J("small":{"when":"seats < 5","percent":5},"same":{"when":"has(x)"}},"goals":["g"]},)J"
      R"J("y":{"percent":30,"status":"paused","starts_at":"2026-12-01 local",)J"
      R"J("variants":{"control":{"f":"a"},"b":{"f":"b"}},"goals":["g"]},)J"
      R"J("z":{"status":"ended","ship":{"variant":"b","percent":12.5},"variants":{"control":{"f":"a"},"b":{"f":"b"}}}})J");
  const std::string published = PublishText(source);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(loaded.rules != nullptr);
  for (const guidon::Problem& problem : loaded.problems) {
    CAPTURE(problem.pointer);
    CAPTURE(problem.reason);
    CHECK_FALSE(problem.is_error);
  }
  const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  const json::Node root = document->root();
  const json::Node x = root["experiments"]["x"];
  // The digests are those of sha256sum.
  const struct {
    json::Node node;
    const char* text;
  } rows[] = {
      {root["segments"]["plain"], R"({"op":"in","attribute":"plan","values":["pro",5,true]})"},
      {root["segments"]["ids"], R"({"op":"in","unit":"account","values":["u-1","u-2"]})"},
      {root["segments"]["vips"],
       R"({"op":"in","attribute":"mail","hashed":"7dd8185d0de648eb","values":["4d8113d921bd1501613f59f481b319c9"]})"},
      {root["segments"]["ids-hashed"],
       R"({"op":"in","unit":"account","hashed":"46cbb0b344377d25","values":["8f2e6f158e8898ec3970a5f3e8622d3c","d47ebd66c266e2349edcaffec1444524"]})"},
      {root["flags"]["f"]["hold"], "\"session\""},
      {root["flags"]["f"]["when_expired"], "\"default\""},
      {x["sticky"], "\"exposed\""},
      {x["slots"], "[[0,200000]]"},
      {x["held"], "[[0,600000]]"},
      {x["starts_at"], "\"2026-12-01T07:00:00Z\""},
      {x["ends_at"], R"({"local":"2026-12-24T18:00:00"})"},
      {x["audiences"], R"([{"name":"power","when":{"op":"==","attribute":"plan","value":"pro"},"slots":[[0,600000]],)"
                       R"("variants":{"control":[[0,200000]],"b":[[200000,1000000]],"c":[]}},)"
                       R"({"name":"small","when":{"op":"<","attribute":"seats","value":5},"slots":[[0,50000]],)"
                       R"("variants":{"control":[[0,500000]],"b":[[500000,750000]],"c":[[750000,1000000]]}},)"
                       R"({"name":"same","when":{"op":"exists","attribute":"x"},"slots":[[0,200000]],)"
                       R"("variants":{"control":[[0,500000]],"b":[[500000,750000]],"c":[[750000,1000000]]}}])"},
      {root["experiments"]["y"]["slots"], "[[600000,900000]]"},
      {root["experiments"]["y"]["starts_at"], R"({"local":"2026-12-01T00:00:00"})"},
      {root["experiments"]["z"]["ship"], R"({"variant":"b","slots":[[0,125000]]})"},
  };
  for (const auto& row : rows) CHECK(row.node.ToText() == row.text);
  const Previous previous = Reread(published);
  CHECK(PublishText(source, &previous) == SecondOf(published));
}

TEST_CASE("an ended experiment keeps the slots it had, and its layer gives them to others") {
  const auto source = [](const std::string& x, const char* y) {
    return SourceWith(R"("flags":{"f":{"default":0},"g":{"default":0}},"experiments":{"x":{)" + x +
                      R"(,"variants":{"control":{"f":0},"b":{"f":1}},"goals":["g"],)"
                      R"J("audiences":{"a":{"when":"has(p)","percent":60}}},"y":{"percent":)J" +
                      y + R"(,"variants":{"control":{"g":0},"b":{"g":1}},"goals":["g"]}})");
  };
  const Previous first = Reread(PublishText(source(R"("percent":80)", "10")));
  const Previous ramped = Reread(PublishText(source(R"("percent":40)", "10"), &first));
  const Previous ended = Reread(PublishText(source(R"("status":"ended","percent":5)", "10"), &ramped));
  const std::string later =
      PublishText(source(R"("status":"ended","ship":{"variant":"b","percent":20})", "90"), &ended);
  const std::optional<json::Document> document = json::Document::Parse(later, nullptr);
  REQUIRE(document);
  const json::Node x = document->root()["experiments"]["x"];
  CHECK(x["slots"].ToText() == "[[0,400000]]");
  CHECK_FALSE(x["held"].exists());
  CHECK(x["audiences"].First()["slots"].ToText() == "[[0,600000]]");
  CHECK(x["ship"].ToText() == R"({"variant":"b","slots":[[0,200000]]})");
  CHECK(document->root()["experiments"]["y"]["slots"].ToText() == "[[0,700000],[800000,1000000]]");
  CHECK(dialects::LoadNative(later).problems.empty());

  SUBCASE("a layer drawn anew forgets them") {
    const std::string anew = PublishText(
        SourceWith(
            R"("flags":{"f":{"default":0}},"layers":{"default":{"epoch":2}},"experiments":{"x":{"status":"ended",)"
            R"J("variants":{"control":{"f":0},"b":{"f":1}},"audiences":{"a":{"when":"has(p)","percent":60}}}})J"),
        &ended);
    CHECK(anew.find(R"("layer":"default","slots":[],"salt")") != std::string::npos);
  }
}

TEST_CASE("equal input gives equal bytes, and the next version keeps all but the version and what it follows") {
  const std::string text = NotesSource();
  const std::string first = PublishText(text);
  CHECK(PublishText(text) == first);
  const Previous previous = Reread(first);
  CHECK(PublishText(text, &previous) == SecondOf(first));
}

TEST_CASE("rules keep id and salt through edits, and nothing gone comes back") {
  const std::string published = PublishText(
      Rules(R"({"when":"a == 1","serve":1},{"percent":10,"serve":2},{"percent":20,"serve":3,"unit":"account"})"));
  const Previous previous = Reread(published);
  CHECK(FlagRules(published, "f")
            .find(R"("id":"r3","rollout":{"unit":"account","salt":"f.2","split":[{"slots":[[0,200000]])") !=
        std::string::npos);

  SUBCASE("a ramp keeps the salt and begins at slot 0, with or without a new condition") {
    const std::string next = FlagRules(
        PublishText(Rules(R"({"percent":30,"serve":2},{"when":"b == 1","percent":5,"serve":3,"unit":"account"})"),
                    &previous),
        "f");
    CHECK(next == R"([{"id":"r2","rollout":{"unit":"device","salt":"f.1","split":[{"slots":[[0,300000]],"serve":2}]}},)"
                  R"({"id":"r3","when":{"op":"==","attribute":"b","value":1},"rollout":{"unit":"account","salt":"f.2",)"
                  R"("split":[{"slots":[[0,50000]],"serve":3,"held":[[0,200000]]}]}}])");
  }
  SUBCASE("another unit draws anew") {
    const std::string next = FlagRules(PublishText(Rules(R"({"percent":10,"serve":2,"unit":"team"})"), &previous), "f");
    CHECK(next == R"([{"id":"r4","rollout":{"unit":"team","salt":"f.3","split":[{"slots":[[0,100000]],"serve":2}]}}])");
  }
  SUBCASE("the number of a rollout that is gone is not given out again") {
    const Previous empty = Reread(PublishText(Rules(R"({"serve":9})"), &previous));
    const Previous later = Reread(PublishText(Rules(R"({"serve":9})"), &empty));
    const std::string next = FlagRules(PublishText(Rules(R"({"percent":1,"serve":2})"), &later), "f");
    CHECK(next.find(R"("salt":"f.3")") != std::string::npos);
  }
  SUBCASE("rules that change places keep their ids") {
    const std::string next =
        FlagRules(PublishText(Rules(R"({"percent":10,"serve":2},{"when":"a==1","serve":1})"), &previous), "f");
    CHECK(next.find(R"([{"id":"r2")") == 0);
    CHECK(next.find(R"({"id":"r1","when")") != std::string::npos);
  }
  SUBCASE("an id that is given is kept, and no new rule gets it") {
    const std::string next = FlagRules(
        PublishText(Rules(R"({"id":"r9","when":"z == 1","serve":7},{"when":"y == 1","serve":8})"), &previous), "f");
    CHECK(next.find(R"([{"id":"r9")") == 0);
    CHECK(next.find(R"("id":"r10")") != std::string::npos);
  }
}

TEST_CASE("a last published file that is damaged is refused and not built upon") {
  const std::string good = PublishText(NotesSource());
  const struct {
    const char* from;
    const char* to;
  } rows[] = {{"guidon/1", "guidon/2"},
              {"\"version\":1", "\"version\":\"1\""},
              {"[[0,333333]]", "[[333333,0]]"},
              {"[[0,333333]]", "[[0,9999999]]"},
              {"[[0,333333]]", "[[0,5],[3,9]]"},
              {"\"unit\":\"device\"", "\"unit\":7"},
              {"{", ""}};
  for (const auto& row : rows) {
    CAPTURE(row.to);
    std::string text = good;
    const std::size_t at = text.find(row.from);
    REQUIRE(at != std::string::npos);
    CHECK_FALSE(ReadPrevious(text.replace(at, std::string(row.from).size(), row.to)).ok());
  }
}
