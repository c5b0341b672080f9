#include <doctest/doctest.h>

#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/prompts/campaigns.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

// A campaign in which everything is said, "full", beside one that none of the tables touches.
const std::string kFull = R"({"iteration":3,"status":"running","unit":"device","salt":"full.3","holdout":100000,)"
                          R"("trigger":{"event":"message_sent",)"
                          R"("where":{"op":">=","attribute":"chars","kind":"event","value":1500}},)"
                          R"("when":{"op":"==","attribute":"plan","value":"pro"},"priority":-5,"valid_for":"90s",)"
                          R"("caps":[{"count":1,"per":"7d"},{"count":2,"per":"36h"},{"count":3}],)"
                          R"("waits":{"dismissal":"1d","action":"0s"},)"
                          R"("starts_at":"2026-11-01T00:00:00Z","ends_at":"2026-12-31T00:00:00Z","protected":true,)"
                          R"("kpi":"activation","goals":[{"event":"file_shared","within":"7d"}],"about":"for people",)"
                          R"("show":{"kind":"tooltip","anchor":"attach_button","title":"Drop it in","body":"Here.",)"
                          R"("buttons":[{"id":"b1","label":"Attach","do":"app://attach","primary":true},)"
                          R"({"id":"b2","label":"Later","snooze":"1d"},{"id":"b3","label":"No thanks"}]}})";

std::string Whole() {
  return Datafile(R"("kpis":{"activation":{"event":"file_shared","within":"7d"},"revenue":{"event":"purchase"}},)"
                  R"("campaigns":{"full":)" +
                  kFull + R"(,"alone":)" + CampaignJson() + "}");
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

// Of a text without places.
std::string Words(const ruleset::PromptText& text) {
  REQUIRE(text.pieces.size() == 1);
  REQUIRE(text.pieces[0].source == ruleset::PromptText::Source::kWords);
  return text.pieces[0].words;
}

}  // namespace

TEST_CASE("a campaign in which everything is said loads as it is said") {
  const auto loaded = dialects::LoadNative(Whole());
  CHECK(ToText(loaded.problems) == "");
  REQUIRE(loaded.rules.get() != nullptr);
  REQUIRE(loaded.rules->FindCampaign("full") != nullptr);
  CHECK(loaded.rules->FindCampaign("nothing") == nullptr);
  const ruleset::Campaign& campaign = *loaded.rules->FindCampaign("full");
  CHECK(campaign.is_valid);
  CHECK(campaign.is_protected);
  CHECK(campaign.iteration == 3);
  CHECK(campaign.status == ruleset::CampaignStatus::kRunning);
  CHECK(ToMs(campaign.starts_at.at) == 1'793'491'200'000);
  CHECK(ToMs(campaign.ends_at.at) == 1'798'675'200'000);
  CHECK(campaign.priority == -5);
  CHECK(loaded.rules->unit_kinds[campaign.unit] == "device");
  CHECK(campaign.salt == "full.3");
  CHECK(campaign.holdout == 100'000);
  CHECK(campaign.triggers.at(0).steps.at(0).event == "message_sent");
  REQUIRE(campaign.triggers.at(0).steps.at(0).condition != ruleset::kNone);
  const ruleset::Node& where = loaded.rules->nodes[campaign.triggers.at(0).steps.at(0).condition];
  CHECK(loaded.rules->slots[where.slot].kind == ruleset::kEventKind);
  CHECK(loaded.rules->slots[where.slot].name == "chars");
  CHECK(loaded.rules->nodes[campaign.condition].op == ruleset::Op::kCompare);
  CHECK(campaign.valid_for == Duration(90'000));
  REQUIRE(campaign.caps.size() == 3);
  CHECK(campaign.caps[0].count == 1);
  CHECK(campaign.caps[0].window == 7 * kDay);
  CHECK(campaign.caps[1].window == 36 * kHour);
  CHECK(campaign.caps[2].count == 3);
  CHECK(campaign.caps[2].window == Duration(0));
  CHECK(campaign.wait_after_dismissal == kDay);
  CHECK(campaign.wait_after_action == Duration(0));
  const ruleset::PromptContent& content = campaign.variants[0].content;
  CHECK(content.kind == "tooltip");
  CHECK(content.anchor == "attach_button");
  REQUIRE(content.texts.size() == 1);
  CHECK(Words(content.texts[0].title) == "Drop it in");
  CHECK(Words(content.texts[0].body) == "Here.");
  REQUIRE(content.buttons.size() == 3);
  CHECK(content.buttons[0].action.kind == ruleset::PromptAction::Kind::kOpen);
  CHECK(Words(content.buttons[0].action.link) == "app://attach");
  CHECK(content.buttons[0].is_primary);
  CHECK(content.buttons[1].snooze == kDay);
  CHECK_FALSE(content.buttons[1].is_primary);
  CHECK(content.buttons[2].id == "b3");
  CHECK(Words(content.texts[0].labels.at(2)) == "No thanks");
  CHECK(content.buttons[2].action.kind == ruleset::PromptAction::Kind::kNone);
}

TEST_CASE("translations load whole, in the order of the file, with their labels by button") {
  const Rules rules = CampaignRules(
      {{"show", R"({"kind":"card","title":"Hello","body":"There","buttons":[{"id":"go","label":"Go","do":"app://go"},)"
                R"({"id":"no","label":"No"}],"language":"en","translations":{)"
                R"("pt-BR":{"title":"Olá","body":"Aí","buttons":{"no":"Não","go":"Ir"}},)"
                R"("de":{"title":"Hallo","body":"Da","buttons":{"go":"Los","no":"Nein"}}}})"}});
  const ruleset::PromptContent& content = rules->FindCampaign("c")->variants[0].content;
  CHECK(content.kind == "card");
  REQUIRE(content.texts.size() == 3);
  CHECK(content.texts[0].language == "en");
  CHECK(content.texts[1].language == "pt-BR");
  CHECK(Words(content.texts[1].body) == "A\u00ED");
  CHECK(Words(content.texts[1].labels.at(0)) == "Ir");
  CHECK(Words(content.texts[1].labels.at(1)) == "N\u00E3o");
  CHECK(Words(content.texts[2].title) == "Hallo");
  CHECK(Words(content.texts[2].labels.at(1)) == "Nein");
}

TEST_CASE("an image is an asset of the app's or a file by its digest, with words for it in every language") {
  const std::string digest(64, 'a');
  const auto show = [](const std::string& image, const std::string& more = "") {
    return R"({"kind":"card","title":"Hello","image":)" + image +
           R"(,"language":"en","translations":{"de":{"title":"Hallo")" + more + "}}}";
  };
  const auto rules = CampaignRules(
      {{"show", show(R"({"asset":"canvas.webp","alt":"Three {n|few} columns"})", R"(,"alt":"Drei Spalten")")}});
  const ruleset::PromptContent& content = rules->FindCampaign("c")->variants[0].content;
  CHECK(content.image.asset == "canvas.webp");
  CHECK(content.image.url.empty());
  CHECK(content.texts[0].alt.pieces.size() == 3);
  CHECK(content.texts[1].alt.pieces.at(0).words == "Drei Spalten");
  const auto fetched =
      CampaignRules({{"show", R"({"kind":"card","title":"Hello","image":{"url":"https://ex.am/a.webp","sha256":")" +
                                  digest + R"(","alt":"A"}})"}});
  CHECK(fetched->FindCampaign("c")->variants[0].content.image.url == "https://ex.am/a.webp");
  CHECK(fetched->FindCampaign("c")->variants[0].content.image.sha256 == digest);
  const struct {
    std::string name;
    std::string show;
    std::string problem;
  } rows[] = {
      {"no alt", show(R"({"asset":"a.webp"})", R"(,"alt":"x")"), "/show/image/alt: is missing"},
      {"alt in one language", show(R"({"asset":"a.webp","alt":"A"})"), "/show/translations/de/alt: is missing"},
      {"neither", show(R"({"alt":"A"})", R"(,"alt":"x")"), "/show/image: must have one of asset and url"},
      {"both", show(R"({"alt":"A","asset":"a","url":"https://ex.am/a"})", R"(,"alt":"x")"), "one of asset and url"},
      {"a path", show(R"({"asset":"../a.webp","alt":"A"})", R"(,"alt":"x")"), "/show/image/asset: "},
      {"no digest", show(R"({"url":"https://ex.am/a","alt":"A"})", R"(,"alt":"x")"), "/show/image/sha256: is missing"},
      {"half a digest", show(R"({"url":"https://ex.am/a","sha256":"aa","alt":"A"})", R"(,"alt":"x")"),
       "/show/image/sha256: must be 64"},
      {"not the web", show(R"({"url":"app://a","sha256":")" + digest + R"(","alt":"A"})", R"(,"alt":"x")"),
       "/show/image/url: cannot be fetched: it must begin with https://"},
      {"another host", show(R"({"url":"https://other.am/a","sha256":")" + digest + R"(","alt":"A"})", R"(,"alt":"x")"),
       "/show/image/url: cannot be fetched: "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(
        Datafile(R"("link_hosts":["ex.am"],"campaigns":{"c":)" + CampaignJson({{"show", row.show}}) + "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find(row.problem) != std::string::npos, problems);
    CHECK_FALSE(loaded.rules->FindCampaign("c")->is_valid);
  }
}

TEST_CASE("a button does one thing, and what it shares or copies is translated where a translation says it") {
  using Kind = ruleset::PromptAction::Kind;
  const Rules rules = CampaignRules(
      {{"show",
        R"({"kind":"card","title":"Hello","buttons":[)"
        R"({"id":"s","label":"Share","do":{"share":{"text":"Come","link":"https://ex.am/i/{ref}?x={prompt.id}"}},)"
        R"("track":"invite_sent"},)"
        R"({"id":"c","label":"Copy","do":{"copy":"{ref}"}},{"id":"r","label":"Rate","do":{"review":true}},)"
        R"({"id":"t","label":"Tour","do":{"custom":{"name":"show_tour","args":{"step":"{step|1}"}}}}],)"
        R"("language":"en","translations":{"de":{"title":"Hallo","buttons":{)"
        R"("s":{"label":"Teilen","text":"Komm"},"c":"Kopieren","r":"Bewerten","t":"Rundgang"}}}})"}});
  const ruleset::PromptContent& content = rules->FindCampaign("c")->variants[0].content;
  REQUIRE(content.buttons.size() == 4);
  CHECK(content.buttons[0].action.kind == Kind::kShare);
  CHECK(content.buttons[0].action.link.pieces.size() == 4);
  CHECK(content.buttons[0].track == "invite_sent");
  CHECK(content.buttons[1].action.kind == Kind::kCopy);
  CHECK(content.buttons[1].track.empty());
  CHECK(content.buttons[2].action.kind == Kind::kReview);
  CHECK(content.buttons[3].action.NeededOfHost() == "show_tour");
  CHECK(content.buttons[3].action.arguments.at(0).first == "step");
  REQUIRE(content.texts.size() == 2);
  CHECK(Words(content.texts[0].action_texts.at(0)) == "Come");
  CHECK(Words(content.texts[1].action_texts.at(0)) == "Komm");
  CHECK(Words(content.texts[1].labels.at(0)) == "Teilen");
  CHECK(content.texts[1].action_texts.at(1).pieces.size() == 1);
  CHECK(content.texts[1].action_texts.at(2).pieces.empty());
}

TEST_CASE("an action that a device could not do as it is meant costs its campaign") {
  const struct {
    std::string action, problem;
  } rows[] = {
      {"7", "must be an object, not an integer"},
      {"{}", "must be an object with open, share, copy, review or custom, and that alone"},
      {R"({"call":"+1"})", "must be an object with open"},
      {R"({"open":"app://a","copy":"x"})", "and that alone"},
      {R"({"open":"http://ex.am"})", "/open: cannot be opened: it must begin with app:// or https://"},
      {R"({"share":{"link":"https://ex.am"}})", "/share/text: is missing"},
      {R"({"share":{"text":"x","link":"javascript:x"}})", "/share/link: cannot be opened"},
      {R"({"copy":""})", "/copy: must be 1 to 1000 bytes long, not 0"},
      {R"({"review":false})", "/review: must be true"},
      {R"({"custom":{}})", "/custom/name: is missing"},
      {R"({"custom":{"name":"share"}})", "/custom/name: must be 1 to 64 small letters"},
      {R"({"custom":{"name":"showTour"}})", "/custom/name: must be 1 to 64 small letters"},
      {R"({"custom":{"name":"t","args":{"a b":"1"}}})", "/custom/args/a b: has a name that is not"},
      {R"({"custom":{"name":"t","args":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":""}}})",
       "/custom/args: has 9 args; at most 8"},
      {R"("https://{host}/a")", "places stand behind the host and a slash only"},
      {R"("https://ex.{tld}/a")", "places stand behind the host"},
      {R"("https://ex.am{path}")", "places stand behind the host"},
      {R"("{link}")", "places stand behind the host"},
      {R"("app://{screen}")", "places stand behind the host"},
      {R"("https://ex.am/%{ref}")", "behind % stand two hex digits"},
      {R"("https://ex.am/%4{ref}")", "behind % stand two hex digits"},
      {R"("https://ex.am/{{ref}}")", "no quotes, backslashes or brackets"},
      {R"("https://ex.am/{ref")", "the brace is not closed"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.action);
    const auto loaded = dialects::LoadNative(
        Datafile(R"("campaigns":{"c":)" +
                 CampaignJson({{"show", R"({"kind":"card","title":"Hello","buttons":[{"id":"b","label":"B","do":)" +
                                            row.action + "}]}"}}) +
                 "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find("/campaigns/c/show/buttons/0/do") == 0, problems);
    CHECK_MESSAGE(problems.find(row.problem) != std::string::npos, problems);
    CHECK_FALSE(loaded.rules->FindCampaign("c")->is_valid);
  }
}

TEST_CASE("what a campaign leaves out has the values that the format names") {
  const Rules rules = CampaignRules();
  const ruleset::Campaign& campaign = *rules->FindCampaign("c");
  CHECK(campaign.is_valid);
  CHECK_FALSE(campaign.is_protected);
  CHECK(campaign.priority == 0);
  CHECK(campaign.starts_at.at == Timestamp::min());
  CHECK(campaign.ends_at.at == ruleset::kNever);
  CHECK(campaign.triggers.at(0).steps.at(0).condition == ruleset::kNone);
  CHECK(campaign.condition == ruleset::kNone);
  CHECK(campaign.valid_for == Duration(60'000));
  CHECK(campaign.wait_after_dismissal == 7 * kDay);
  CHECK(campaign.wait_after_action == 30 * kDay);
  CHECK(campaign.variants[0].content.texts[0].body.pieces.empty());
  CHECK(campaign.variants[0].content.buttons.empty());
}

TEST_CASE("a fault costs the campaign it stands in and no other, and is named") {
  const std::string long_text(201, 'x');
  const std::string five = R"("buttons":[{"id":"x1","label":"x"},{"id":"x2","label":"x"},)";
  const struct {
    std::string name;
    std::string from;
    std::string to;
    const char* problem;
  } rows[] = {
      {"no iteration", R"("iteration":3,)", "", "/campaigns/full/iteration: is missing"},
      {"iteration 0", R"("iteration":3)", R"("iteration":0)", "/campaigns/full/iteration: must be from 1 to"},
      {"no status", R"("status":"running","unit":"device","salt":"full.3")", R"("unit":"device","salt":"full.3")",
       "/campaigns/full/status: is missing"},
      {"a draft", R"({"iteration":3,"status":"running")", R"({"iteration":3,"status":"draft")",
       "/campaigns/full/status: must be running, paused or ended, not \"draft\""},
      {"no unit", R"("unit":"device","salt":"full.3")", R"("salt":"full.3")", "/campaigns/full/unit: is missing"},
      {"no salt", R"("salt":"full.3",)", "", "/campaigns/full/salt: is missing"},
      {"a salt with a separator", R"("full.3")", "\"full\\u001f3\"", "/campaigns/full/salt: must be 1 to 64 letters"},
      {"no holdout", R"("holdout":100000,)", "", "/campaigns/full/holdout: is missing"},
      {"a holdout of more than half", R"("holdout":100000)", R"("holdout":500001)",
       "/campaigns/full/holdout: must be from 0 to 500000, not 500001"},
      {"no trigger", R"("trigger":{"event":"message_sent","where")", R"("was":{"event":"message_sent","where")",
       "/campaigns/full/trigger: is missing"},
      {"a trigger without event", R"("event":"message_sent","where")", R"("where")",
       "/campaigns/full/trigger/event: is missing"},
      {"a trigger with an empty event", R"("event":"message_sent","where")", R"("event":"","where")",
       "/campaigns/full/trigger/event: must be 1 to 128 bytes long, not 0"},
      {"a trigger's condition with an error", R"("kind":"event","value":1500)", R"("kind":"event")",
       "/campaigns/full/trigger/where/value: is missing"},
      {"an audience with an error", R"("attribute":"plan","value":"pro")", R"("value":"pro")",
       "/campaigns/full/when/attribute: is missing"},
      {"no triggers in a list", R"("priority":-5)", R"("triggers":[])",
       "/campaigns/full/triggers: is empty, so nothing would ever start it"},
      {"too many triggers", R"("priority":-5)",
       R"("triggers":[{"event":"a"},{"event":"b"},{"event":"c"},{"event":"d"},{"event":"e"},{"event":"f"},)"
       R"({"event":"g"},{"event":"h"},{"event":"i"}])",
       "/campaigns/full/triggers: has 9 triggers; at most 8"},
      {"triggers that are none", R"("priority":-5)", R"("triggers":"message_sent")",
       "/campaigns/full/triggers: must be an array, not a text"},
      {"one of several triggers with an error", R"("priority":-5)", R"("triggers":[{"event":"a"},{"was":"b"}])",
       "/campaigns/full/triggers/1/event: is missing"},
      {"a sequence of one step", R"("priority":-5)", R"("triggers":[{"then":[{"event":"a"}],"within":"1m"}])",
       "/campaigns/full/triggers/0/then: has less than two steps"},
      {"a sequence of too many", R"("priority":-5)",
       R"("triggers":[{"all":[{"event":"a"},{"event":"b"},{"event":"c"},{"event":"d"},{"event":"e"},{"event":"f"}],)"
       R"("within":"1m"}])",
       "/campaigns/full/triggers/0/all: has 6 steps; at most 5"},
      {"a sequence without a time", R"("priority":-5)", R"("triggers":[{"then":[{"event":"a"},{"event":"b"}]}])",
       "/campaigns/full/triggers/0/within: is missing"},
      {"a sequence that takes too long", R"("priority":-5)",
       R"("triggers":[{"event":"a","and_not":{"event":"b"},"within":"25h"}])",
       "/campaigns/full/triggers/0/within: must be a time from 1s to 24h"},
      {"a step with an error", R"("priority":-5)",
       R"("triggers":[{"then":[{"event":"a"},{"event":""}],"within":"1m"}])",
       "/campaigns/full/triggers/0/then/1/event: must be 1 to 128 bytes long, not 0"},
      {"what is not to happen with an error", R"("priority":-5)",
       R"("triggers":[{"event":"a","and_not":{"was":"b"},"within":"1m"}])",
       "/campaigns/full/triggers/0/and_not/event: is missing"},
      {"a screen without a time", R"("priority":-5)", R"("triggers":[{"screen":"home"}])",
       "/campaigns/full/triggers/0/for: is missing"},
      {"a screen for too long", R"("priority":-5)", R"("triggers":[{"screen":"home","for":"11m"}])",
       "/campaigns/full/triggers/0/for: must be a time from 0s to 10m"},
      {"idle for too short", R"("priority":-5)", R"("triggers":[{"idle":"4s"}])",
       "/campaigns/full/triggers/0/idle: must be a time from 5s to 30m"},
      {"something else of the engine's", R"("priority":-5)", R"("triggers":[{"on":"session_end"}])",
       "/campaigns/full/triggers/0/on: must be session_start, not \"session_end\""},
      {"a delay too long", R"("priority":-5)", R"("delay":"2h")",
       "/campaigns/full/delay: must be a time from 0s to 1h"},
      {"what cancels is no list", R"("priority":-5)", R"("cancel_on":"x")",
       "/campaigns/full/cancel_on: must be an array, not a text"},
      {"what cancels is no event", R"("priority":-5)", R"("cancel_on":["x",""])",
       "/campaigns/full/cancel_on/1: must be 1 to 128 bytes long, not 0"},
      {"a priority too high", R"("priority":-5)", R"("priority":1001)",
       "/campaigns/full/priority: must be from -1000 to 1000, not 1001"},
      {"timely for too long", R"("valid_for":"90s")", R"("valid_for":"2h")",
       "/campaigns/full/valid_for: must be a time from 1s to 1h, such as \"7d\", not \"2h\""},
      {"timely for no time", R"("valid_for":"90s")", R"("valid_for":"0s")",
       "/campaigns/full/valid_for: must be a time from 1s to 1h"},
      {"no caps", R"("caps":[{"count":1,"per":"7d"},{"count":2,"per":"36h"},{"count":3}],)", "",
       "/campaigns/full/caps: is missing"},
      {"empty caps", R"("caps":[{"count":1,"per":"7d"},{"count":2,"per":"36h"},{"count":3}],)", R"("caps":[],)",
       "/campaigns/full/caps: is empty, so it would be shown without end"},
      {"a cap of nothing", R"({"count":3}])", R"({"count":0}])",
       "/campaigns/full/caps/2/count: must be from 1 to 100, not 0"},
      {"a cap that allows too much", R"({"count":3}])", R"({"count":101}])",
       "/campaigns/full/caps/2/count: must be from 1 to 100, not 101"},
      {"a cap without count", R"({"count":2,"per":"36h"})", R"({"per":"36h"})",
       "/campaigns/full/caps/1/count: is missing"},
      {"a cap per month", R"("per":"36h")", R"("per":"1mo")",
       "/campaigns/full/caps/1/per: must be a time from 1m to 400d, such as \"7d\", not \"1mo\""},
      {"a cap per too many days", R"("per":"36h")", R"("per":"401d")",
       "/campaigns/full/caps/1/per: must be a time from 1m to 400d"},
      {"a cap that is a text", R"({"count":3}])", R"("3 ever"])", "/campaigns/full/caps/2: must be an object"},
      {"a wait that is a number", R"("dismissal":"1d")", R"("dismissal":1)",
       "/campaigns/full/waits/dismissal: must be a text, not an integer"},
      {"a wait too long", R"("action":"0s")", R"("action":"401d")",
       "/campaigns/full/waits/action: must be a time from 0s to 400d"},
      {"a wait that grows to less", R"("dismissal":"1d")", R"("dismissal":"1d","dismissal_up_to":"23h")",
       "/campaigns/full/waits/dismissal_up_to: is not above \"dismissal\", which it doubles"},
      {"no wait that grows", R"("dismissal":"1d")", R"("dismissal":"0s","dismissal_up_to":"23h")",
       "/campaigns/full/waits/dismissal_up_to: is not above \"dismissal\", which it doubles"},
      {"a start that is none", R"("2026-11-01T00:00:00Z")", R"("November")",
       "/campaigns/full/starts_at: must be a time such as"},
      {"an end that is none", R"("2026-12-31T00:00:00Z")", "7", "/campaigns/full/ends_at: must be a time such as"},
      {"a goal without window", R"("goals":[{"event":"file_shared","within":"7d"}])",
       R"("goals":[{"event":"file_shared"}])", "/campaigns/full/goals/0/within: is missing"},
      {"a goal without event", R"("goals":[{"event":"file_shared","within":"7d"}])", R"("goals":[{"within":"7d"}])",
       "/campaigns/full/goals/0/event: is missing"},
      {"a kpi that is no name", R"("kpi":"activation")", R"("kpi":"more of it")",
       "/campaigns/full/kpi: must be 1 to 128 letters"},
      {"nothing to show", R"("show":{"kind":"tooltip")", R"("shows":{"kind":"tooltip")",
       "/campaigns/full/show: is missing"},
      {"an unknown kind", R"("kind":"tooltip")", R"("kind":"popup")",
       "/campaigns/full/show/kind: must be tooltip, banner, card, modal or full_screen, not \"popup\""},
      {"a tooltip that points at nothing", R"("anchor":"attach_button",)", "",
       "/campaigns/full/show/anchor: is missing"},
      {"a brace that is not closed", R"("title":"Drop it in")", R"("title":"Drop {it in")",
       "/campaigns/full/show/title: at byte 5: the brace is not closed; a brace itself is written twice, {{"},
      {"a language that is none", R"("body":"Here.")", R"("body":"Here.","language":"English!")",
       "/campaigns/full/show/language: must be a language tag, such as \"en\" or \"pt-BR\", not \"English!\""},
      {"a translation into nothing", R"("body":"Here.")", R"("body":"Here.","translations":{"de_DE":{}})",
       "/campaigns/full/show/translations/de_DE: is named by no language tag, such as \"de\" or \"pt-BR\""},
      {"a translation without title", R"("body":"Here.")",
       R"("body":"Here.","translations":{"de":{"body":"Hier.","buttons":{"b1":"1","b2":"2","b3":"3"}}})",
       "/campaigns/full/show/translations/de/title: is missing"},
      {"a translation without body", R"("body":"Here.")",
       R"("body":"Here.","translations":{"de":{"title":"Hier","buttons":{"b1":"1","b2":"2","b3":"3"}}})",
       "/campaigns/full/show/translations/de/body: has to be there in every language or in none"},
      {"a translation without a label", R"("body":"Here.")",
       R"("body":"Here.","translations":{"de":{"title":"Hier","body":"Hier.","buttons":{"b1":"1","b3":"3"}}})",
       "/campaigns/full/show/translations/de/buttons/b2: is missing"},
      {"no title", R"("title":"Drop it in",)", "", "/campaigns/full/show/title: is missing"},
      {"an empty title", R"("title":"Drop it in")", R"("title":"")",
       "/campaigns/full/show/title: must be 1 to 200 bytes long, not 0"},
      {"a long title", R"("title":"Drop it in")", R"("title":")" + long_text + "\"",
       "/campaigns/full/show/title: must be 1 to 200 bytes long, not 201"},
      {"a long body", R"("body":"Here.")", R"("body":")" + std::string(1'001, 'x') + "\"",
       "/campaigns/full/show/body: must be 0 to 1000 bytes long, not 1001"},
      {"too many buttons", R"("buttons":[)", five, "/campaigns/full/show/buttons: has 5 buttons; at most 4"},
      {"a button without id", R"({"id":"b3","label":"No thanks"})", R"({"label":"No thanks"})",
       "/campaigns/full/show/buttons/2/id: is missing"},
      {"an id twice", R"("id":"b3")", R"("id":"b1")", "/campaigns/full/show/buttons/2/id: is the id of two buttons"},
      {"a button without label", R"({"id":"b3","label":"No thanks"})", R"({"id":"b3"})",
       "/campaigns/full/show/buttons/2/label: is missing"},
      {"two primary buttons", R"("label":"No thanks")", R"("label":"No thanks","primary":true)",
       "/campaigns/full/show/buttons/2/primary: is said of two buttons"},
      {"an action that is a script", R"("do":"app://attach")", R"("do":"javascript:x")",
       "/campaigns/full/show/buttons/0/do: cannot be opened: it must begin with app:// or https://"},
      {"an action without encryption", R"("do":"app://attach")", R"("do":"http://example.com")",
       "/campaigns/full/show/buttons/0/do: cannot be opened: it must begin with app:// or https://"},
      {"an action and a snooze", R"("snooze":"1d")", R"("snooze":"1d","do":"app://x")",
       "/campaigns/full/show/buttons/1: has both do and snooze"},
      {"a snooze for no time", R"("snooze":"1d")", R"("snooze":"0s")",
       "/campaigns/full/show/buttons/1/snooze: must be a time from 1m to 400d"},
      {"a campaign that is a text", kFull, R"("x")", "/campaigns/full: must be an object, not a text"},
      {"a name that is none", R"("full":)", R"("fu ll":)", "/campaigns/fu ll: has a name that is not"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(Replace(Whole(), row.from, row.to));
    REQUIRE_MESSAGE(loaded.rules.get() != nullptr, ToText(loaded.problems));
    const std::string problems = ToText(loaded.problems);
    CHECK_MESSAGE(problems.find(row.problem) == 0, problems);
    CHECK(loaded.problems.size() == 1);
    CHECK(loaded.rules->FindCampaign("alone")->is_valid);
    REQUIRE(loaded.rules->campaigns.size() == 2);
    CHECK_FALSE(loaded.rules->campaigns[1].is_valid);
  }
}

TEST_CASE("groups load as they are said, and campaigns are in those that they name") {
  const auto loaded = dialects::LoadNative(
      Datafile(R"("groups":{"nudge":{"caps":[{"count":1,"per":"1d"},{"count":9}],"gap":"90s"},"all":{"gap":"1d"}},)"
               R"("campaigns":{"c":)" +
               CampaignJson({{"caps", R"([{"group":"all"},{"count":3},{"group":"nudge"},)"
                                      R"({"until":{"op":">=","count":"file_shared","value":1}}])"}}) +
               R"(,"d":)" + CampaignJson() + "}"));
  CHECK(ToText(loaded.problems) == "");
  REQUIRE(loaded.rules.get() != nullptr);
  REQUIRE(loaded.rules->groups.size() == 2);
  const ruleset::CampaignGroup& nudge = loaded.rules->groups[0];
  CHECK(nudge.key == "nudge");
  REQUIRE(nudge.caps.size() == 2);
  CHECK(nudge.caps[0].window == kDay);
  CHECK(nudge.caps[1].count == 9);
  CHECK(nudge.gap == 90 * kSecond);
  CHECK(loaded.rules->groups[1].caps.empty());
  const ruleset::Campaign& campaign = *loaded.rules->FindCampaign("c");
  CHECK(campaign.is_valid);
  CHECK(campaign.groups == std::vector<std::uint16_t>{0, 1});
  CHECK(campaign.caps.size() == 1);
  REQUIRE(campaign.until != ruleset::kNone);
  CHECK(loaded.rules->nodes[campaign.until].op == ruleset::Op::kBehavior);
  CHECK(loaded.rules->FindCampaign("d")->groups.empty());
  CHECK(loaded.rules->FindCampaign("d")->until == ruleset::kNone);
}

TEST_CASE("a limit that cannot be read costs the campaign, so that nobody sees it too often") {
  const std::string group = R"("nudge":{"caps":[{"count":1,"per":"1d"}],"gap":"90s"})";
  const struct {
    std::string name;
    std::string groups;
    std::string caps;
    const char* problem;  // the last one
  } rows[] = {
      {"of a later version", group, R"([{"count":1},{"per_moon":1}])", "/campaigns/c/caps/1/count: is missing"},
      {"no count", group, R"([{"group":"nudge"}])", "/campaigns/c/caps: has no count, so it would be"},
      {"a group that is not there", group, R"([{"count":1},{"group":"nudges"}])",
       "/campaigns/c/caps/1/group: is no group of this datafile: \"nudges\""},
      {"a group twice", group, R"([{"count":1},{"group":"nudge"},{"group":"nudge"}])",
       "/campaigns/c/caps/2/group: is said twice"},
      {"until twice", group,
       R"([{"count":1},{"until":{"op":"exists","attribute":"a"}},{"until":{"op":"exists","attribute":"b"}}])",
       "/campaigns/c/caps/2/until: is said twice"},
      {"an until with an error", group, R"([{"count":1},{"until":{}}])", "/campaigns/c/caps/1/until/op: is missing"},
      {"nine counts", group,
       R"([{"count":1},{"count":1},{"count":1},{"count":1},{"count":1},{"count":1},{"count":1},{"count":1},{"count":1}])",
       "/campaigns/c/caps: has 9 caps; at most 8 are allowed"},
      {"a group's cap without count", R"("nudge":{"caps":[{"per":"1d"}]})", R"([{"count":1},{"group":"nudge"}])",
       "/campaigns/c/caps/1/group: has an error: nudge"},
      {"a group's gap too long", R"("nudge":{"gap":"2d"})", R"([{"count":1},{"group":"nudge"}])",
       "/campaigns/c/caps/1/group: has an error: nudge"},
      {"a group that is a text", R"("nudge":"x")", R"([{"count":1},{"group":"nudge"}])",
       "/campaigns/c/caps/1/group: has an error: nudge"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded =
        dialects::LoadNative(Datafile("\"groups\":{" + row.groups + R"(},"campaigns":{"c":)" +
                                      CampaignJson({{"caps", row.caps}}) + R"(,"d":)" + CampaignJson() + "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    REQUIRE(!loaded.problems.empty());
    const std::string problem = loaded.problems.back().pointer + ": " + loaded.problems.back().reason;
    CHECK_MESSAGE(problem.find(row.problem) == 0, problem);
    CHECK_FALSE(loaded.rules->FindCampaign("c")->is_valid);
    CHECK(loaded.rules->FindCampaign("d")->is_valid);
  }
}

TEST_CASE("several triggers, a delay and what cancels load as they are said, and each event is known to take part") {
  const Rules rules = CampaignRules({{"trigger", ""},
                                     {"triggers", R"([{"event":"a"},{"event":"b","where":{"op":"exists",)"
                                                  R"("attribute":"x","kind":"event"}},{"event":"a"}])"},
                                     {"delay", R"("2s")"},
                                     {"cancel_on", R"(["done","done","b"])"}});
  const ruleset::Campaign& campaign = *rules->FindCampaign("c");
  REQUIRE(campaign.is_valid);
  REQUIRE(campaign.triggers.size() == 3);
  CHECK(campaign.triggers[1].steps.at(0).event == "b");
  CHECK(campaign.triggers[1].steps.at(0).condition != ruleset::kNone);
  CHECK(campaign.delay == 2 * kSecond);
  CHECK(campaign.cancel_on == std::vector<std::string>{"done", "b"});
  const struct {
    const char* event;
    std::vector<std::uint32_t> triggers;
  } rows[] = {{"a", {0, 2}}, {"b", {1, ruleset::kNone}}, {"done", {ruleset::kNone}}};
  for (const auto& row : rows) {
    CAPTURE(row.event);
    CHECK(rules->IsTrigger(row.event));
    std::vector<std::uint32_t> triggers;
    for (const ruleset::TriggerUse& use : *rules->FindTriggerUses(row.event)) triggers.push_back(use.trigger);
    CHECK(triggers == row.triggers);
  }
  CHECK(rules->FindTriggerUses("x") == nullptr);
}

TEST_CASE("what takes more than an event loads as it is said, and all of its events are known to take part") {
  const Rules rules = CampaignRules(
      {{"trigger", ""},
       {"triggers", R"([{"then":[{"event":"a"},{"event":"b","where":{"op":"exists","attribute":"x","kind":"event"}}],)"
                    R"("within":"10m"},{"all":[{"event":"c"},{"event":"d"}],"within":"1h"},)"
                    R"({"event":"e","and_not":{"event":"f"},"within":"30s"},{"on":"session_start"},)"
                    R"({"screen":"home","for":"0s"},{"idle":"1m"},{"event":"g"}])"}});
  const ruleset::Campaign& campaign = *rules->FindCampaign("c");
  REQUIRE(campaign.is_valid);
  using ruleset::TriggerKind;
  const struct {
    TriggerKind kind;
    std::size_t steps;
    Duration time;
    const char* name;
  } rows[] = {{TriggerKind::kThen, 2, 600 * kSecond, "b"},
              {TriggerKind::kAll, 2, kHour, "d"},
              {TriggerKind::kAbsent, 2, 30 * kSecond, "e"},
              {TriggerKind::kSessionStart, 0, Duration(0), "session_start"},
              {TriggerKind::kScreen, 0, Duration(0), "screen home"},
              {TriggerKind::kIdle, 0, 60 * kSecond, "idle"},
              {TriggerKind::kEvent, 1, Duration(0), "g"}};
  REQUIRE(campaign.triggers.size() == std::size(rows));
  std::set<std::uint64_t> ids;
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CAPTURE(i);
    const ruleset::Trigger& trigger = campaign.triggers[i];
    CHECK(trigger.kind == rows[i].kind);
    CHECK(trigger.steps.size() == rows[i].steps);
    CHECK(trigger.time == rows[i].time);
    CHECK(trigger.name() == rows[i].name);
    CHECK(ids.insert(trigger.id).second);
    CHECK((trigger.id == 0) == (trigger.kind == TriggerKind::kEvent));
    CHECK(trigger.watch == (trigger.kind == TriggerKind::kEvent ? ruleset::kNone : i));
  }
  CHECK(campaign.triggers[0].steps[1].condition != ruleset::kNone);
  for (const char* event : {"a", "b", "c", "d", "e", "f", "g"}) CHECK(rules->IsTrigger(event));
  CHECK_FALSE(rules->IsTrigger("session_start"));
  CHECK(rules->watched.size() == 6);
  CHECK(rules->watches_idle);
}

TEST_CASE("conversions are what goals and KPIs are measured by, as far as it can be read") {
  const std::string experiment =
      R"({"iteration":1,"status":"ended","layer":"l","slots":[],"salt":"e.1",)"
      R"("variants":{"a":{"slots":[[0,1000000]],"flags":{}}},"goals":[{"event":"signed_up"},{"event":7},"x",{"event":""}]})";
  const auto loaded = dialects::LoadNative(Replace(
      Whole(), R"("campaigns":)",
      R"("layers":{"l":{"unit":"device","salt":"l.1"}},"experiments":{"e":)" + experiment + R"(},"campaigns":)"));
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(loaded.rules->conversions == std::vector<std::string>{"file_shared", "purchase", "signed_up"});
  for (const char* name : {"file_shared", "purchase", "signed_up"}) CHECK(loaded.rules->IsConversion(name));
  for (const char* name : {"message_sent", "", "x", "signed"}) CHECK_FALSE(loaded.rules->IsConversion(name));
}

TEST_CASE("all that is wrong with a campaign is said at once") {
  std::string text = Replace(Whole(), R"("iteration":3)", R"("iteration":"3")");
  text = Replace(text, R"("kind":"tooltip")", R"("kind":"popup")");
  text = Replace(text, R"("snooze":"1d")", R"("snooze":"soon")");
  text = Replace(text, R"("priority":-5)", R"("priority":-5.5)");
  const auto loaded = dialects::LoadNative(text);
  CHECK(loaded.problems.size() == 4);
}

TEST_CASE("a fault in what only the collector reads costs nothing, and is named") {
  const auto loaded = dialects::LoadNative(Replace(Whole(), R"("event":"purchase")", R"("event":7)"));
  REQUIRE(loaded.rules.get() != nullptr);
  CHECK(ToText(loaded.problems) == "/kpis/revenue/event: must be a text, not an integer\n");
  CHECK(loaded.rules->FindCampaign("full")->is_valid);
}

TEST_CASE(
    "guardrails are the collector's: bad ones are warned of, cost nothing else, and their events are conversions") {
  const std::string good = R"({"no":"more","event":"error_shown","within":"10m"})";
  const struct {
    std::string guardrails;
    std::string problems;
  } rows[] = {
      {"[" + good + R"(,{"no":"less","event":"app_open","within":"7d"}])", ""},
      {"[" + good + R"(,{"no":"other","event":"x","within":"7d"}])", "/1"},
      {"[" + good + R"(,{"event":"x","within":"7d"}])", "/1"},
      {"[" + good + R"(,{"no":"less","event":"","within":"7d"}])", "/1"},
      {"[" + good + R"(,{"no":"less","event":"x"}])", "/1"},
      {"[" + good + R"(,{"no":"less","event":"x","within":"soon"}])", "/1"},
      {"[" + good + ",7]", "/1"},
  };
  const std::string goals = R"("goals":[{"event":"file_shared","within":"7d"}])";
  for (const auto& row : rows) {
    CAPTURE(row.guardrails);
    const auto loaded = dialects::LoadNative(Replace(Whole(), goals, goals + R"(,"guardrails":)" + row.guardrails));
    REQUIRE(loaded.rules.get() != nullptr);
    const std::string expected =
        row.problems.empty() ? ""
                             : "warning: /campaigns/full/guardrails" + row.problems +
                                   ": is no guardrail, such as {\"no\": \"more\", \"event\": …, \"within\": \"10m\"}\n";
    CHECK(ToText(loaded.problems) == expected);
    CHECK(loaded.rules->FindCampaign("full")->is_valid);
    CHECK(loaded.rules->IsConversion("error_shown"));
  }
  std::string many = good;
  for (int i = 0; i < 16; ++i) many += "," + good;
  for (const std::string& none : {"[" + many + "]", std::string("{}")}) {
    const auto loaded = dialects::LoadNative(Replace(Whole(), goals, goals + R"(,"guardrails":)" + none));
    CHECK(ToText(loaded.problems) == "warning: /campaigns/full/guardrails: is no list of at most 16 guardrails\n");
    CHECK(loaded.rules->FindCampaign("full")->is_valid);
  }
}

TEST_CASE("more campaigns than there may be are refused as a whole") {
  for (const std::size_t count : {limits::kCampaigns - 1, limits::kCampaigns, limits::kCampaigns + 1}) {
    CAPTURE(count);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += (i == 0 ? "\"c" : ",\"c") + std::to_string(i) + "\":" + CampaignJson();
    }
    const auto loaded = dialects::LoadNative(Datafile("\"campaigns\":{" + text + "}"));
    const bool is_over = count > limits::kCampaigns;
    CHECK((loaded.rules.get() == nullptr) == is_over);
    CHECK(ToText(loaded.problems) == (is_over ? "/campaigns: has 501 campaigns; at most 500 are allowed\n" : ""));
  }
}

TEST_CASE("each bound of a campaign is what loads, and one more costs the campaign") {
  const auto several = [](std::size_t count, const std::string& part) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      std::string one = part;
      if (const std::size_t at = one.find('#'); at != std::string::npos) one.replace(at, 1, std::to_string(i));
      text += (i > 0 ? "," : "") + one;
    }
    return text;
  };
  const std::string buttons = kFull.substr(kFull.find(R"("buttons")"), kFull.rfind(']') - kFull.find(R"("buttons")"));
  const struct {
    std::string name;
    std::string from;
    std::function<std::string(std::size_t)> to;
    std::size_t most;
    const char* problem;
  } rows[] = {
      {"title", R"("Drop it in")", [](std::size_t n) { return '"' + std::string(n, 't') + '"'; },
       limits::kPromptTitleBytes, "/campaigns/full/show/title: must be 1 to 200 bytes long, not 201\n"},
      {"body", R"("Here.")", [](std::size_t n) { return '"' + std::string(n, 'b') + '"'; }, limits::kPromptBodyBytes,
       "/campaigns/full/show/body: must be 0 to 1000 bytes long, not 1001\n"},
      {"buttons", buttons, [&](std::size_t n) { return "\"buttons\":[" + several(n, R"({"id":"b#","label":"x"})"); },
       limits::kPromptButtons, "/campaigns/full/show/buttons: has 5 buttons; at most 4 are allowed\n"},
      {"caps", R"([{"count":1,"per":"7d"},{"count":2,"per":"36h"},{"count":3}])",
       [&](std::size_t n) { return "[" + several(n, R"({"count":1})") + "]"; }, limits::kCapsPerCampaign,
       "/campaigns/full/caps: has 9 caps; at most 8 are allowed\n"},
      {"what a cap allows", R"({"count":3})", [](std::size_t n) { return "{\"count\":" + std::to_string(n) + "}"; },
       limits::kCapCount, "/campaigns/full/caps/2/count: must be from 1 to 100, not 101\n"},
      {"event of the trigger", R"("message_sent")", [](std::size_t n) { return '"' + std::string(n, 'e') + '"'; },
       limits::kEventNameBytes, "/campaigns/full/trigger/event: must be 1 to 128 bytes long, not 129\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    for (const std::size_t n : {row.most - 1, row.most, row.most + 1}) {
      CAPTURE(n);
      const auto loaded = dialects::LoadNative(Replace(Whole(), row.from, row.to(n)));
      REQUIRE(loaded.rules.get() != nullptr);
      CHECK(ToText(loaded.problems) == (n > row.most ? row.problem : ""));
      CHECK(loaded.rules->FindCampaign("full")->is_valid == (n <= row.most));
      CHECK(loaded.rules->FindCampaign("alone")->is_valid);
    }
  }
}

TEST_CASE("whatever byte of a campaign is damaged, loading comes to an end") {
  const std::string whole = Whole();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '"', '9', '{', '\xFF'}) {
      CAPTURE(at);
      std::string text = whole;
      text[at] = byte;
      const auto loaded = dialects::LoadNative(text);
      if (loaded.rules.get() == nullptr) continue;
      for (const ruleset::Campaign& campaign : loaded.rules->campaigns) {
        if (campaign.is_valid) CHECK_FALSE(campaign.caps.empty());
      }
    }
  }
}

TEST_CASE("a holdout governs the campaigns it names, or all by its kind of unit, and an error in it shows nobody any") {
  const std::string others = R"("by-account":)" + CampaignJson({{"unit", R"("account")"}, {"salt", R"("a.1")"}}) +
                             R"(,"named":)" + CampaignJson({{"salt", R"("n.1")"}}) + R"(,"other":)" +
                             CampaignJson({{"salt", R"("o.1")"}});
  const struct {
    std::string name;
    std::string campaigns;  // of the holdout
    std::string size;
    std::vector<std::size_t> governed;  // by how many: by-account, named, other
    std::vector<bool> are_valid;
    std::string problem;
  } rows[] = {
      {"not said", "", "10", {0, 0, 0}, {true, true, true}, ""},
      {"all", R"(,"campaigns":"*")", "10", {0, 1, 1}, {true, true, true}, ""},
      {"one, twice", R"(,"campaigns":["named","named"])", "10", {0, 1, 0}, {true, true, true}, ""},
      {"one that is not there",
       R"(,"campaigns":["nobody"])",
       "10",
       {0, 0, 0},
       {true, true, true},
       "/holdouts/h/campaigns/0: there is no campaign \"nobody\""},
      {"one by another unit",
       R"(,"campaigns":["by-account"])",
       "10",
       {0, 0, 0},
       {false, true, true},
       "/holdouts/h/campaigns/0: is a campaign on another kind of unit than the holdout's"},
      {"broken, over all",
       R"(,"campaigns":"*")",
       "0",
       {0, 0, 0},
       {false, false, false},
       "/holdouts/h/size: must be from 1 to 500000, not 0"},
      {"broken, over one",
       R"(,"campaigns":["named"])",
       "0",
       {0, 0, 0},
       {true, false, true},
       "/holdouts/h/size: must be from 1 to 500000, not 0"},
      {"no list", R"(,"campaigns":7)", "10", {0, 0, 0}, {true, true, true}, "/holdouts/h/campaigns: must be an array"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded =
        dialects::LoadNative(Datafile(R"("holdouts":{"h":{"unit":"device","salt":"h","size":)" + row.size +
                                      R"(,"experiments":[])" + row.campaigns + R"(}},"campaigns":{)" + others + "}"));
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK(ToText(loaded.problems).find(row.problem) != std::string::npos);
    CHECK(loaded.problems.empty() == row.problem.empty());
    for (std::size_t i = 0; i < 3; ++i) {
      CAPTURE(i);
      CHECK(loaded.rules->campaigns[i].holdouts.size() == row.governed[i]);
      CHECK(loaded.rules->campaigns[i].is_valid == row.are_valid[i]);
    }
  }
}
