// Counts of events by their properties, from what people write to what a simulated person sees.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "sdk/core/dialects/native/load.h"
#include "sdk/tools/files.h"
#include "sdk/tools/made_up_people.h"
#include "tests/unit/tools/command.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// A source with these counts, of which a flag asks `asked`.
std::string CountsSource(const std::string& counts, const std::string& asked = "long_messages") {
  return SourceWith(R"("events":["app_open","message_sent"],"counts":{)" + counts +
                    R"J(},"flags":{"f":{"default":false,"rules":[{"when":"count(')J" + asked +
                    R"J(', '14d') >= 2","serve":true}]}})J");
}

std::string Long(const std::string& says) { return R"("long_messages":")" + says + "\""; }

// Of those who wrote long messages; whoever did not is shown the other.
constexpr const char* kCampaigns = R"J("campaigns":{
  "writers":{"hypothesis":"h","owner":"o","holdout":0,"trigger":"app_open","when":"count('long_messages', '14d') >= 2",
    "caps":["9 ever"],"waits":{"dismissal":"0s","action":"0s"},
    "show":{"kind":"banner","title":"T","body":"B","buttons":[{"label":"Go","do":"app://go"}]}}})J";

}  // namespace

TEST_CASE("a count is published with its condition over the event's properties, and devices take it") {
  const std::string published = PublishText(CountsSource(Long("message_sent where chars >= 1500 && draft != true")));
  CHECK(published.find(R"("counts":{"long_messages":{"event":"message_sent","where":{"op":"and","of":[)"
                       R"({"op":">=","attribute":"chars","kind":"event","value":1500},)"
                       R"({"op":"!=","attribute":"draft","kind":"event","value":true}]}}})") != std::string::npos);
  const auto loaded = dialects::LoadNative(published);
  CHECK(loaded.problems.empty());
  REQUIRE(static_cast<bool>(loaded.rules));
  CHECK(loaded.rules->FindCount("long_messages") != nullptr);
  CHECK(PublishText(SourceWith(R"("flags":{})")).find("counts") == std::string::npos);
}

TEST_CASE("what is no count is refused by its place, with what to write instead") {
  const struct {
    const char* name;
    std::string source;
    const char* code;
    const char* pointer;
    const char* advice;
  } rows[] = {
      {"every event", CountsSource(Long("message_sent")), "bad-count", "/counts/long_messages",
       "count('message_sent')"},
      {"two events", CountsSource(Long("app_open then message_sent within 5m")), "bad-count", "/counts/long_messages",
       "message_sent where chars"},
      {"no condition", CountsSource(Long("message_sent where")), "bad-count", "/counts/long_messages", "write one"},
      {"the past", CountsSource(Long("message_sent where count('app_open') > 1")), "more-than-properties",
       "/counts/long_messages", "where the count is asked"},
      {"a segment", CountsSource(Long("message_sent where segment('x')")), "more-than-properties",
       "/counts/long_messages", "where the count is asked"},
      {"time", CountsSource(Long("message_sent where now >= date('2026-12-01')")), "more-than-properties",
       "/counts/long_messages", "where the count is asked"},
      {"no text", CountsSource(R"("long_messages":3)"), "wrong-type", "/counts/long_messages", ""},
      {"a bad name", CountsSource(R"("long messages":"message_sent where chars > 1")"), "bad-name",
       "/counts/long messages", ""},
      {"the engine's own", CountsSource(R"("app_open":"message_sent where chars > 1")"), "reserved-name",
       "/counts/app_open", "long_messages"},
      {"an event's", CountsSource(R"("message_sent":"message_sent where chars > 1")"), "name-taken",
       "/counts/message_sent", "a name of its own"},
      {"a count of a count", CountsSource(Long("message_sent where chars > 1") + R"(,"x":"long_messages where a > 1")"),
       "count-as-event", "/counts/x", "write the event"},
      {"a trigger",
       SourceWith(R"("flags":{},"counts":{"long_messages":"message_sent where chars > 1"},"campaigns":{"c":{"trigger":)"
                  R"("long_messages","show":{"kind":"banner","title":"T"}}})"),
       "count-as-event", "/campaigns/c/trigger", "write the event"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto bench = Read(row.source);
    const tools::Problem* problem = FindProblem(bench->problems, row.code, row.pointer);
    CAPTURE(Errors(bench->problems));
    REQUIRE(problem != nullptr);
    CHECK(problem->severity == Severity::kError);
    CHECK(problem->advice.find(row.advice) != std::string::npos);
  }
}

TEST_CASE("lint notes a count that nothing asks, and an event that nobody tracks") {
  const auto unused = Read(CountsSource(Long("message_sent where chars > 1"), "message_sent"));
  CHECK(FindProblem(unused->problems, "unused-count", "/counts/long_messages") != nullptr);
  const auto used = Read(CountsSource(Long("message_sent where chars > 1")));
  CHECK(Errors(used->problems) == "");
  CHECK(FindProblem(used->problems, "unused-count", "/counts/long_messages") == nullptr);
  CHECK(FindProblem(used->problems, "undeclared-event", "/flags/f/rules/0/when") == nullptr);
  const auto unknown = Read(CountsSource(Long("mesage_sent where chars > 1")));
  const tools::Problem* problem = FindProblem(unknown->problems, "undeclared-event", "/counts/long_messages");
  REQUIRE(problem != nullptr);
  CHECK(problem->advice.find("message_sent") != std::string::npos);
}

TEST_CASE("a count that means something else than in the last published file is warned of") {
  const Previous previous = Reread(PublishText(CountsSource(Long("message_sent where chars >= 1500"))));
  const struct {
    const char* name;
    const char* counts;
    bool is_warned;
  } rows[] = {{"the same", "message_sent where chars >= 1500", false},
              {"written otherwise", "message_sent  where  chars>=1500", false},
              {"another condition", "message_sent where chars >= 1501", true},
              {"another event", "app_open where chars >= 1500", true}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto bench = Read(CountsSource(Long(row.counts)));
    CheckChanges(bench->source, previous, &bench->problems);
    CHECK((FindProblem(bench->problems, "count-changed", "/counts/long_messages") != nullptr) == row.is_warned);
  }
}

TEST_CASE("of one event there are at most 16 different counts") {
  const auto counts = [](int many) {
    std::string text;
    for (int i = 0; i < many; ++i) {
      text += (i == 0 ? "\"c" : ",\"c") + std::to_string(i) + R"(":"message_sent where chars > )" + std::to_string(i) +
              "\"";
    }
    return CountsSource(text + R"(,"again":"message_sent where chars > 0")", "c0");
  };
  CHECK(Errors(Read(counts(16))->problems) == "");
  CHECK(Errors(Read(counts(17))->problems).find("too-many /counts/c16") == 0);
}

TEST_CASE("commands show counts: inspect lists them, diff says how they changed, explain says what they are") {
  const Folder folder;
  const auto publish = [&](const char* name, const std::string& where) {
    const std::string source = CountsSource(Long("message_sent where " + where));
    REQUIRE(WriteFile(folder / "source.json", source).ok());
    const Outcome built =
        Run("build " + (folder / "source.json") + " --unsigned --now 2026-11-21T10:00:00Z --out " + folder / name);
    CAPTURE(built.output);
    REQUIRE(built.exit_code == 0);
  };
  publish("1", "chars >= 1500");
  publish("2", "chars >= 2000");
  const Outcome inspected = Run("inspect " + folder / "1");
  CAPTURE(inspected.output);
  CHECK(Says(inspected, "Counts"));
  CHECK(Says(inspected, "long_messages  message_sent  chars >= 1500"));
  const Outcome compared = Run("diff " + (folder / "1") + " " + (folder / "2") + " --units 10");
  CAPTURE(compared.output);
  CHECK(Says(compared, "count long_messages"));
  CHECK(Says(compared, "chars >= 2000"));

  // By properties, and by the count's own name.
  REQUIRE(WriteFile(folder / "ada.json", R"({"units":{"device":"ada"},"now":"2026-11-21T12:00:00Z","history":[
    {"at":"2026-11-20","event":"message_sent","times":3,"properties":{"chars":1600}},
    {"at":"2026-11-20","event":"message_sent","properties":{"chars":16}},
    {"at":"2026-11-21","event":"long_messages"}]})")
              .ok());
  const Outcome explained = Run("explain " + (folder / "1") + " --context " + (folder / "ada.json") + " --flag f");
  CAPTURE(explained.output);
  CHECK(Says(explained, "count('long_messages', '14d') >= 2"));
  CHECK(Says(explained, "it is 4"));
}

TEST_CASE("a simulated person's messages are counted by what the timeline says of them") {
  const Folder folder;
  const std::string source = SourceWith(
      R"("flags":{},"events":["app_open","message_sent"],"counts":{"long_messages":"message_sent where chars >= 1500"},)" +
      std::string(kCampaigns));
  REQUIRE(WriteFile(folder / "source.json", source).ok());
  const auto event = [](const char* at, const char* name, const char* more = "") {
    return std::string(R"({"at":")") + at + R"(","event":")" + name + "\"" + more + "}\n";
  };
  const char* const is_long = R"(,"properties":{"chars":1600})";
  const char* const is_short = R"(,"properties":{"chars":20})";
  for (const bool is_second_long : {false, true}) {
    CAPTURE(is_second_long);
    const std::string lines = event("+1h", "message_sent", is_long) +
                              event("+2h", "message_sent", is_second_long ? is_long : is_short) +
                              event("+3h", "app_open");
    REQUIRE(WriteFile(folder / "days.jsonl", lines).ok());
    const Outcome lived = Run("simulate " + (folder / "source.json") + " --timeline " + (folder / "days.jsonl") +
                              " --from 2026-12-01T09:00:00Z");
    CAPTURE(lived.output);
    CHECK(lived.exit_code == 0);
    CHECK(Says(lived, "writers"));
    CHECK(Says(lived, "not_eligible") != is_second_long);
  }
}

TEST_CASE("a simulated person has sessions, and a context file may say when the one that goes on began") {
  const Folder folder;
  std::string source = SourceWith(
      R"("flags":{},"events":["app_open","message_sent"],"counts":{"long_messages":"message_sent where chars >= 1500"},)" +
      std::string(kCampaigns));
  source.replace(source.find("'14d'"), 5, "'session'");
  REQUIRE(WriteFile(folder / "source.json", source).ok());
  const std::string is_long = R"("properties":{"chars":1600}})";
  for (const char* away : {"+21m", "+51m"}) {
    CAPTURE(away);
    const std::string lines = R"({"at":"+1m","event":"message_sent",)" + is_long + "\n" +
                              R"({"at":"+20m","do":"background"})" + "\n" + R"({"at":")" + away +
                              R"(","do":"foreground"})" + "\n" + R"({"at":"+52m","event":"message_sent",)" + is_long +
                              "\n" + R"({"at":"+53m","event":"app_open"})" + "\n";
    REQUIRE(WriteFile(folder / "days.jsonl", lines).ok());
    const Outcome lived = Run("simulate " + (folder / "source.json") + " --timeline " + (folder / "days.jsonl") +
                              " --from 2026-12-01T09:00:00Z");
    CAPTURE(lived.output);
    CHECK(lived.exit_code == 0);
    CHECK(Says(lived, "not_eligible") == (std::string(away) == "+51m"));
  }

  REQUIRE(
      Run("build " + (folder / "source.json") + " --unsigned --now 2026-11-21T10:00:00Z --out " + (folder / "built"))
          .exit_code == 0);
  const std::string history = R"("now":"2026-11-21T12:00:00Z","history":[
      {"at":"2026-11-21T11:10:00Z","event":"long_messages"},{"at":"2026-11-21T11:50:00Z","event":"long_messages"}])";
  const struct {
    const char* began;
    const char* says;
  } rows[] = {{R"(,"session_began":"2026-11-21T11:00:00Z")", "✓ count('long_messages', 'session') >= 2   it is 2"},
              {R"(,"session_began":"2026-11-21T11:30:00Z")", "✗ count('long_messages', 'session') >= 2   it is 1"},
              {"", "? count('long_messages', 'session') >= 2"}};
  for (const auto& row : rows) {
    CAPTURE(row.began);
    REQUIRE(WriteFile(folder / "ada.json", R"({"units":{"device":"ada"},)" + history + row.began + "}").ok());
    const Outcome explained = Run("explain " + (folder / "built") + " --context " + (folder / "ada.json") +
                                  " --prompt writers --event app_open");
    CAPTURE(explained.output);
    CHECK(Says(explained, row.says));
  }
}

TEST_CASE("made-up people do what counts are of, on either side of what is asked, and no count by its name") {
  const std::string published = PublishText(SourceWith(
      R"("flags":{},"counts":{"long_messages":"message_sent where chars >= 1500"},)" + std::string(kCampaigns)));
  const auto document = json::Document::Parse(published, nullptr);
  REQUIRE(document.has_value());
  const Repertoire repertoire = RepertoireOf(document->root(), {});
  REQUIRE(repertoire.events.size() == 2);
  CHECK(repertoire.events[0].name == "app_open");
  CHECK(repertoire.events[1].name == "message_sent");
  REQUIRE(repertoire.events[1].properties.size() == 1);
  CHECK(repertoire.events[1].properties[0].name == "chars");
}

TEST_CASE("lint says from when on a new count reaches those whom it is asked for") {
  const auto source = [](const std::string& when) {
    return SourceWith(R"J("events":["app_open","message_sent"],"counts":{"long":"message_sent where chars >= 1500"},)J"
                      R"J("flags":{"f":{"default":false,"rules":[{"when":")J" +
                      when + R"J(","serve":true}]}})J");
  };
  const std::string now = "'long' is counted from now on, so ";
  const struct {
    const char* when;
    std::string says;  // empty: nothing
  } rows[] = {
      {"count('long', '14d') >= 2", ""},
      {"count('long', '14d') == 0",
       now + "count('long', '14d') == 0 reaches nobody who did message_sent before, until 2026-12-05"},
      {"count('app_open', '7d') >= 3 && count('long', '36h') < 2",
       now + "count('long', '36h') < 2 reaches nobody who did message_sent before, until 2026-11-23"},
      {"count('long', 'session') == 0",
       now + "count('long', 'session') == 0 reaches nobody who did message_sent before in their session"},
      {"count('long') == 0", now + "count('long') == 0 reaches nobody who did message_sent before"},
      {"active_days('long', '28d') >= 12", now + "active_days('long', '28d') >= 12 reaches nobody before 2026-12-02"},
      {"active_days('long', '28d') > 12", now + "active_days('long', '28d') > 12 reaches nobody before 2026-12-03"},
      {"since_first('long') >= duration('30d')",
       now + "since_first('long') >= duration('30d') reaches nobody before 2026-12-21"},
      {"since_last('long') < duration('7d')", ""},
      {"count('message_sent', '14d') == 0", ""},
      {"count('long', '14d') == 0 || count('app_open') > 5", ""},  // some are reached
  };
  for (const auto& row : rows) {
    CAPTURE(row.when);
    const Folder folder;
    const std::string path = folder / "s.json";
    REQUIRE(WriteFile(path, source(row.when)).ok());
    const Outcome lint = Run("lint " + path + " --now 2026-11-21T12:00:00Z --json");
    CAPTURE(lint.output);
    CHECK(Says(lint, "reaches-nobody-yet") == !row.says.empty());
    if (!row.says.empty()) CHECK(Says(lint, row.says + "\""));
    // Once it was published devices count.
    REQUIRE(Run("build " + path + " --unsigned --now 2026-11-21 --out " + folder / "1").exit_code == 0);
    CHECK_FALSE(Says(Run("lint " + path + " --now 2026-11-21T12:00:00Z --previous " + folder / "1"), "reaches nobody"));
  }
}
