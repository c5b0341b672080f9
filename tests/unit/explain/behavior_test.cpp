// Counts of events as explanations state them, for people and for programs.
#include <cstdlib>
#include <fstream>
#include <string>

#include "sdk/core/behavior/behavior.h"
#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::explain_test;

namespace {

const std::string kDatafile =
    R"({"format": "guidon/1", "project": "notes", "environment": "production", "epoch": 1, "version": 1187,
    "issued_at": "2026-11-20T00:00:00Z", "flags": {"file-tip": {"type": "bool", "default": false, "rules": [
      {"id": "r1", "serve": true, "when": {"op": "and", "of": [
        {"op": ">=", "count": "app_open", "window": "14d", "value": 5},
        {"op": "==", "count": "file_shared", "value": 0},
        {"op": ">", "active_days": "app_open", "window": "36h", "value": 0}]}},
      {"id": "r2", "serve": true, "when": {"op": ">", "count": "message_sent", "window": "400d", "value": 2000}}]},
    "back-tip": {"type": "bool", "default": false, "rules": [
      {"id": "r1", "serve": true, "when": {"op": "and", "of": [
        {"op": "since_last", "event": "app_open", "comparison": ">=", "duration": "7d"},
        {"op": "since_first", "event": "app_open", "comparison": ">", "duration": "14d"},
        {"op": "since_last", "event": "file_shared", "comparison": "<", "duration": "30d"},
        {"op": "since_last", "event": "message_sent", "comparison": "<", "duration": "12h"}]}}]}}})";

Explanation ExplainTip(const behavior::Behavior* behavior, const char* flag) {
  const auto loaded = dialects::LoadNative(kDatafile);
  REQUIRE(loaded.problems.empty());
  const Timestamp now = ParseTime("2026-11-21T12:00:00Z");
  const Context context;
  const PreparedContext prepared(*loaded.rules, context, {behavior}, now);
  return Explain(*loaded.rules, flag, context, prepared, now);
}

behavior::Behavior Busy() {
  behavior::Behavior behavior;
  for (const char* time :
       {"2026-11-02T09:00:00Z", "2026-11-10T08:00:00Z", "2026-11-10T09:00:00Z", "2026-11-15T09:00:00Z",
        "2026-11-18T09:00:00Z", "2026-11-19T09:00:00Z", "2026-11-21T08:00:00Z", "2026-11-21T11:59:59Z"}) {
    behavior.Add("app_open", ParseTime(time));
  }
  return behavior;
}

behavior::Behavior AfterLoss() {
  behavior::Behavior behavior;
  behavior.ForgetBefore(ParseTime("2026-11-20T00:00:00Z"));
  for (int i = 0; i < 1'500; ++i) behavior.Add("message_sent", ParseTime("2026-11-21T08:00:00Z"));
  for (int i = 0; i < 3; ++i) behavior.Add("app_open", ParseTime("2026-11-21T08:00:00Z"));
  return behavior;
}

void CheckGolden(const std::string& name, const std::string& text) {
  CAPTURE(name);
  const std::string path = std::string(GUIDON_GOLDEN_DIR) + "/" + name;
  if (std::getenv("GUIDON_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  CHECK(ReadFile(path) == text);
}

}  // namespace

TEST_CASE("a count is stated with what it is, what it is at least, or that nothing is known") {
  const behavior::Behavior busy = Busy();
  const behavior::Behavior after_loss = AfterLoss();
  const struct {
    std::string name;
    const behavior::Behavior* behavior;
  } rows[] = {{"behavior", &busy}, {"behavior_at_least", &after_loss}, {"behavior_unknown", nullptr}};
  for (const auto& row : rows) {
    const Explanation explanation = ExplainTip(row.behavior, "file-tip");
    CheckGolden(row.name + ".txt", ToText(explanation));
    CheckGolden(row.name + ".json", ToJson(explanation, 2) + "\n");
  }
}

TEST_CASE("how long ago is stated with what it was, what is known of it, or that it never happened") {
  const behavior::Behavior busy = Busy();
  const behavior::Behavior after_loss = AfterLoss();
  const struct {
    std::string name;
    const behavior::Behavior* behavior;
  } rows[] = {{"elapsed", &busy}, {"elapsed_at_least", &after_loss}, {"elapsed_unknown", nullptr}};
  for (const auto& row : rows) {
    const Explanation explanation = ExplainTip(row.behavior, "back-tip");
    CheckGolden(row.name + ".txt", ToText(explanation));
    CheckGolden(row.name + ".json", ToJson(explanation, 2) + "\n");
  }
}
