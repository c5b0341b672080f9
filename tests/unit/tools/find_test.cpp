// `guidon find`: ids that land where somebody wants them, as `guidon eval` confirms.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "sdk/core/base/json.h"
#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr const char* kMembers = R"J("holdouts":{"2026q4":{"percent":20}},
  "flags":{"composer":{"default":"icon"},"tone":{"default":"calm"},"sharing":{"default":false,"rules":[{"when":"plan == 'pro'","serve":true}]},
    "chunk":{"default":256,"rules":[{"percent":10,"serve":512}]},"same":{"default":1.5}},
  "experiments":{"attach":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":50,
      "variants":{"control":{"composer":"icon"},"labelled":{"composer":"icon-and-text"}},"goals":["file_shared within 7d"]},
    "same":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":50,
      "variants":{"a":{"tone":"calm"},"b":{"tone":"loud"}},"goals":["file_shared within 7d"]}},
  "campaigns":{"nudge":{"hypothesis":"h","owner":"o","holdout":30,"trigger":"app_open","goals":["g within 7d"],
    "show":{"kind":"banner","title":"T"}}})J";

struct Published {
  Published() {
    REQUIRE(WriteFile(folder / "source.json", SourceWith(kMembers)).ok());
    const Outcome built =
        tools::Run("build " + (folder / "source.json") + " --unsigned --now 2026-11-21T10:00:00Z --out " + file);
    CAPTURE(built.output);
    REQUIRE(built.exit_code == 0);
  }
  Outcome Find(const std::string& wants, const char* streams = "2>&1") const {
    return tools::Run("find " + file + " --at 2026-11-22 " + wants, streams);
  }
  // What `guidon eval` says of a flag for that id.
  std::string Eval(const std::string& id, const std::string& flag, const char* member,
                   const std::string& plan = "free") const {
    REQUIRE(
        WriteFile(folder / "who.json", R"({"units":{"device":")" + id + R"("},"attributes":{"plan":")" + plan + "\"}}")
            .ok());
    const Outcome eval = tools::Run("eval " + file + " --at 2026-11-22 --context " + (folder / "who.json"));
    const auto document = json::Document::Parse(eval.output, nullptr);
    REQUIRE(document);
    return document->root()["flags"][flag][member].ToText();
  }
  Folder folder;
  std::string file = folder / "published";
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("each id that is found gets what was wanted, as eval says, and the same ones are found again") {
  const Published published;
  const Outcome found =
      published.Find("--want attach=labelled --want chunk=512 --want flag:same=1.5 --count 20", "2>/dev/null");
  REQUIRE(found.exit_code == 0);
  const std::vector<std::string> ids = Lines(found.output);
  REQUIRE(ids.size() == 20);
  for (const std::string& id : ids) {
    CAPTURE(id);
    CHECK(published.Eval(id, "composer", "variant") == "\"labelled\"");
    CHECK(published.Eval(id, "composer", "experiment") == "\"attach\"");
    CHECK(published.Eval(id, "chunk", "value") == "512");
  }
  CHECK(
      published.Find("--want attach=labelled --want chunk=512 --want flag:same=1.5 --count 20", "2>/dev/null").output ==
      found.output);
  CHECK(Lines(published.Find("--want attach=labelled --prefix staging- --count 1").output)[0].find("staging-0000") ==
        0);
}

TEST_CASE("what is known of people counts, and who is held out is found or left out as asked") {
  const Published published;
  const Outcome pro = published.Find("--want sharing=on --attr plan=pro --count 1", "2>/dev/null");
  REQUIRE(pro.exit_code == 0);
  CHECK(published.Eval(Lines(pro.output)[0], "sharing", "value", "pro") == "true");
  CHECK(published.Find("--want sharing=on --tries 100").exit_code == 1);

  const Outcome out = published.Find("--want attach=none --count 300 --json", "2>/dev/null");
  const Outcome in = published.Find("--want attach=none --not-held-out --count 300 --json", "2>/dev/null");
  const auto tried = [](const Outcome& outcome) {
    const auto document = json::Document::Parse(outcome.output, nullptr);
    REQUIRE(document);
    CHECK(document->root()["found"].size() == 300);
    return *document->root()["tried"].AsInt();
  };
  CHECK(tried(in) > tried(out));  // a third of those in none are held out
  for (const std::string& id :
       Lines(published.Find("--want attach=none --not-held-out --count 30", "2>/dev/null").output)) {
    CHECK(published.Eval(id, "composer", "reason") != "\"holdout\"");
  }
}

TEST_CASE("arms of a campaign are found, those that are held out of it too") {
  const Published published;
  for (const char* arm : {"prompt", "held_out"}) {
    CAPTURE(arm);
    const Outcome found = published.Find(std::string("--want nudge=") + arm + " --count 1");
    REQUIRE(found.exit_code == 0);
    REQUIRE(WriteFile(published.folder / "who.json", R"({"units":{"device":")" + Lines(found.output)[0] + "\"}}").ok());
    const Outcome explained =
        tools::Run("explain " + published.file + " --at 2026-11-22 --prompt nudge --event app_open --context " +
                   (published.folder / "who.json"));
    CAPTURE(explained.output);
    CHECK(Says(explained, "arm        held out") == (std::string(arm) == "held_out"));
  }
}

TEST_CASE("who finds too few is told which wish is the rare one, and ends with 1") {
  const Published published;
  const Outcome none = published.Find("--want attach=control --want composer=icon-and-text --tries 2000");
  CHECK(none.exit_code == 1);
  CAPTURE(none.output);
  CHECK(Says(none, "nobody of 2,000 tried gets all of it"));
  CHECK(Says(none, "attach = control            "));
  CHECK(Says(none, "composer = \"icon-and-text\"  "));
  const Outcome few = published.Find("--want chunk=512 --tries 100 --count 1000");
  CHECK(few.exit_code == 1);
  CHECK(Says(few, "only "));
}

TEST_CASE("what is wrong with a wish is said, with what there is") {
  const Published published;
  const struct {
    const char* wants;
    const char* says;
  } rows[] = {
      {"", "say who is looked for: --want KEY=VALUE"},
      {"--want attach", "KEY=VALUE, such as attach-button=labelled"},
      {"--want =b", "KEY=VALUE"},
      {"--want atach=control", "there is no flag, experiment or campaign 'atach', did you mean 'attach'?"},
      {"--want flag:attach=control", "there is no flag 'attach'"},
      {"--want rule:attach=control", "'rule:' is none of flag:, experiment: and campaign:"},
      {"--want attach=labeled", "there is no variant 'labeled', did you mean 'labelled'?"},
      {"--want attach=zzz", "there is 'control', 'labelled', 'none'"},
      {"--want nudge=zzz", "there is 'prompt', 'held_out'"},
      {"--want same=a", "'same' is the key of several things: write flag:same or experiment:same"},
      {"--want sharing=maybe", "'maybe' is no value of 'sharing', which is of type bool: write sharing=true"},
      {"--want chunk=1.5", "which is of type int: write chunk=42"},
      {"--want attach=control --attr plan", "--attr needs NAME=VALUE, such as plan=pro"},
      {"--want attach=control --unit account", "these rules ask for no unit 'account'"},
      {"--want attach=control --count 0", "--count needs a whole number from 1 to 10000"},
      {"--want attach=control --tries x", "--tries needs a whole number from 1 to 100000000"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.wants);
    const Outcome outcome = published.Find(row.wants);
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 2);
    CHECK(Says(outcome, row.says));
  }
}
