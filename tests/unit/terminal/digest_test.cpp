#include "samples/terminal/digest.h"

#include <doctest/doctest.h>

#include <sstream>

#include "samples/terminal/text.h"

using namespace notes;

namespace {

constexpr const char* kResults = R"({
  "adoption": {"days": 28, "people": 600, "features": [
    {"event": "file_shared", "share": 0.505, "not_yet": 297, "segments": [
      {"value": "free", "share": 0.5075}, {"value": "pro", "share": 0.4963},
      {"value": "a name that is far too long to stand on the same line", "share": 0.1}]}]},
  "lifecycle": [{"week": "2026-01-05", "over": true, "people": 313, "new": 313, "active": 0, "back": 0, "lapsed": 0},
    {"week": "2026-01-12", "over": false, "people": 581, "new": 287, "active": 294, "back": 0, "lapsed": 19}],
  "campaigns": [{"key": "try-file-share", "arms": {"held_out": {"units": 34},
      "prompt": {"units": 285, "seen": 284, "clicked": 90, "dismissed": 163, "snoozed": 69, "failed": 1, "unknown": 2}},
    "goals": [{"text": "31.6 % of those who reached the prompt did file_shared within 7d, 8.8 % of those held out: +22.8 points"}]}],
  "kpis": {"acquisition": {"event": "invite_accepted", "people": 600, "events": 89},
    "activation": {"event": "file_shared", "within": "7d", "share": 0.35, "interval": [0.3129, 0.389]},
    "retention": {"event": "app_open", "share": 0.93, "interval": [0.8959, 0.9531]},
    "revenue": {"event": "upgraded", "events": 35, "sum": 174.65},
    "feedback": {"event": "feedback_given", "events": 100, "mean": 3.47}},
  "qa": {"people": 1, "events": 12, "units": [{"unit_kind": "device", "unit": "d-1", "forced_by": ["environment", "file"],
    "forced": [{"key": "attach-button", "variant": "labelled", "natural_variant": "control"}],
    "prompts": ["try-file-share"]}]}})";

}  // namespace

TEST_CASE("of a campaign with variants each is told of") {
  const auto told = Digest(
      R"({"campaigns": [{"key": "c", "arms": {"news": {"units": 5}, "benefit": {"units": 6}, "held_out": {"units": 2}},)"
      R"("goals": [{"event": "shared", "variants": [{"text": "news: 10 %"}]}]}]})",
      "campaigns");
  REQUIRE(told.ok());
  const std::string rest = "  seen 0, clicked 0, dismissed 0, snoozed 0, failed 0, unknown 0\n";
  CHECK(*told == "c: 5 people reached news, 2 were held out\n" + rest +
                     "c: 6 people reached benefit, 2 were held out\n" + rest + "  shared, news: 10 %\n");
}

TEST_CASE("guardrails are told by their names, behind the goals") {
  const auto told =
      Digest(R"({"campaigns": [{"key": "c", "arms": {"prompt": {"units": 5}}, "goals": [],)"
             R"("guardrails": [{"no": "less", "event": "app_open", "within": "7d", "text": "10 % did; broken"},)"
             R"({"no": "more", "event": "error", "variants": [{"text": "news: 10 %"}]}]}]})",
             "campaigns");
  REQUIRE(told.ok());
  CHECK(told->find("  no less app_open: 10 % did; broken\n  no more error, news: 10 %\n") != std::string::npos);
}

TEST_CASE("each part of the results is told in lines that fit a terminal") {
  struct Row {
    const char* part;
    const char* text;
  };
  const Row rows[] = {
      {"adoption",
       "of 600 people active in the last 28 days of the data, used so far:\n"
       "  file_shared       50.5 %   297 not yet   free 50.7 %   pro 49.6 %\n"},
      {"lifecycle",
       "  week of       people     new  active    back  lapsed\n"
       "  2026-01-05     313     313       0       0       0\n"
       "  2026-01-12     581     287     294       0      19   so far\n"},
      {"campaigns",
       "try-file-share: 285 people reached the prompt, 34 were held out\n"
       "  seen 284, clicked 90, dismissed 163, snoozed 69, failed 1, unknown 2\n"
       "  31.6 % of those who reached the prompt did file_shared within 7d, 8.8 % of\n"
       "    those held out: +22.8 points\n"},
      {"kpis",
       "  acquisition  600 new people, 89 invite_accepted\n"
       "  activation   35.0 % (95 %: 31.3 to 38.9) did file_shared in their first 7d\n"
       "  retention    93.0 % (95 %: 89.6 to 95.3) did app_open on days 7 to 13\n"
       "  revenue      174.65 by 35 upgraded\n"
       "  feedback     3.5 on average of 100 feedback_given\n"},
      {"qa",
       "forced: 1 unit with 12 events, left out of every count\n"
       "  device d-1, by environment, file\n"
       "    attach-button labelled, naturally control\n"
       "    prompts: try-file-share\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.part);
    const guidon::Result<std::string> text = Digest(kResults, row.part);
    REQUIRE(text.ok());
    CHECK(*text == row.text);
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) CHECK(Columns(line) <= 78);
  }
}

TEST_CASE("what is no part, or no results, is refused by name") {
  CHECK(Digest(kResults, "weather").status().message() ==
        "--part: adoption, lifecycle, campaigns, kpis or qa, not weather");
  CHECK(Digest("{}", "kpis").status().message() == "results: there is no \"kpis\"");
  CHECK(Digest("{", "kpis").status().message().find("results: ") == 0);
  CHECK(Digest(R"({"kpis": {}})", "kpis").status().ok());
}
