#include "samples/collector/flag_results.h"

#include <doctest/doctest.h>

#include "samples/collector/page.h"
#include "sdk/core/base/json.h"
#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr char kAllGood[] = R"({"partialSuccess":{}})";

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The flag "wide" without rules, "narrow" with a rule, a rollout of one value and one of two.
struct FlagWorld : World {
  FlagWorld() {
    const std::string flags = R"({"wide":{"type":"bool","default":true},"narrow":{"type":"int","default":1,"rules":[
{"id":"r1","serve":2},{"id":"r2","rollout":{"split":[{"slots":[[0,1000000]],"serve":3}]}},
{"id":"r3","rollout":{"split":[{"slots":[[0,500000]],"serve":3},{"slots":[[500000,1000000]],"serve":4}]}}]}})";
    const std::string before = R"("event_attributes":["plan"],"flags":)";
    REQUIRE(archive->Add(Datafile(2, before + "{}", before + flags), kNow).ok());
  }
};

std::string Device(int n) { return "install-" + std::to_string(n); }

// A summary of each of so many devices.
void Tell(World& world, int devices, const std::vector<Got>& got, std::int64_t at = kNow, int from = 0) {
  for (int n = from; n < from + devices; ++n) {
    const std::string id = Device(n) + "." + std::to_string(at) + got[0].flag + got[0].reason + got[0].variant;
    REQUIRE(world.Post({Summary(id, got).At(at)}, Device(n)).body == kAllGood);
  }
}

const FlagResult& Flag(const Results& results, std::string_view key) {
  for (const FlagResult& flag : results.flags.flags) {
    if (flag.key == key) return flag;
  }
  FAIL("no such flag: " << key);
  return results.flags.flags.front();
}

TEST_CASE("a summary that arrives again, in whatever order, changes nothing") {
  FlagWorld world;
  const std::vector<Event> events = {Summary("s1", {{"wide", "default", "static"}}).At(kNow - 3 * kDay),
                                     Summary("s2", {{"wide", "default", "static"}, {"narrow", "r1", "rule"}}),
                                     Summary("s3", {{"wide", "default", "static"}}).At(kNow - 5 * kDay)};
  world.Post(events);
  const FlagResults once = world.Count().flags;
  for (const std::size_t i : {2u, 0u, 1u}) CHECK(world.Post({events[i]}).body == kAllGood);
  FlagWorld other;
  for (const std::size_t i : {1u, 2u, 0u, 2u}) other.Post({events[i]});
  for (World* each : {&world, &other}) {
    CHECK(each->Ask("SELECT COUNT(*) FROM events") == 3);
    CHECK(each->Ask("SELECT COUNT(*) FROM evaluations") == 2);
    const Results again = each->Count();
    CHECK(again.flags.first_ms == kNow - 5 * kDay);
    CHECK(again.flags.now_ms == kNow);
    CHECK(Flag(again, "wide").devices == 1);
    CHECK(Flag(again, "wide").last_ms == kNow);
    CHECK(Flag(again, "wide").last_ms == once.flags.back().last_ms);
  }
  // One that is in the quarantine told nothing either.
  world.Post({Summary("s4", {{"", "", "static"}})});
  CHECK(Has(world.Post({Summary("s4", {{"new", "", "static"}})}).body, "refused_before"));
  CHECK(world.Ask("SELECT COUNT(*) FROM evaluations") == 2);
}

TEST_CASE("a summary is nobody's activity, and needs no datafile") {
  World world;
  world.Post({Tracked("t1", "unit-1", "shared").At(kNow - 40 * kDay)});
  Tell(world, 3, {{"wide", "default", "static"}});
  const Results results = world.Count();
  CHECK(results.quarantined.empty());
  CHECK(results.people == 1);
  CHECK(results.adoption.people == 1);  // 40 days ago is the last that anybody did
  CHECK(results.lifecycle.size() == 1);
  CHECK(results.events == 4);
  CHECK(results.installations == 3);
  REQUIRE(results.events_by_name.size() == 2);
  CHECK(results.events_by_name[0].name == "guidon.evaluation_summary");
  CHECK(results.events_by_name[0].n == 3);
}

TEST_CASE("devices count once for each result of the last seven days, and in each they got") {
  FlagWorld world;
  Tell(world, 5, {{"narrow", "r1", "rule"}}, kNow - 2 * kDay);
  Tell(world, 5, {{"narrow", "r1", "rule"}}, kNow - kDay);
  Tell(world, 2, {{"narrow", "default", "default"}}, kNow, 4);             // the last of those, and another
  Tell(world, 4, {{"narrow", "", "no_unit"}}, kNow - 7 * kDay + 1, 20);    // just within
  Tell(world, 9, {{"narrow", "default", "killed"}}, kNow - 7 * kDay, 40);  // no more
  Tell(world, 1, {{"wide", "default", "static"}}, kNow - 10 * kDay, 60);
  const Results results = world.Count();
  CHECK(results.flags.devices == 10);
  const FlagResult& narrow = Flag(results, "narrow");
  CHECK(narrow.devices == 10);
  CHECK(narrow.last_ms == kNow);
  const struct {
    const char* variant;
    const char* reason;
    std::uint64_t devices;
    std::int64_t last_ms;
  } rows[] = {{"r1", "rule", 5, kNow - kDay},
              {"", "no_unit", 4, kNow - 7 * kDay + 1},
              {"default", "default", 2, kNow},
              {"default", "killed", 0, kNow - 7 * kDay}};
  REQUIRE(narrow.decisions.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(narrow.decisions[i].variant == rows[i].variant);
    CHECK(narrow.decisions[i].reason == rows[i].reason);
    CHECK(narrow.decisions[i].devices == rows[i].devices);
    CHECK(narrow.decisions[i].last_ms == rows[i].last_ms);
  }
  CHECK(Flag(results, "wide").devices == 0);
  CHECK(Flag(results, "wide").last_ms == kNow - 10 * kDay);
}

TEST_CASE("a device on which somebody was ever forced is left out, with what it told before and after") {
  FlagWorld without;
  Tell(without, 3, {{"wide", "default", "static"}});
  without.Post({Tracked("t1", "unit-1", "shared")}, Device(0));
  const Results expected = without.Count();
  const struct {
    const char* name;
    Event event;  // of the fourth device
  } rows[] = {
      {"an event was forced", Tracked("x", "unit-4", "shared").Forced("api")},
      {"the summary says that the device was forced", Summary("x", {{"narrow", "r1", "rule"}}).Forced("file")},
      {"a flag was evaluated while it was forced", Summary("x", {{"narrow", "r1", "rule"}, {"wide", "", "forced"}})},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    FlagWorld world;
    Tell(world, 4, {{"wide", "r9", "rule"}}, kNow - kDay, 3);
    Tell(world, 3, {{"wide", "default", "static"}});
    world.Post({Tracked("t1", "unit-1", "shared")}, Device(0));
    for (int n = 3; n < 7; ++n) {
      Event event = row.event;
      event.id += std::to_string(n);
      CHECK(world.Post({event}, Device(n)).body == kAllGood);
    }
    Tell(world, 4, {{"gone", "", "flag_not_found"}}, kNow, 3);
    Results results = world.Count();
    CHECK(results.qa.events == 12);
    CHECK(results.events == expected.events);
    CHECK(results.stored_events == expected.events + 12);
    CHECK(results.installations == 3);
    results.qa = Qa();
    results.stored_events = expected.stored_events;
    CHECK(ResultsJson(results) == ResultsJson(expected));
  }
}

TEST_CASE("a verdict is given where one can be") {
  const auto over = [](std::int64_t days) { return kNow - days * kDay; };
  const struct {
    const char* name;
    const char* flag;
    std::vector<std::pair<int, Got>> got;  // how many devices got what
    std::int64_t at;
    FlagVerdict verdict;
    const char* sentence;
  } rows[] = {
      {"two devices, without rules",
       "wide",
       {{2, {"", "default", "static"}}},
       over(0),
       FlagVerdict::kOneValue,
       "One value for everybody: in 7 days all 2 devices got default (static). It may go from the code."},
      {"one device", "wide", {{1, {"", "default", "static"}}}, over(0), FlagVerdict::kNone, ""},
      {"not in these days", "wide", {{5, {"", "default", "static"}}}, over(8), FlagVerdict::kNone, ""},
      {"too few to say it of a rule", "narrow", {{29, {"", "r1", "rule"}}}, over(0), FlagVerdict::kNone, ""},
      {"a rule",
       "narrow",
       {{30, {"", "r1", "rule"}}},
       over(0),
       FlagVerdict::kOneValue,
       "One value for everybody: in 7 days all 30 devices got r1 (rule). It may go from the code."},
      {"the default behind rules",
       "narrow",
       {{30, {"", "default", "default"}}},
       over(0),
       FlagVerdict::kOneValue,
       "One value for everybody: in 7 days all 30 devices got default (default). It may go from the code."},
      {"a rollout of one value",
       "narrow",
       {{30, {"", "r2", "rollout"}}},
       over(0),
       FlagVerdict::kOneValue,
       "One value for everybody: in 7 days all 30 devices got r2 (rollout). It may go from the code."},
      {"a rollout of several values", "narrow", {{30, {"", "r3", "rollout"}}}, over(0), FlagVerdict::kNone, ""},
      {"two rules", "narrow", {{30, {"", "r1", "rule"}}, {1, {"", "r2", "rollout"}}}, over(0), FlagVerdict::kNone, ""},
      {"somebody had no unit",
       "narrow",
       {{30, {"", "r1", "rule"}}, {1, {"", "", "no_unit"}}},
       over(0),
       FlagVerdict::kNone,
       ""},
      {"before the first datafile any code has its fallback",
       "wide",
       {{3, {"", "default", "static"}}, {9, {"", "", "not_ready"}}, {9, {"", "", "closed"}}},
       over(0),
       FlagVerdict::kOneValue,
       "One value for everybody: in 7 days all 3 devices got default (static). It may go from the code."},
      {"nobody has a datafile", "wide", {{9, {"", "", "not_ready"}}}, over(0), FlagVerdict::kNone, ""},
      {"an experiment", "narrow", {{90, {"", "a", "experiment"}}}, over(0), FlagVerdict::kNone, ""},
      {"killed", "narrow", {{90, {"", "default", "killed"}}}, over(0), FlagVerdict::kNone, ""},
      {"asked 28 days ago", "narrow", {{1, {"", "default", "default"}}}, over(28), FlagVerdict::kNone, ""},
      {"asked before that",
       "narrow",
       {{1, {"", "default", "default"}}},
       over(28) - 1,
       FlagVerdict::kNobodyAsked,
       "Nobody asked in 28 days; last on 2026-08-24."},
      {"never asked", "narrow", {}, over(0), FlagVerdict::kNobodyAsked, "Nobody asked in 28 days."},
      {"not in the datafile",
       "gone",
       {{3, {"", "", "flag_not_found"}}, {9, {"", "r1", "rule"}}},
       over(0),
       FlagVerdict::kNotInDatafile,
       "Not in the datafile: in 7 days 3 devices asked for it and got the fallback in the code."},
      {"not in the datafile, and nobody asks any more",
       "gone",
       {{3, {"", "", "flag_not_found"}}},
       over(7),
       FlagVerdict::kNone,
       ""},
      {"not in the datafile any more, and devices that have an older one",
       "gone",
       {{3, {"", "r1", "rule"}}},
       over(0),
       FlagVerdict::kNone,
       ""},
      {"in the datafile by now", "narrow", {{3, {"", "", "flag_not_found"}}}, over(0), FlagVerdict::kNone, ""},
      {"another type",
       "wide",
       {{1, {"", "", "type_mismatch"}}, {9, {"", "default", "static"}}},
       over(0),
       FlagVerdict::kOtherType,
       "Asked with another type than it has: in 7 days 1 device got the fallback in the code."},
      {"another type, no more", "narrow", {{1, {"", "", "type_mismatch"}}}, over(7), FlagVerdict::kNone, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    FlagWorld world;
    Tell(world, 1, {{"now", "default", "static"}}, kNow, 1000);
    int from = 0;
    for (auto [devices, got] : row.got) {
      got.flag = row.flag;
      Tell(world, devices, {got}, row.at, from);
      from += devices;
    }
    const Results results = world.Count();
    const FlagResult& flag = Flag(results, row.flag);
    CHECK(FlagVerdictName(flag.verdict) == FlagVerdictName(row.verdict));
    CHECK(flag.sentence == row.sentence);
  }
}

TEST_CASE("without any summary nothing is said of any flag") {
  FlagWorld world;
  world.Post({Tracked("t1", "unit-1", "shared")});
  Tell(world, 2, {{"wide", "", "forced"}});
  const Results results = world.Count();
  CHECK(!results.flags.first_ms);
  REQUIRE(results.flags.flags.size() == 2);
  for (const FlagResult& flag : results.flags.flags) CHECK(flag.verdict == FlagVerdict::kNone);
  const std::string page = ResultsPage(results, "n");
  CHECK(Has(page, "No device has told yet what it evaluated"));
  CHECK(!Has(page, "class=\"flags\""));
}

TEST_CASE("200 flags and 20 results of each are shown, and how many are not") {
  FlagWorld world;
  std::vector<Got> got;
  for (int n = 0; n < 500; ++n) got.push_back({"flag-" + std::to_string(1000 + n), "x", "rule"});
  Tell(world, 1, got);
  got.clear();
  for (int n = 0; n < 90; ++n) got.push_back({"flag-1499", "v" + std::to_string(n), "rule"});
  Tell(world, 2, got);
  const Results results = world.Count();
  CHECK(results.flags.flags.size() == 200);
  CHECK(results.flags.flags_left_out == 302);
  // Those with a verdict first, then the most devices, then by name.
  CHECK(results.flags.flags[0].key == "narrow");
  CHECK(results.flags.flags[1].key == "wide");
  const FlagResult& third = results.flags.flags[2];
  CHECK(third.key == "flag-1499");
  CHECK(third.decisions.size() == 20);
  CHECK(third.decisions_left_out == 71);
  CHECK(third.decisions[19].devices == 2);
  CHECK(results.flags.flags[3].key == "flag-1000");
  CHECK(results.flags.flags[199].key == "flag-1196");
  const std::string page = ResultsPage(results, "n");
  CHECK(Has(page, "302 more flags are not shown"));
  CHECK(Has(page, "71 more results of fewer devices."));
}

TEST_CASE("the page and results.json say the same of flags") {
  FlagWorld world;
  Tell(world, 3, {{"wide", "default", "static"}, {"gone", "", "flag_not_found"}});
  Tell(world, 1, {{"narrow", "r1", "rule"}}, kNow - 2 * kDay);
  Tell(world, 3, {{"narrow", "r2", "rollout"}}, kNow - 1 * kDay, 1);
  const Results results = world.Count();
  const std::string page = ResultsPage(results, "n");
  const auto document = json::Document::Parse(ResultsJson(results), nullptr);
  REQUIRE(document);
  const json::Node flags = document->root()["flags"];
  CHECK(flags["days"].AsInt() == 7);
  CHECK(flags["devices"].AsInt() == 4);
  CHECK(flags["first_ms"].AsInt() == kNow - 2 * kDay);
  CHECK(flags["flags_left_out"].AsInt() == 0);
  CHECK(Has(page, "4 devices in 7 days"));
  std::size_t at = 0;
  int decisions = 0;
  for (const json::Node flag : flags["flags"]) {
    const std::string key(*flag["key"].AsString());
    CAPTURE(key);
    const std::size_t found = page.find("\">" + key + "</th>", at);
    REQUIRE(found != std::string::npos);
    const std::string group = page.substr(found, page.find("</tbody>", found) - found);
    at = found;
    CHECK(Has(group, *flag["text"].AsString()));
    for (const json::Node decision : flag["decisions"]) {
      ++decisions;
      const std::string variant(*decision["variant"].AsString());
      CHECK(Has(group, (variant.empty() ? "<i>fallback</i>" : variant) + " <span class=\"chip\">" +
                           std::string(*decision["reason"].AsString()) + "</span>"));
      CHECK(Has(group, "<b>" + std::to_string(*decision["devices"].AsInt()) + "</b>"));
    }
  }
  CHECK(decisions == 4);
  const json::Node first = flags["flags"].First();
  CHECK(first["key"].AsString() == "gone");
  CHECK(first["in_datafile"].AsBool() == false);
  CHECK(first["verdict"].AsString() == "not_in_datafile");
  CHECK(first["last_ms"].AsInt() == kNow);
  CHECK(first["decisions"].First()["last_ms"].AsInt() == kNow);
  CHECK(Has(page, "The first summary is of 2026-09-19: what nobody asked for may have been asked for before"));
  Tell(world, 1, {{"wide", "default", "static"}}, kNow - 28 * kDay - 1);
  CHECK(!Has(ResultsPage(world.Count(), "n"), "The first summary is of"));
}

TEST_CASE("names of flags and variants are shown as text, never as markup") {
  World world;
  Tell(world, 2, {{"<script>alert('1')</script>", "<img src=x onerror=alert(2)>", "<b>rule</b>"}});
  const std::string page = ResultsPage(world.Count(), "n");
  CHECK(!Has(page, "<script"));
  CHECK(!Has(page, "<img"));
  CHECK(!Has(page, "<b>rule"));
  CHECK(Has(page, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
  CHECK(Has(page, "&lt;img src=x onerror=alert(2)&gt;"));
  CHECK(Has(page, "&lt;b&gt;rule&lt;/b&gt;"));
}

}  // namespace
}  // namespace guidon::collector
