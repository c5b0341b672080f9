// Campaigns in a source: what lint says of typical mistakes, and that good ones pass.
#include <doctest/doctest.h>

#include <set>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// The mistakes people make, each at another place, found in one run.
constexpr const char* kMistakes = R"JSON({
  "format": "guidon-source/1", "project": "notes", "environment": "production",
  "event_attributes": ["plan"],
  "link_hosts": ["https://notes.example", "good.com"], "events": ["app_open", "message_sent", "file_shared", "app_open", "two words"],
  "kpis": { "activaton": "file_shared within 7d", "activation": "file_shared", "retention": "app_open within 7d",
    "revenue": "purchase", "feedback": "rated in 3 days" },
  "segments": { "never": "count('app_open', '7d') == 1 && count('app_open', '7d') == 2", "always": "count('app_open') >= 0" },
  "flags": { "f": { "default": 1, "rules": [
    { "when": "segment('never') || segment('always') || count('app_opn', '7d') >= 2", "serve": 2 } ] } },
  "campaigns": {
    "misspelled": { "trigger": "mesage_sent", "goals": ["file_shard within 7d"], "kpi": "activaton",
      "show": { "kind": "banner", "title": "Hello" } },
    "triggers": { "trigger": "message_sent where chars > '1500'", "when": "count('app_open', '90m') >= 5",
      "goals": ["file_shared within 7d"], "show": { "kind": "banner", "title": "Hello" } },
    "past": { "trigger": "message_sent where count('app_open', '7d') >= 2", "goals": ["file_shared in 7d"],
      "when": "count('app_open', '500d') >= 5", "show": { "kind": "banner", "title": "Hello" } },
    "worded": { "trigger": "message_sent when chars >= 1500", "goals": ["file_shared"],
      "show": { "kind": "banner", "title": "Hello" } },
    "bare": { "trigger": "chars >= 1500", "goals": ["file_shared within 5s"],
      "show": { "kind": "banner", "title": "Hello" } },
    "moved": { "trigger": "message_sent where chars >= 1500 && plan == 'pro'", "when": "chars >= 1500 && plan == 'pro'",
      "priority": 1, "goals": ["message_sent within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "asked": { "trigger": "message_sent", "when": "size >= 1500", "priority": 1001, "goals": ["file_shared within 400d"],
      "show": { "kind": "banner", "title": "Hello" } },
    "caps": { "trigger": "c", "caps": ["2 per week", "3 times a month", "weekly", 5, "0 per 7d", "101 ever", "3", "1 per 500d",
      "1 each 7d"], "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "uncapped": { "trigger": "u", "caps": [], "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "loose": { "trigger": "l", "caps": ["3 per 7d", "1 per 7d", "4 ever", "9 per 1d", "8 per 8d"],
      "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "twice": { "trigger": "t", "caps": ["1 per 7d", "1 per 1w"], "goals": ["g within 1d"],
      "show": { "kind": "banner", "title": "Hello" } },
    "unheld": { "trigger": "h", "holdout": 0, "show": { "kind": "banner", "title": "Hello" } },
    "quoted": { "trigger": "q", "holdout": "10%", "goals": ["g within 1d"], "waits": { "dismissal": "soon", "click": "1d" },
      "show": { "kind": "banner", "title": "Hello" } },
    "shrinking": { "trigger": "q", "goals": ["g within 1d"], "waits": { "dismissal": "9d doubling to 9d" },
      "show": { "kind": "banner", "title": "Hello" } },
    "held": { "trigger": "e", "holdout": 51, "valid_for": "2h", "goals": ["g within 1d"], "waits": { "action": "500d" },
      "show": { "kind": "banner", "title": "Hello" } },
    "never": { "trigger": "n", "when": "count('app_open', '14d') == 0 && count('app_open', '7d') >= 1",
      "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "half": { "trigger": "a", "when": "seats >= 9 && seats < 3 || active_days('app_open') > 2 && count('app_open') <= 2 || x == 1",
      "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "tie-1": { "trigger": "tied", "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "tie-2": { "trigger": "tied", "goals": ["g within 1d"], "show": { "kind": "banner", "title": "Hello" } },
    "dated": { "trigger": "d", "starts_at": "2027-02-01", "ends_at": "2027-01-01", "goals": ["g within 1d"],
      "show": { "kind": "banner", "title": "Hello" } },
    "short": { "trigger": "s", "ends_at": "2026-11-23", "goals": ["g within 1d"],
      "show": { "kind": "banner", "title": "Hello", "buttons": [ { "label": "Later", "do": "snooze 2d" } ] } },
    "popup": { "trigger": "p", "goals": ["g within 1d"], "percent": 50, "frequency": "daily",
      "show": { "kind": "popup", "title": " ", "text": "Read me", "image": "x.png" } },
    "tooltip": { "trigger": "o", "goals": ["g within 1d"],
      "show": { "kind": "tooltip", "title": "Hello {name}", "body": "\u0007" } },
    "modal": { "trigger": "m", "goals": ["g within 1d"], "show": { "kind": "modal", "anchor": "attach_button",
      "title": "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" } },
    "places": { "trigger": "p1", "goals": ["g within 1d"], "show": { "kind": "card", "title": "Hello {name",
      "body": "Dear {{name}}", "buttons": [ { "id": "go", "label": "Go", "do": "dismiss" } ], "translations": {
        "de_DE": {}, "de": { "title": "Hallo", "strings": {}, "buttons": { "gone": "Weg" } } } } },
    "tongues": { "trigger": "p2", "goals": ["g within 1d"], "show": { "kind": "full-screen", "title": "Hello",
      "language": "english!", "translations": { "fr": { "title": "", "body": "Quoi" } } } },
    "linked": { "trigger": "p4", "goals": ["g within 1d"], "show": { "kind": "modal", "title": "Hello",
      "buttons": [ { "label": "1", "do": "https://good.com@evil.com" }, { "label": "2", "do": "app://a\\b" } ] } },
    "again": { "trigger": "p3", "goals": ["g within 1d"], "show": { "kind": "modal", "title": "Hello",
      "language": "en", "translations": { "en": { "title": "Hello" } } } },
    "empty": { "trigger": "", "goals": [] },
    "nothing": {},
    "buttons": { "trigger": "b", "goals": ["g within 1d"], "show": { "kind": "modal", "title": "Hello", "buttons": [
      { "label": "1", "do": "javascript:alert(1)" },
      { "label": "2", "do": "http://notes.example/attach" },
      { "label": "3", "do": "snooze", "id": "same" },
      { "label": "4", "do": "close", "id": "same" },
      { "label": "5", "do": "remind 2 days", "primary": true },
      { "label": "6", "do": "composer/attach", "primary": true },
      { "label": "", "do": "snooze 500d" },
      { "label": "8", "do": "snooze for 1d" },
      { "label": "9", "action": "dismiss" } ] } }
  }
})JSON";

struct Mistake {
  std::string code;
  std::string pointer;
  std::string says;  // in the reason or the advice
};

const Mistake kFound[] = {
    {"bad-host", "/link_hosts/0", "without https:// and path"},
    {"listed-twice", "/events/3", "remove one"},
    {"bad-name", "/events/4", "no spaces"},
    {"unknown-member", "/kpis/activaton", "did you mean 'activation'?"},
    {"kpi-without-window", "/kpis/activation", "write \"file_shared within 7d\""},
    {"kpi-window-unused", "/kpis/retention", "write \"app_open\""},
    {"undeclared-event", "/kpis/revenue", "no event is called 'purchase'"},
    {"bad-goal", "/kpis/feedback", "write \"rated within 3d\""},
    {"never-true", "/segments/never", "exclude each other"},
    {"always-true", "/segments/always", "holds for everybody"},
    {"undeclared-event", "/flags/f/rules/0/when", "did you mean 'app_open'?"},
    {"undeclared-event", "/campaigns/misspelled/trigger", "did you mean 'message_sent'?"},
    {"undeclared-event", "/campaigns/misspelled/goals/0", "did you mean 'file_shared'?"},
    {"unknown-kpi", "/campaigns/misspelled/kpi", "did you mean 'activation'?"},
    {"bad-trigger", "/campaigns/triggers/trigger", "> compares numbers, and this is a text"},
    {"bad-expression", "/campaigns/triggers/when", "write it like '36h', '14d', '2w', '14cd' or 'session'"},
    {"behavior-in-where", "/campaigns/past/trigger", "move count() and active_days() into \"when\""},
    {"bad-expression", "/campaigns/past/when", "400"},
    {"bad-goal", "/campaigns/past/goals/0", "write \"file_shared within 7d\""},
    {"bad-trigger", "/campaigns/worded/trigger", "write \"message_sent where chars >= 1500\""},
    {"goal-without-window", "/campaigns/worded/goals/0", "write \"file_shared within 7d\""},
    {"bad-trigger", "/campaigns/bare/trigger", "\"message_sent where chars >= 1500\""},
    {"bad-goal", "/campaigns/bare/goals/0", "within 1m"},
    {"property-in-when", "/campaigns/moved/when", "move it behind `where`"},
    {"attribute-in-where", "/campaigns/moved/trigger", "move it into \"when\""},
    {"goal-is-trigger", "/campaigns/moved/goals/0", "without the prompt's doing"},
    {"property-in-when", "/campaigns/asked/when", "\"message_sent where size …\""},
    {"out-of-range", "/campaigns/asked/priority", "write -1000 to 1000"},
    {"bad-goal", "/campaigns/asked/goals/0", "90 days"},
    {"bad-cap", "/campaigns/caps/caps/0", "write \"2 per 7d\""},
    {"bad-cap", "/campaigns/caps/caps/1", "write \"3 per 30d\""},
    {"bad-cap", "/campaigns/caps/caps/2", "write \"1 per 7d\""},
    {"bad-cap", "/campaigns/caps/caps/3", "write \"5 ever\""},
    {"bad-cap", "/campaigns/caps/caps/4", "\"status\": \"paused\""},
    {"bad-cap", "/campaigns/caps/caps/5", "at most 100"},
    {"bad-cap", "/campaigns/caps/caps/6", "write \"3 ever\", or \"3 per 7d\""},
    {"bad-cap", "/campaigns/caps/caps/7", "write \"1 ever\""},
    {"bad-cap", "/campaigns/caps/caps/8", "N per TIME, or N ever"},
    {"too-many", "/campaigns/caps/caps", "more than 8 caps"},
    {"no-caps", "/campaigns/uncapped/caps", "for ever"},
    {"cap-never-binds", "/campaigns/loose/caps/0", "\"1 per 7d\" stops it before"},
    {"cap-never-binds", "/campaigns/loose/caps/3", "\"9 per 1d\" is never reached"},
    {"cap-never-binds", "/campaigns/loose/caps/4", "\"8 per 8d\" is never reached"},
    {"cap-never-binds", "/campaigns/twice/caps/1", "remove it"},
    {"no-holdout", "/campaigns/unheld/holdout", "write \"holdout\": 10"},
    {"no-goal", "/campaigns/unheld", "nothing tells what it changed"},
    {"wrong-type", "/campaigns/quoted/holdout", "write 10, without quotes and without %"},
    {"bad-time", "/campaigns/quoted/waits/dismissal", "0s for no wait"},
    {"bad-time", "/campaigns/shrinking/waits/dismissal", "write it like \"3d doubling to 60d\""},
    {"unknown-member", "/campaigns/quoted/waits/click", "write \"action\""},
    {"percent-out-of-range", "/campaigns/held/holdout", "50 is the most"},
    {"bad-time", "/campaigns/held/valid_for", "1s to 1h"},
    {"bad-time", "/campaigns/held/waits/action", "400d"},
    {"never-true", "/campaigns/never/when",
     "`count('app_open', '14d') == 0` and `count('app_open', '7d') >= 1` exclude"},
    {"never-true", "/campaigns/half/when", "one side of || can never be met: `seats >= 9` and `seats < 3`"},
    {"never-true", "/campaigns/half/when", "`active_days('app_open') > 2` and `count('app_open') <= 2` exclude"},
    {"priority-tie", "/campaigns/tie-2", "'tie-1' and 'tie-2' both start at tied"},
    {"ends-before-start", "/campaigns/dated/ends_at", "swap"},
    {"snooze-past-end", "/campaigns/short/show/buttons/0/do", "\"Later\" would mean never"},
    {"unknown-member", "/campaigns/popup/percent", "\"holdout\" says how many"},
    {"unknown-member", "/campaigns/popup/frequency", "\"caps\": [\"1 per 7d\", \"3 ever\"]"},
    {"unknown-kind", "/campaigns/popup/show/kind", "here it is called \"modal\""},
    {"empty-text", "/campaigns/popup/show/title", "say in a few words"},
    {"unknown-member", "/campaigns/popup/show/text", "write \"body\""},
    {"wrong-type", "/campaigns/popup/show/image", "{ \"asset\": \"x.png\""},
    {"tooltip-without-anchor", "/campaigns/tooltip/show/kind", "\"attach_button\""},
    {"place-without-fallback", "/campaigns/tooltip/show/title", "{name|friend}"},
    {"control-character", "/campaigns/tooltip/show/body", "nobody can read"},
    {"anchor-unused", "/campaigns/modal/show/anchor", "make it a \"tooltip\""},
    {"text-too-long", "/campaigns/modal/show/title", "at most 200"},
    {"bad-place", "/campaigns/places/show/title", "is not closed"},
    {"braces", "/campaigns/places/show/body", "write {name|friend}"},
    {"missing-member", "/campaigns/places/show/translations", "\"language\": \"en\""},
    {"bad-language", "/campaigns/places/show/translations/de_DE", "\"pt-BR\""},
    {"unknown-member", "/campaigns/places/show/translations/de/strings", "strings"},
    {"incomplete-translation", "/campaigns/places/show/translations/de", "the body is not translated"},
    {"incomplete-translation", "/campaigns/places/show/translations/de/buttons", "\"go\": \"…\""},
    {"unknown-button", "/campaigns/places/show/translations/de/buttons/gone", "b1, b2"},
    {"unknown-kind", "/campaigns/tongues/show/kind", "here it is called \"full_screen\""},
    {"bad-language", "/campaigns/tongues/show/language", "\"pt-BR\""},
    {"empty-text", "/campaigns/tongues/show/translations/fr/title", "say in a few words"},
    {"incomplete-translation", "/campaigns/tongues/show/translations/fr/body", "there is no body"},
    {"bad-link", "/campaigns/linked/show/buttons/0/do", "before the @"},
    {"bad-link", "/campaigns/linked/show/buttons/1/do", "backslashes"},
    {"duplicate-language", "/campaigns/again/show/translations/en", "take one of the two out"},
    {"bad-trigger", "/campaigns/empty/trigger", "write the event that starts it"},
    {"no-goal", "/campaigns/empty", "nothing tells what it changed"},
    {"missing-member", "/campaigns/empty", "\"show\" is missing"},
    {"missing-member", "/campaigns/nothing", "\"trigger\" is missing"},
    {"too-many", "/campaigns/buttons/show/buttons", "at most 4"},
    {"bad-action", "/campaigns/buttons/show/buttons/0/do", "app:// and https:// addresses, nothing else"},
    {"bad-action", "/campaigns/buttons/show/buttons/1/do", "write \"https://notes.example/attach\""},
    {"bad-action", "/campaigns/buttons/show/buttons/2/do", "write \"snooze 1d\""},
    {"bad-action", "/campaigns/buttons/show/buttons/3/do", "write \"dismiss\""},
    {"duplicate-button-id", "/campaigns/buttons/show/buttons/3/id", "rename one"},
    {"bad-action", "/campaigns/buttons/show/buttons/4/do", "write \"snooze 2d\""},
    {"bad-action", "/campaigns/buttons/show/buttons/5/do", "write \"app://composer/attach\""},
    {"two-primaries", "/campaigns/buttons/show/buttons/5/primary", "'5' is primary already"},
    {"empty-text", "/campaigns/buttons/show/buttons/6/label", "the label is empty"},
    {"bad-action", "/campaigns/buttons/show/buttons/6/do", "from 1m to 400d"},
    {"bad-action", "/campaigns/buttons/show/buttons/7/do", "write \"snooze 1d\""},
    {"missing-member", "/campaigns/buttons/show/buttons/8", "\"do\" is missing"},
    {"unknown-member", "/campaigns/buttons/show/buttons/8/action", "write \"do\""},
};

std::string CampaignWith(const std::string& members) {
  return SourceWith(R"("flags":{},"campaigns":{"c":{"trigger":"e","goals":["g within 7d"],)" + members +
                    R"("show":{"kind":"banner","title":"Hello"}}})");
}

}  // namespace

TEST_CASE("one run finds every mistake in campaigns, each with its place and what to write instead") {
  const std::unique_ptr<Workbench> bench = Read(kMistakes);
  for (const Mistake& mistake : kFound) {
    CAPTURE(mistake.code);
    CAPTURE(mistake.pointer);
    bool is_found = false;
    std::string there;
    for (const tools::Problem& problem : bench->problems.all()) {
      if (problem.pointer != mistake.pointer) continue;
      there += problem.code + ": " + problem.reason + " / " + problem.advice + "\n";
      is_found = is_found || (problem.code == mistake.code &&
                              (problem.reason + problem.advice).find(mistake.says) != std::string::npos);
    }
    CAPTURE(there);
    CHECK(is_found);
  }
  CHECK(FindProblem(bench->problems, "cap-never-binds", "/campaigns/loose/caps/1") == nullptr);
  CHECK(FindProblem(bench->problems, "cap-never-binds", "/campaigns/loose/caps/2") == nullptr);
  CHECK(FindProblem(bench->problems, "priority-tie", "/campaigns/tie-1") == nullptr);
}

TEST_CASE("a mistake in a short form is pointed at in its line") {
  const std::unique_ptr<Workbench> bench = Read(kMistakes);
  const std::string text = bench->problems.ToText("notes.json", bench->text, Style(false));
  CAPTURE(text.substr(text.find("/campaigns/caps/caps/0") - 40, 300));
  CHECK(text.find("notes.json:25:47  error  /campaigns/caps/caps/0\n"
                  "  'week' is no time here: a whole number and m, h, d or w, as in 7d\n"
                  "      2 per week\n"
                  "            ^~~~\n"
                  "  → write \"2 per 7d\"\n") != std::string::npos);
  CHECK(text.find("      message_sent where chars > '1500'\n"
                  "                                 ^~~~~~\n") != std::string::npos);
}

TEST_CASE("caps, goals and buttons that are said in other words are understood, and said how they are written") {
  const struct {
    std::string member;
    std::string written;
    std::string meant;
  } rows[] = {
      {"caps", "1 per days", "\"1 per 1d\""},
      {"caps", "2 per 7 days", "\"2 per 7d\""},
      {"caps", "3 every 2 weeks", "\"3 per 14d\""},
      {"caps", "3x per month", "\"3 per 30d\""},
      {"caps", "once", "\"1 ever\""},
      {"caps", "twice a week", "\"2 per 7d\""},
      {"caps", "daily", "\"1 per 1d\""},
      {"caps", "4 times", "\"1 per 7d\" or \"3 ever\""},
      {"goals", "file_shared in a week", "\"file_shared within 7d\""},
      {"goals", "file_shared within 2 weeks", "\"file_shared within 14d\""},
      {"goals", "file_shared 7d", "\"file_shared within 7d\""},
      {"do", "snooze for a day", "\"snooze 1d\""},
      {"do", "snooze 3 hours", "\"snooze 3h\""},
      {"do", "later", "\"snooze 1d\""},
      {"do", "hide", "\"dismiss\""},
      {"do", "/composer/attach", "\"app://composer/attach\""},
      {"do", "app://composer/attach file", "%20"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.written);
    const std::string source =
        row.member == "do"
            ? R"("show":{"kind":"modal","title":"Hello","buttons":[{"label":"x","do":")" + row.written + "\"}]}"
            : "\"" + row.member + "\":[\"" + row.written + R"("],"show":{"kind":"modal","title":"Hello"})";
    const std::unique_ptr<Workbench> bench =
        Read(SourceWith(R"("flags":{},"campaigns":{"c":{"trigger":"e",)" + source + "}}"));
    std::string advice;
    for (const tools::Problem& problem : bench->problems.all()) {
      if (problem.severity == Severity::kError) advice += problem.advice;
    }
    CAPTURE(advice);
    CHECK(advice.find(row.meant) != std::string::npos);
  }
}

TEST_CASE("what a button does is checked part by part") {
  const struct {
    const char* button;
    const char* code;
    const char* pointer;
    const char* says;
  } rows[] = {
      {R"("do":{})", "bad-action", "/0/do", "the button does nothing"},
      {R"("do":{"open":"app://a","copy":"x"})", "bad-action", "/0/do", "a button does one thing"},
      {R"("do":{"clipboard":"x"})", "unknown-member", "/0/do/clipboard", "write \"copy\""},
      {R"("do":{"open":"dismiss"})", "bad-action", "/0/do/open", "this is no address"},
      {R"("do":{"open":"http://ex.am/a"})", "bad-action", "/0/do/open", "write \"https://ex.am/a\""},
      {R"("do":{"open":"https://other.am/a"})", "bad-link", "/0/do/open", "leads to none of \"link_hosts\""},
      {R"("do":"https://{host}/a")", "bad-link", "/0/do", "behind the host"},
      {R"("do":"https://ex.am/{ref")", "bad-place", "/0/do", "not closed"},
      {R"("do":"https://ex.am/{ref}")", "place-without-fallback", "/0/do", "whoever has no 'ref'"},
      {R"("do":{"share":"x"})", "wrong-type", "/0/do/share", "\"text\""},
      {R"("do":{"share":{}})", "missing-member", "/0/do/share", "\"text\" is missing"},
      {R"("do":{"share":{"text":"x","url":"y"}})", "unknown-member", "/0/do/share/url", "write \"link\""},
      {R"("do":{"share":{"text":"x","link":"https://ex.am/{r}/{{b}}"}})", "bad-link", "/0/do/share/link", "brackets"},
      {R"("do":{"copy":" "})", "empty-text", "/0/do/copy", "empty"},
      {R"("do":{"review":false})", "bad-action", "/0/do/review", "write \"review\": true"},
      {R"("do":{"custom":{}})", "missing-member", "/0/do/custom", "\"name\" is missing"},
      {R"("do":{"custom":{"name":"open"}})", "bad-name", "/0/do/custom/name", "are taken"},
      {R"("do":{"custom":{"name":"t","args":{"a":1}}})", "wrong-type", "/0/do/custom/args/a", "in quotes"},
      {R"("do":"app://a","track":"two words")", "bad-name", "/0/track", "no spaces"},
      {R"("do":"app://a","track":"invite_snt")", "undeclared-event", "/0/track", "did you mean 'invite_sent'?"},
      {R"("do":"dismiss","track":"invite_sent")", "track-without-action", "/0/track", "among the prompt's outcomes"},
      {R"("do":"snooze 1d","track":"invite_sent")", "track-without-action", "/0/track", "snoozes"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.button);
    const std::unique_ptr<Workbench> bench = Read(SourceWith(
        R"("link_hosts":["ex.am"],"events":["e","g","invite_sent"],"flags":{},"campaigns":{"c":{"trigger":"e",)"
        R"("goals":["g within 7d"],"show":{"kind":"modal","title":"Hello","buttons":[{"label":"x",)" +
        std::string(row.button) + "}]}}}"));
    const tools::Problem* problem =
        FindProblem(bench->problems, row.code, "/campaigns/c/show/buttons" + std::string(row.pointer));
    REQUIRE_MESSAGE(problem != nullptr, bench->problems.ToText("s.json", bench->text, Style(false)));
    CHECK_MESSAGE((problem->reason + problem->advice).find(row.says) != std::string::npos, problem->advice);
  }
}

TEST_CASE("a referral campaign has nothing wrong with it, and what it shares has to be translated") {
  const std::string before =
      R"("link_hosts":["ex.am"],"events":["e","g","invite_sent"],"flags":{},"campaigns":{"c":{"trigger":"e",)"
      R"("goals":["g within 7d"],"show":{"kind":"modal","title":"Invite a friend","buttons":[{"id":"go","label":"Invite",)"
      R"("do":{"share":{"text":"Come","link":"https://ex.am/i/{ref|}?c={prompt.campaign}&v={prompt.variant}&x={prompt.id}"}},)"
      R"("track":"invite_sent"}],"language":"en","translations":{"de":{"title":"Lade ein","buttons":{"go":)";
  CHECK(Read(SourceWith(before + R"({"label":"Einladen","text":"Komm"}}}}}}})"))->problems.all().empty());
  const std::unique_ptr<Workbench> bench = Read(SourceWith(before + R"("Einladen"}}}}}})"));
  CHECK(FindProblem(bench->problems, "incomplete-translation", "/campaigns/c/show/translations/de/buttons/go") !=
        nullptr);
}

TEST_CASE("the campaign of the guide has nothing wrong with it, and fits a screen") {
  const std::string campaign = R"JSON("events": ["app_open", "message_sent", "file_shared"],
    "kpis": { "activation": "file_shared within 7d" },
    "flags": {},
    "campaigns": {
      "try-file-share": {
        "trigger": "message_sent where chars >= 1500",
        "when": "count('app_open', '14d') >= 5 && count('file_shared', '14d') == 0",
        "caps": ["1 per 7d", "3 ever"], "holdout": 10,
        "kpi": "activation", "goals": ["file_shared within 7d"],
        "show": {
          "kind": "tooltip", "anchor": "attach_button",
          "title": "Drop the file in", "body": "Share files right here.",
          "buttons": [
            { "label": "Attach a file", "do": "app://composer/attach" },
            { "label": "Later", "do": "snooze 1d" },
            { "label": "No thanks", "do": "dismiss" } ] } } })JSON";
  CHECK(Read(SourceWith(campaign))->problems.all().empty());
}

TEST_CASE("triggers, delays and what cancels are checked one by one") {
  const struct {
    const char* members;
    const char* code;
    const char* pointer;
    const char* says;
  } rows[] = {
      {R"("trigger":[])", "no-trigger", "/trigger", "nothing ever starts it"},
      {R"("trigger":7)", "wrong-type", "/trigger", "message_sent"},
      {R"("trigger":["e",7])", "wrong-type", "/trigger/1", "message_sent"},
      {R"("trigger":["e","f where"])", "bad-trigger", "/trigger/1", "no condition behind `where`"},
      {R"("trigger":["e","f where count('a') > 1"])", "behavior-in-where", "/trigger/1", "into \"when\""},
      {R"("trigger":"e then f")", "bad-trigger", "/trigger", "write \"e then f within 10m\""},
      {R"("trigger":"e and f")", "bad-trigger", "/trigger", "in which time"},
      {R"("trigger":"e and not f")", "bad-trigger", "/trigger", "in which time"},
      {R"("trigger":"e where x == 1 then f")", "bad-trigger", "/trigger", "in which time"},
      {R"("trigger":"e within 10m")", "bad-trigger", "/trigger", "write \"e\""},
      {R"("trigger":"e then f within soon")", "bad-trigger", "/trigger", "1s to 24h"},
      {R"("trigger":"e then f within 2d")", "bad-trigger", "/trigger", "out of range"},
      {R"("trigger":"e then f and g within 1m")", "bad-trigger", "/trigger", "do not go together"},
      {R"("trigger":"e then not f within 1m")", "bad-trigger", "/trigger", "write `and not`"},
      {R"("trigger":"e and f and not g within 1m")", "bad-trigger", "/trigger", "follows a single event"},
      {R"("trigger":"e then then f within 1m")", "bad-trigger", "/trigger", "an event is missing"},
      {R"("trigger":"e then f then e then f then e then f within 1m")", "bad-trigger", "/trigger", "more than 5"},
      {R"("trigger":"e then f where x > '1' within 1m")", "bad-trigger", "/trigger", "> compares numbers"},
      {R"("trigger":"e then f x == 1 within 1m")", "bad-trigger", "/trigger", "begins with"},
      {R"("trigger":"e then f where count('a') > 1 within 1m")", "behavior-in-where", "/trigger", "into \"when\""},
      {R"("trigger":"e and e within 1m")", "step-twice", "/trigger", "e then e within"},
      {R"("trigger":"e then x within 1m")", "undeclared-event", "/trigger", "nothing would ever start this"},
      {R"("trigger":"f then g within 1m")", "goal-is-trigger", "/goals/0", "without the prompt's doing"},
      {R"("trigger":"session_start where x == 1")", "bad-trigger", "/trigger", "stands alone"},
      {R"("trigger":"screen home")", "bad-trigger", "/trigger", "screen NAME for TIME"},
      {R"("trigger":"screen home for 1h")", "bad-trigger", "/trigger", "0s to 10m"},
      {R"("trigger":"idle 1s")", "bad-trigger", "/trigger", "5s to 30m"},
      {R"("trigger":["e","e"])", "listed-twice", "/trigger/1", "remove one"},
      {R"("trigger":["e","x"])", "undeclared-event", "/trigger/1", "nothing would ever start this"},
      {R"("trigger":["a","b","e","f","a where x == 1","a where x == 2","a where x == 3","a where x == 4","a where x == 5"])",
       "too-many", "/trigger", "more than 8"},
      {R"("trigger":["e","g"])", "goal-is-trigger", "/goals/0", "without the prompt's doing"},
      {R"("trigger":"e","delay":"2h")", "bad-time", "/delay", "0s to 1h"},
      {R"("trigger":"e","delay":"soon")", "bad-time", "/delay", "0s to 1h"},
      {R"("trigger":"e","cancel_on":"f")", "wrong-type", "/cancel_on", "[\"f\"]"},
      {R"("trigger":"e","cancel_on":["f where x == 1"])", "bad-name", "/cancel_on/0", "whatever its properties"},
      {R"("trigger":"e","cancel_on":["f","f"])", "listed-twice", "/cancel_on/1", "remove one"},
      {R"("trigger":"e","cancel_on":["x"])", "undeclared-event", "/cancel_on/0", "never cancel this"},
      {R"("trigger":"e","cancel_on":["a","b","c","d","e","f","g","h","i"])", "too-many", "/cancel_on", "more than 8"},
      {R"("triggers":["e"])", "unknown-member", "/triggers", "write \"trigger\""},
      {R"("trigger":"e","goals":["g by prompt within 7d"])", "goal-without-prompt-id", "/goals/0", "{prompt.id}"},
      {R"("trigger":"e","goals":["g by prompt"])", "goal-without-window", "/goals/0", "g by prompt within 7d"},
      {R"("trigger":"e","goals":["g by prompt in 7d"])", "bad-goal", "/goals/0", "g by prompt within 7d"},
      {R"("trigger":"e","goals":["g by prompt within 91d"])", "bad-goal", "/goals/0", "g by prompt within"},
      {R"("trigger":"e","goals":["g by friend within 7d"])", "bad-goal", "/goals/0", "g within 7d"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.members);
    const std::string members = row.members;
    const char* goals = members.find("\"goals\"") == std::string::npos ? R"("goals":["g within 7d"],)" : "";
    const auto bench =
        Read(SourceWith(R"("flags":{},"events":["a","b","e","f","g"],"campaigns":{"c":{)" + std::string(goals) +
                        R"("show":{"kind":"banner","title":"Hello"},)" + members + "}}"));
    std::string there;
    bool is_found = false;
    for (const tools::Problem& problem : bench->problems.all()) {
      there += problem.code + " " + problem.pointer + ": " + problem.reason + " / " + problem.advice + "\n";
      is_found =
          is_found || (problem.code == row.code && problem.pointer == "/campaigns/c" + std::string(row.pointer) &&
                       (problem.reason + problem.advice).find(row.says) != std::string::npos);
    }
    CAPTURE(there);
    CHECK(is_found);
  }
  const auto bench = Read(
      SourceWith(R"("flags":{},"events":["e","f","g"],"campaigns":{"c":{"trigger":["e where x == 1","f"],"delay":"2s",)"
                 R"("cancel_on":["g"],"goals":["g within 7d"],"show":{"kind":"banner","title":"Hello"}}})"));
  CHECK(bench->problems.all().empty());
}

TEST_CASE("goals by prompt are for campaigns, and a button has to pass the showing's id on") {
  for (const char* action :
       {R"({"share":{"text":"Come","link":"https://a.example/?x={prompt.id}"}})", R"({"copy":"a.example/{prompt.id}"})",
        R"({"custom":{"name":"n","args":{"x":"{prompt.id}"}}})"}) {
    CAPTURE(action);
    const auto bench = Read(SourceWith(
        R"("flags":{},"link_hosts":["a.example"],"campaigns":{"c":{"trigger":"e","goals":["g by prompt within 7d"],)"
        R"("show":{"kind":"banner","title":"Hello","buttons":[{"label":"Invite","do":)" +
        std::string(action) + "}]}}}"));
    CHECK_MESSAGE(bench->problems.all().empty(), bench->problems.ToText("notes.json", bench->text, Style(false)));
  }
  const auto bench = Read(SourceWith(R"("flags":{},"kpis":{"acquisition":"g by prompt"})"));
  REQUIRE(bench->problems.all().size() == 1);
  CHECK(bench->problems.all()[0].code == "bad-goal");
  CHECK(bench->problems.all()[0].advice == "write \"g\"");
}

TEST_CASE("a mistake in a later step of a sequence is pointed at where it stands") {
  const auto bench = Read(SourceWith(
      R"("flags":{},"campaigns":{"c":{"trigger":"e where a == 1 then f where x > '1' within 10m","goals":["g within 7d"],)"
      R"("show":{"kind":"banner","title":"Hello"}}})"));
  const std::string text = bench->problems.ToText("notes.json", bench->text, Style(false));
  CAPTURE(text);
  CHECK(text.find("      e where a == 1 then f where x > '1' within 10m\n"
                  "                                      ^~~\n") != std::string::npos);
}

TEST_CASE("an app's own event of the engine's name is warned of") {
  const auto bench = Read(SourceWith(R"("flags":{},"events":["session_start"])"));
  CHECK(FindProblem(bench->problems, "reserved-event", "/events/0") != nullptr);
}

TEST_CASE("two campaigns of one priority that share any trigger are told of") {
  const auto bench = Read(SourceWith(
      R"("flags":{},"campaigns":{"a":{"trigger":["e","f"],"goals":["g within 7d"],"show":{"kind":"banner","title":"A"}},)"
      R"("b":{"trigger":["h","f where x == 1"],"goals":["g within 7d"],"show":{"kind":"banner","title":"B"}}})"));
  const tools::Problem* tie = FindProblem(bench->problems, "priority-tie", "/campaigns/b");
  REQUIRE(tie != nullptr);
  CHECK(tie->reason.find("both start at f") != std::string::npos);
}

TEST_CASE("conditions that somebody may meet are not called impossible") {
  const std::string rows[] = {
      "count('x', '7d') == 0 && count('x', '14d') >= 1",
      "count('x', '14d') >= 1 && active_days('x', '14d') <= 14",
      "count('x', '14d') >= 9 && active_days('x', '14d') <= 2",
      "count('x', '36h') >= 1 && count('x', '1d') == 0",
      "count('x', '14d') == 0 && count('y', '7d') >= 1",
      "count('x') >= 5 && count('x', '400d') == 0",
      "active_days('x', '36h') >= 3",
      "since_last('x') >= duration('7d') && count('x', '14d') >= 2",
      "since_last('x') >= duration('7d') || count('x') == 0",
      "active_days('x', '14d') >= 14",
      "seats >= 3 && seats <= 3",
      "plan == 'pro' && plan != 'team'",
      "!(count('x') >= 1 && count('x') == 0)",
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    const std::unique_ptr<Workbench> bench = Read(CampaignWith("\"when\":\"" + row + "\","));
    CHECK(Errors(bench->problems) == "");
    for (const tools::Problem& problem : bench->problems.all()) CHECK(problem.code != "never-true");
  }
}

TEST_CASE("conditions that nobody can meet are found wherever they stand") {
  const std::string rows[] = {
      "count('x', '14d') == 0 && count('x', '7d') >= 1",
      "count('x') == 0 && (y == 1 && count('x', '36h') > 0)",
      "count('x', '2w') < 5 && active_days('x', '14d') >= 5",
      "count('x', '3d') == 0 && count('x', '36h') == 1",
      "active_days('x', '14d') >= 14 && active_days('x', '14d') < 3",
      "active_days('x', '36h') >= 4",
      "since_last('x') < duration('1d') && count('x', '7d') == 0",
      "since_last('x') > duration('30d') && since_first('x') < duration('30d')",
      "count('x') < 0",
      "count('x', '7d') == 1 && count('x', '7d') == 2",
      "seats > 3 && seats <= 3",
      "seats > 2.5 && seats < 2.5",
      "plan == 'pro' && plan == 'team'",
      "plan == 'pro' && plan != 'pro'",
      "a == 1 && (count('x') < 0 || active_days('x', '1d') < 0)",
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    const std::unique_ptr<Workbench> bench = Read(CampaignWith("\"when\":\"" + row + "\","));
    CHECK(FindProblem(bench->problems, "never-true", "/campaigns/c/when") != nullptr);
  }
}

TEST_CASE("campaigns of the wrong shape are errors wherever they are wrong") {
  const std::string members[] = {"trigger",   "when",   "caps",  "holdout", "unit",      "iteration",
                                 "priority",  "status", "waits", "ends_at", "protected", "kpi",
                                 "valid_for", "goals",  "show",  "group",   "until"};
  const std::string values[] = {
      "null", "[[]]", "[{}]", "{\"\":null}", "{\"a\":7}", "\"x y z\"", "{\"buttons\":[7,{}]}"};
  for (const std::string& member : members) {
    for (const std::string& value : values) {
      CAPTURE(member);
      CAPTURE(value);
      const std::unique_ptr<Workbench> bench =
          Read(SourceWith(R"("flags":{},"campaigns":{"c":{")" + member + "\":" + value + R"(,"x":1}})"));
      CHECK(FindProblem(bench->problems, "unknown-member", "/campaigns/c/x") != nullptr);
      bool is_found = false;
      const std::string at = "/campaigns/c/" + member;
      for (const tools::Problem& problem : bench->problems.all()) {
        is_found = is_found || (problem.severity == Severity::kError && problem.pointer.rfind(at, 0) == 0);
      }
      CHECK(is_found);
    }
  }
}
