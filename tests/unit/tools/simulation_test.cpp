#include "sdk/tools/simulation.h"

#include <doctest/doctest.h>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/tools/made_up_people.h"
#include "sdk/tools/simulation_picture.h"
#include "sdk/tools/simulation_report.h"
#include "sdk/tools/timeline.h"
#include "tests/unit/tools/workbench.h"

namespace guidon::tools {
namespace {

constexpr const char* kShow = R"("show":{"kind":"banner","title":"T","body":"B","buttons":[
  {"label":"Go","do":"app://go"},{"label":"Later","do":"snooze 1d"},{"label":"No","do":"dismiss"}]})";

std::string Campaign(const std::string& key, const std::string& members) {
  std::string show = kShow;
  show.replace(show.find("\"T\""), 3, "\"" + key + "\"");
  return "\"" + key + R"(":{"hypothesis":"h","owner":"o",)" + members + "," + show + "}";
}

std::shared_ptr<const client::Datafile> Compile(const std::string& published) {
  dialects::Loaded loaded = dialects::LoadNative(published);
  REQUIRE(static_cast<bool>(loaded.rules));
  CHECK(loaded.problems.empty());
  auto out = std::make_shared<client::Datafile>();
  out->rules = std::move(loaded.rules);
  return out;
}

std::shared_ptr<const client::Datafile> DatafileOf(const std::string& campaigns, const std::string& more = "") {
  return Compile(PublishText(SourceWith(more + R"("flags":{},"campaigns":{)" + campaigns + "}")));
}

Timestamp Start() { return *text::ParseTimestamp("2026-12-01T09:00:00Z"); }

Result<Simulation> Simulate(const std::shared_ptr<const client::Datafile>& datafile, const std::string& lines,
                            PromptAnswer answer = PromptAnswer::kDismiss) {
  const auto timeline = ReadTimeline(lines, Start());
  CAPTURE(timeline.status().message());
  REQUIRE(timeline.ok());
  Cast cast;
  cast.answers = {{answer, 100}};
  return RunTimeline(datafile, *timeline, cast, Start(), [](std::uint64_t) {});
}

// "a shown dismissed, b outranked a": the chances of one person.
std::string Story(const std::shared_ptr<const client::Datafile>& datafile, const std::string& lines,
                  PromptAnswer answer = PromptAnswer::kDismiss) {
  const auto simulation = Simulate(datafile, lines, answer);
  CAPTURE(simulation.status().message());
  REQUIRE(simulation.ok());
  std::string out;
  for (const Chance& chance : simulation->chances) {
    static constexpr const char* kFates[] = {" shown", " held_out", "", " waits"};
    out += (out.empty() ? "" : ", ") + datafile->rules->campaigns[chance.campaign].key;
    out += kFates[static_cast<std::size_t>(chance.fate)];
    for (const std::string* word : {&chance.why, &chance.by, &chance.answer, &chance.button}) {
      if (!word->empty()) out += " " + *word;
    }
  }
  return out;
}

std::string Event(const std::string& at, const std::string& name, const std::string& more = "") {
  return R"({"at":")" + at + R"(","event":")" + name + "\"" + more + "}\n";
}

}  // namespace

TEST_CASE("each fate of a campaign's chance is told with what decided it") {
  struct Row {
    const char* name;
    std::string campaigns;
    std::string more;
    std::string lines;
    const char* story;
  };
  const std::string nobody = R"("holdout":0,"waits":{"dismissal":"0s","action":"0s"},)";
  const Row rows[] = {
      {"shown", Campaign("a", nobody + R"("trigger":"e","caps":["9 ever"])"), "", Event("+1h", "e"),
       "a shown dismissed"},
      {"another event", Campaign("a", nobody + R"("trigger":"e","caps":["9 ever"])"), "", Event("+1h", "f"), ""},
      {"a trigger's condition is false", Campaign("a", nobody + R"("trigger":"e where n > 3","caps":["9 ever"])"), "",
       Event("+1h", "e", R"(,"properties":{"n":3})") + Event("+2h", "e", R"(,"properties":{"n":4})"),
       "a shown dismissed"},
      {"a cap", Campaign("a", nobody + R"("trigger":"e","caps":["1 per 7d","9 ever"])"), "",
       Event("+1h", "e") + Event("+2h", "e") + Event("+9d", "e"),
       "a shown dismissed, a capped 1 per 7d, a shown dismissed"},
      {"a cap for ever", Campaign("a", nobody + R"("trigger":"e","caps":["1 ever"])"), "",
       Event("+1h", "e") + Event("+90d", "e"), "a shown dismissed, a capped 1 ever"},
      {"a wait", Campaign("a", R"("holdout":0,"trigger":"e","caps":["9 ever"])"), "",
       Event("+1h", "e") + Event("+1d", "e"), "a shown dismissed, a after_dismissal"},
      {"an audience by behavior",
       Campaign("a", nobody + R"("trigger":"e","when":"count('open','7d') >= 2","caps":["9 ever"])"), "",
       Event("+1h", "open") + Event("+2h", "e") + Event("+3h", "open") + Event("+4h", "e") + Event("+20d", "e"),
       "a not_eligible, a shown dismissed, a not_eligible"},
      {"a group's cap",
       Campaign("a", nobody + R"("trigger":"e","caps":["9 ever"])") + "," +
           Campaign("b", nobody + R"("trigger":"f","caps":["9 ever"])"),
       R"("groups":{"all":{"caps":["1 per day"]}},)", Event("+1h", "e") + Event("+2h", "f") + Event("+1d", "f"),
       "a shown dismissed, b group_capped all, 1 per day, b shown dismissed"},
      {"outranked within a group's cap",
       Campaign("a", nobody + R"("trigger":"e","priority":9,"caps":["9 ever"])") + "," +
           Campaign("b", nobody + R"("trigger":"e","caps":["9 ever"])"),
       R"("groups":{"all":{"caps":["1 per day"]}},)", Event("+1h", "e"), "a shown dismissed, b outranked a"},
      {"its turn comes after the other's",
       Campaign("a", nobody + R"("trigger":"e","priority":9,"caps":["9 ever"])") + "," +
           Campaign("b", nobody + R"("trigger":"e","caps":["9 ever"])"),
       "", Event("+1h", "e"), "a shown dismissed, b shown dismissed"},
      {"a gap that lasts too long",
       Campaign("a", nobody + R"("trigger":"e","caps":["9 ever"])") + "," +
           Campaign("b", nobody + R"("trigger":"f","caps":["9 ever"])"),
       R"("groups":{"all":{"gap":"10m"}},)", Event("+1h", "e") + Event("+65m", "f") + Event("+80m", "f"),
       "a shown dismissed, b gap all, 10m, b shown dismissed"},
      {"cancelled in its delay",
       Campaign("a", nobody + R"("trigger":"e","delay":"1m","cancel_on":["done"],"caps":["9 ever"])"), "",
       Event("+1h", "e") + Event("+3601s", "done") + Event("+2h", "e"), "a cancelled, a shown dismissed"},
      {"a sequence", Campaign("a", nobody + R"("trigger":"e and not f within 5m","caps":["9 ever"])"), "",
       Event("+1h", "e") + Event("+61m", "f") + Event("+2h", "e"), "a shown dismissed"},
      {"a session", Campaign("a", nobody + R"("trigger":"session_start","caps":["1 per session"])"), "",
       Event("+1h", "x") + R"({"at":"+2h","do":"background"})" + "\n" + R"({"at":"+3h","do":"foreground"})",
       "a shown dismissed, a shown dismissed"},
      {"a screen", Campaign("a", nobody + R"("trigger":"screen editor for 10s","caps":["9 ever"])"), "",
       R"({"at":"+1h","do":"screen","screen":"editor"})", "a shown dismissed"},
      {"until what it is for is done",
       Campaign("a", nobody + R"("trigger":"e","until":"count('done') >= 1","caps":["9 ever"])"), "",
       Event("+1h", "e") + Event("+2h", "done") + Event("+3h", "e"), "a shown dismissed, a until_met"},
      {"attributes that change", Campaign("a", nobody + R"("trigger":"e","when":"plan == 'pro'","caps":["9 ever"])"),
       "", Event("+1h", "e") + R"({"at":"+2h","attributes":{"plan":"pro"}})" + "\n" + Event("+3h", "e"),
       "a unknown, a shown dismissed"},
      {"what people do with it", Campaign("a", nobody + R"("trigger":"e","caps":["9 ever"])"), "",
       Event("+1h", "e") + R"({"at":"+3601s","do":"press","button":"Go"})" + "\n" + Event("+2h", "e") +
           R"({"at":"+7201s","do":"snooze"})" + "\n" + Event("+3h", "e"),
       "a shown pressed Go, a shown snoozed Later, a snoozed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto datafile = DatafileOf(row.campaigns, row.more);
    CHECK(Story(datafile, row.lines) == row.story);
  }
}

TEST_CASE("a survey is answered to its end, and its answers start what waits for them") {
  const std::string head =
      R"({"iteration":1,"status":"running","unit":"device","salt":"s.1","holdout":0,"priority":0,)"
      R"("valid_for":"1m","caps":[{"count":9}],"waits":{"dismissal":"7d","action":"7d"},"trigger":)";
  const auto datafile = Compile(
      R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,"issued_at":"2026-12-01T00:00:00Z",)"
      R"("flags":{},"campaigns":{"ask":)" +
      head +
      R"({"event":"e"},"show":{"kind":"survey","in":"modal","title":"ask","body":"B","questions":[)"
      R"({"id":"score","type":"nps","label":"How?","required":true},{"id":"more","type":"text","label":"More?"},)"
      R"({"id":"why","type":"choice","label":"Why?","options":[{"id":"a","label":"A"},{"id":"b","label":"B"}]}]}},"thanks":)" +
      head +
      R"({"event":"answered","where":{"op":"==","attribute":"question","kind":"event","value":"why"}},)"
      R"("show":{"kind":"banner","title":"T","buttons":[{"id":"b1","label":"Go","do":"app://go"}]}}}})");
  CHECK(Story(datafile, Event("+1h", "e"), PromptAnswer::kPress) == "ask shown completed, thanks shown pressed Go");
  CHECK(Story(datafile, Event("+1h", "e"), PromptAnswer::kDismiss) == "ask shown dismissed");
}

TEST_CASE("what people do with a prompt follows from the word for it") {
  const auto datafile = DatafileOf(Campaign("a", R"("holdout":0,"trigger":"e","caps":["9 ever"])"));
  CHECK(Story(datafile, Event("+1h", "e"), PromptAnswer::kDismiss) == "a shown dismissed");
  CHECK(Story(datafile, Event("+1h", "e"), PromptAnswer::kPress) == "a shown pressed Go");
  CHECK(Story(datafile, Event("+1h", "e"), PromptAnswer::kSnooze) == "a shown snoozed Later");
  CHECK(Story(datafile, Event("+1h", "e"), PromptAnswer::kIgnore) == "a shown timed_out");
}

TEST_CASE("the device's calendar is by the offset that a line's time is written with") {
  const auto datafile = DatafileOf(Campaign(
      "a", R"("holdout":0,"waits":{"dismissal":"0s","action":"0s"},"trigger":"e","caps":["1 per day","9 ever"])"));
  // Six in the evening and one in the morning: another day where clocks are at UTC, the same one in New York.
  CHECK(Story(datafile, Event("2026-12-02T18:00:00Z", "e") + Event("2026-12-03T01:00:00Z", "e")) ==
        "a shown dismissed, a shown dismissed");
  CHECK(Story(datafile, Event("2026-12-02T13:00:00-05:00", "e") + Event("2026-12-02T20:00:00-05:00", "e")) ==
        "a shown dismissed, a capped 1 per day");
}

TEST_CASE("nobody can answer a prompt that is not there") {
  const auto datafile = DatafileOf(Campaign("a", R"("holdout":0,"trigger":"e","caps":["9 ever"])"));
  const auto none = Simulate(datafile, R"({"at":"+1h","user":"ann","do":"press","button":"Go"})");
  REQUIRE_FALSE(none.ok());
  CHECK(none.status().message() ==
        "line 1: no prompt with the button 'Go' is on screen of 'ann' at 2026-12-01T10:00:00Z");
  CHECK_FALSE(Simulate(datafile, Event("+1h", "e") + R"({"at":"+3601s","do":"press","button":"Stop"})").ok());
}

TEST_CASE("the report of one person's weeks reads like this") {
  const std::string none = R"("holdout":0,"waits":{"dismissal":"0s","action":"0s"},)";
  const auto datafile =
      DatafileOf(Campaign("rate", none + R"("trigger":"sent","priority":5,"caps":["1 per 7d"])") + "," +
                     Campaign("share", none + R"("trigger":"sent where chars >= 400","caps":["9 ever"])") + "," +
                     Campaign("team", none + R"("trigger":"invited","caps":["9 ever"])"),
                 R"("groups":{"all":{"caps":["1 per day"]}},)");
  const auto simulation =
      Simulate(datafile, Event("2026-12-01T09:00:00+01:00", "sent", R"(,"properties":{"chars":500})") +
                             Event("2026-12-01T12:00:00+01:00", "sent", R"(,"properties":{"chars":9})") +
                             Event("2026-12-08T08:59:00+01:00", "sent", R"(,"properties":{"chars":400})") +
                             Event("2026-12-09T09:00:00+01:00", "sent", R"(,"properties":{"chars":600})"));
  REQUIRE(simulation.ok());
  const SimulationReport report{*datafile->rules, *simulation};
  CHECK(ToText(report, Style(false)) == R"(p/e 1.1 · u1 · 2026-12-01 to 2026-12-09

  2026-12-01 Tue  09:00:00  rate   ✓ shown       "rate"
                  09:00:05           dismissed
                  09:00:05  share  ✗ not shown   outranked by rate
                  12:00:00  rate   ✗ not shown   capped: 1 per 7d
  2026-12-08 Tue  08:59:00  rate   ✗ not shown   capped: 1 per 7d
                  08:59:00  share  ✓ shown       "share"
                  08:59:05           dismissed
  2026-12-09 Wed  09:00:00  rate   ✓ shown       "rate"
                  09:00:05           dismissed
                  09:00:05  share  ✗ not shown   outranked by rate

rate
  4 chances of 1 person
  2 ✓ shown: dismissed 2
  2 ✗ capped: 1 per 7d
  █·······█  at most 1 a day

share
  3 chances of 1 person
  1 ✓ shown: dismissed 1
  2 ✗ outranked by rate
  ·······█·  at most 1 a day

team
  0 chances of 0 people

! 'team' is never shown: nothing that happens starts it
)");
  const auto json = json::Document::Parse(ToJson(report), nullptr);
  REQUIRE(json);
  const json::Node root = json->root();
  CHECK(root["people"].AsInt() == 1);
  CHECK(root["person"].AsString() == "u1");
  CHECK(root["from"].AsString() == "2026-12-01T08:00:00Z");
  CHECK(root["campaigns"].First().ToText() ==
        R"({"campaign":"rate","chances":4,"shown":2,"held_out":0,"waiting":0,)"
        R"("people":{"with_chances":1,"shown":1,"held_out":0},"answers":{"dismissed":2},)"
        R"("not_shown":[{"why":"capped","by":"1 per 7d","count":2}],)"
        R"("days":[{"day":"2026-12-01","shown":1,"held_out":0,"not_shown":1},)"
        R"({"day":"2026-12-08","shown":0,"held_out":0,"not_shown":1},)"
        R"({"day":"2026-12-09","shown":1,"held_out":0,"not_shown":0}]})");
  CHECK(root["warnings"].First().AsString() == "'team' is never shown: nothing that happens starts it");
  CHECK(root["chances"].First().ToText() == R"({"campaign":"rate","at":"2026-12-01T08:00:00Z","fate":"shown",)"
                                            R"("title":"rate","answer":"dismissed",)"
                                            R"("answered_at":"2026-12-01T08:00:05Z"})");
}

TEST_CASE("of a campaign with variants the report says who was shown which") {
  const auto datafile =
      DatafileOf(R"("a":{"trigger":"e","goals":["g within 1d"],"holdout":0,"caps":["1 ever"],)"
                 R"("variants":{"news":{"kind":"modal","title":"N"},"benefit":{"kind":"modal","title":"B"}},)"
                 R"("weights":{"news":1,"benefit":3}})");
  std::string lines;
  std::uint64_t benefit = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string person = "p" + std::to_string(i);
    benefit += evaluation::Slot('v', "a.1", person) >= 250'000 ? 1u : 0u;
    lines += Event("+" + std::to_string(i + 1) + "m", "e", R"(,"user":")" + person + "\"");
  }
  const auto simulation = Simulate(datafile, lines);
  REQUIRE(simulation.ok());
  const CampaignTally& tally = simulation->campaigns[0];
  CHECK(tally.people_by_variant.at("benefit") == benefit);
  CHECK(tally.people_by_variant.at("news") == 40 - benefit);
  const std::string text = ToText({*datafile->rules, *simulation}, Style(false));
  CAPTURE(text);
  CHECK(text.find("people by variant: benefit " + std::to_string(benefit) + ", news ") != std::string::npos);
}

TEST_CASE("of many people each counts once, whoever is held out apart") {
  const auto datafile = DatafileOf(Campaign("a", R"("holdout":50,"trigger":"e","caps":["1 ever"])") + "," +
                                       Campaign("b", R"("holdout":0,"trigger":"e","caps":["1 ever"])"),
                                   R"("groups":{"all":{"caps":["1 per day"]}},)");
  std::string lines;
  for (int i = 0; i < 40; ++i) {
    lines += Event("+" + std::to_string(i + 1) + "m", "e", R"(,"user":"p)" + std::to_string(i) + "\"");
    lines += Event("+30d", "e", R"(,"user":"p)" + std::to_string(i) + "\"");
  }
  const auto simulation = Simulate(datafile, lines);
  REQUIRE(simulation.ok());
  CHECK(simulation->people == 40);
  CHECK(simulation->chances.empty());
  for (const CampaignTally& tally : simulation->campaigns) {
    std::uint64_t not_shown = 0;
    for (const auto& [reason, count] : tally.not_shown) not_shown += count;
    std::uint64_t by_day = 0;
    for (const auto& [day, counts] : tally.days) by_day += counts.shown + counts.held_out + counts.not_shown;
    CHECK(tally.chances == 80);
    CHECK(tally.people == 40);
    CHECK(tally.chances == tally.shown + tally.held_out + not_shown);
    CHECK(tally.chances == by_day);
  }
  const CampaignTally& half = simulation->campaigns[0];
  CHECK(half.people_shown + half.people_held_out == 40);
  CHECK(half.people_held_out == 15);  // as the hash has it
  CHECK(half.held_out == half.people_held_out);
}

TEST_CASE("a line of a timeline that cannot be meant is refused with its place") {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"", "nothing happens; write lines like { \"at\": \"+2d\", \"user\": \"ann\", \"event\": \"message_sent\" }"},
      {"\n\n{\"at\":\"+1d\",", "line 3"},
      {R"({"event":"e"})", "line 1, column 1: the line does not say when"},
      {R"({"at":"soon","event":"e"})", "line 1, column 7 (/at): \"soon\" is no time"},
      {R"({"at":"2026-12-01T09:00","event":"e"})", "is no time"},
      {R"({"at":"+1d"})", "says not one thing that happens"},
      {R"({"at":"+1d","event":"e","do":"press"})", "says not one thing that happens"},
      {R"({"at":"+1d","do":"pres"})", "nobody can do 'pres': did you mean 'press'?"},
      {R"({"at":"+1d","do":"screen"})", "does not say which screen"},
      {R"({"at":"+1d","do":"dismiss","button":"Go"})", "(/button): goes with \"press\" alone"},
      {R"({"at":"+1d","event":"e","props":{}})", "it is called \"properties\""},
      {R"({"at":"+1d","event":"e","user":""})", "(/user): names nobody"},
      {R"({"at":"+1d","attributes":[]})", "(/attributes)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto timeline = ReadTimeline(row.text, Start());
    REQUIRE_FALSE(timeline.ok());
    CAPTURE(timeline.status().message());
    CHECK(timeline.status().message().find(row.error) != std::string::npos);
  }
}

TEST_CASE("a timeline is read in the order of time, and of the file where that is the same") {
  const auto timeline = ReadTimeline(R"({"at":"+2d","event":"c"})"
                                     "\r\n"
                                     R"({"at":"2026-12-01T10:00:00.500+05:30","event":"a","user":"bob"})"
                                     "\n\n"
                                     R"({"at":"+0s","event":"b","properties":{"n":1}})"
                                     "\n"
                                     R"({"at":"+2d","do":"press","button":"Go"})",
                                     Start());
  REQUIRE(timeline.ok());
  REQUIRE(timeline->size() == 4);
  std::string order;
  for (const TimelineStep& step : *timeline) order += step.name + " ";
  CHECK(order == "a b c Go ");
  CHECK(timeline->front().utc_offset == std::chrono::minutes(330));
  CHECK(timeline->front().user == "bob");
  CHECK_FALSE(timeline->back().utc_offset);
  CHECK((*timeline)[1].at == Start());
  CHECK((*timeline)[3].line == 5);
}

namespace {

const std::string& TwoCampaigns() {
  static const std::string kCampaigns =
      Campaign("big", R"("holdout":10,"trigger":"sent","priority":5,"caps":["2 per 7d"])") + "," +
      Campaign("small",
               R"("holdout":0,"trigger":"sent where chars >= 400","when":"plan == 'pro'","caps":["1 per 7d"])");
  return kCampaigns;
}

Simulation MadeUpOf(const std::shared_ptr<const client::Datafile>& datafile, std::uint64_t people, std::uint64_t seed) {
  const std::string payload = PublishText(
      SourceWith(R"("flags":{},"groups":{"all":{"caps":["1 per day"]}},"campaigns":{)" + TwoCampaigns() + "}"));
  const auto document = json::Document::Parse(payload, nullptr);
  REQUIRE(document);
  Cast cast;
  cast.seed = seed;
  cast.answers = {{PromptAnswer::kPress, 30}, {PromptAnswer::kDismiss, 70}};
  return RunMadeUp(datafile, RepertoireOf(document->root(), {"app_open"}),
                   {people, 21, *text::ParseTimestamp("2026-12-01")}, cast, [](std::uint64_t) {});
}

}  // namespace

TEST_CASE("what is made up follows from the seed alone, and the report of it reads like this") {
  const auto datafile = DatafileOf(TwoCampaigns(), R"("groups":{"all":{"caps":["1 per day"]}},)");
  const Simulation simulation = MadeUpOf(datafile, 60, 7);
  const std::string text = ToText({*datafile->rules, simulation}, Style(false));
  CHECK(text == R"(p/e 1.1 · 60 people · 2026-12-01 to 2026-12-21

big
  1949 chances of 57 people
    81 ✓ shown: dismissed 56, pressed 25
    24 ○ held out
   939 ✗ after dismissal
   631 ✗ after action
   247 ✗ capped: 2 per 7d
    27 ✗ group capped: all, 1 per day
  ▄▄▃▄▁▃▅█▆▅▃▃▂▃▄▄▃█·▄▂  at most 9 a day

small
  1326 chances of 56 people
    33 ✓ shown: dismissed 19, pressed 14
   600 ✗ not eligible
   302 ✗ after dismissal
   266 ✗ after action
   104 ✗ group capped: all, 1 per day
    20 ✗ outranked by big
     1 ✗ capped: 1 per 7d
  ·▃▆▆▃·▆▃███·▆█▆▆██···  at most 3 a day
)");
  CHECK(ToText({*datafile->rules, MadeUpOf(datafile, 60, 7)}, Style(false)) == text);
  CHECK(ToText({*datafile->rules, MadeUpOf(datafile, 60, 8)}, Style(false)) != text);
}

TEST_CASE("a person does the same however many others there are") {
  Repertoire repertoire;
  repertoire.events = {{"app_open", {}}, {"sent", {{"chars", {Value(399), Value(400)}}}}};
  repertoire.attributes = {{"plan", {Value("pro"), Value("other")}}};
  repertoire.screens = {"editor"};
  const Timestamp from = *text::ParseTimestamp("2026-12-01");
  const auto days = MakeUp(repertoire, 1, 4, 30, from, std::chrono::hours(2));
  const auto again = MakeUp(repertoire, 1, 4, 60, from, std::chrono::hours(2));
  REQUIRE(days.size() > 10);
  CHECK(days.front().user == "person-000005");
  CHECK(days.front().kind == TimelineStep::Kind::kAttributes);
  CHECK(days.front().at >= from - std::chrono::hours(2) + std::chrono::hours(7));
  std::size_t events = 0, screens = 0, backgrounds = 0;
  for (std::size_t i = 0; i < days.size(); ++i) {
    if (i > 0) CHECK(days[i].at >= days[i - 1].at);
    CHECK_FALSE(days[i].IsAnswer());
    events += days[i].kind == TimelineStep::Kind::kEvent;
    screens += days[i].kind == TimelineStep::Kind::kScreen;
    backgrounds += days[i].kind == TimelineStep::Kind::kBackground;
  }
  CHECK(events > 0);
  CHECK(screens > 0);
  CHECK(backgrounds > 0);
  CHECK(again.front().user == days.front().user);
  CHECK(MakeUp(repertoire, 1, 5, 30, from, Duration(0)).front().user == "person-000006");
}

TEST_CASE("people do and are what a datafile asks for") {
  const std::string campaign =
      Campaign("a", R"j("trigger":["sent where chars >= 400 && kind == 'text'","x then y within 5m",
        "screen editor for 9s"],"cancel_on":["gone"],
        "when":"plan in ['pro','team'] && count('open','7d') >= 2 && since_last('seen') < duration('7d')",
        "until":"count('done') >= 1","caps":["1 per 7d"])j");
  const auto document = json::Document::Parse(
      PublishText(SourceWith(R"("flags":{},"segments":{"s":"level > 3"},"campaigns":{)" + campaign + "}")), nullptr);
  REQUIRE(document);
  const Repertoire repertoire = RepertoireOf(document->root(), {"extra"});
  const auto choices = [](const std::vector<Repertoire::Choice>& all) {
    std::string out;
    for (const auto& choice : all) {
      out += " " + choice.name + "=";
      for (const Value& value : choice.values) out += json::ToText(value) + ";";
    }
    return out;
  };
  std::string events;
  for (const Repertoire::Event& event : repertoire.events) events += event.name + choices(event.properties) + ",";
  CHECK(events == "done,extra,gone,open,seen,sent chars=400;399;401; kind=\"text\";\"other\";,x,y,");
  CHECK(choices(repertoire.attributes) == " level=3;2;4; plan=\"pro\";\"other\";\"team\";");
  CHECK(repertoire.screens == std::vector<std::string>{"editor"});
}

TEST_CASE("the picture has a bar for each day with showings, and its texts are escaped") {
  const auto datafile = DatafileOf(Campaign("a", R"("holdout":0,"trigger":"e","caps":["1 per 7d"])"));
  const auto simulation =
      Simulate(datafile, Event("+1h", "e", R"(,"user":"<ann & co>")") + Event("+2d", "e", R"(,"user":"<ann & co>")") +
                             Event("+9d", "e", R"(,"user":"<ann & co>")"));
  REQUIRE(simulation.ok());
  const std::string svg = ToSvg({*datafile->rules, *simulation});
  CHECK(svg.find("&lt;ann &amp; co&gt;, 2026-12-01 to 2026-12-10, simulated") != std::string::npos);
  CHECK(svg.find("<ann") == std::string::npos);
  std::size_t bars = 0;
  for (std::size_t at = 0; (at = svg.find("height=\"100.0\" class=\"shown\"", at)) != std::string::npos; ++at) ++bars;
  CHECK(bars == 2);
  CHECK(svg.find(">3 chances of 1 person<") != std::string::npos);
  CHECK(svg.find(">after dismissal<") != std::string::npos);
  CHECK(svg.substr(svg.size() - 7) == "</svg>\n");
}

}  // namespace guidon::tools
