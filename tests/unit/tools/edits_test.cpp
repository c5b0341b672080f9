#include "sdk/tools/edits.h"

#include <doctest/doctest.h>

#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string TextOf(const Edit& edit) {
  return std::string(1, static_cast<char>(edit.sign)) + " " + edit.what + " " + edit.key + ": " + edit.says +
         (edit.to.empty() ? "" : (edit.says.empty() ? "" : " ") + edit.from + " → " + edit.to) + "\n";
}

std::string EditsOf(const std::string& before, const std::string& after) {
  const std::optional<json::Document> was = json::Document::Parse(before, nullptr);
  const std::optional<json::Document> is = json::Document::Parse(after, nullptr);
  REQUIRE(was.has_value());
  REQUIRE(is.has_value());
  std::string text;
  for (const Edit& edit : FindEdits(was->root(), is->root())) text += TextOf(edit);
  return text;
}

std::string Flag(const std::string& members) { return R"({"flags":{"f":{"type":"int",)" + members + "}}}"; }

std::string Rollout(const char* slots, const char* salt = "f.1") {
  return std::string(R"("default":0,"rules":[{"id":"r1","rollout":{"unit":"device","salt":")") + salt +
         R"(","split":[{"slots":)" + slots + R"(,"serve":1}]}}])";
}

std::string Experiment(const std::string& members) { return R"({"experiments":{"x":{)" + members + "}}}"; }

std::string Campaign(const std::string& members) { return R"({"campaigns":{"c":{)" + members + "}}}"; }

}  // namespace

TEST_CASE("every edit that may move somebody is said in words, and what is equal is not") {
  const struct {
    std::string name;
    std::string before;
    std::string after;
    std::string text;
  } rows[] = {
      {"nothing", Flag(Rollout("[[0,1]]")), Flag(Rollout("[[0,1]]")), ""},
      {"comes and goes", R"({"flags":{"a":{}}})", R"({"flags":{"b":{}}})", "- flag a: \n+ flag b: \n"},
      {"default", Flag(R"("default":0)"), Flag(R"("default":1)"), "~ flag f: default 0 → 1\n"},
      {"killed", Flag(R"("default":0)"), Flag(R"("default":0,"kill":true)"),
       "~ flag f: killed: everybody gets the default\n"},
      {"ramp", Flag(Rollout("[[0,100000]]")), Flag(Rollout("[[0,150000],[200000,250000]]")),
       "~ flag f: r1 10 % 1 by device → 20 % 1 by device\n"},
      {"salt", Flag(Rollout("[[0,100000]]")), Flag(Rollout("[[0,100000]]", "f.2")),
       "~ flag f: r1 draws other people for the same share\n"},
      {"rules", Flag(R"("default":0,"rules":[{"id":"r1","serve":1},{"id":"r2","serve":2},{"id":"r3","serve":3}])"),
       Flag(R"("default":0,"rules":[{"id":"r3","serve":3},{"id":"r1","serve":1},)"
            R"({"id":"r4","when":{"op":"==","attribute":"a","value":1},"serve":4}])"),
       "~ flag f: r2 gone: 2\n~ flag f: r4 new: a == 1: 4\n~ flag f: order r1, r3 → r3, r1\n"},
      {"experiment",
       Experiment(R"("iteration":1,"status":"running","layer":"l","slots":[[0,500000]],)"
                  R"("variants":{"control":{"slots":[[0,500000]]},"b":{"slots":[[500000,1000000]]}})"),
       Experiment(R"("iteration":2,"status":"paused","layer":"l","slots":[[0,125000]],)"
                  R"("variants":{"control":{"slots":[[0,250000]]},"b":{"slots":[[250000,1000000]]}},)"
                  R"("when":{"op":"exists","attribute":"a"})"),
       "~ experiment x: iteration 1 → 2\n~ experiment x: running → paused\n"
       "~ experiment x: 50 % → 12.5 % of layer l\n"
       "~ experiment x: split control 50 %, b 50 % → control 25 %, b 75 %\n~ experiment x: only everybody → has(a)\n"},
      {"moved slots", Experiment(R"("layer":"l","slots":[[0,5]])"), Experiment(R"("layer":"l","slots":[[5,10]])"),
       "~ experiment x: another part of its layer, of the same size\n"},
      {"campaign", Campaign(R"("holdout":100000,"trigger":{"event":"a"},"show":{"title":"t"})"),
       Campaign(R"("holdout":200000,"trigger":{"event":"b"},"show":{"title":"u"})"),
       "~ campaign c: held out 10 % → 20 %\n~ campaign c: trigger a → b\n~ campaign c: the prompt says something "
       "else\n"},
      {"holdout", R"({"holdouts":{"h":{"size":20000}}})", R"({"holdouts":{"h":{"size":30000}}})",
       "~ holdout h: 2 % → 3 %\n"},
      {"segment", R"({"segments":{"s":{"op":"exists","attribute":"a"}}})",
       R"({"segments":{"s":{"op":"exists","attribute":"b"}}})", "~ segment s: has(a) → has(b)\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(EditsOf(row.before, row.after) == row.text);
  }
}
