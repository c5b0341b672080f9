// Prompts through a whole client: from an event to the host, and to the collector.

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/evaluation/bucketing.h"
#include "tests/support/faulty_storage.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Steps = std::vector<std::string>;

TEST_CASE("an event that meets the trigger's condition shows the prompt, and every step of it is reported") {
  PromptWorld world;
  world.Write(399);
  CHECK(world.host.asked.empty());
  world.Write(400);
  REQUIRE(world.host.presented.size() == 1);
  const Prompt& prompt = world.host.presented[0];
  CHECK(prompt.campaign == "try-share");
  CHECK(prompt.anchor == "attach_button");
  CHECK(prompt.buttons.size() == 3);
  CHECK(prompt.buttons[1].snooze == hours(24));
  CHECK(prompt.id == world.host.asked[0].id);
  world.host.lease->Presented();
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  CHECK(world.PromptSteps() == Steps{"exposure", "impression", "action b1"});
  for (auto& step : world.CollectedOf("guidon.prompt")) {
    CHECK(step.attributes["guidon.prompt.id"] == prompt.id);
    CHECK(step.attributes["guidon.campaign.key"] == "try-share");
    CHECK(step.attributes["guidon.campaign.iteration"] == "1");
    CHECK(step.attributes["guidon.campaign.variant"] == "prompt");
    CHECK(step.attributes["guidon.prompt.ordinal"] == "1");
    CHECK(step.attributes["guidon.prompt.trigger"] == "message_sent");
    CHECK(step.attributes["guidon.unit.kind"] == "device");
    CHECK(step.attributes["feature_flag.context.id"] == "d-1");
    CHECK(step.attributes["feature_flag.version"] == "1.1");
    CHECK(step.attributes.count("guidon.forced") == 0);
  }
}

TEST_CASE("a prompt is in the person's language, and its places are filled from the context and the event") {
  CampaignSpec campaign;
  campaign.title = "{event.chars} characters, {first_name|friend}?";
  campaign.translations = R"({"de":{"title":"{event.chars} Zeichen, {first_name}?","body":"Das ist lang.",)"
                          R"("buttons":{"b1":"Anh\u00E4ngen","b2":"Sp\u00E4ter","b3":"Nein"}}})";
  PromptWorld world({campaign});
  world.Write(450);
  REQUIRE(world.host.presented.size() == 1);
  CHECK(world.host.presented[0].title == "450 characters, friend?");
  CHECK(world.host.presented[0].language == "en");

  PromptWorld german({campaign});
  german.client().Identify(Context().Unit("device", "d-1").Set("language", "de-AT, en"));
  german.Write(450);
  CHECK(german.host.asked.empty());
  const std::string why = german.client().ExplainPrompt("try-share");
  CHECK(why.find("unfilled") != std::string::npos);
  CHECK(why.find("first_name is not known") != std::string::npos);
  const Context ann = Context().Unit("device", "d-1").Set("language", "de-AT, en").Set("first_name", "An\u202En\n");
  german.client().Identify(ann);
  german.Write(512);
  REQUIRE(german.host.presented.size() == 1);
  const Prompt& prompt = german.host.presented[0];
  CHECK(prompt.title == "512 Zeichen, Ann ?");
  CHECK(prompt.body == "Das ist lang.");
  CHECK(prompt.language == "de");
  CHECK(prompt.buttons[0].label == "Anh\u00E4ngen");
  CHECK(prompt.buttons[1].snooze == hours(24));
}

CampaignSpec Inviting() {
  CampaignSpec campaign;
  campaign.key = "invite";
  campaign.button =
      R"({"id":"b1","label":"Invite","do":{"share":{"text":"Write notes with me, {first_name|me}",)"
      R"("link":"https://ex.am/i/{ref_code}?c={prompt.campaign}&v={prompt.variant}&x={prompt.id}"}},"track":"invite_sent"})";
  return campaign;
}

TEST_CASE("a button's action comes filled in, with every value percent-encoded, and says by which prompt it was") {
  PromptWorld world({Inviting()});
  world.host.actions = {"share"};
  world.Restart();
  world.client().Identify(Context().Unit("device", "d-1").Set("ref_code", "a/b c?&é").Set("first_name", "Ann"));
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  const Prompt& prompt = world.host.presented[0];
  const PromptAction& action = prompt.buttons.at(0).action;
  CHECK(action.kind == "share");
  CHECK(action.text == "Write notes with me, Ann");
  CHECK(action.link == "https://ex.am/i/a%2Fb%20c%3F%26%C3%A9?c=invite&v=prompt&x=" + prompt.id);
  CHECK(prompt.buttons.at(2).action.kind.empty());
}

// What the collector has of the button's event.
std::vector<Received> InvitesSent(const World& world) {
  std::vector<Received> sent;
  for (Received& event : world.CollectedOf("guidon.event")) {
    if (event.attributes["guidon.event.name"] == "invite_sent") sent.push_back(std::move(event));
  }
  return sent;
}

TEST_CASE("a pressed button tracks its event once, with the prompt's id, and the event may start a campaign") {
  CampaignSpec thanks;
  thanks.key = "thanks";
  thanks.trigger = R"({"event":"invite_sent"})";
  PromptWorld world({Inviting(), thanks});
  world.host.actions = {"share", "open"};
  world.Restart();
  world.client().Identify(Context().Unit("device", "d-1").Set("ref_code", "X1"));
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  const std::string id = world.host.presented[0].id;
  PromptLease first = *std::move(world.host.lease);
  first.Action("b1");
  first.Action("b1");
  world.Pass(minutes(1));
  const auto tracked = InvitesSent(world);
  REQUIRE(tracked.size() == 1);
  CHECK(tracked[0].attributes.at("guidon.property.prompt") == id);
  REQUIRE(world.host.presented.size() == 2);
  CHECK(world.host.presented[1].campaign == "thanks");
}

TEST_CASE("other buttons, dismissals and a prompt that was taken back track nothing") {
  const std::function<void(PromptWorld&)> rows[] = {
      [](PromptWorld& world) { world.host.lease->Action("b2"); },
      [](PromptWorld& world) { world.host.lease->Action("b9"); },
      [](PromptWorld& world) { world.host.lease->Dismissed(DismissCause::kPerson); },
      [](PromptWorld& world) {
        PromptLease late = *std::move(world.host.lease);
        world.client().Identify(Context().Unit("device", "d-2").Set("ref_code", "X1"));
        world.Pass(seconds(1));
        late.Action("b1");
      },
  };
  for (const auto& end : rows) {
    PromptWorld world({Inviting()});
    world.host.actions = {"share"};
    world.Restart();
    world.client().Identify(Context().Unit("device", "d-1").Set("ref_code", "X1"));
    world.Write();
    REQUIRE(world.host.lease);
    end(world);
    world.Pass(minutes(1));
    CHECK(InvitesSent(world).empty());
  }
}

TEST_CASE("a button's event needs the consent that any event needs") {
  PromptWorld world({Inviting()});
  world.host.actions = {"share"};
  world.Restart();
  world.client().Identify(Context().Unit("device", "d-1").Set("ref_code", "X1"));
  world.client().SetConsent(Purpose::kAnalytics, Consent::kDenied);
  world.Write();
  REQUIRE(world.host.lease);
  world.host.lease->Action("b1");
  world.Pass(minutes(1));
  CHECK(InvitesSent(world).empty());
}

TEST_CASE("a prompt with a button that the host cannot serve is not offered, and its explanation names the action") {
  PromptWorld world({Inviting()});
  world.client().Identify(Context().Unit("device", "d-1").Set("ref_code", "X1"));
  world.Write();
  CHECK(world.host.asked.empty());
  const std::string why = world.client().ExplainPrompt("invite");
  CHECK(why.find("cannot_do") != std::string::npos);
  CHECK(why.find("share: the app can do open") != std::string::npos);
  REQUIRE(world.client().overrides().ForcePrompt("invite", true).ok());
  world.Pass(seconds(5));
  CHECK(world.host.asked.empty());
}

TEST_CASE("QA's force does not fill what nothing fills") {
  CampaignSpec campaign;
  campaign.title = "Hello {first_name}";
  PromptWorld world({campaign});
  REQUIRE(world.client().overrides().ForcePrompt("try-share", true).ok());
  world.Pass(seconds(5));
  CHECK(world.host.presented.empty());
}

TEST_CASE("a campaign that asks for a flag is told what QA forces it to be, and its explanation is, too") {
  CampaignSpec campaign;
  campaign.when = R"({"op":"==","flag":"beta","value":true})";
  PromptWorld world({campaign}, R"("flags":{"beta":{"type":"bool","default":false}})");
  world.Write();
  CHECK(world.host.asked.empty());
  REQUIRE(world.client().overrides().ForceFlag("beta", Value(true)).ok());
  CHECK(world.client().ExplainPrompt("try-share").find("✓ flag('beta')") != std::string::npos);
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  world.Pass(minutes(1));
  for (auto& step : world.CollectedOf("guidon.prompt")) CHECK(step.attributes["guidon.forced"] == "true");
}

TEST_CASE("the audience is asked of what this device did, the triggering event included") {
  CampaignSpec campaign;
  campaign.when = R"({"op":">=","count":"message_sent","window":"14d","value":3})";
  PromptWorld world({campaign});
  world.Write();
  world.Write();
  CHECK(world.host.asked.empty());
  world.Restart();
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what meets a group's gap waits for its end as long as it is timely, and is dropped where that is too late") {
  CampaignSpec first;
  first.caps = R"([{"count":9},{"group":"all"}])";
  CampaignSpec second = first;
  second.key = "tell-friends";
  second.trigger = R"({"event":"note_shared"})";
  for (const bool is_timely : {true, false}) {
    CAPTURE(is_timely);
    second.valid_for = is_timely ? "2m" : "60s";
    PromptWorld world({first, second}, R"("groups":{"all":{"gap":"90s"}})");
    world.Write();
    REQUIRE(world.host.presented.size() == 1);
    world.host.lease->Presented();
    world.host.lease->Dismissed(DismissCause::kPerson);
    world.Pass(seconds(1));
    world.client().Track("note_shared");
    world.Pass(seconds(85));
    CHECK(world.host.asked.size() == 1);
    CHECK(world.client().ExplainPrompt("tell-friends").find("✗ gap") != std::string::npos);
    world.Pass(seconds(8));
    CHECK(world.host.presented.size() == (is_timely ? 2u : 1u));
  }
}

TEST_CASE("a group's cap counts other campaigns' prompts, also those of an earlier process") {
  CampaignSpec first;
  first.caps = R"([{"count":9},{"group":"nudge"}])";
  CampaignSpec second = first;
  second.key = "tell-friends";
  second.trigger = R"({"event":"note_shared"})";
  PromptWorld world({first, second}, R"("groups":{"nudge":{"caps":[{"count":1,"per":"1d"}]}})");
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  world.host.lease->Presented();
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Pass(minutes(1));
  world.client().Track("note_shared");
  world.Pass(seconds(1));
  CHECK(world.host.asked.size() == 1);
  world.Restart();
  world.client().Track("note_shared");
  world.Pass(seconds(1));
  CHECK(world.host.asked.size() == 1);
  world.Pass(hours(24), hours(1));
  world.client().Track("note_shared");
  world.Pass(seconds(1));
  REQUIRE(world.host.presented.size() == 2);
  CHECK(world.host.presented[1].campaign == "tell-friends");
}

TEST_CASE("a session ends with the process or with half an hour in the background, and no sooner") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":1,"per":"session"}])";
  PromptWorld world({campaign});
  world.host.on_present = [](const Prompt&, PromptLease& lease) {
    lease.Presented();
    lease.Dismissed(DismissCause::kPerson);
  };
  world.Write();
  world.Write();
  CHECK(world.host.presented.size() == 1);
  const auto be_away = [&](Duration time) {
    world.client().OnBackground();
    world.Pass(time, minutes(1));
    world.client().OnForeground();
    world.Write();
  };
  be_away(minutes(29));
  CHECK(world.host.presented.size() == 1);
  CHECK(world.client().ExplainPrompt("try-share").find("1 per session: 1 used") != std::string::npos);
  be_away(minutes(30));
  CHECK(world.host.presented.size() == 2);
  world.Write();
  CHECK(world.host.presented.size() == 2);
  world.Restart();
  world.Write();
  CHECK(world.host.presented.size() == 3);
}

TEST_CASE("what meets closed hours waits for them to open as long as it is timely") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":9},{"hours":"09:00-18:00","zone":"UTC"}])";
  campaign.valid_for = "2m";
  PromptWorld world({campaign});
  const Duration day = hours(24);
  const Duration now = world.clock->Now().time_since_epoch() % day;
  world.clock->Advance((hours(9) - now + day) % day + day - minutes(3));
  world.Settle();
  world.Write();
  world.Pass(seconds(125));
  CHECK(world.host.asked.empty());
  world.Write();
  CHECK(world.host.asked.empty());
  world.Pass(minutes(1));
  CHECK(world.host.presented.size() == 1);
}

std::string DeviceThatIs(bool held_out) {
  for (int i = 0;; ++i) {
    std::string id = "d-" + std::to_string(i);
    if ((evaluation::Slot('c', "try-share.1", id) < 100'000) == held_out) return id;
  }
}

TEST_CASE("whoever is held out is asked for at the same points, uses the same caps, and sees nothing") {
  CampaignSpec campaign;
  campaign.holdout = 100'000;
  std::vector<std::size_t> asked[2];
  for (const bool held_out : {false, true}) {
    CAPTURE(held_out);
    PromptWorld world({campaign}, "", DeviceThatIs(held_out));
    world.host.on_present = [](const Prompt&, PromptLease& lease) {
      lease.Presented();
      lease.Dismissed(DismissCause::kPerson);
    };
    for (int day = 0; day < 30; ++day) {
      world.Write();
      asked[held_out].push_back(world.host.asked.size());
      world.Pass(hours(24), hours(12));
    }
    CHECK(world.host.presented.size() == (held_out ? 0u : 3u));
    std::size_t exposures = 0;
    for (const std::string& step : world.PromptSteps()) {
      if (step.rfind("exposure", 0) == 0) ++exposures;
    }
    CHECK(exposures == 3);
    if (held_out) CHECK(world.PromptSteps() == Steps(3, "exposure held_out"));
    for (const Prompt& prompt : world.host.asked) CHECK(prompt.variant == "prompt");
  }
  CHECK(asked[0] == asked[1]);
}

TEST_CASE("each variant is shown to its people, its links and facts say which, and who is held out cannot tell") {
  CampaignSpec campaign;
  campaign.holdout = 100'000;
  const auto variant = [](const std::string& slots, const std::string& title) {
    return R"({"slots":[)" + slots + R"(],"show":{"kind":"tooltip","anchor":"x","title":")" + title +
           R"(","buttons":[{"id":"b1","label":"B","do":"https://ex.am/?v={prompt.variant}"}]}})";
  };
  campaign.members = R"(,"variants":{"news":)" + variant("[0,500000]", "News") + R"(,"benefit":)" +
                     variant("[500000,1000000]", "Benefit") + "}";
  std::set<std::string> met;
  for (int i = 0; met.size() < 4; ++i) {
    const std::string id = "d-" + std::to_string(i);
    const bool is_news = evaluation::Slot('v', "try-share.1", id) < 500'000;
    const bool is_held_out = evaluation::Slot('c', "try-share.1", id) < 100'000;
    const std::string name = is_news ? "news" : "benefit";
    if (!met.insert(name + (is_held_out ? " held out" : "")).second) continue;
    CAPTURE(id);
    PromptWorld world({campaign}, "", id);
    world.Write();
    REQUIRE(world.host.asked.size() == 1);
    CHECK(world.host.asked[0].variant == name);
    CHECK(world.host.asked[0].title == (is_news ? "News" : "Benefit"));
    CHECK(world.host.asked[0].buttons[0].action.link == "https://ex.am/?v=" + name);
    CHECK(world.host.presented.size() == (is_held_out ? 0u : 1u));
    if (!is_held_out) world.host.lease->Presented();
    world.Pass(minutes(1));
    auto steps = world.CollectedOf("guidon.prompt");
    CHECK(steps.size() == (is_held_out ? 1u : 2u));
    for (auto& step : steps) {
      CHECK(step.attributes["guidon.campaign.variant"] == (is_held_out ? "held_out" : name));
    }
    // What was left open is told by the next start, as of the same variant.
    world.Restart();
    world.Pass(minutes(1));
    steps = world.CollectedOf("guidon.prompt");
    if (!is_held_out) {
      REQUIRE(steps.size() == 3);
      CHECK(steps.back().attributes["guidon.campaign.variant"] == name);
    }
  }
}

TEST_CASE("an image comes with its words filled in, in the person's language") {
  CampaignSpec campaign;
  campaign.members = R"(,"variants":{"a":{"slots":[[0,1000000]],"show":{"kind":"tooltip","anchor":"x","title":"T",)"
                     R"("image":{"asset":"canvas.webp","alt":"{event.chars} columns"},"language":"en",)"
                     R"("translations":{"de":{"title":"T","alt":"{event.chars} Spalten"}}}},)"
                     R"("b":{"slots":[],"show":{"kind":"tooltip","anchor":"x","title":"T"}}})";
  PromptWorld world({campaign});
  world.client().Identify(Context().Unit("device", "d-1").Set("language", "de"));
  world.Write(1812);
  REQUIRE(world.host.presented.size() == 1);
  const PromptImage& image = world.host.presented[0].image;
  CHECK(image.asset == "canvas.webp");
  CHECK(image.url.empty());
  CHECK(image.alt == "1812 Spalten");
}

TEST_CASE("caps hold per week and for ever, also across restarts") {
  PromptWorld world;
  std::vector<int> days;
  for (int day = 0; day < 40; ++day) {
    const std::size_t before = world.host.presented.size();
    world.Write();
    if (world.host.presented.size() > before) {
      days.push_back(day);
      world.host.lease->Presented();
      world.host.lease->Dismissed(DismissCause::kPerson);
    }
    world.Pass(hours(24), hours(8));
    if (day % 5 == 0) world.Restart();
  }
  CHECK(days == std::vector<int>{0, 7, 14});
}

TEST_CASE("after each outcome the campaign waits as it says") {
  struct Row {
    const char* name;
    std::function<void(PromptLease&)> outcome;
    int shown_again;  // on which day; 99: on none
  };
  const Row rows[] = {
      {"dismissed", [](PromptLease& lease) { lease.Dismissed(DismissCause::kPerson); }, 3},
      {"closed by a button", [](PromptLease& lease) { lease.Action("b3"); }, 3},
      {"acted on", [](PromptLease& lease) { lease.Action("b1"); }, 10},
      {"snoozed by a button", [](PromptLease& lease) { lease.Action("b2"); }, 1},
      {"snoozed otherwise", [](PromptLease& lease) { lease.Snoozed(hours(48)); }, 2},
      {"failed", [](PromptLease& lease) { lease.Failed("no anchor"); }, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CampaignSpec campaign;
    campaign.caps = R"([{"count":2}])";
    campaign.dismissal = "3d";
    campaign.action = "10d";
    PromptWorld world({campaign});
    world.Write();
    REQUIRE(world.host.lease);
    row.outcome(*world.host.lease);
    int again = 99;
    for (int day = 1; day < 15 && again == 99; ++day) {
      world.Pass(hours(24), hours(8));
      world.Write();
      if (world.host.presented.size() > 1) again = day;
    }
    CHECK(again == row.shown_again);
  }
}

TEST_CASE("a wait that grows doubles with each dismissal in a row, up to its longest, and an action begins it anew") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":100}])";
  campaign.dismissal = "1d";
  campaign.dismissal_up_to = "5d";
  PromptWorld world({campaign});
  std::vector<int> days;
  for (int day = 0; day < 24; ++day) {
    const std::size_t before = world.host.presented.size();
    world.Write();
    if (world.host.presented.size() > before) {
      days.push_back(day);
      if (days.size() == 6) {
        world.host.lease->Action("b1");  // its own wait is none
      } else {
        world.host.lease->Dismissed(DismissCause::kPerson);
      }
    }
    if (day == 8) {
      CHECK(world.client().ExplainPrompt("try-share").find("5d since then") != std::string::npos);
    }
    world.Pass(hours(24), hours(8));
  }
  CHECK(days == std::vector<int>{0, 1, 3, 7, 12, 17, 18, 19, 21});
}

TEST_CASE("what the host says through its lease is reported once, as what it is") {
  struct Row {
    const char* name;
    std::function<void(PromptLease&)> says;
    Steps steps;
  };
  const Row rows[] = {
      {"an action implies that it was seen", [](PromptLease& l) { l.Action("b1"); }, {"impression", "action b1"}},
      {"a snoozing button", [](PromptLease& l) { l.Action("b2"); }, {"impression", "snooze b2"}},
      {"a closing button", [](PromptLease& l) { l.Action("b3"); }, {"impression", "dismissal b3 person"}},
      {"a button nobody knows", [](PromptLease& l) { l.Action("b9"); }, {"impression", "action b9"}},
      {"snoozed", [](PromptLease& l) { l.Snoozed(hours(2)); }, {"impression", "snooze"}},
      {"timed out", [](PromptLease& l) { l.Dismissed(DismissCause::kTimeout); }, {"dismissal timeout"}},
      {"seen twice, closed thrice",
       [](PromptLease& l) {
         l.Presented();
         l.Presented();
         l.Dismissed(DismissCause::kNavigation);
         l.Action("b1");
         l.Failed("late");
       },
       {"impression", "dismissal navigation"}},
      {"failed", [](PromptLease& l) { l.Failed("no anchor"); }, {"failure no anchor"}},
      {"failed without a word", [](PromptLease& l) { l.Failed("\xFF"); }, {"failure unspecified"}},
      {"dropped", [](PromptLease& l) { PromptLease gone(std::move(l)); }, {"failure lease_dropped"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    PromptWorld world;
    world.Write();
    REQUIRE(world.host.lease);
    row.says(*world.host.lease);
    world.host.lease.reset();
    world.Pass(minutes(1));
    Steps steps{"exposure"};
    steps.insert(steps.end(), row.steps.begin(), row.steps.end());
    CHECK(world.PromptSteps() == steps);
  }
}

TEST_CASE("a prompt that could not be drawn gives back what it used of the caps") {
  PromptWorld world;
  world.Write();
  world.host.lease.reset();
  world.Pass(seconds(1));
  world.Write();
  CHECK(world.host.presented.size() == 2);
  CHECK(world.host.presented[0].id != world.host.presented[1].id);
}

TEST_CASE("a busy host is asked again every second while the prompt is timely") {
  PromptWorld world;
  world.host.admission = Admission::kLater;
  world.Write();
  world.Pass(seconds(10));
  CHECK(world.host.asked.size() == 11);
  CHECK(world.client().ExplainPrompt("try-share").find("host_later") != std::string::npos);
  SUBCASE("and draws when it has time") {
    world.host.admission = Admission::kNow;
    world.Pass(seconds(1));
    CHECK(world.host.presented.size() == 1);
  }
  SUBCASE("and no longer, which costs nothing of the caps") {
    world.Pass(minutes(2));
    const std::size_t asked = world.host.asked.size();
    CHECK(asked == 60);
    CHECK(world.client().ExplainPrompt("try-share").find("expired") != std::string::npos);
    world.host.admission = Admission::kNow;
    world.Pass(minutes(1));
    CHECK(world.host.asked.size() == asked);
    CHECK(world.PromptSteps().empty());
    world.Write();
    CHECK(world.host.presented.size() == 1);
  }
  SUBCASE("and not once the audience is another, when it may be shown") {
    world.PublishCampaigns(2, {});
    world.host.admission = Admission::kNow;
    world.Pass(seconds(2));
    CHECK(world.host.presented.empty());
  }
}

TEST_CASE("never means not this one; the next event asks anew") {
  PromptWorld world;
  world.host.admission = Admission::kNever;
  world.Write();
  world.Pass(minutes(1));
  CHECK(world.host.asked.size() == 1);
  world.host.admission = Admission::kNow;
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("of two campaigns the more important one is shown, and the other when that is over, if it is timely still") {
  CampaignSpec minor, major;
  minor.key = "a-minor";
  major.key = "b-major";
  major.priority = 5;
  PromptWorld world({minor, major});
  world.Write();
  REQUIRE(world.host.presented.size() == 1);
  CHECK(world.host.presented[0].campaign == "b-major");
  world.host.lease->Presented();
  SUBCASE("in time") {
    world.Pass(seconds(50));
    world.host.lease->Action("b1");
    world.Pass(seconds(1));
    REQUIRE(world.host.presented.size() == 2);
    CHECK(world.host.presented[1].campaign == "a-minor");
  }
  SUBCASE("too late") {
    world.Pass(seconds(61));
    world.host.lease->Action("b1");
    world.Pass(seconds(10));
    CHECK(world.host.presented.size() == 1);
  }
}

TEST_CASE("a trigger does not wait for company: the prompt is there at once") {
  PromptWorld world;
  world.client().Track("message_sent", {{"chars", 500}});
  world.Settle();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what happens again while the prompt is up does not bring it back at once") {
  CampaignSpec campaign;
  campaign.caps = R"([{"count":9}])";
  campaign.dismissal = "3d";
  PromptWorld world({campaign});
  world.Write();
  world.Write();
  world.host.lease->Dismissed(DismissCause::kPerson);
  world.Pass(seconds(5));
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what one person triggered is not offered to the next") {
  PromptWorld world;
  world.host.admission = Admission::kLater;
  world.Write();
  world.client().Identify(Context().Unit("device", "d-2"));
  world.host.admission = Admission::kNow;
  world.Pass(seconds(5));
  CHECK(world.host.presented.empty());
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("a host is offered the kinds it draws, and asked for them once") {
  PromptWorld world;
  TestHost other;
  other.kinds = {"modal", "banner"};
  world.client().SetPromptHost(&other);
  world.Write();
  world.Write();
  CHECK(other.asked.empty());
  CHECK(other.kinds_asked == 1);
  CHECK(world.client().ExplainPrompt("try-share").find("cannot_draw") != std::string::npos);
  world.client().SetPromptHost(&world.host);
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("a host that comes while the event is timely gets the prompt") {
  PromptWorld world;
  world.client().SetPromptHost(nullptr);
  world.Write();
  CHECK(world.client().ExplainPrompt("try-share").find("no_host") != std::string::npos);
  world.Pass(seconds(30));
  world.client().SetPromptHost(&world.host);
  world.Settle();
  CHECK(world.host.presented.size() == 1);
}

TEST_CASE("what is told before the store is read triggers once it is") {
  World world;
  TestHost host;
  world.options.bundled_datafile = CampaignsDatafile(1, {CampaignSpec()});
  world.Open().Track("message_sent", {{"chars", 500}});
  world.client().SetPromptHost(&host);
  world.Pass(seconds(1));
  CHECK(host.presented.size() == 1);
}

TEST_CASE("a flag's rule sees what was done, after the pump") {
  const char* flags = R"("flags":{"expert":{"type":"bool","default":false,"rules":[{"id":"r1",
      "when":{"op":">=","count":"note_created","window":"7d","value":3},"serve":true}]}})";
  PromptWorld world({CampaignSpec()}, flags);
  const Flag<bool> expert{"expert", false};
  int changes = 0;
  const auto watch = world.client().OnChange("expert", nullptr, [&](const Change&) { ++changes; });
  for (int i = 0; i < 2; ++i) world.client().Track("note_created");
  world.Pass(seconds(1));
  CHECK_FALSE(world.client().Get(expert));
  world.client().Track("note_created");
  world.Pass(seconds(1));
  CHECK(world.client().Get(expert));
  CHECK(changes == 1);
  world.client().Track("note_created");
  world.Restart();
  CHECK(world.client().Get(expert));
}

TEST_CASE("what cannot be remembered is not shown") {
  SUBCASE("in memory only") {
    World world;
    TestHost host;
    world.storage = MemoryStorage();
    world.options.bundled_datafile = CampaignsDatafile(1, {CampaignSpec()});
    world.Open().SetPromptHost(&host);
    world.client().Track("message_sent", {{"chars", 500}});
    world.Pass(minutes(2));
    CHECK(host.asked.empty());
    CHECK(world.client().ExplainPrompt("try-share").find("store_down") != std::string::npos);
  }
  SUBCASE("a store that fails when the prompt is reserved; later the cap is free") {
    PromptWorld world;
    auto faulty = std::make_shared<FaultyStorage>(world.storage);
    world.storage = faulty;
    world.Start();
    world.host.on_ask = [&] { faulty->FailAll(Status(StatusCode::kOutOfSpace, "full")); };
    world.Write();
    world.Pass(minutes(2));
    CHECK(world.host.asked.size() == 1);
    CHECK(world.host.presented.empty());
    world.host.on_ask = nullptr;
    faulty->FailAll(Status());
    world.Pass(minutes(10));
    world.Write();
    CHECK(world.host.presented.size() == 1);
  }
  SUBCASE("without consent") {
    PromptWorld world;
    world.client().SetConsent(Consent::kDenied);
    world.Write();
    CHECK(world.host.asked.empty());
    CHECK(world.client().ExplainPrompt("try-share").find("no_consent") != std::string::npos);
  }
}

}  // namespace
}  // namespace guidon::test
