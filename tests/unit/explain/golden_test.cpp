// Explanations as a person reads them, compared byte for byte with tests/golden/explain. GUIDON_UPDATE_GOLDEN=1 writes
// them anew; read what changed before committing it.
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/explain/world.h"

using namespace guidon;
using namespace guidon::evaluation;
using namespace guidon::explain_test;

namespace {

struct Case {
  const char* name;  // of the golden file
  const char* flag;
  const char* context;
  const char* now = "2026-11-21T12:00:00Z";
  const char* forced_experiment = "";  // or a holdout, to "in" or "out"
  const char* forced_variant = "";
  const char* forced_flag = "";
  Letters letters = Letters::kUnicode;
};

constexpr const char* kNobody = "{}";
constexpr const char* kLabelled = R"({"units": {"device": "d-1"}, "attributes": {"app": {"version": "4.12.3"}}})";

const Case kCases[] = {
    {"static", "accent-color", kNobody},
    {"killed", "legacy-sync", kNobody},
    {"invalid_flag", "broken", kNobody},
    {"flag_not_found", "compozer", kNobody},
    {"flag_not_found_at_all", "quite-something-else", kNobody},
    {"rule", "upload-chunk-kb", R"({"attributes": {"plan": "pro"}})"},
    {"rollout", "upload-chunk-kb", R"({"units": {"device": "d-13"}, "attributes": {"plan": "free"}})"},
    {"not_in_rollout", "upload-chunk-kb", R"({"units": {"device": "d-2"}, "attributes": {"plan": "free"}})"},
    {"wrong_type", "upload-chunk-kb", R"({"units": {"device": "d-2"}, "attributes": {"plan": 12}})"},
    {"no_unit", "upload-chunk-kb", R"({"attributes": {"plan": null}})"},
    {"invalid_unit", "composer", R"({"units": {"device": ""}, "attributes": {"app.version": "4.2.0"}})"},
    {"experiment", "composer", kLabelled},
    {"experiment_ascii", "composer", kLabelled, "2026-11-21T12:00:00Z", "", "", "", Letters::kAscii},
    {"held_out", "composer", R"({"units": {"device": "d-8"}})"},
    {"comparison_group", "composer", R"({"units": {"device": "d-4"}, "attributes": {"app.version": "v5"}})"},
    {"not_in_layer", "composer", R"({"units": {"device": "d-6"}, "attributes": {"app.version": "4.2.0"}})"},
    {"old_version", "composer", R"({"units": {"device": "d-1"}, "attributes": {"app.version": "4.2.0-rc.1"}})"},
    {"unreadable_version", "composer", R"({"units": {"device": "d-1"}, "attributes": {"app.version": "four"}})"},
    {"missing_attribute", "composer", R"({"units": {"device": "d-1"}})"},
    {"expired", "composer", kLabelled, "2027-05-01T00:00:00Z"},
    {"expired_with_datafile", "instant-share", kNobody, "2027-05-01T00:00:00Z"},
    {"forced_variant", "composer", kLabelled, "2026-11-21T12:00:00Z", "attach-button", "control"},
    {"forced_variant_without_unit", "team-notes", kNobody, "2026-11-21T12:00:00Z", "team-notes", "on-by-default"},
    {"forced_off", "composer", kLabelled, "2026-11-21T12:00:00Z", "attach-button", "off"},
    {"forced_unassigned", "composer", kLabelled, "2026-11-21T12:00:00Z", "attach-button", "unassigned"},
    {"forced_held_out", "composer", kLabelled, "2026-11-21T12:00:00Z", "2026q4", "in"},
    {"forced_not_held_out", "composer", R"({"units": {"device": "d-8"}, "attributes": {"app.version": "4.12.3"}})",
     "2026-11-21T12:00:00Z", "2026q4", "out"},
    {"forced_flag", "composer", kLabelled, "2026-11-21T12:00:00Z", "", "", "composer"},
    {"schedules", "drawing", R"({"units": {"device": "d-1"}})"},
    {"in_time", "drawing", R"({"units": {"device": "d-19"}})", "2027-01-15T00:00:00Z"},
    {"valid_until", "team-notes", R"({"units": {"account": "u-42"}})"},
    {"json_value", "layout",
     R"({"attributes": {"screen": {"width": 1440}, "country": "AT", "email": "ada@example.org", "plan": "pro"}})"},
    {"nested_false", "layout",
     R"({"attributes": {"screen": {"width": 1440}, "country": "US", "email": "ada@example.org", "channel": "stable"}})"},
    {"nested_not", "layout",
     R"({"attributes": {"screen": {"width": 1440}, "country": "US", "email": "a@example.com", "plan": "free"}})"},
    {"nested_unknown", "layout", R"({"attributes": {"screen": "wide", "country": ["AT"], "channel": true}})"},
    {"every_kind", "new-search",
     R"({"attributes": {"installed": "2026-06-01T00:00:00+02:00", "team:size": 3, "size": 30, "nickname": null}})"},
    {"control_characters", "upload-chunk-kb",
     R"({"units": {"device": "d-\u001b[2J\u009b\u202e"}, "attributes": {"plan": "\u001b[31mred\nline é"}})"},
    {"control_characters_ascii", "upload-chunk-kb",
     R"({"units": {"device": "d-\u001b[2J\u009b\u202e"}, "attributes": {"plan": "\u001b[31mred\nline é 😀"}})",
     "2026-11-21T12:00:00Z", "", "", "", Letters::kAscii},
    {"long_values", "layout",
     R"({"attributes": {"screen.width": 1e300, "plan": {"name": "free"}, "country":
       "a country whose name is so long that nobody would ever want to read all of it in one line of a terminal",
       "channel": "a channel whose name is so long that it does not fit either"}})"},
};

Explanation ExplainCase(const ruleset::Ruleset& rules, const Case& row, const Context& context) {
  const PreparedContext prepared(rules, context);
  Forced forced;
  const std::string_view to = row.forced_variant;
  if (to == "in" || to == "out") {
    REQUIRE(rules.holdouts.at(0).key == row.forced_experiment);
    forced.holdouts.emplace_back(0, to == "in");
  } else if (*row.forced_experiment != 0) {
    ForceVariant(rules, row.forced_experiment, row.forced_variant, &forced);
  }
  if (*row.forced_flag != 0) ForceText(rules, row.forced_flag, "from the panel", &forced);
  return Explain(rules, row.flag, context, prepared, ParseTime(row.now), &forced);
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

TEST_CASE("the golden datafile has one fault, the one on purpose, and one operator of a later version") {
  const auto loaded = dialects::LoadNative(ReadFile(std::string(GUIDON_GOLDEN_DIR) + "/datafile.json"));
  REQUIRE(loaded.rules != nullptr);
  REQUIRE(loaded.problems.size() == 2);
  CHECK(loaded.problems[0].pointer == "/flags/broken/default");
  CHECK(loaded.problems[1].pointer == "/flags/new-search/rules/0/when/op");
}

TEST_CASE("each explanation reads as the golden file does") {
  const auto rules = LoadGolden();
  REQUIRE(rules != nullptr);
  for (const Case& row : kCases) {
    const Context context = ParseContext(row.context);
    CheckGolden(std::string(row.name) + ".txt", ToText(ExplainCase(*rules, row, context), row.letters));
  }
}

TEST_CASE("explanations as JSON have the members of the golden files, which docs/formats/explain.md describes") {
  const auto rules = LoadGolden();
  REQUIRE(rules != nullptr);
  std::size_t found = 0;
  for (const Case& row : kCases) {
    bool is_wanted = false;
    for (const char* name :
         {"experiment", "flag_not_found", "forced_variant", "held_out", "in_time", "nested_unknown"}) {
      is_wanted = is_wanted || name == std::string_view(row.name);
    }
    if (!is_wanted) continue;
    ++found;
    const Context context = ParseContext(row.context);
    CheckGolden(std::string(row.name) + ".json", ToJson(ExplainCase(*rules, row, context), 2) + "\n");
  }
  CHECK(found == 6);
}

TEST_CASE("the golden files show every reason and every result of a step that a datafile can lead to") {
  const auto rules = LoadGolden();
  REQUIRE(rules != nullptr);
  std::set<Reason> reasons;
  std::set<StepResult> results;
  for (const Case& row : kCases) {
    const Context context = ParseContext(row.context);
    const Explanation explanation = ExplainCase(*rules, row, context);
    reasons.insert(explanation.result.reason);
    for (const ExplainedRule& rule : explanation.rules) {
      for (const ExplainedStep& step : rule.steps) results.insert(step.result);
    }
  }
  for (int i = 0; i <= static_cast<int>(Reason::kClosed); ++i) {
    const auto reason = static_cast<Reason>(i);
    // Those of the client, and one that takes a huge datafile: explain_test.cpp.
    const bool is_elsewhere = reason == Reason::kNotReady || reason == Reason::kTypeMismatch ||
                              reason == Reason::kClosed || reason == Reason::kBudget;
    CAPTURE(ReasonName(reason));
    CHECK((reasons.count(reason) == 1) != is_elsewhere);
  }
  for (int i = 0; i <= static_cast<int>(StepResult::kOverBudget); ++i) {
    const auto result = static_cast<StepResult>(i);
    // Those of enrolled units and of winners: experiments_golden_test.cpp.
    const bool is_elsewhere = result == StepResult::kNotInSplit || result == StepResult::kOverBudget ||
                              (result >= StepResult::kEnrolled && result <= StepResult::kNotWinner);
    CAPTURE(StepResultName(result));
    CHECK((results.count(result) == 1) != is_elsewhere);
  }
}
