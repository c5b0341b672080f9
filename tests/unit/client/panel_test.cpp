// What a debug panel is shown, against what the client does.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "tests/unit/client/overrides_world.h"
#include "tests/unit/client/prompt_world.h"
#include "tests/unit/client/qa_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using State = PanelEvent::State;

template <class Row>
const Row& RowOf(const std::vector<Row>& rows, std::string_view key) {
  const auto row = std::find_if(rows.begin(), rows.end(), [key](const Row& each) { return each.key == key; });
  REQUIRE(row != rows.end());
  return *row;
}

// By name, of the last ones told.
const PanelEvent& EventOf(const PanelSnapshot& snapshot, std::string_view name) {
  const auto event = std::find_if(snapshot.events.rbegin(), snapshot.events.rend(),
                                  [name](const PanelEvent& each) { return each.record.name == name; });
  REQUIRE(event != snapshot.events.rend());
  return *event;
}

Override Forced(Kind kind, std::string key, std::string variant, Value value = Value()) {
  Override what;
  what.kind = kind;
  what.key = std::move(key);
  what.variant = std::move(variant);
  what.value = std::move(value);
  return what;
}

TEST_CASE("a panel's flags are what the client decides, each with the reason that explaining gives") {
  Qa qa;
  Panel panel(qa.world.client());
  const PanelSnapshot snapshot = panel.Snapshot();
  const std::vector<Decision> all = qa.world.client().DecideAll();
  REQUIRE(snapshot.flags.size() == all.size());
  REQUIRE(all.size() > 3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const PanelFlag& row = snapshot.flags[i];
    CAPTURE(row.key);
    CHECK(row.key == all[i].flag());
    CHECK(row.variant == all[i].variant());
    CHECK(row.reason == all[i].reason());
    CHECK(row.natural_value == row.value);
    CHECK(row.natural_variant == row.variant);
    CHECK_FALSE(row.is_forced);
    const std::string explained = qa.world.client().Explain(row.key);
    CHECK_FALSE(row.why.empty());
    CHECK(explained.substr(0, explained.find('\n')).find(row.why) != std::string::npos);
  }
  CHECK(RowOf(snapshot.flags, "chunk-kb").value == Value(256));
  CHECK(RowOf(snapshot.flags, "composer").experiment == "attach-button");
  CHECK(snapshot.status.ready);
  CHECK(snapshot.status.datafile_version == 1);
  CHECK(snapshot.sdk_version == GUIDON_VERSION);
  CHECK(snapshot.time == qa.world.clock->Now());
  CHECK(snapshot.may_force.ok());
  CHECK_FALSE(snapshot.is_anything_forced);
  REQUIRE(snapshot.units.size() == 1);
  CHECK(snapshot.units[0].kind == "device");
}

TEST_CASE("a panel says of experiments how they are shared out, what each variant sets, and where this identity is") {
  Qa qa;
  Panel panel(qa.world.client());
  const std::string variant(qa.world.client().Decide(kComposer).variant());
  const PanelExperiment row = RowOf(panel.Snapshot().experiments, "attach-button");
  CHECK(row.status == "running");
  CHECK(row.unit_kind == "device");
  CHECK(row.share == 1.0);
  CHECK(row.variant == variant);
  CHECK(row.natural_variant == variant);
  REQUIRE(row.variants.size() == 2);
  CHECK(row.variants[0].name == "control");
  CHECK(row.variants[0].share + row.variants[1].share == doctest::Approx(1.0));
  CHECK(row.variants[0].share == doctest::Approx(0.5));
  REQUIRE(row.variants[1].flags.size() == 1);
  CHECK(row.variants[1].flags[0].first == "composer");
  CHECK(row.variants[1].flags[0].second == Value("icon-and-text"));

  // Exposures count since the panel watches.
  CHECK(row.exposures == 0);
  (void)qa.world.client().Get(kComposer);
  qa.world.Pass(seconds(1));
  CHECK(RowOf(panel.Snapshot().experiments, "attach-button").exposures == 1);
}

TEST_CASE("whatever a panel forces it shows, with what it would be beside it, and lets go of without a trace") {
  for (const Forcing& row : kForcings) {
    CAPTURE(row.name);
    TestHost host;
    Qa qa;
    qa.world.client().SetPromptHost(&host);
    qa.world.Settle();
    Panel panel(qa.world.client());
    const PanelSnapshot before = panel.Snapshot();
    const bool has_value = row.kind == Kind::kFlag || row.kind == Kind::kAttribute;
    const Value value = !has_value ? Value() : row.to == "false" ? Value(false) : Value(row.to);
    REQUIRE(panel.Force(Forced(row.kind, row.key, has_value ? "" : row.to, value)).ok());
    const PanelSnapshot snapshot = panel.Snapshot();
    CHECK(snapshot.version != before.version);
    CHECK(snapshot.is_anything_forced);
    REQUIRE(snapshot.overrides.size() == 1);
    CHECK(snapshot.overrides[0].source == Source::kPanel);
    CHECK(snapshot.overrides[0].applied);

    const PanelFlag& flag = RowOf(snapshot.flags, row.flag);
    const PanelFlag& natural = RowOf(before.flags, row.flag);
    CHECK(flag.reason == row.reason);
    CHECK(flag.natural_value == natural.value);
    CHECK(flag.natural_variant == natural.variant);
    if (row.kind == Kind::kFlag) CHECK(flag.value == value);
    if (row.kind == Kind::kExperiment) {
      const PanelExperiment& experiment = RowOf(snapshot.experiments, row.key);
      CHECK(experiment.is_forced);
      CHECK(experiment.variant == row.to);
      CHECK(experiment.natural_variant == RowOf(before.experiments, row.key).variant);
    }
    if (row.kind == Kind::kHoldout) {
      const PanelHoldout& holdout = RowOf(snapshot.holdouts, row.key);
      CHECK(holdout.is_forced);
      CHECK(holdout.is_held_out == (row.to == "in"));
      CHECK(holdout.natural == false);
    }
    if (row.kind == Kind::kAttribute) {
      REQUIRE(snapshot.attributes.size() == 1);
      CHECK(snapshot.attributes[0].is_forced);
      CHECK(snapshot.attributes[0].value == value);
    }
    if (row.kind == Kind::kPrompt) {
      const PanelPrompt& prompt = RowOf(snapshot.prompts, row.key);
      CHECK(prompt.is_forced);
      CHECK(prompt.natural_why == RowOf(before.prompts, row.key).why);
      CHECK(prompt.why != prompt.natural_why);
    }

    panel.Clear(row.kind, row.key);
    const PanelSnapshot after = panel.Snapshot();
    CHECK(after.overrides.empty());
    CHECK_FALSE(after.is_anything_forced);
    for (std::size_t i = 0; i < before.flags.size(); ++i) {
      CHECK(after.flags[i].value == before.flags[i].value);
      CHECK(after.flags[i].why == before.flags[i].why);
    }
    CHECK(RowOf(after.experiments, "attach-button").variant == RowOf(before.experiments, "attach-button").variant);
  }
}

TEST_CASE("what the API forces a panel forces no more; a flag that the datafile lacks is listed while it is forced") {
  Qa qa;
  Panel panel(qa.world.client());
  REQUIRE(qa.world.client().overrides().ForceFlag("chunk-kb", 5).ok());
  REQUIRE(panel.Force(Forced(Kind::kFlag, "chunk-kb", "", 6)).ok());
  PanelSnapshot snapshot = panel.Snapshot();
  CHECK(RowOf(snapshot.flags, "chunk-kb").value == Value(5));
  REQUIRE(snapshot.overrides.size() == 2);
  CHECK_FALSE(snapshot.overrides[1].applied);
  CHECK(snapshot.overrides[1].why_not == "another source forces it");

  REQUIRE(panel.Force(Forced(Kind::kFlag, "not-there-yet", "", true)).ok());
  const PanelFlag unknown = RowOf(panel.Snapshot().flags, "not-there-yet");
  CHECK(unknown.is_forced);
  CHECK(unknown.value == Value(true));
  CHECK(unknown.natural_value.is_null());
  panel.ClearAll();
  snapshot = panel.Snapshot();
  CHECK(snapshot.overrides.empty());
  CHECK(snapshot.flags.size() == qa.world.client().DecideAll().size());
}

TEST_CASE("a flag that is held for the session is shown with its experiment's variant, though the rules moved on") {
  Qa qa;
  std::string held = WithCampaign(2);
  const auto insert = [&held](const std::string& behind, const std::string& what) {
    const std::size_t at = held.find(behind);
    REQUIRE(at != std::string::npos);
    held.insert(at + behind.size(), what);
  };
  insert(R"("composer":{)", R"("hold":"session",)");
  qa.world.options.bundled_datafile = held;
  qa.world.Open();
  Panel panel(qa.world.client());
  const std::string variant = RowOf(panel.Snapshot().experiments, "attach-button").variant;
  CHECK_FALSE(variant.empty());
  CHECK(RowOf(panel.Snapshot().flags, "composer").variant == variant);
}

TEST_CASE("under a release key a panel says why nothing may be forced, the device's code, and then the token") {
  QaWorld world;
  Panel panel(world.client());
  PanelSnapshot snapshot = panel.Snapshot();
  CHECK_FALSE(snapshot.may_force.ok());
  CHECK(snapshot.device_code.size() == 22);
  CHECK(snapshot.may_force.message().find(snapshot.device_code) != std::string::npos);
  CHECK_FALSE(snapshot.token);
  const Status refused = panel.Force(Forced(Kind::kExperiment, "attach-button", "control"));
  CHECK(refused.code() == StatusCode::kPermissionDenied);
  CHECK(panel.Snapshot().overrides.empty());

  REQUIRE(world.Use(world.MakeToken()).ok());
  snapshot = panel.Snapshot();
  CHECK(snapshot.may_force.ok());
  REQUIRE(snapshot.token);
  CHECK(snapshot.token->status.ok());
  CHECK(panel.Force(Forced(Kind::kExperiment, "attach-button", "control")).ok());
  world.Pass(hours(24 * 3), hours(1));
  snapshot = panel.Snapshot();
  CHECK_FALSE(snapshot.may_force.ok());
  CHECK_FALSE(snapshot.token->status.ok());
  CHECK_FALSE(snapshot.is_anything_forced);
}

TEST_CASE("private attributes are named and not shown, wherever they would be") {
  World world;
  world.options.bundled_datafile = WithCampaign(1);
  world.options.private_attributes = {"plan"};
  Client& client = world.Open();
  client.Identify(Context().Set("plan", "secret-plan").Set("country", "DE"));
  Panel panel(client);
  REQUIRE(panel.Force(Forced(Kind::kAttribute, "plan", "", "pro")).ok());
  const PanelSnapshot snapshot = panel.Snapshot();
  REQUIRE(snapshot.attributes.size() == 2);
  for (const PanelAttribute& each : snapshot.attributes) {
    CHECK(each.is_private == (each.name == "plan"));
    CHECK(each.is_forced == (each.name == "plan"));
    CHECK(each.value == (each.name == "plan" ? Value() : Value("DE")));
  }
  REQUIRE(snapshot.overrides.size() == 1);
  CHECK(snapshot.overrides[0].natural_value.is_null());
  CHECK(client.overrides().List()[0].natural_value == Value("secret-plan"));  // whose it is may know
}

// --- Prompts ---

TEST_CASE("a panel lists a prompt's gates as explaining does, what comes next, and what is on screen") {
  PromptWorld world;
  Panel panel(world.client());
  PanelPrompt row = RowOf(panel.Snapshot().prompts, "try-share");
  CHECK(row.kind == "tooltip");
  CHECK_FALSE(row.may_show);
  CHECK(row.why == "no_trigger");
  CHECK(row.needs_trigger);
  CHECK(row.next_possible == world.clock->Now());
  CHECK(row.shown == 0);
  const std::string explained = world.client().ExplainPrompt("try-share");
  std::size_t at = 0;
  for (const PanelGate& gate : row.gates) {
    CAPTURE(gate.name);
    at = explained.find(gate.name, at);
    REQUIRE(at != std::string::npos);
    const std::size_t end = explained.find('\n', at);
    const std::size_t begin = std::exchange(at, end);
    CHECK(explained.substr(begin, end - begin).find(gate.says.substr(0, gate.says.find(", "))) != std::string::npos);
  }
  CHECK(row.gates.size() >= 5);
  CHECK(std::count_if(row.gates.begin(), row.gates.end(), [](const PanelGate& gate) { return !gate.passed; }) == 1);

  const std::uint64_t version = panel.version();
  world.Write(400);
  REQUIRE(world.host.presented.size() == 1);
  CHECK(panel.version() != version);
  CHECK(RowOf(panel.Snapshot().prompts, "try-share").is_on_screen);
  world.host.lease->Presented();
  const Timestamp shown = world.clock->Now();
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  row = RowOf(panel.Snapshot().prompts, "try-share");
  CHECK_FALSE(row.is_on_screen);
  CHECK(row.shown == 1);
  CHECK(row.why == "capped");
  REQUIRE(row.next_possible);
  CHECK(*row.next_possible > shown + hours(24 * 7) - seconds(1));
  CHECK(*row.next_possible < shown + hours(24 * 7) + seconds(1));
}

TEST_CASE("of an audience a panel names the part that decides, with what was seen") {
  CampaignSpec campaign;
  campaign.when = R"({"op":"and","of":[{"op":"==","attribute":"country","value":"DE"},)"
                  R"({"op":"==","attribute":"plan","value":"free"}]})";
  PromptWorld world({campaign});
  Panel panel(world.client());
  const auto audience = [&panel] {
    const PanelPrompt row = RowOf(panel.Snapshot().prompts, "try-share");
    const auto gate =
        std::find_if(row.gates.begin(), row.gates.end(), [](const PanelGate& each) { return each.name == "audience"; });
    REQUIRE(gate != row.gates.end());
    return *gate;
  };
  world.client().Identify(Context().Unit("device", "d-1").Set("country", "DE"));
  CHECK(audience().says == "plan == 'free': plan is missing");
  CHECK(audience().is_unknown);
  world.client().Identify(Context().Unit("device", "d-1").Set("country", "DE").Set("plan", "pro"));
  CHECK(audience().says == "plan == 'free': plan is 'pro'");
  CHECK_FALSE(audience().passed);
  world.client().Identify(Context().Unit("device", "d-1").Set("country", "DE").Set("plan", "free"));
  CHECK(audience().says == "country == 'DE' && plan == 'free'");
  CHECK(audience().passed);
}

TEST_CASE("a panel says what besides its gates keeps a prompt back") {
  PromptWorld world;
  Panel panel(world.client());
  const std::uint64_t version = panel.version();
  world.client().SetPromptHost(nullptr);
  world.Settle();
  CHECK(panel.version() != version);
  const PanelPrompt row = RowOf(panel.Snapshot().prompts, "try-share");
  CHECK(row.why == "no_host");
  CHECK(row.client_says == "the app draws no prompts");
}

// --- What changed ---

TEST_CASE("the version moves with everything that a panel shows, and with nothing else") {
  PromptWorld world;
  world.options.datafile_url = "https://flags.example/datafile";
  Client& client = world.Open();
  world.Pass(minutes(2));
  Panel panel(client);
  std::uint64_t version = panel.version();
  CHECK(panel.Snapshot().version == version);
  const auto has_moved = [&] {
    const bool moved = panel.version() != version;
    version = panel.version();
    return moved;
  };
  (void)client.Decide(kComposer);
  (void)panel.Snapshot();
  (void)client.Explain("composer");
  (void)client.status();
  CHECK_FALSE(has_moved());
  client.Identify(Context().Set("plan", "pro"));
  CHECK(has_moved());
  REQUIRE(panel.Force(Forced(Kind::kAttribute, "plan", "", "free")).ok());
  CHECK(has_moved());
  panel.ClearAll();
  CHECK(has_moved());
  client.Track("something");
  world.Settle();
  CHECK(has_moved());
  world.Pass(minutes(1));  // delivered
  CHECK(has_moved());
  client.SetConsent(Purpose::kPersonalization, Consent::kDenied);
  CHECK(has_moved());
  world.Settle();
  (void)has_moved();
  world.published = "{";
  panel.Refetch();
  world.Pass(seconds(2));
  CHECK(has_moved());
  CHECK_FALSE(panel.Snapshot().status.datafile.ok());
}

TEST_CASE("a panel's events go at its word, and a newer datafile comes") {
  World world;
  world.options.bundled_datafile = WithCampaign(1);
  world.published = WithCampaign(1);
  world.options.datafile_url = "https://flags.example/datafile";
  Client& client = world.Open();
  world.Pass(seconds(5));
  Panel panel(client);
  client.Track("now_please");
  panel.Deliver();
  world.Settle();
  CHECK(EventOf(panel.Snapshot(), "now_please").state == State::kDelivered);
  world.published = WithCampaign(2);
  const std::size_t requests = world.datafile_requests;
  panel.Refetch();
  world.Pass(seconds(2));
  CHECK(world.datafile_requests == requests + 1);
  CHECK(panel.Snapshot().status.datafile_version == 2);
}

TEST_CASE("without a datafile, and when the client is gone, a panel says what there is to say") {
  World world;
  Client& client = world.Open();
  Panel panel(client);
  PanelSnapshot snapshot = panel.Snapshot();
  CHECK_FALSE(snapshot.status.ready);
  CHECK(snapshot.flags.empty());
  CHECK(snapshot.prompts.empty());
  client.Track("last_words");
  world.Pass(minutes(1));
  (void)client.Close(seconds(1));
  snapshot = panel.Snapshot();
  CHECK(snapshot.may_force.code() == StatusCode::kClosed);
  CHECK(EventOf(snapshot, "last_words").state == State::kDelivered);
  CHECK(panel.Force(Forced(Kind::kFlag, "chunk-kb", "", 5)).code() == StatusCode::kClosed);
  world.Open();  // the client before is gone
  CHECK(panel.Snapshot().events.size() == snapshot.events.size());
  panel.Refetch();
  panel.Deliver();
  panel.ClearAll();
}

TEST_CASE("panels look on from several threads while all of it changes") {
  Qa qa;
  Client& client = qa.world.client();
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> seen{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const Panel panel(client);
      while (!is_over) {
        const PanelSnapshot snapshot = panel.Snapshot();
        const PanelFlag& flag = RowOf(snapshot.flags, "chunk-kb");
        const bool is_listed = !snapshot.overrides.empty();
        // Of one moment: a flag is forced where its override is listed.
        if (flag.is_forced != is_listed) ++seen;
        (void)panel.version();
      }
    });
  }
  Panel panel(client);
  for (int i = 0; i < 200; ++i) {
    CHECK(panel.Force(Forced(Kind::kFlag, "chunk-kb", "", i)).ok());
    client.Track("message_sent");
    qa.world.Settle();
    panel.ClearAll();
    if (i % 20 == 0) qa.world.Pass(seconds(20));
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(seen == 0);
}

}  // namespace
}  // namespace guidon::test
