// The clock as an override: what goes by it, what does not, and that nothing is left of it.

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/client/overrides_text.h"
#include "sdk/core/base/text.h"
#include "tests/unit/client/overrides_world.h"
#include "tests/unit/client/prompt_world.h"
#include "tests/unit/client/qa_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;

constexpr Duration kDay = hours(24);

bool Holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The experiment of the notes app runs within these.
std::string Scheduled(int version, Timestamp starts_at, Timestamp ends_at) {
  std::string text = WithCampaign(version);
  const std::string behind = R"("attach-button":{"iteration":1,)";
  text.insert(text.find(behind) + behind.size(), R"("starts_at":")" + text::FormatTimestamp(starts_at) +
                                                     R"(","ends_at":")" + text::FormatTimestamp(ends_at) + "\",");
  return text;
}

std::string WithExpiry(std::string text, Timestamp expires_at) {
  const std::string behind = R"("issued_at":"2025-10-01T10:00:00Z")";
  return text.replace(text.find(behind), behind.size(),
                      behind + R"(,"expires_at":")" + text::FormatTimestamp(expires_at) + "\"");
}

void Open(World* world, std::string datafile) {
  world->options.bundled_datafile = std::move(datafile);
  world->options.evaluation_summaries = false;
  world->Open();
}

TEST_CASE("how far a clock is moved reads back as it is written, and nothing else is taken for it") {
  using client::ParseShift;
  const std::pair<const char*, Duration> good[] = {{"+3d", 3 * kDay},     {"-36h", -hours(36)}, {"+90m", minutes(90)},
                                                   {"+1s", seconds(1)},   {"+2w", 14 * kDay},   {"-366d", -366 * kDay},
                                                   {"+366d", 366 * kDay}, {"-1m", -minutes(1)}};
  for (const auto& [text, by] : good) {
    CAPTURE(text);
    CHECK(ParseShift(text) == by);
    CHECK(ParseShift(client::ShiftText(by)) == by);
  }
  for (const char* text : {"", "+", "-", "3d", "+0d", "-0s", "+367d", "-8785h", "+3", "+3d ", " +3d", "++3d", "+3x",
                           "+9223372036854775807d", "+1.5d", "2026-01-01"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseShift(text));
  }
}

TEST_CASE("every source moves the clock, and the first in order wins; what is wrong with it is said") {
  World world;
  auto texts = std::make_shared<LocalTexts>();
  world.local_overrides = texts;
  texts->environment = "clock=+1d";
  const Timestamp now = world.clock->Now();
  Open(&world, Scheduled(1, now + kDay / 2, now + 2 * kDay + hours(1)));
  const auto reason = [&world] { return world.client().Decide(kComposer).reason(); };
  CHECK(reason() == Reason::kExperiment);  // it has begun, by the environment's clock
  texts->WriteFile(R"({"clock":"-3d"})");
  world.Pass(seconds(2));
  CHECK(reason() == Reason::kDefault);
  Override what;
  what.kind = Kind::kClock;
  what.source = Source::kPanel;
  what.variant = "+2d";
  REQUIRE(world.client().overrides().Force(what).ok());
  CHECK(reason() == Reason::kExperiment);
  REQUIRE(world.client().overrides().ForceClock(3 * kDay).ok());
  CHECK(reason() == Reason::kDefault);  // it has ended
  const std::vector<Override> list = world.client().overrides().List();
  REQUIRE(list.size() == 4);
  CHECK(list[0].variant == "+3d");
  CHECK(list[0].key.empty());
  for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i].applied == (i == 0));
  CHECK(Holds(world.client().Explain("composer"), "override   clock to +3d, by the app itself"));
  CHECK(Holds(world.client().ExplainJson("composer"), R"({"clock":"+3d","source":"api"})"));
  CHECK(
      Holds(world.client().Explain("composer"), "at         " + text::FormatTimestamp(world.clock->Now() + 3 * kDay)));
  world.client().overrides().ClearClock();
  CHECK(reason() == Reason::kDefault);
  CHECK(world.client().overrides().List().size() == 2);

  texts->WriteFile(R"({"clock":"tomorrow"})");
  world.Pass(seconds(2));
  CHECK(Holds(world.client().status().overrides.message(), "file: /clock: a clock is moved by up to 366 days"));
  texts->WriteFile(R"({"clock":{"by":"+3d"}})");
  world.Pass(seconds(2));
  CHECK(Holds(world.client().status().overrides.message(), "file: /clock: expected a string"));
  texts->environment = "clock=+400d; clock:x=+1d";
  world.Open();
  const std::string said = world.client().status().overrides.message();
  CHECK(Holds(said, "environment: character 1: a clock is moved by up to 366 days, such as +3d or -36h, or to a time"));
  CHECK(Holds(said, "environment: character 14: an entry begins with"));
  for (const char* wrong : {"+400d", "", "noon", "2099-01-01"}) {
    what.variant = wrong;
    CHECK(world.client().overrides().Force(what).code() == StatusCode::kInvalidArgument);
  }
  what.variant = "+1d";
  what.key = "clock";
  CHECK(world.client().overrides().Force(what).code() == StatusCode::kInvalidArgument);
}

TEST_CASE("a time that the clock is to show is how far it is away when it is said, and time goes on from there") {
  World world;
  const Timestamp now = world.clock->Now();
  Open(&world, Scheduled(1, now + 10 * kDay, now + 20 * kDay));
  Override what;
  what.kind = Kind::kClock;
  what.variant = text::FormatTimestamp(now + 10 * kDay - seconds(30));
  REQUIRE(world.client().overrides().Force(what).ok());
  CHECK(world.client().overrides().List()[0].variant == "+863970s");
  CHECK(world.client().Decide(kComposer).reason() == Reason::kDefault);
  std::vector<Change> changes;
  const Subscription watch =
      world.client().OnChange("composer", nullptr, [&](const Change& change) { changes.push_back(change); });
  world.Pass(minutes(1));
  CHECK(world.client().Decide(kComposer).reason() == Reason::kExperiment);
  REQUIRE(changes.size() == 1);  // the boundary is told when it comes, by the moved clock
  CHECK(changes[0].reason == Reason::kExperiment);
  world.client().overrides().ClearAll();
  world.Settle();
  REQUIRE(changes.size() == 2);
  CHECK(changes[1].reason == Reason::kDefault);
}

TEST_CASE("whatever the clock, a datafile expires when it does, and says so") {
  World world;
  const Timestamp now = world.clock->Now();
  Open(&world, WithExpiry(WithCampaign(1), now + 10 * kDay));
  Overrides& qa = world.client().overrides();
  REQUIRE(qa.ForceClock(360 * kDay).ok());
  CHECK(world.client().Decide(kComposer).reason() == Reason::kExperiment);
  CHECK_FALSE(world.client().status().datafile_expired);
  qa.ClearClock();
  world.Pass(11 * kDay, hours(1));
  CHECK(world.client().status().datafile_expired);
  REQUIRE(world.client().overrides().ForceClock(-20 * kDay).ok());
  CHECK(world.client().status().datafile_expired);
  CHECK(world.client().Decide(kComposer).reason() != Reason::kExperiment);
  world.Pass(hours(2));
  CHECK(world.client().Decide(kComposer).reason() != Reason::kExperiment);
}

TEST_CASE("events keep the time at which they happened, and are marked while the clock is moved") {
  World world;
  Open(&world, WithCampaign(1));
  std::vector<EventRecord> seen;
  const Subscription watch =
      world.client().OnEvent(nullptr, [&](const EventRecord& record) { seen.push_back(record); });
  REQUIRE(world.client().overrides().ForceClock(-40 * kDay).ok());
  (void)world.client().Get(kComposer);
  world.client().Track("file_shared");
  world.Pass(minutes(1));
  REQUIRE(seen.size() == 2);
  for (const EventRecord& record : seen) {
    CHECK(record.forced);
    CHECK(record.time <= world.clock->Now());
    CHECK(record.time > world.clock->Now() - minutes(2));
  }
  REQUIRE(world.collected().size() == 2);
  const std::string natural(world.client().Decide(kComposer).variant());
  for (const auto& [id, received] : world.collected()) {
    CHECK(AttributeOf(received, "guidon.forced_by") == "api");
    CHECK(AttributeOf(received, "guidon.overrides") == "clock=-40d");
    if (received.event == "feature_flag.evaluation") {
      CHECK(AttributeOf(received, "guidon.natural_variant") == natural);
    }
  }
  world.client().overrides().ClearClock();
  world.client().Track("file_shared");
  world.Pass(minutes(1));
  CHECK_FALSE(seen.back().forced);
}

TEST_CASE("what is forced until a time, and a token, end by the device's clock") {
  World world;
  Open(&world, WithCampaign(1));
  Override what;
  what.kind = Kind::kClock;
  what.variant = "+300d";
  what.until = world.clock->Now() + 2 * kDay;
  REQUIRE(world.client().overrides().Force(what).ok());
  world.Pass(kDay, hours(1));
  world.Open();  // kept over a restart
  REQUIRE(world.client().overrides().List().size() == 1);
  CHECK(world.client().overrides().List()[0].variant == "+300d");
  CHECK(world.client().overrides().List()[0].applied);
  world.Pass(kDay + minutes(1), hours(1));
  CHECK(world.client().overrides().List().empty());

  QaWorld released;
  QaToken token = released.MakeToken();
  token.force = "clock=+200d";
  token.allow = {"clock"};
  REQUIRE(released.Use(token).ok());
  REQUIRE(released.client().overrides().List().size() == 1);
  CHECK(released.client().overrides().List()[0].applied);
  CHECK(released.client().overrides().Token()->status.ok());
  released.Pass(3 * kDay, hours(1));
  CHECK_FALSE(released.client().overrides().Token()->status.ok());
}

TEST_CASE("under a release key nothing moves the clock but a token that covers it") {
  QaWorld world;
  CHECK(world.client().overrides().ForceClock(kDay).code() == StatusCode::kPermissionDenied);
  Override what;
  what.kind = Kind::kClock;
  what.variant = "+1d";
  what.source = Source::kPanel;
  const Status refused = world.client().overrides().Force(what);
  CHECK(refused.code() == StatusCode::kPermissionDenied);
  CHECK(Holds(refused.message(), "the clock cannot be forced: a release key signed the datafile"));
  world.texts->WriteFile(R"({"clock":"+1d"})");
  world.Pass(seconds(2));
  CHECK_FALSE(world.client().overrides().List()[0].applied);
  QaToken token = world.MakeToken();
  token.allow = {"experiment:*", "flag:*", "prompt:*", "holdout:*", "attribute:*"};
  REQUIRE(world.Use(token).ok());
  CHECK(world.client().overrides().ForceClock(kDay).code() == StatusCode::kPermissionDenied);
  token.allow = {"clock"};
  REQUIRE(world.Use(token).ok());
  CHECK(world.client().overrides().ForceClock(kDay).ok());
}

// --- Prompts ---

PanelPrompt RowOf(World& world, const std::string& campaign) {
  const Panel panel(world.client());
  for (const PanelPrompt& each : panel.Snapshot().prompts) {
    if (each.key == campaign) return each;
  }
  FAIL("there is no such campaign");
  return {};
}

TEST_CASE("a prompt of day 0 is capped on day 1 and comes again on day 7, by moving the clock") {
  PromptWorld world;
  const auto shown_after = [&world](Duration by) {
    if (by != Duration(0)) REQUIRE(world.client().overrides().ForceClock(by).ok());
    const std::size_t before = world.host.presented.size();
    world.Write(400);
    const bool is_shown = world.host.presented.size() > before;
    if (is_shown) world.host.lease->Action("b1");
    world.Settle();
    return is_shown;
  };
  CHECK(shown_after(Duration(0)));
  CHECK_FALSE(shown_after(Duration(0)));
  CHECK_FALSE(shown_after(kDay));
  CHECK_FALSE(shown_after(7 * kDay - hours(1)));
  CHECK(shown_after(7 * kDay + seconds(1)));
  // What is shown meanwhile counts at the moved time, as long as the clock is moved, by whatever.
  CHECK_FALSE(shown_after(7 * kDay + seconds(1)));
  CHECK_FALSE(shown_after(8 * kDay));
  CHECK(RowOf(world, "try-share").shown == 2);
  CHECK(shown_after(15 * kDay));
  CHECK_FALSE(shown_after(40 * kDay));  // three ever
  CHECK(RowOf(world, "try-share").shown == 3);

  world.client().overrides().ClearClock();
  world.Settle();
  CHECK(RowOf(world, "try-share").shown == 1);
  CHECK_FALSE(shown_after(Duration(0)));
  world.Pass(7 * kDay, hours(1));
  CHECK(shown_after(Duration(0)));
  CHECK(RowOf(world, "try-share").shown == 2);

  // Of the three only the natural ones count.
  world.Pass(minutes(2));
  std::size_t natural = 0, forced = 0;
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    if (step.attributes["guidon.prompt.what"] == "action") continue;
    (AttributeOf(step, "guidon.forced") == "true" ? forced : natural) += 1;
  }
  CHECK(natural > 0);
  CHECK(forced > 0);
}

TEST_CASE("clearing the clock leaves decisions and prompts as they would be, whatever was done under it") {
  PromptWorld world;
  world.Write(400);
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  const auto look = [&world] {
    const Panel panel(world.client());
    const PanelSnapshot snapshot = panel.Snapshot();
    std::string text;
    for (const PanelFlag& flag : snapshot.flags) text += flag.key + flag.variant + flag.why + "\n";
    for (const PanelPrompt& prompt : snapshot.prompts) {
      text +=
          prompt.key + prompt.why + std::to_string(prompt.shown) + text::FormatTimestamp(*prompt.next_possible) + "\n";
      for (const PanelGate& gate : prompt.gates) {
        if (gate.name != "trigger") text += gate.name + gate.says + "\n";
      }
    }
    return text;
  };
  const std::string before = look();
  for (const Duration by : {kDay, 20 * kDay, -3 * kDay, 300 * kDay, -300 * kDay, 8 * kDay}) {
    REQUIRE(world.client().overrides().ForceClock(by).ok());
    world.Write(400);
    if (world.host.lease) world.host.lease->Dismissed(DismissCause::kPerson);
    world.Settle();
  }
  CHECK(world.host.presented.size() > 1);
  world.client().overrides().ClearAll();
  world.Settle();
  CHECK(look() == before);
  world.Restart();
  CHECK(look() == before);
}

TEST_CASE("a prompt that is up when the clock is set right ends as forced, and is not remembered") {
  PromptWorld world;
  REQUIRE(world.client().overrides().ForceClock(kDay).ok());
  world.Write(400);
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  world.client().overrides().ClearClock();
  world.Settle();
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  CHECK(RowOf(world, "try-share").shown == 0);
  for (auto& step : world.CollectedOf("guidon.prompt")) CHECK(AttributeOf(step, "guidon.forced") == "true");
}

TEST_CASE("a campaign that is to begin is shown once the clock says so; a caller's own context goes by it, too") {
  CampaignSpec campaign;
  World probe;
  const Timestamp now = probe.clock->Now();
  campaign.members = R"(,"starts_at":")" + text::FormatTimestamp(now + 30 * kDay) + "\"";
  PromptWorld world({campaign});
  world.Write(400);
  CHECK(world.host.presented.empty());
  REQUIRE(world.client().overrides().ForceClock(31 * kDay).ok());
  world.Write(400);
  CHECK(world.host.presented.size() == 1);

  Open(&probe, Scheduled(1, now + kDay, now + 2 * kDay));
  const Context other = Context().Unit("device", "somebody");
  CHECK(probe.client().Decide(kComposer, other).reason() == Reason::kDefault);
  REQUIRE(probe.client().overrides().ForceClock(kDay + hours(1)).ok());
  CHECK(probe.client().Decide(kComposer, other).reason() == Reason::kExperiment);
  const Panel panel(probe.client());
  const PanelSnapshot snapshot = panel.Snapshot();
  CHECK(snapshot.clock_shift == kDay + hours(1));
  CHECK(snapshot.time == probe.clock->Now() + kDay + hours(1));
  for (const PanelFlag& flag : snapshot.flags) CHECK(flag.is_forced == (flag.key == "composer"));
}

}  // namespace
}  // namespace guidon::test
