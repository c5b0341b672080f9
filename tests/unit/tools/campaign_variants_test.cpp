// Several contents of one campaign, from the source to what devices load.
#include <doctest/doctest.h>

#include <string>

#include "sdk/core/base/json.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/tools/previous.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

const std::string kShow =
    R"("show":{"kind":"modal","title":"Canvas","body":"Here","buttons":[{"id":"go","label":"Open","do":"app://canvas"}],)"
    R"("language":"en","translations":{"de":{"title":"Leinwand","body":"Hier","buttons":{"go":"Auf"}}}})";
const std::string kBenefit = R"("benefit":{"title":"Plan it","translations":{"de":{"title":"Plane es"}}})";
const std::string kNews =
    R"("news":{"kind":"banner","body":null,"buttons":[{"id":"see","label":"See","do":"app://see"}],)"
    R"("translations":{"de":{"buttons":{"see":"Sieh"}}}})";

std::string CampaignSource(const std::string& members) {
  return SourceWith(R"("flags":{},"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],)" + members + "}}");
}

std::string WithVariants(const std::string& variants, const std::string& more = "") {
  return CampaignSource(kShow + R"(,"variants":{)" + variants + "}" + more);
}

std::string Campaign(const std::string& published) {
  const auto document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  return document->root()["campaigns"]["c"]["variants"].ToText();
}

}  // namespace

TEST_CASE("a variant is the common content with what it says itself in its place, in every language") {
  const std::string published = PublishText(WithVariants(kBenefit + "," + kNews));
  CHECK(Campaign(published) ==
        R"({"benefit":{"slots":[[0,500000]],"show":{"kind":"modal","title":"Plan it","body":"Here",)"
        R"("buttons":[{"id":"go","label":"Open","do":"app://canvas","primary":true}],"language":"en",)"
        R"("translations":{"de":{"title":"Plane es","body":"Hier","buttons":{"go":"Auf"}}}}},)"
        R"("news":{"slots":[[500000,1000000]],"show":{"kind":"banner","title":"Canvas",)"
        R"("buttons":[{"id":"see","label":"See","do":"app://see","primary":true}],"language":"en",)"
        R"("translations":{"de":{"title":"Leinwand","buttons":{"see":"Sieh"}}}}}})");
  CHECK(published.find(R"("c":{"iteration":1,)") != std::string::npos);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(loaded.problems.empty());
  const ruleset::Campaign& campaign = loaded.rules->campaigns[0];
  CHECK(campaign.is_valid);
  REQUIRE(campaign.variants.size() == 2);
  CHECK(campaign.variants[1].name == "news");
  CHECK(campaign.variants[1].content.kind == "banner");
}

TEST_CASE("shares follow the weights, as those of experiments do") {
  const auto document =
      json::Document::Parse(PublishText(WithVariants(kBenefit + "," + kNews + R"(,"short":{"body":null})",
                                                     R"(,"weights":{"benefit":1,"news":3,"short":0})")),
                            nullptr);
  REQUIRE(document);
  const json::Node variants = document->root()["campaigns"]["c"]["variants"];
  CHECK(variants["benefit"]["slots"].ToText() == "[[0,250000]]");
  CHECK(variants["news"]["slots"].ToText() == "[[250000,1000000]]");
  CHECK(variants["short"]["slots"].ToText() == "[]");
  const dialects::Loaded loaded =
      dialects::LoadNative(PublishText(WithVariants(kBenefit + "," + kNews, R"(,"weights":{"benefit":1,"news":0})")));
  CHECK(loaded.rules->campaigns[0].is_valid);
  CHECK(loaded.rules->campaigns[0].ShareOf(0) == 1'000'000);
}

TEST_CASE("what is wrong with variants is said where it stands, and once") {
  const struct {
    std::string name;
    std::string source;
    std::string code;
    std::string pointer;
    std::string says;
  } rows[] = {
      {"one", WithVariants(kBenefit), "one-variant", "/campaigns/c/variants", "nothing to compare"},
      {"reserved", WithVariants(kBenefit + R"(,"held_out":{})"), "reserved-name", "/campaigns/c/variants/held_out",
       "another name"},
      {"a text", WithVariants(kBenefit + R"(,"news":"x")"), "wrong-type", "/campaigns/c/variants/news", "title"},
      {"not translated", WithVariants(kBenefit + R"(,"news":{"title":"New"})"), "incomplete-translation",
       "/campaigns/c/variants/news/title", "\"de\": { \"title\""},
      {"a button that is not translated",
       WithVariants(kBenefit + R"(,"news":{"buttons":[{"id":"x","label":"X","do":"dismiss"}],)"
                               R"("translations":{"de":{"buttons":{"y":"Y"}}}})"),
       "incomplete-translation", "/campaigns/c/variants/news/translations/de/buttons", "'X' is not translated"},
      {"unknown weight", WithVariants(kBenefit + "," + kNews, R"(,"weights":{"benefit":1,"new":1})"), "unknown-variant",
       "/campaigns/c/weights/new", "did you mean 'news'?"},
      {"missing weight", WithVariants(kBenefit + "," + kNews, R"(,"weights":{"benefit":1})"), "missing-weight",
       "/campaigns/c/weights", "'news' has no weight"},
      {"a weight in a variant", WithVariants(kBenefit + R"(,"news":{"weight":2})"), "unknown-member",
       "/campaigns/c/variants/news/weight", "write \"weights\""},
      {"weights alone", CampaignSource(kShow + R"(,"weights":{"a":1})"), "weights-without-variants",
       "/campaigns/c/weights", "remove them"},
      {"a mistake in what is common",
       CampaignSource(R"("show":{"kind":"modall"},"variants":{"a":{"title":"A"},"b":{"title":"B"}})"), "unknown-kind",
       "/campaigns/c/show/kind", "did you mean 'modal'?"},
      {"nothing common, and a title missing",
       CampaignSource(R"("variants":{"a":{"kind":"modal","title":"A"},"b":{"kind":"modal"}})"), "missing-member",
       "/campaigns/c/variants/b", "\"title\" is missing"},
      {"nine", WithVariants(R"("a":{},"b":{},"c":{},"d":{},"e":{},"f":{},"g":{},"h":{},"i":{})"), "too-many",
       "/campaigns/c/variants", "more than 8"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::unique_ptr<Workbench> bench = Read(row.source);
    const tools::Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    REQUIRE_MESSAGE(problem != nullptr, bench->problems.ToText("s.json", bench->text, Style(false)));
    CHECK_MESSAGE((problem->reason + problem->advice).find(row.says) != std::string::npos, problem->reason);
    int times = 0;
    for (const tools::Problem& each : bench->problems.all()) {
      times += each.code == row.code && each.pointer == row.pointer && each.reason == problem->reason ? 1 : 0;
    }
    CHECK(times == 1);
  }
}

TEST_CASE("an image is published with its words, and what is wrong with one is said") {
  const std::string digest(64, '0');
  const auto source = [](const std::string& image, const std::string& alt = R"(,"alt":"B")") {
    return SourceWith(R"("link_hosts":["ex.am"],"flags":{},"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],)"
                      R"("show":{"kind":"card","title":"T","image":)" +
                      image + R"(,"language":"en","translations":{"de":{"title":"D")" + alt + "}}}}}");
  };
  CHECK(
      PublishText(source(R"({"asset":"a.webp","alt":"A"})"))
          .find(
              R"("title":"T","image":{"asset":"a.webp","alt":"A"},"language":"en","translations":{"de":{"title":"D","alt":"B"}})") !=
      std::string::npos);
  const std::string fetched = R"({"url":"https://ex.am/a.webp","sha256":")" + digest + R"(","alt":"A"})";
  CHECK(PublishText(source(fetched)).find("\"image\":" + fetched) != std::string::npos);
  const struct {
    std::string name;
    std::string source;
    std::string code;
    std::string pointer;
  } rows[] = {
      {"a text", source(R"("a.webp")"), "wrong-type", "/image"},
      {"no alt", source(R"({"asset":"a.webp"})"), "missing-member", "/image"},
      {"not translated", source(R"({"asset":"a.webp","alt":"A"})", ""), "incomplete-translation", "/translations/de"},
      {"neither", source(R"({"alt":"A"})"), "image-source", "/image"},
      {"a path", source(R"({"asset":"a/b","alt":"A"})"), "bad-name", "/image/asset"},
      {"no digest", source(R"({"url":"https://ex.am/a","alt":"A"})"), "missing-member", "/image"},
      {"a wrong digest", source(R"({"url":"https://ex.am/a","sha256":"x","alt":"A"})"), "bad-sha256", "/image/sha256"},
      {"another host", source(R"({"url":"https://other.am/a","sha256":")" + digest + R"(","alt":"A"})"), "bad-link",
       "/image/url"},
      {"an address of the app", source(R"({"url":"app://a","sha256":")" + digest + R"(","alt":"A"})"), "bad-link",
       "/image/url"},
      {"in other words", source(R"({"src":"a","alt":"A"})"), "unknown-member", "/image/src"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::unique_ptr<Workbench> bench = Read(row.source);
    CHECK_MESSAGE(FindProblem(bench->problems, row.code, "/campaigns/c/show" + row.pointer) != nullptr,
                  bench->problems.ToText("s.json", bench->text, Style(false)));
  }
  // A variant with an image of its own says in each language what it shows.
  const std::unique_ptr<Workbench> bench =
      Read(WithVariants(kBenefit + R"(,"news":{"image":{"asset":"a.webp","alt":"A"}})"));
  CHECK(FindProblem(bench->problems, "incomplete-translation", "/campaigns/c/variants/news/image") != nullptr);
}

TEST_CASE("lint looks at what each variant says") {
  const std::unique_ptr<Workbench> bench = Read(SourceWith(
      R"("link_hosts":["ex.am"],"events":["e","g"],"flags":{},"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],)"
      R"("show":{"kind":"modal","title":"T"},"variants":{"a":{},"b":{"body":"{name}","buttons":[)"
      R"({"label":"x","do":"https://other.am/a"},{"label":"y","do":"app://a","track":"gone"}]}}}})"));
  const std::string at = "/campaigns/c/variants/b/";
  CHECK(FindProblem(bench->problems, "bad-link", at + "buttons/0/do") != nullptr);
  CHECK(FindProblem(bench->problems, "undeclared-event", at + "buttons/1/track") != nullptr);
  CHECK(FindProblem(bench->problems, "place-without-fallback", at + "body") != nullptr);
}

TEST_CASE("the variants of a running campaign and their weights stay, and words may be corrected") {
  const std::string both = kBenefit + "," + kNews;
  const Previous previous = Reread(PublishText(WithVariants(both)));
  const Previous plain = Reread(PublishText(CampaignSource(kShow)));
  const struct {
    std::string name;
    const Previous* previous;
    std::string source;
    std::string code;
    std::string pointer;
  } rows[] = {
      {"weights", &previous, WithVariants(both, R"(,"weights":{"benefit":1,"news":2})"), "split-changed",
       "/campaigns/c/weights"},
      {"new", &previous, WithVariants(both + R"(,"more":{})"), "split-changed", "/campaigns/c/variants/more"},
      {"gone", &previous, WithVariants(kBenefit + R"(,"other":{})"), "split-changed", "/campaigns/c/variants"},
      {"all gone", &previous, CampaignSource(kShow), "split-changed", "/campaigns/c/show"},
      {"there at last", &plain, WithVariants(both), "split-changed", "/campaigns/c/variants"},
      {"words", &previous,
       WithVariants(R"("benefit":{"title":"Plan","translations":{"de":{"title":"Plane es"}}},)" + kNews),
       "content-changed", "/campaigns/c/variants/benefit"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const std::unique_ptr<Workbench> bench = Read(row.source, row.previous);
    const tools::Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    REQUIRE_MESSAGE(problem != nullptr, bench->problems.ToText("s.json", bench->text, Style(false)));
    CHECK(problem->advice.find("\"iteration\": 2") != std::string::npos);
    CHECK((problem->severity == Severity::kWarning) == (row.code == "content-changed"));
  }
  // Another order moves nobody, and another iteration may do anything.
  const std::string other_order = PublishText(WithVariants(kNews + "," + kBenefit), &previous);
  const Previous reread = Reread(other_order);
  for (const PreviousVariant& variant : previous.campaigns[0].variants) {
    CHECK(FindNamed(reread.campaigns[0].variants, variant.name)->slots == variant.slots);
  }
  CHECK_FALSE(
      Read(WithVariants(both, R"(,"iteration":2,"weights":{"benefit":1,"news":2})"), &previous)->problems.has_errors());
}
