#include <doctest/doctest.h>

#include <ostream>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/expression/render.h"
#include "sdk/tools/event_condition.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr const char* kCampaign =
    R"J({"trigger":"message_sent where chars >= 1500 && (kind in ['pdf', 'png'] || !has(draft))",)J"
    R"J("when":"count('app_open', '2w') >= 5 && active_days('app_open', '36h') < 2 && count('file_shared') == 0",)J"
    R"J("caps":["1 per 1w","3 ever"],"holdout":12.5,"iteration":2,"priority":7,"valid_for":"2m","unit":"account",)J"
    R"J("waits":{"dismissal":"0s","action":"4w"},"starts_at":"2026-11-01","ends_at":"2026-12-31","protected":true,)J"
    R"J("kpi":"activation","goals":["file_shared within 7d"],"owner":"growth","about":"for people",)J"
    R"J("show":{"kind":"tooltip","anchor":"attach_button","title":"Drop the file in","body":"Right here.","buttons":[)J"
    R"J({"label":"Attach a file","do":"app://composer/attach"},{"label":"Later","do":"snooze 1d","primary":true},)J"
    R"J({"label":"No thanks","do":"dismiss","id":"no"}]}})J";

// What devices read, for good: a change here is a change of the format.
constexpr const char* kPublished =
    R"J({"iteration":2,"status":"running","unit":"account","salt":"c.2","holdout":125000,)J"
    R"J("trigger":{"event":"message_sent","where":{"op":"and","of":[)J"
    R"J({"op":">=","attribute":"chars","kind":"event","value":1500},{"op":"or","of":[)J"
    R"J({"op":"in","attribute":"kind","kind":"event","values":["pdf","png"]},)J"
    R"J({"op":"not","of":[{"op":"exists","attribute":"draft","kind":"event"}]}]}]}},)J"
    R"J("when":{"op":"and","of":[{"op":">=","count":"app_open","window":"14d","value":5},)J"
    R"J({"op":"<","active_days":"app_open","window":"36h","value":2},{"op":"==","count":"file_shared","value":0}]},)J"
    R"J("priority":7,"valid_for":"2m","caps":[{"count":1,"per":"7d"},{"count":3}],)J"
    R"J("waits":{"dismissal":"0s","action":"28d"},"starts_at":"2026-11-01T00:00:00Z",)J"
    R"J("ends_at":"2026-12-31T00:00:00Z","protected":true,"kpi":"activation",)J"
    R"J("goals":[{"event":"file_shared","within":"7d"}],)J"
    R"J("show":{"kind":"tooltip","anchor":"attach_button","title":"Drop the file in","body":"Right here.","buttons":[)J"
    R"J({"id":"b1","label":"Attach a file","do":"app://composer/attach"},)J"
    R"J({"id":"b2","label":"Later","snooze":"1d","primary":true},{"id":"no","label":"No thanks"}]}})J";

std::string CampaignsSource(const std::string& campaigns) {
  return SourceWith(R"("flags":{},"campaigns":{)" + campaigns + "}");
}

std::string PublishedMember(const std::string& published, const char* member) {
  const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  return document->root()[member].ToText();
}

}  // namespace

TEST_CASE("groups and until are published such that devices load them, and older ones show nothing") {
  const std::string published = PublishText(SourceWith(
      R"J("flags":{},"groups":{"all":{"about":"x","gap":"90s","quiet_hours":"21:00-08:00","zone":"+02:00"},"nudge":{"caps":["1 per 1w","9 ever"]}},"campaigns":{)J"
      R"J("c":{"trigger":"e","group":["nudge"],"days":["tue","mon"],"hours":"09:00-18:00","until":"count('done') >= 1 || active_days('x') > 2","goals":["g within 1d"],)J"
      R"J("caps":["1 per 30d","2 per day","1 per session"],"show":{"kind":"modal","title":"Hello"}}})J"));
  CHECK(
      PublishedMember(published, "groups") ==
      R"J({"all":{"gap":"90s","quiet_hours":"21:00-08:00","zone":"+02:00"},"nudge":{"caps":[{"count":1,"per":"7d"},{"count":9}]}})J");
  CHECK(
      PublishedMember(published, "campaigns")
          .find(
              R"J("caps":[{"count":1,"per":"30d"},{"count":2,"per":"day"},{"count":1,"per":"session"},)J"
              R"J({"group":"nudge"},{"group":"all"},{"days":["mon","tue"],"hours":"09:00-18:00","zone":"device"},{"until":{"op":"or","of":[)J"
              R"J({"op":">=","count":"done","value":1},{"op":">","active_days":"x","value":2}]}}])J") !=
      std::string::npos);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(loaded.rules != nullptr);
  CHECK(loaded.problems.empty());
  CHECK(loaded.rules->campaigns[0].is_valid);
  CHECK(loaded.rules->campaigns[0].groups.size() == 2);
}

TEST_CASE("a campaign is published in the form devices load, byte for byte") {
  const std::string published = PublishText(CampaignsSource("\"c\":" + std::string(kCampaign)));
  CHECK(PublishedMember(published, "campaigns") == "{\"c\":" + std::string(kPublished) + "}");
  const dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(loaded.rules != nullptr);
  CHECK(loaded.problems.empty());
  REQUIRE(loaded.rules->campaigns.size() == 1);
  const ruleset::Campaign& campaign = loaded.rules->campaigns[0];
  CHECK(campaign.is_valid);
  CHECK(campaign.is_protected);
  CHECK(campaign.triggers.at(0).steps.at(0).event == "message_sent");
  CHECK(campaign.holdout == 125'000);
  CHECK(campaign.valid_for == Duration(120'000));
  CHECK(campaign.wait_after_dismissal == Duration(0));
  CHECK(campaign.wait_after_action == Duration(28 * 86'400'000LL));
  REQUIRE(campaign.caps.size() == 2);
  CHECK(campaign.caps[0].window == Duration(7 * 86'400'000LL));
  CHECK(campaign.caps[1].window == Duration(0));
  REQUIRE(campaign.variants[0].content.buttons.size() == 3);
  CHECK(campaign.variants[0].content.buttons[1].snooze == Duration(86'400'000));
}

TEST_CASE("languages and the hosts of links are published as they are written") {
  const std::string show =
      R"J("show":{"kind":"card","title":"Hello {name|you}","body":"There","buttons":[{"id":"go","label":"Go",)J"
      R"J("do":"https://www.good.com/a"}],"language":"en","translations":{"de":{"title":"Hallo {name|du}",)J"
      R"J("body":"Da","buttons":{"go":"Los"}}}})J";
  const std::string published = PublishText(
      SourceWith(R"("flags":{},"link_hosts":["good.com"],"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],)" +
                 show + "}}"));
  CHECK(PublishedMember(published, "link_hosts") == R"(["good.com"])");
  const std::string with_primary = R"("do":"https://www.good.com/a","primary":true})";
  CHECK(published.find(with_primary) != std::string::npos);
  CHECK(published.find(R"("language":"en","translations":{"de":{"title":"Hallo {name|du}","body":"Da",)"
                       R"("buttons":{"go":"Los"}}})") != std::string::npos);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  CHECK(loaded.problems.empty());
}

TEST_CASE("an action but to open is published such that an older device shows nothing, and a link alone as ever") {
  const struct {
    const char* written;
    const char* published;
  } rows[] = {
      {R"("do":"app://a")", R"("do":"app://a")"},
      {R"("do":{"open":"app://a"})", R"("do":"app://a")"},
      {R"("do":"https://ex.am/{ref|}")", R"("do":"https://ex.am/{ref|}")"},
      {R"("do":"app://a","track":"t")", R"("do":{"open":"app://a"},"track":"t")"},
      {R"("do":{"share":{"text":"Come","link":"app://a"}})", R"("do":{"share":{"text":"Come","link":"app://a"}})"},
      {R"("do":{"share":{"text":"Come"}},"track":"t")", R"("do":{"share":{"text":"Come"}},"track":"t")"},
      {R"("do":{"copy":"{ref|none}"})", R"("do":{"copy":"{ref|none}"})"},
      {R"("do":{"review":true})", R"("do":{"review":true})"},
      {R"("do":{"custom":{"name":"tour"}})", R"("do":{"custom":{"name":"tour"}})"},
      {R"("do":{"custom":{"name":"tour","args":{"step":"1"}}})",
       R"("do":{"custom":{"name":"tour","args":{"step":"1"}}})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.written);
    const std::string published = PublishText(SourceWith(
        R"("flags":{},"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],"show":{"kind":"card","title":"Hello",)"
        R"("buttons":[{"id":"go","label":"Go",)" +
        std::string(row.written) + "}]}}}"));
    CHECK_MESSAGE(
        published.find(R"("label":"Go",)" + std::string(row.published) + R"(,"primary":true})") != std::string::npos,
        published);
    const dialects::Loaded loaded = dialects::LoadNative(published);
    CHECK(loaded.problems.empty());
  }
}

TEST_CASE("a goal by prompt is published for the collector, and devices load it") {
  const std::string published = PublishText(CampaignsSource(
      R"("c":{"trigger":"e","goals":["f within 1d","g by prompt within 30d"],"show":{"kind":"banner","title":"Hello"}})"));
  CHECK(published.find(R"("goals":[{"event":"f","within":"1d"},{"event":"g","within":"30d","by":"prompt"}])") !=
        std::string::npos);
  CHECK(dialects::LoadNative(published).problems.empty());
}

TEST_CASE("guardrails of campaigns and experiments are published as they are said, and devices load them") {
  const std::string guardrails = R"("guardrails":["no more error_shown within 10m","no less app_open within 1w"])";
  const std::string published = PublishText(
      SourceWith(R"("flags":{"f":{"default":1}},"experiments":{"x":{"percent":50,"goals":["g"],)" + guardrails +
                 R"(,"variants":{"control":{"f":1},"b":{"f":2}}}},"campaigns":{"c":{"trigger":"e",)" + guardrails +
                 R"(,"goals":["g within 1d"],"show":{"kind":"banner","title":"Hello"}}})"));
  const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
  REQUIRE(document);
  const char* expected =
      R"([{"no":"more","event":"error_shown","within":"10m"},{"no":"less","event":"app_open","within":"1w"}])";
  CHECK(document->root()["campaigns"]["c"]["guardrails"].ToText() == expected);
  CHECK(document->root()["experiments"]["x"]["guardrails"].ToText() == expected);
  const dialects::Loaded loaded = dialects::LoadNative(published);
  CHECK(loaded.problems.empty());
  CHECK(loaded.rules->IsConversion("error_shown"));
  CHECK(loaded.rules->IsConversion("app_open"));
}

TEST_CASE("what a campaign leaves out is published as it is meant") {
  const std::string published = PublishText(CampaignsSource(
      R"("c":{"trigger":"e","show":{"kind":"banner","title":"Hello","buttons":[{"label":"Close","do":"dismiss"}]}})"));
  CHECK(
      PublishedMember(published, "campaigns") ==
      R"({"c":{"iteration":1,"status":"running","unit":"device","salt":"c.1","holdout":100000,"trigger":{"event":"e"},)"
      R"("priority":0,"valid_for":"1m","caps":[{"count":1,"per":"7d"},{"count":3}],)"
      R"("waits":{"dismissal":"7d","action":"30d"},"show":{"kind":"banner","title":"Hello",)"
      R"("buttons":[{"id":"b1","label":"Close","primary":true}]}}})");
  CHECK(dialects::LoadNative(published).problems.empty());
}

TEST_CASE("several triggers, a delay and what cancels are published such that an older device shows nothing") {
  const std::string show = R"("show":{"kind":"banner","title":"Hello"}})";
  const struct {
    std::string members;
    std::string published;
  } rows[] = {
      {R"("trigger":["e"],)", R"("trigger":{"event":"e"},"priority")"},
      {R"("trigger":"e","delay":"0s",)", R"("trigger":{"event":"e"},"priority")"},
      {R"("trigger":"e","waits":{"dismissal":"3d doubling to 60d"},)",
       R"("waits":{"dismissal":"3d","dismissal_up_to":"60d","action":"30d"})"},
      {R"("trigger":["e","f where x == 1"],)",
       R"("triggers":[{"event":"e"},{"event":"f","where":{"op":"==","attribute":"x","kind":"event","value":1}}],"pri)"},
      {R"("trigger":"session_start",)", R"("triggers":[{"on":"session_start"}],"priority")"},
      {R"("trigger":"e then f where title == 'now and then' then e within 10m",)",
       R"("triggers":[{"then":[{"event":"e"},{"event":"f","where":{"op":"==","attribute":"title","kind":"event",)"
       R"("value":"now and then"}},{"event":"e"}],"within":"10m"}],"pri)"},
      {R"("trigger":"e where x == 1 and f within 24h",)",
       R"("triggers":[{"all":[{"event":"e","where":{"op":"==","attribute":"x","kind":"event","value":1}},)"
       R"({"event":"f"}],"within":"1d"}],"pri)"},
      {R"("trigger":["e and not f where x == 1 within 90s","g"],)",
       R"("triggers":[{"event":"e","and_not":{"event":"f","where":{"op":"==","attribute":"x","kind":"event",)"
       R"("value":1}},"within":"90s"},{"event":"g"}],"pri)"},
      {R"("trigger":["screen editor for 5s","screen home for 0s","idle 2m"],)",
       R"("triggers":[{"screen":"editor","for":"5s"},{"screen":"home","for":"0s"},{"idle":"2m"}],"pri)"},
      {R"("trigger":"screen where x == 1",)", R"("trigger":{"event":"screen","where":)"},
      {R"("trigger":["idle","screen"],)", R"("triggers":[{"event":"idle"},{"event":"screen"}],"pri)"},
      {R"("trigger":"e","delay":"90s",)", R"("triggers":[{"event":"e"}],"delay":"90s","priority")"},
      {R"("trigger":"e","cancel_on":["g"],)", R"("triggers":[{"event":"e"}],"cancel_on":["g"],"priority")"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.members);
    const std::string published = PublishText(CampaignsSource("\"c\":{" + row.members + show));
    CHECK(published.find(row.published) != std::string::npos);
    const dialects::Loaded loaded = dialects::LoadNative(published);
    REQUIRE(loaded.rules != nullptr);
    CHECK(loaded.problems.empty());
  }
}

TEST_CASE("KPIs are published for the collector, and drafts are not published at all") {
  const std::string published = PublishText(
      SourceWith(R"("flags":{"f":{"default":1}},"kpis":{"activation":"file_shared within 7d","retention":"app_open"},)"
                 R"("experiments":{"x":{"percent":50,"kpi":"activation","goals":["g"],)"
                 R"("variants":{"control":{"f":1},"b":{"f":2}}}},)"
                 R"("campaigns":{"d":{"status":"draft","trigger":"e","show":{"kind":"banner","title":"Hello"}}})"));
  CHECK(PublishedMember(published, "kpis") ==
        R"({"activation":{"event":"file_shared","within":"7d"},"retention":{"event":"app_open"}})");
  CHECK(published.find(R"("kpi":"activation","goals":[{"event":"g"}])") != std::string::npos);
  CHECK(published.find("campaigns") == std::string::npos);
  CHECK(dialects::LoadNative(published).problems.empty());
}

TEST_CASE("a trigger's condition reads back as it was written") {
  const std::optional<json::Document> document = json::Document::Parse(kPublished, nullptr);
  REQUIRE(document);
  const std::optional<expression::Tree> tree = EventConditionFromJson(document->root()["trigger"]["where"]);
  REQUIRE(tree);
  CHECK(expression::ToText(*tree) == "chars >= 1500 && (kind in ['pdf', 'png'] || !has(draft))");
  const std::optional<json::Document> other =
      json::Document::Parse(R"({"op":"exists","attribute":"a","kind":"team"})", nullptr);
  CHECK_FALSE(EventConditionFromJson(other->root()));
}

TEST_CASE("a campaign keeps its iteration, and one that is gone is remembered") {
  const std::string campaign = R"("c":{"trigger":"e","iteration":4,"show":{"kind":"banner","title":"Hello"}})";
  const std::string unsaid = R"("c":{"trigger":"e","show":{"kind":"banner","title":"Hello"}})";
  const Previous first = Reread(PublishText(CampaignsSource(campaign)));
  const std::string second = PublishText(CampaignsSource(unsaid), &first);
  CHECK(second.find(R"("salt":"c.4")") != std::string::npos);
  const Previous gone = Reread(PublishText(CampaignsSource(""), &first));
  CHECK(gone.retired_campaigns.LastOf("c") == 4);
  CHECK(gone.retired.names.empty());
  const Previous long_gone = Reread(PublishText(CampaignsSource(""), &gone));
  CHECK(FindProblem(Read(CampaignsSource(unsaid), &long_gone)->problems, "salt-reused", "/campaigns/c") != nullptr);
}
