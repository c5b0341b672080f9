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
      {"variants", Campaign(R"("show":{"title":"A"})"),
       Campaign(R"("variants":{"a":{"slots":[[0,250000]],"show":{"title":"A"}},"b":{"slots":[[250000,1000000]],)"
                R"("show":{"title":"B"}}})"),
       "~ campaign c: shows one content → a 25 %, b 75 %\n"},
      {"a variant's words", Campaign(R"("variants":{"a":{"slots":[[0,1000000]],"show":{"title":"A"}}})"),
       Campaign(R"("variants":{"a":{"slots":[[0,1000000]],"show":{"title":"B"}}})"),
       "~ campaign c: the variant a says something else\n"},
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
      {"goals and guardrails",
       Campaign(R"("goals":[{"event":"g","within":"7d"},{"event":"h","by":"prompt","within":"30d"}])"),
       Campaign(R"("goals":[{"event":"g","within":"1d"}],"guardrails":[{"no":"less","event":"a","within":"7d"}])"),
       "~ campaign c: goals g within 7d, h by prompt within 30d → g within 1d\n"
       "~ campaign c: guardrails none → no less a within 7d\n"},
      {"an experiment's guardrails", Experiment(R"("guardrails":[{"no":"more","event":"e","within":"10m"}])"),
       Experiment(R"("goals":[{"event":"g"}])"),
       "~ experiment x: goals none → g\n~ experiment x: guardrails no more e within 10m → none\n"},
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

TEST_CASE("audiences, winners, stickiness, local times and lists are said in words") {
  const auto audience = [](const char* slots, const char* when) {
    return std::string(R"({"name":"pro","when":{"op":"==","attribute":"plan","value":")") + when + R"("},"slots":)" +
           slots + R"(,"variants":{"control":[[0,200000]],"b":[[200000,1000000]]}})";
  };
  const auto held = [](const char* slots, const char* reserve) {
    return Flag(R"("default":0,"rules":[{"id":"r1","rollout":{"unit":"device","salt":"f.1","split":[{"slots":)" +
                std::string(slots) + R"(,"serve":1,"held":)" + reserve + "}]}}]");
  };
  const struct {
    std::string name;
    std::string before;
    std::string after;
    std::string text;
  } rows[] = {
      {"audience ramped", Experiment(R"("audiences":[)" + audience("[[0,100000]]", "pro") + "]"),
       Experiment(R"("audiences":[)" + audience("[[0,300000]]", "pro") + "]"),
       "~ experiment x: audience pro 10 %: control 20 %, b 80 %; if plan == 'pro' → 30 %: control 20 %, b 80 %; if "
       "plan == 'pro'\n"},
      {"audience comes", Experiment(""), Experiment(R"("audiences":[)" + audience("[[0,100000]]", "pro") + "]"),
       "~ experiment x: audience pro new: 10 %: control 20 %, b 80 %; if plan == 'pro'\n"},
      {"audience goes", Experiment(R"("audiences":[)" + audience("[[0,100000]]", "pro") + "]"), Experiment(""),
       "~ experiment x: audience pro gone: 10 %: control 20 %, b 80 %; if plan == 'pro'\n"},
      {"audience drawn anew", Experiment(R"("audiences":[)" + audience("[[0,100000]]", "pro") + "]"),
       Experiment(R"("audiences":[)" + audience("[[5,100005]]", "pro") + "]"),
       "~ experiment x: audience pro draws other people for the same shares\n"},
      {"ships", Experiment(R"("status":"running")"),
       Experiment(R"("status":"ended","ship":{"variant":"b","slots":[[0,200000]]})"),
       "~ experiment x: running → ended\n~ experiment x: ships nothing → b to 20 % of all others\n"},
      {"sticky", Experiment(R"("iteration":1)"), Experiment(R"("iteration":1,"sticky":"exposed")"),
       "~ experiment x: sticky none → exposed\n"},
      {"local", Experiment(R"("ends_at":"2026-12-24T18:00:00Z")"),
       Experiment(R"("ends_at":{"local":"2026-12-24T18:00:00"})"),
       "~ experiment x: ends 2026-12-24T18:00:00Z → 2026-12-24T18:00:00 local\n"},
      {"expiry", Flag(R"("default":0)"), Flag(R"("default":0,"when_expired":"default")"),
       "~ flag f: when expired none → default\n"},
      {"hold", Flag(R"("default":0)"), Flag(R"("default":0,"hold":"session")"), "~ flag f: holds for none → session\n"},
      {"list", R"({"segments":{"s":{"op":"in","unit":"account","values":["a"]}}})",
       R"({"segments":{"s":{"op":"in","attribute":"mail","hashed":"0","values":["a","b"]}}})",
       "~ segment s: 1 id of account → 2 hashed values of mail\n"},
      {"a reserve is nobody's", held("[[0,10]]", "[[0,30]]"), held("[[0,10]]", "[[0,20]]"), ""},
      {"other people", held("[[0,10]]", "[[0,30]]"), held("[[10,20]]", "[[10,20]]"),
       "~ flag f: r1 draws other people for the same share\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(EditsOf(row.before, row.after) == row.text);
  }
}
