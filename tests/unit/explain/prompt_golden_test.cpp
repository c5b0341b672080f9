// Explanations of prompts as a person reads them, compared byte for byte with tests/golden/explain_prompt.
// GUIDON_UPDATE_GOLDEN=1 writes them anew; read what changed before committing it.
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/core/prompts/explain_prompt.h"
#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::explain_test;
using evaluation::Letters;
using prompts::What;

namespace {

constexpr const char* kAt = "2026-11-21T12:00:00Z";

// All that one explanation is made of. It begins as one who may see the prompt of try-file-share.
struct Story {
  std::string campaign = "try-file-share";
  std::string context = R"({"units": {"device": "d-13"}})";
  behavior::Behavior behavior;
  prompts::Showings showings;
  std::optional<prompts::TriggerEvent> event;
  std::optional<prompts::HostAbilities> host;
  std::optional<prompts::ClientReason> client;
  prompts::Forcing forcing = prompts::Forcing::kNone;
  std::vector<prompts::TriggerProgress> progress;
  const char* at = kAt;
  std::string on_screen;
  bool is_remembered = true;

  Story() {
    for (const char* day : {"2026-11-12", "2026-11-13", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-20"}) {
      behavior.Add("app_open", ParseTime(day));
    }
    Send(1812);
  }
  void Send(int chars, const char* when = kAt) {
    event = prompts::TriggerEvent{"message_sent", {{"chars", Value(chars)}}, ParseTime(when)};
  }
  void Show(const char* began, What end, const char* ended, Duration snooze = Duration(0)) {
    prompts::Step step;
    step.campaign = campaign;
    step.prompt = began;
    step.when = ParseTime(began);
    showings.Fold(step);
    step.what = end;
    step.when = ParseTime(ended);
    step.snooze = snooze;
    showings.Fold(step);
  }
  // Of another campaign.
  void ShowOther(const char* other, const char* began, const char* ended) {
    const std::string own = std::exchange(campaign, other);
    Show(began, What::kDismissal, ended);
    campaign = own;
  }
  void Of(const char* key, const char* units, const char* trigger) {
    campaign = key;
    context = units;
    event = prompts::TriggerEvent{trigger, {}, ParseTime(at)};
  }

  prompts::PromptExplanation Explain(const ruleset::Ruleset& rules) const {
    const Context read = ParseContext(context);
    return prompts::ExplainPrompt({rules,
                                   campaign,
                                   read,
                                   {is_remembered ? &behavior : nullptr},
                                   is_remembered ? &showings : nullptr,
                                   ParseTime(at),
                                   event ? &*event : nullptr,
                                   host ? &*host : nullptr,
                                   on_screen,
                                   client,
                                   forcing,
                                   nullptr,
                                   ruleset::kNever,
                                   progress});
  }
};

std::shared_ptr<const ruleset::Ruleset> LoadPrompts() {
  const auto loaded = dialects::LoadNative(ReadFile(std::string(GUIDON_PROMPT_GOLDEN_DIR) + "/datafile.json"));
  REQUIRE(loaded.rules != nullptr);
  REQUIRE(loaded.problems.size() == 1);
  REQUIRE(loaded.problems[0].pointer == "/campaigns/broken/caps");
  return loaded.rules;
}

struct Case {
  const char* name;  // of the golden file
  void (*tell)(Story*);
  Letters letters = Letters::kUnicode;
};

void Dismiss(Story* story) { story->Show("2026-11-20T08:59:00Z", What::kDismissal, "2026-11-20T09:00:00Z"); }

const Case kCases[] = {
    {"may_show", [](Story*) {}},
    {"after_dismissal", Dismiss},
    {"after_dismissal_ascii", Dismiss, Letters::kAscii},
    {"held_out", [](Story* story) { story->context = R"({"units": {"device": "d-58"}})"; }},
    {"other_property", [](Story* story) { story->Send(12); }},
    {"earlier_event", [](Story* story) { story->Send(1500, "2026-11-21T11:58:00Z"); }},
    {"no_event", [](Story* story) { story->event.reset(); }},
    {"no_event_and_capped",
     [](Story* story) {
       Dismiss(story);
       story->event.reset();
     }},
    {"other_event",
     [](Story* story) {
       story->event = prompts::TriggerEvent{"app_open", {}, ParseTime(kAt)};
     }},
    {"shared_lately", [](Story* story) { story->behavior.Add("file_shared", ParseTime("2026-11-15T10:00:00Z")); }},
    {"shared_too_lately",
     [](Story* story) {
       story->at = "2026-12-20T12:00:00Z";
       story->behavior.Add("file_shared", ParseTime("2026-12-18"));
     }},
    {"new_here", [](Story* story) { story->behavior = behavior::Behavior(); }},
    {"nothing_known", [](Story* story) { story->is_remembered = false; }},
    {"no_unit", [](Story* story) { story->context = "{}"; }},
    {"after_action", [](Story* story) { story->Show("2026-11-02T08:00:00Z", What::kAction, "2026-11-02T08:00:09Z"); }},
    {"snoozed",
     [](Story* story) {
       story->Show("2026-11-21T08:00:00Z", What::kSnooze, "2026-11-21T08:00:09Z", Duration(24 * 3'600'000));
     }},
    {"used_up",
     [](Story* story) {
       story->Show("2026-11-01T08:00:00Z", What::kUnknown, "2026-11-01T08:00:09Z");
       story->Show("2026-11-08T08:00:00Z", What::kFailure, "2026-11-08T08:00:09Z");
       story->Show("2026-11-09T08:00:00Z", What::kUnknown, "2026-11-09T08:00:09Z");
       story->Show("2026-11-17T08:00:00Z", What::kUnknown, "2026-11-17T08:00:09Z");
     }},
    {"cannot_draw",
     [](Story* story) {
       story->host = prompts::HostAbilities{{"banner", "modal"}, {"open"}};
     }},
    {"busy", [](Story* story) { story->on_screen = "invite-friend"; }},
    {"host_later",
     [](Story* story) {
       story->client = prompts::ClientReason{prompts::Why::kHostLater, ParseTime(kAt)};
     }},
    {"expired",
     [](Story* story) {
       story->client = prompts::ClientReason{prompts::Why::kExpired, ParseTime("2026-11-21T11:59:00Z")};
     }},
    {"no_consent",
     [](Story* story) {
       story->is_remembered = false;
       story->client = prompts::ClientReason{prompts::Why::kNoConsent, ParseTime(kAt)};
     }},
    {"forced",
     [](Story* story) {
       Dismiss(story);
       story->forcing = prompts::Forcing::kShow;
     }},
    {"forced_off", [](Story* story) { story->forcing = prompts::Forcing::kOff; }},
    {"everybody", [](Story* story) { story->Of("welcome", R"({"units": {"account": "u-7"}})", "app_open"); }},
    {"invalid_unit", [](Story* story) { story->Of("welcome", R"({"units": {"account": ""}})", "app_open"); }},
    {"not_started",
     [](Story* story) {
       story->Of("winter", R"({"units": {"device": "d-13"}, "attributes": {"plan": "pro"}})", "app_open");
     }},
    {"any_of", [](Story* story) { story->campaign = "several"; }},
    {"any_of_none",
     [](Story* story) {
       story->campaign = "several";
       story->Send(12);
     }},
    {"any_of_no_event",
     [](Story* story) {
       story->campaign = "several";
       story->event.reset();
     }},
    {"half_way",
     [](Story* story) {
       story->campaign = "half-way";
       story->event.reset();
       story->progress = {{2, ParseTime("2026-11-21T12:07:30Z")}, {1, ParseTime("2026-11-21T12:50:00Z")},
                          {1, ParseTime("2026-11-21T12:00:12Z")}, {},
                          {0, ParseTime("2026-11-21T12:00:03Z")}, {0, ParseTime("2026-11-21T12:01:00Z")}};
     }},
    {"completed",
     [](Story* story) {
       story->campaign = "half-way";
       const auto rules = LoadPrompts();
       story->event =
           prompts::TriggerEvent{"note_closed", {}, ParseTime(kAt), rules->FindCampaign("half-way")->triggers[0].id};
     }},
    {"delayed",
     [](Story* story) {
       story->campaign = "several";
       story->Send(1812, "2026-11-21T11:59:30Z");
       story->client = prompts::ClientReason{prompts::Why::kDelayed, ParseTime("2026-11-21T11:59:30Z"), "",
                                             ParseTime("2026-11-21T12:01:00Z")};
     }},
    {"cancelled",
     [](Story* story) {
       story->campaign = "several";
       story->Send(1812, "2026-11-21T11:59:30Z");
       story->client =
           prompts::ClientReason{prompts::Why::kCancelled, ParseTime("2026-11-21T11:59:58Z"), "file_shared"};
     }},
    {"in_winter",
     [](Story* story) {
       story->at = "2026-12-21T00:00:00Z";
       story->Of("winter", R"({"units": {"device": "d-13"}, "attributes": {"plan": "pro"}})", "app_open");
       story->Show("2026-12-20T01:00:00Z", What::kDismissal, "2026-12-20T01:00:01Z");
     }},
    {"paused", [](Story* story) { story->Of("old", R"({"units": {"device": "d-13"}})", "app_open"); }},
    {"ended", [](Story* story) { story->at = "2027-03-01T00:00:00Z"; }},
    {"invalid_campaign", [](Story* story) { story->Of("broken", "{}", "app_open"); }},
    {"campaign_not_found", [](Story* story) { story->Of("try-fileshare", "{}", "app_open"); }},
    {"in_groups",
     [](Story* story) {
       story->Of("try-tables", R"({"units": {"device": "d-13"}})", "app_open");
       story->ShowOther("winter", "2026-11-21T08:00:00Z", "2026-11-21T08:00:09Z");
     }},
    {"group_capped",
     [](Story* story) {
       story->Of("try-tables", R"({"units": {"device": "d-13"}})", "app_open");
       story->ShowOther("winter", "2026-11-21T08:00:00Z", "2026-11-21T08:00:09Z");
       story->ShowOther("gone", "2026-11-21T11:58:30Z", "2026-11-21T11:59:30Z");
     }},
    {"until_met",
     [](Story* story) {
       story->Of("try-tables", R"({"units": {"device": "d-13"}})", "app_open");
       for (const char* day : {"2026-11-12", "2026-11-13"}) story->behavior.Add("table_made", ParseTime(day));
     }},
    {"outside_hours",
     [](Story* story) {
       story->Of("try-hours", R"({"units": {"device": "d-13"}})", "app_open");
       story->Show("2026-11-21T08:00:00Z", What::kUnknown, "2026-11-21T08:00:09Z");
     }},
    {"quiet_hours",
     [](Story* story) {
       story->at = "2026-11-23T06:45:00Z";
       story->Of("try-hours", R"({"units": {"device": "d-13"}})", "app_open");
     }},
    {"variant",
     [](Story* story) {
       story->Of("announce", R"({"units": {"device": "d-3"}})", "app_open");
       story->host = prompts::HostAbilities{{"modal"}, {"open"}};
     }},
    {"variant_held_out",
     [](Story* story) {
       story->Of("announce", R"({"units": {"device": "d-6"}})", "app_open");
       story->host = prompts::HostAbilities{{"modal"}, {"open"}};
     }},
    {"control_characters",
     [](Story* story) {
       story->context = R"({"units": {"device": "d-\u001b[2J\u009b\u202e"}})";
       story->host = prompts::HostAbilities{{"\x1B]0;x\x07", "modal"}, {"open"}};
       story->event = prompts::TriggerEvent{"message_sent", {{"chars", Value("\x1B[31mred\nline é")}}, ParseTime(kAt)};
     }},
};

void CheckGolden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  const std::string path = std::string(GUIDON_PROMPT_GOLDEN_DIR) + "/" + name;
  if (std::getenv("GUIDON_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  CHECK(ReadFile(path) == text);
}

std::size_t Columns(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return columns;
}

}  // namespace

TEST_CASE("each explanation of a prompt reads as the golden file does") {
  const auto rules = LoadPrompts();
  for (const Case& row : kCases) {
    Story story;
    row.tell(&story);
    const prompts::PromptExplanation explanation = story.Explain(*rules);
    CheckGolden(std::string(row.name) + ".txt", prompts::ToText(explanation, row.letters));
  }
}

TEST_CASE("explanations of prompts as JSON have the members of the golden files") {
  const auto rules = LoadPrompts();
  for (const Case& row : kCases) {
    const std::string name = row.name;
    if (name != "after_dismissal" && name != "forced" && name != "snoozed" && name != "campaign_not_found" &&
        name != "group_capped" && name != "until_met" && name != "any_of" && name != "half_way" && name != "delayed" &&
        name != "cancelled" && name != "outside_hours" && name != "variant_held_out") {
      continue;
    }
    Story story;
    row.tell(&story);
    CheckGolden(name + ".json", prompts::ToJson(story.Explain(*rules), 2) + "\n");
  }
}

TEST_CASE("no explanation of a prompt is wider than 90 columns or has a control character") {
  const auto rules = LoadPrompts();
  for (const Case& row : kCases) {
    for (const Letters letters : {Letters::kUnicode, Letters::kAscii}) {
      CAPTURE(row.name);
      Story story;
      row.tell(&story);
      std::string text = prompts::ToText(story.Explain(*rules), letters);
      while (!text.empty()) {
        const std::string line = text.substr(0, text.find('\n'));
        text.erase(0, line.size() + 1);
        CHECK(Columns(line) <= 90);
        for (const char c : line) {
          CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
          CHECK((letters == Letters::kUnicode || static_cast<unsigned char>(c) < 0x7F));
        }
        CHECK(line.find("\xC2\x9B") == std::string::npos);
        CHECK(line.find("\u202e") == std::string::npos);
      }
    }
  }
}

TEST_CASE("every explanation of a prompt is JSON") {
  const auto rules = LoadPrompts();
  for (const Case& row : kCases) {
    CAPTURE(row.name);
    Story story;
    row.tell(&story);
    const prompts::PromptExplanation explanation = story.Explain(*rules);
    json::Error error;
    const auto document = json::Document::Parse(prompts::ToJson(explanation), &error);
    REQUIRE_MESSAGE(document, error.ToText());
    CHECK(document->root()["why"].AsString() == prompts::WhyName(explanation.why));
    CHECK(document->root()["may_show"].AsBool() == explanation.may_show());
    CHECK(document->root()["gates"].size() == explanation.gates.size());
  }
}

TEST_CASE("an explanation of a prompt that nobody filled in says that no datafile is in force") {
  prompts::PromptExplanation explanation;
  explanation.campaign = "try-file-share";
  CHECK(prompts::ToText(explanation) == "try-file-share is not shown   not_ready\n");
}

TEST_CASE("the next possible time is exact: shown then, and not a moment earlier") {
  const auto rules = LoadPrompts();
  const struct {
    std::string name;
    void (*tell)(Story*);
    const char* next;
  } rows[] = {
      {"a wait", Dismiss, "2026-11-27T09:00:00Z"},
      {"behavior that slides out of its window",
       [](Story* story) {
         story->behavior.Add("file_shared", ParseTime("2026-11-15T10:00:00Z"));
         for (int i = 0; i < 9; ++i) story->behavior.Add("app_open", ParseTime(kAt));
       },
       "2026-11-29T00:00:00Z"},
      {"what is true now is taken to stay so",
       [](Story* story) { story->behavior.Add("file_shared", ParseTime("2026-11-15T10:00:00Z")); },
       "2026-11-29T00:00:00Z"},
      {"both, one after the other",
       [](Story* story) {
         Dismiss(story);
         story->behavior.Add("file_shared", ParseTime("2026-11-10T10:00:00Z"));
         for (int i = 0; i < 9; ++i) story->behavior.Add("app_open", ParseTime(kAt));
       },
       "2026-11-27T09:00:00Z"},
      {"a start, then a date of the audience",
       [](Story* story) {
         story->Of("winter", R"({"units": {"device": "d-13"}, "attributes": {"plan": "pro"}})", "app_open");
       },
       "2026-12-20T00:00:00Z"},
      {"a gap, then a group's cap",
       [](Story* story) {
         story->Of("try-tables", R"({"units": {"device": "d-13"}})", "app_open");
         story->ShowOther("winter", "2026-11-21T08:00:00Z", "2026-11-21T08:00:09Z");
         story->ShowOther("gone", "2026-11-21T11:58:30Z", "2026-11-21T11:59:30Z");
       },
       "2026-11-22T08:00:00Z"},
      {"a gap",
       [](Story* story) {
         story->Of("try-tables", R"({"units": {"device": "d-13"}})", "app_open");
         story->ShowOther("gone", "2026-11-21T11:58:30Z", "2026-11-21T11:59:30Z");
       },
       "2026-11-21T12:01:00Z"},
      {"open hours that are not quiet",
       [](Story* story) { story->Of("try-hours", R"({"units": {"device": "d-13"}})", "app_open"); },
       "2026-11-23T07:00:00Z"},
      {"a start alone",
       [](Story* story) {
         story->Of("winter", R"({"units": {"device": "d-13"}, "attributes": {"plan": "free", "country": "PT"}})",
                   "app_open");
       },
       "2026-12-01T06:30:00Z"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Story story;
    row.tell(&story);
    const prompts::PromptExplanation now = story.Explain(*rules);
    CHECK_FALSE(now.may_show());
    CHECK(now.needs_trigger);
    CHECK(text::FormatTimestamp(now.next) == row.next);
    story.at = row.next;
    for (int i = 0; i < 5; ++i) story.behavior.Add("app_open", now.next);
    CHECK(story.Explain(*rules).may_show());
    const std::string before = text::FormatTimestamp(now.next - Duration(1));
    story.at = before.c_str();
    CHECK_FALSE(story.Explain(*rules).may_show());
  }
}

TEST_CASE("time alone does not help whom a cap for ever, the end, or the audience keeps out") {
  const auto rules = LoadPrompts();
  const struct {
    std::string name;
    void (*tell)(Story*);
  } rows[] = {
      {"opened too seldom", [](Story* story) { story->behavior = behavior::Behavior(); }},
      {"free only after the end",
       [](Story* story) {
         story->at = "2026-12-26T12:00:00Z";
         story->Show("2026-12-25T12:00:00Z", What::kDismissal, "2026-12-25T12:00:00Z");
       }},
      {"paused", [](Story* story) { story->Of("old", R"({"units": {"device": "d-13"}})", "app_open"); }},
      {"no unit", [](Story* story) { story->context = "{}"; }},
      {"nothing is remembered", [](Story* story) { story->is_remembered = false; }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Story story;
    row.tell(&story);
    CHECK(story.Explain(*rules).next == ruleset::kNever);
  }
}
