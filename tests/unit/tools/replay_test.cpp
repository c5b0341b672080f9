// `guidon replay`: decisions of a trace made again, what differs, what cannot be made again, and the same bytes
// everywhere (tests/property/digest.cpp).
#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "sdk/core/hash/hash.h"
#include "sdk/tools/files.h"
#include "sdk/tools/published_file.h"
#include "tests/unit/tools/command.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr const char* kMembers = R"J("segments":{"busy":"count('app_open','7d') >= 3"},
  "flags":{"composer":{"default":"icon"},"sharing":{"default":false,"rules":[{"when":"plan == 'pro'","serve":true}]},
    "chunk":{"default":256,"rules":[{"when":"seats >= 10","serve":1024},{"percent":10,"serve":512}]},
    "busy":{"default":false,"rules":[{"when":"segment('busy')","serve":true}]},
    "ratio":{"default":0.1,"rules":[{"when":"version(app.version) >= version('2.1.0') && flag('sharing') == true","serve":0.25}]}},
  "experiments":{"attach":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":50,
      "variants":{"control":{"composer":"icon"},"labelled":{"composer":"icon-and-text"}},"goals":["file_shared within 7d"]}})J";
constexpr const char* kHead = "{\"guidon_trace\":1}\n";
constexpr const char* kState =
    R"({"state":1,"datafile":{"version":1,"hash":"00"},"context":{"units":{"device":"d-1"},"attributes":{"plan":"pro"}})";
// 2026-11-22, after its issue.
std::string Decision(const std::string& flag, const std::string& rest, int state = 1) {
  return R"({"at":1795305600000,"state":)" + std::to_string(state) + R"(,"flag":")" + flag + "\"," + rest + "}\n";
}

struct Bench {
  Bench() {
    REQUIRE(WriteFile(folder / "source.json", SourceWith(kMembers)).ok());
    const Outcome built =
        tools::Run("build " + (folder / "source.json") + " --unsigned --now 2026-11-21T10:00:00Z --out " + file);
    CAPTURE(built.output);
    REQUIRE(built.exit_code == 0);
  }
  Outcome Replay(const std::string& trace, const std::string& options = "") const {
    REQUIRE(WriteFile(folder / "trace", trace).ok());
    return tools::Run("replay " + (folder / "trace") + " " + file + " " + options);
  }
  Folder folder;
  std::string file = folder / "published";
};

}  // namespace

TEST_CASE("decisions that come out as recorded are no difference; others are, in value, variant or reason") {
  const Bench bench;
  const std::string head = std::string(kHead) + kState + "}\n";
  const Outcome same = bench.Replay(head + Decision("sharing", R"("value":true,"variant":"r1","reason":"rule")"));
  CAPTURE(same.output);
  CHECK(same.exit_code == 0);
  CHECK(Says(same, "0 of 1 decisions differ\n"));
  const Outcome other = bench.Replay(head + Decision("sharing", R"("value":false,"reason":"default")") +
                                     Decision("sharing", R"("value":false,"reason":"default")") +
                                     Decision("sharing", R"("value":true,"reason":"default")") +
                                     Decision("gone", R"("value":1,"reason":"static")"));
  CAPTURE(other.output);
  CHECK(other.exit_code == 1);
  CHECK(Says(other, "4 of 4 decisions differ\n"));
  CHECK(Says(other, "2  false (default)  →  true (variant r1, rule)"));
  CHECK(Says(other, "line 3"));
  CHECK(Says(other, "true (default)  →  true (variant r1, rule)"));
  CHECK(Says(other, "1 (static)  →  fallback (flag_not_found)"));
}

TEST_CASE("the trace of the very datafile is said to be") {
  const Bench bench;
  const Result<PublishedFile> file = ReadPublishedFile(bench.file);
  REQUIRE(file.ok());
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(HashBytes64(file->payload)));
  std::string state = std::string(kState) + "}\n";
  state.replace(state.find("\"00\""), 4, "\"" + std::string(hash) + "\"");
  CHECK(Says(bench.Replay(kHead + state), "0 of 0 decisions differ, by the datafile that they came from"));
}

TEST_CASE("what the trace does not have is said, and is no difference") {
  struct Row {
    const char* state;
    const char* flag;
    const char* rest;
    const char* why;
  };
  const Row rows[] = {
      {R"(,"left_out":["plan"])", "sharing", "", "asks for plan, which was left out"},
      {R"(,"left_out":["plan"])", "ratio", "", "asks for plan, which was left out"},  // by way of another flag
      {R"(,"left_out":["app"])", "ratio", "", "asks for app, which was left out"},
      {R"(,"has_behavior":true)", "busy", "", "asks what was done on the device"},
      {R"(,"forced":"flag:x=1")", "sharing", "", "something was forced"},
      {"", "sharing", R"(,"held":true)", "held for the session"},
      {"", "sharing", R"(,"killed_by_newer":true)", "killed by a datafile that was not in force yet"},
  };
  const Bench bench;
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Outcome out = bench.Replay(std::string(kHead) + kState + row.state + "}\n" +
                                     Decision(row.flag, std::string(R"("reason":"nonsense")") + row.rest));
    CAPTURE(out.output);
    CHECK(out.exit_code == 0);
    CHECK(Says(out, "0 of 0 decisions differ"));
    CHECK(Says(out, row.why));
  }
  // Left out, and nobody asks for it.
  const Outcome out = bench.Replay(std::string(kHead) + kState + R"(,"left_out":["planet"],"has_behavior":true})" +
                                   "\n" + Decision("sharing", R"("value":true,"variant":"r1","reason":"rule")"));
  CAPTURE(out.output);
  CHECK(Says(out, "0 of 1 decisions differ"));
}

TEST_CASE("lines that cannot be read cost themselves; a text that is no trace is an error that says so") {
  const Bench bench;
  const std::string head = std::string(kHead) + kState + "}\n";
  const Outcome cut =
      bench.Replay(head + Decision("sharing", R"("value":true,"variant":"r1","reason":"rule")") + R"({"at":17)");
  CHECK(cut.exit_code == 1);
  CHECK(Says(cut, "0 of 1 decisions differ"));
  CHECK(Says(cut, "1 lines cannot be read; the first is line 4: is no JSON"));
  CHECK(Says(bench.Replay(head + Decision("sharing", R"("reason":"rule")", 9)), "names state 9, which no line before"));
  CHECK(Says(bench.Replay(head + R"({"lost":12})" + "\n"), "12 more were made while the recording had no room"));
  CHECK(Says(bench.Replay("{}\n"), "line 1: is no trace"));
  CHECK(Says(bench.Replay(""), "is empty"));
  CHECK(Says(bench.Replay("{\"guidon_trace\":2}\n"), "is of a newer format"));
}

TEST_CASE("a unit that was enrolled stays, and a recording that follows another in one file begins anew") {
  const Bench bench;
  const std::string state =
      R"({"state":1,"datafile":{"version":1,"hash":"00"},"context":{"units":{"device":"d-1"},"attributes":{}}})";
  const Outcome out = bench.Replay(kHead + state + "\n" + kHead + Decision("sharing", R"("reason":"rule")"));
  CHECK(Says(out, "line 4: names state 1, which no line before tells"));
}

TEST_CASE("each result is a line, with the line of the trace that it is of") {
  const Bench bench;
  const std::string head = std::string(kHead) + kState + R"(,"has_behavior":true})" + "\n";
  (void)bench.Replay(head + Decision("sharing", R"("reason":"rule")") + Decision("busy", R"("reason":"rule")") +
                         Decision("gone", R"("reason":"rule")"),
                     "--out " + (bench.folder / "results"));
  CHECK(*ReadFile(bench.folder / "results") ==
        "{\"line\":3,\"flag\":\"sharing\",\"value\":true,\"variant\":\"r1\",\"reason\":\"rule\"}\n"
        "{\"line\":4,\"flag\":\"busy\",\"cannot\":\"asks what was done on the device\"}\n"
        "{\"line\":5,\"flag\":\"gone\",\"reason\":\"flag_not_found\"}\n");
}
