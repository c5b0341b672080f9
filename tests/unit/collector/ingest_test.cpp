#include "samples/collector/ingest.h"

#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include "tests/unit/collector/world.h"

namespace guidon::collector {
namespace {

constexpr char kAllGood[] = R"({"partialSuccess":{}})";

TEST_CASE("the same request twice is stored once, and both are acknowledged") {
  World world;
  const std::vector<Event> events = {Exposure("e1", "unit-1").Sequence(1),
                                     Tracked("t1", "unit-1", "shared").Sequence(2)};
  for (int i = 0; i < 2; ++i) {
    const Answer answer = world.Post(events);
    CHECK(answer.status == 200);
    CHECK(answer.body == kAllGood);
  }
  CHECK(world.Ask("SELECT COUNT(*) FROM events") == 2);
  const Results results = world.Count();
  CHECK(results.events == 2);
  CHECK(results.duplicates == 2);
  CHECK(world.Ask("SELECT exposures FROM arms") == 1);
}

TEST_CASE("an id that stands twice in one request is one event") {
  World world;
  CHECK(world.Post({Tracked("t1", "unit-1", "shared"), Tracked("t1", "unit-1", "shared")}).body == kAllGood);
  CHECK(world.Count().events == 1);
  CHECK(world.Count().duplicates == 1);
}

TEST_CASE("requests that arrive together keep each event once") {
  World world;
  std::vector<Event> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back(Tracked("t" + std::to_string(i), "unit-" + std::to_string(i % 7), "shared").Sequence(i + 1));
  }
  const std::string body = Body(events);
  std::vector<std::thread> threads;
  std::vector<int> statuses(8);
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] { statuses[i] = world.ingest->Receive(body, false, kNow).status; });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int status : statuses) CHECK(status == 200);
  CHECK(world.Ask("SELECT COUNT(*) FROM events") == 200);
  CHECK(world.Count().duplicates == 7 * 200);
  CHECK(world.Count().missing == 0);
}

TEST_CASE("all of an event is kept") {
  World world;
  Event event =
      Tracked("t1", "unit-1", "shared").Sequence(7).Text("session.id", "s1").Text("guidon.property.size", "big");
  event.Int("guidon.property.n", 12).Text("guidon.context.plan", "pro");
  CHECK(world.Post({event}, "install-9").body == kAllGood);
  CHECK(world.AskText("SELECT id||name||time_ms||installation||sequence||session||forced FROM events") ==
        "t1shared" + std::to_string(kNow) + "install-97s10");
  CHECK(world.AskText("SELECT units FROM events") == R"({"device":"unit-1"})");
  CHECK(world.AskText("SELECT properties FROM events") == R"({"size":"big","n":12})");
  CHECK(world.AskText("SELECT context FROM events") == R"({"plan":"pro"})");
}

TEST_CASE("all of a prompt event is kept, once") {
  World world;
  const std::string unit = UnitsReaching("prompt", 1)[0];
  const Event event = Step("p1", unit, "action", "s1")
                          .Text("guidon.prompt.button", "b1")
                          .Text("guidon.prompt.trigger", "message_sent")
                          .Int("guidon.prompt.ordinal", 2);
  world.Post({event});
  CHECK(world.Post({event}).body == kAllGood);
  CHECK(world.AskText("SELECT kind||name||variant||iteration||unit_id FROM events") == "5try-shareprompt3" + unit);
  CHECK(world.AskText("SELECT prompt FROM events") ==
        R"({"what":"action","id":"s1","ordinal":2,"button":"b1","trigger":"message_sent"})");
  CHECK(world.Ask("SELECT COUNT(*) FROM prompts") == 1);
  CHECK(world.Count().duplicates == 1);
}

TEST_CASE("what a record says wrong decides its reason in the quarantine") {
  const std::string other_arm = ArmOf("unit-1") == "a" ? "b" : "a";
  const std::string shown = UnitsReaching("prompt", 1)[0];
  const std::string held_out = UnitsReaching("held_out", 1)[0];
  const struct {
    const char* name;
    const char* reason;  // null: accepted
    std::function<Event()> event;
  } rows[] = {
      {"a good exposure", nullptr, [] { return Exposure("x", "unit-1"); }},
      {"a good holdout", nullptr, [] { return HoldoutExposure("x", "unit-1", "held_out").Forced(); }},
      {"no id", "malformed", [] { return Tracked("", "unit-1", "shared"); }},
      {"no event name", "malformed", [] { return Tracked("x", "unit-1", ""); }},
      {"an id that is too long", "malformed", [] { return Tracked(std::string(129, 'x'), "unit-1", "shared"); }},
      {"a sequence number of 0", "malformed", [] { return Tracked("x", "unit-1", "shared").Sequence(0); }},
      {"a text where an int belongs", "malformed",
       [] { return Tracked("x", "unit-1", "shared").Text("guidon.seq", "1"); }},
      {"a kind nobody knows", "unknown_kind",
       [] {
         Event event = Tracked("x", "unit-1", "shared");
         event.event_name = "device.crash";
         return event;
       }},
      {"46 days ago", "outside_time", [] { return Tracked("x", "unit-1", "shared").At(kNow - 46 * kDay); }},
      {"44 days ago", nullptr, [] { return Tracked("x", "unit-1", "shared").At(kNow - 44 * kDay); }},
      {"11 minutes ahead", "outside_time", [] { return Tracked("x", "unit-1", "shared").At(kNow + 660'000); }},
      {"9 minutes ahead", nullptr, [] { return Tracked("x", "unit-1", "shared").At(kNow + 540'000); }},
      {"another project", "other_project",
       [] { return Exposure("x", "unit-1").Text("feature_flag.set.id", "notes/prod"); }},
      {"a version never served", "unknown_version",
       [] { return Exposure("x", "unit-1").Text("feature_flag.version", "1.9"); }},
      {"a version that is none", "unknown_version",
       [] { return Exposure("x", "unit-1").Text("feature_flag.version", "1"); }},
      {"an unknown experiment", "unknown_experiment",
       [] { return Exposure("x", "unit-1").Text("guidon.experiment.key", "buttons"); }},
      {"another iteration", "unknown_iteration",
       [] { return Exposure("x", "unit-1").Int("guidon.experiment.iteration", 1); }},
      {"an unknown variant", "unknown_variant", [] { return Exposure("x", "unit-1", "c"); }},
      {"an unknown holdout", "unknown_holdout",
       [] { return HoldoutExposure("x", "unit-1", "held_out").Text("guidon.holdout.key", "loud"); }},
      {"another unit", "wrong_unit", [] { return Exposure("x", "unit-1").Text("guidon.unit.kind", "account"); }},
      {"another slot", "slot_mismatch", [] { return Exposure("x", "unit-1").Int("guidon.slot", 1); }},
      {"another layer slot", "slot_mismatch", [] { return Exposure("x", "unit-1").Int("guidon.layer_slot", 1); }},
      {"the slots of another unit", "slot_mismatch",
       [] { return Exposure("x", "unit-1").Text("feature_flag.context.id", "unit-2"); }},
      {"an audience nobody knows", "unknown_audience",
       [] { return Exposure("x", "unit-1").Text("guidon.audience", "power"); }},
      {"an audience that is no text", "malformed", [] { return Exposure("x", "unit-1").Int("guidon.audience", 1); }},
      {"an audience that is too long", "malformed",
       [] { return Exposure("x", "unit-1").Text("guidon.audience", std::string(129, 'x')); }},
      {"sticky that is no bool", "malformed", [] { return Exposure("x", "unit-1").Int("guidon.sticky", 1); }},
      {"sticky where nothing is", "variant_mismatch", [] { return Exposure("x", "unit-1").Sticky(); }},
      {"first that is no bool", "malformed", [] { return Exposure("x", "unit-1").Int("guidon.first", 1); }},
      {"a propensity that is none", "malformed", [] { return Exposure("x", "unit-1").Propensity(1.5); }},
      {"no propensity at all", "malformed", [] { return Exposure("x", "unit-1").Propensity(0); }},
      {"another propensity than the shares give", "propensity_mismatch",
       [] { return Exposure("x", "unit-1").Propensity(0.25); }},
      {"the propensity of the shares", nullptr, [] { return Exposure("x", "unit-1").Propensity(0.5); }},
      {"another arm than the slot's", "variant_mismatch", [&] { return Exposure("x", "unit-1", other_arm); }},
      {"the same, forced", nullptr, [&] { return Exposure("x", "unit-1", other_arm).Forced(); }},
      {"a good prompt exposure", nullptr, [&] { return Step("x", shown, "exposure"); }},
      {"a good exposure of one held out", nullptr, [&] { return Step("x", held_out, "exposure"); }},
      {"a good outcome", nullptr, [&] { return Step("x", shown, "snooze"); }},
      {"an outcome told at the next start", nullptr,
       [&] {
         Event event = Step("x", shown, "unknown").Text("feature_flag.version", "");
         event.ints = {{"guidon.campaign.iteration", 3}};
         return event;
       }},
      {"an exposure without its datafile", "unknown_version",
       [&] { return Step("x", shown, "exposure").Text("feature_flag.version", ""); }},
      {"a prompt without a step", "malformed", [&] { return Step("x", shown, "shown"); }},
      {"a prompt without its showing's id", "malformed",
       [&] { return Step("x", shown, "exposure").Text("guidon.prompt.id", ""); }},
      {"a prompt without a campaign", "malformed",
       [&] { return Step("x", shown, "exposure").Text("guidon.campaign.key", ""); }},
      {"an unknown campaign", "unknown_campaign",
       [&] { return Step("x", shown, "exposure").Text("guidon.campaign.key", "try-shares"); }},
      {"another iteration of the campaign", "unknown_iteration",
       [&] { return Step("x", shown, "exposure").Int("guidon.campaign.iteration", 2); }},
      {"an arm no campaign has", "unknown_variant",
       [&] { return Step("x", shown, "exposure").Text("guidon.campaign.variant", "control"); }},
      {"another unit of the campaign", "wrong_unit",
       [&] { return Step("x", shown, "exposure").Text("guidon.unit.kind", "account"); }},
      {"another slot in the campaign", "slot_mismatch",
       [&] { return Step("x", shown, "exposure").Int("guidon.slot", 1); }},
      {"a prompt to one held out", "variant_mismatch",
       [&] { return Step("x", held_out, "exposure").Text("guidon.campaign.variant", "prompt"); }},
      {"the same, forced", nullptr,
       [&] { return Step("x", held_out, "exposure").Text("guidon.campaign.variant", "prompt").Forced("api"); }},
      {"one held out who saw it", "variant_mismatch", [&] { return Step("x", held_out, "impression"); }},
      {"an unknown variant, forced", "unknown_variant", [] { return Exposure("x", "unit-1", "c").Forced(); }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    const Answer answer = world.Post({row.event()});
    CHECK(answer.status == 200);
    if (row.reason == nullptr) {
      CHECK(answer.body == kAllGood);
      CHECK(world.Ask("SELECT COUNT(*) FROM events") == 1);
      continue;
    }
    CHECK(answer.body == R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"quarantined: )" +
                             std::string(row.reason) + " 1\"}}");
    CHECK(world.Ask("SELECT COUNT(*) FROM events") == 0);
    CHECK(world.AskText("SELECT reason FROM quarantine") == row.reason);
    CHECK(world.AskText("SELECT detail FROM quarantine") != "");
    REQUIRE(world.Count().quarantined.size() == 1);
    CHECK(world.Count().quarantined[0].n == 1);
  }
}

TEST_CASE("a holdout's group is computed again") {
  World world;
  int counts[3] = {};
  for (int i = 0; i < 100; ++i) {
    const std::string unit = "unit-" + std::to_string(i);
    for (const char* variant : {"held_out", "comparison"}) {
      const bool is_good = world.Post({HoldoutExposure(variant + unit, unit, variant)}).body == kAllGood;
      counts[is_good ? (variant[0] == 'h' ? 0 : 1) : 2]++;
    }
  }
  // A tenth each, of a hundred units; the rest states a group it is not in.
  CHECK(counts[0] > 0);
  CHECK(counts[1] > 0);
  const Results results = world.Count();
  REQUIRE(results.holdouts.size() == 1);
  CHECK(results.holdouts[0].held_out == static_cast<std::uint64_t>(counts[0]));
  CHECK(results.holdouts[0].comparison == static_cast<std::uint64_t>(counts[1]));
  REQUIRE(results.quarantined.size() == 1);
  CHECK(results.quarantined[0].name == "variant_mismatch");
  CHECK(results.quarantined[0].n == static_cast<std::uint64_t>(counts[2]));
}

TEST_CASE("a record that was refused is refused again, and kept once") {
  World world;
  const Answer first = world.Post({Exposure("x", "unit-1", "c")});
  CHECK(world.Post({Exposure("x", "unit-1", "c")}).body == first.body);
  CHECK(world.Ask("SELECT COUNT(*) FROM quarantine") == 1);
  // Even when it would be accepted now: the first answer may have been lost, and it said no.
  CHECK(world.Post({Exposure("x", "unit-1")}).body.find("rejectedLogRecords") != std::string::npos);
  CHECK(world.Ask("SELECT COUNT(*) FROM events") == 0);
  CHECK(world.Count().quarantined[0].n == 1);
}

TEST_CASE("a record without an id is kept once, too") {
  World world;
  world.Post({Tracked("", "unit-1", "shared")});
  world.Post({Tracked("", "unit-1", "shared")});
  CHECK(world.Ask("SELECT COUNT(*) FROM quarantine") == 1);
}

TEST_CASE("exposures under an older version are checked against that version") {
  World world;
  const std::string newer = Datafile(2, "button.2", "button.3");
  REQUIRE(world.archive->Add(newer, kNow).ok());
  CHECK(world.Post({Exposure("old", "unit-1")}).body == kAllGood);
  CHECK(world.Post({Exposure("new", "unit-1").Text("feature_flag.version", "1.2")}).body.find("slot_mismatch") !=
        std::string::npos);
  SUBCASE("also after a restart") {
    Archive again(world.store.get());
    Ingest ingest(world.store.get(), &again, false);
    CHECK(ingest.Receive(Body({Exposure("old2", "unit-1")}), false, kNow).body == kAllGood);
  }
  SUBCASE("and a version never changes its content") {
    CHECK(world.archive->Add(newer, kNow).ok());
    CHECK(world.archive->Add(Datafile(2), kNow).code() == StatusCode::kInvalidArgument);
  }
}

TEST_CASE("for simulations events may be of any time") {
  World world(true);
  CHECK(world.Post({Tracked("x", "unit-1", "shared").At(kNow - 1000 * kDay)}).body == kAllGood);
}

TEST_CASE("a body that is no request of events is refused with the place and the reason") {
  const std::string deep = std::string(100'000, '[');
  const struct {
    const char* name;
    std::string body;
    int status;
    const char* says;
  } rows[] = {
      {"empty", "", 400, "line 1"},
      {"not JSON", "<html>", 400, "line 1"},
      {"an array", "[]", 400, "/resourceLogs"},
      {"no resourceLogs", "{}", 400, "/resourceLogs"},
      {"scopeLogs of another type", R"({"resourceLogs":[{"scopeLogs":3}]})", 400, "scopeLogs"},
      {"logRecords of another type", R"({"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]})", 400, "logRecords"},
      {"too deep", deep, 400, "line 1"},
      {"too large", std::string(kMostBodyBytes + 1, ' '), 413, "4 MiB"}};
  World world;
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Answer answer = world.ingest->Receive(row.body, false, kNow);
    CHECK(answer.status == row.status);
    CHECK(answer.body.find(row.says) != std::string::npos);
  }
  CHECK(world.ingest->Receive(R"({"resourceLogs":[]})", false, kNow).body == kAllGood);
}

TEST_CASE("records beyond the bound refuse the request, whole") {
  std::string records = "{}";
  for (std::size_t i = 1; i < kMostRecords; ++i) records += ",{}";
  const auto body = [](const std::string& list) {
    return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + list + R"(]},{"logRecords":[{}]}]}]})";
  };
  World world;
  CHECK(world.ingest->Receive(body(records), false, kNow).status == 400);
  CHECK(world.Ask("SELECT COUNT(*) FROM quarantine") == 0);
}

TEST_CASE("deletion requests are kept for whoever deletes, and are nobody's activity") {
  World world;
  Event request;
  request.id = "d1";
  request.event_name = "guidon.deletion_request";
  request.Text("guidon.unit.account", "u-42");
  CHECK(world.Post({request}).body == kAllGood);
  CHECK(world.AskText("SELECT installation || ' ' || units FROM events WHERE kind = 6") ==
        R"(install-1 {"account":"u-42"})");
  CHECK(world.Ask("SELECT COUNT(*) FROM people WHERE last_ms IS NOT NULL") == 0);
  const Results results = world.Count();
  REQUIRE(results.events_by_name.size() == 1);
  CHECK(results.events_by_name[0].name == "guidon.deletion_request");

  Event nobody;
  nobody.id = "d2";
  nobody.event_name = "guidon.deletion_request";
  CHECK(world.Post({nobody}, "").body.find("malformed 1") != std::string::npos);
}

TEST_CASE("slots of units whose ids are hashed are taken as stated, and still have to fit the variant") {
  const auto hashed = [](std::string body, bool says_so) {
    const std::string plain = "\"unit-1\"";
    for (std::size_t at = body.find(plain); at != std::string::npos; at = body.find(plain)) {
      body.replace(at, plain.size(), "\"" + std::string(64, 'a') + "\"");
    }
    const std::string resource = R"({"key":"service.name")";
    const std::string form = R"({"key":"guidon.unit_form","value":{"stringValue":"hmac-sha256"}},)";
    return says_so ? body.insert(body.find(resource), form) : body;
  };
  const std::string arm = ArmOf("unit-1");
  World world;
  const std::string good = Body({Exposure("e1", "unit-1")});
  CHECK(world.ingest->Receive(hashed(good, false), false, kNow).body.find("slot_mismatch 1") != std::string::npos);
  CHECK(world.ingest->Receive(hashed(Body({Exposure("e2", "unit-1")}), true), false, kNow).body == kAllGood);
  CHECK(world.Ask("SELECT hashed_units AND slot IS NOT NULL AND layer_slot IS NOT NULL FROM events") == 1);
  const std::string bad = Body({Exposure("e3", "unit-1", arm == "a" ? "b" : "a")});
  CHECK(world.ingest->Receive(hashed(bad, true), false, kNow).body.find("variant_mismatch 1") != std::string::npos);
}

TEST_CASE("a database that is full says so, and keeps nothing of the request") {
  Folder folder;
  auto store = Store::Open(folder / "small.db", 1);
  REQUIRE(store.ok());
  Archive archive(store->get());
  Ingest ingest(store->get(), &archive, false);
  int status = 200;
  for (int request = 0; status == 200 && request < 100; ++request) {
    std::vector<Event> events;
    for (int i = 0; i < 100; ++i) {
      events.push_back(Tracked(std::to_string(request) + "-" + std::to_string(i), "unit-1", "shared")
                           .Text("guidon.property.text", std::string(1000, 'x')));
    }
    status = ingest.Receive(Body(events), false, kNow).status;
  }
  CHECK(status == 503);
  auto reader = Database::Open(folder / "small.db", Database::Mode::kReadOnly);
  REQUIRE(reader.ok());
  Statement count = (*reader)->Prepare("SELECT COUNT(*) FROM events");
  REQUIRE(count.Row());
  CHECK(count.ColumnInt(0) > 0);
  CHECK(count.ColumnInt(0) % 100 == 0);
}

}  // namespace
}  // namespace guidon::collector
