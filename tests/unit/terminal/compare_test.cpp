#include "samples/terminal/compare.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

using namespace notes;

namespace {

constexpr const char* kReport = R"({"planted": [{"experiment": "attach-button", "goal": "file_shared",
  "variants": {"control": 0.25, "labelled": 0.37}}]})";

std::string Results(const char* split, const char* interval) {
  return std::string(R"({"experiments": [
    {"key": "attach-button", "current": false, "units": 1, "split": {"state": "good"}, "goals": []},
    {"key": "attach-button", "current": true, "units": 588, "split": {"state": ")") +
         split + R"(", "p": 0.414},
     "goals": [{"event": "app_open", "within": "1d", "variants": []},
       {"event": "file_shared", "within": "7d", "variants": [
         {"name": "control", "units": 291, "rate": 0.2471},
         {"name": "labelled", "units": 297, "rate": 0.3641, "difference": 0.117, "difference_interval": )" +
         interval + "}]}]}]}";
}

int RunOn(const std::string& results, const char* report = kReport) {
  const std::string base = "compare_test." + std::to_string(getpid());
  const std::string files[2] = {base + ".report", base + ".results"};
  const std::string contents[2] = {report, results};
  for (int i = 0; i < 2; ++i) {
    std::FILE* out = std::fopen(files[i].c_str(), "w");
    REQUIRE(out != nullptr);
    std::fputs(contents[i].c_str(), out);
    std::fclose(out);
  }
  const int code = RunCompare({"--report", files[0], "--results", files[1]});
  for (const std::string& file : files) std::remove(file.c_str());
  return code;
}

}  // namespace

TEST_CASE("what was measured stands beside what was planted") {
  const guidon::Result<std::string> text = Compare(kReport, Results("good", "[0.0421, 0.1889]"));
  REQUIRE(text.ok());
  CHECK(*text ==
        "attach-button: 588 people, split good (p = 0.41)\n"
        "  goal: file_shared within 7d\n"
        "  control       291 people   24.7 %\n"
        "  labelled      297 people   36.4 %   +11.7 points (95 %: +4.2 to +18.9)\n"
        "    planted +12.0: inside the interval\n");
}

TEST_CASE("a truth outside the interval and a broken split are not passed over") {
  const guidon::Result<std::string> text = Compare(kReport, Results("good", "[0.13, 0.2]"));
  REQUIRE(text.ok());
  CHECK(text->find("planted +12.0: OUTSIDE the interval") != std::string::npos);
  CHECK(RunOn(Results("good", "[0.0421, 0.1889]")) == 0);
  CHECK(RunOn(Results("good", "[0.13, 0.2]")) == 1);
  CHECK(RunOn(Results("broken", "[0.0421, 0.1889]")) == 1);
  CHECK(RunOn(Results("zero_weight", "[0.0421, 0.1889]")) == 1);
  CHECK(RunOn("{}") == 2);
}

TEST_CASE("a campaign is compared with those who were held out of it") {
  constexpr const char* kNudgeReport = R"({"nudges": [{"campaign": "try-file-share", "goal": "file_shared",
    "arms": {"held_out": {"people": 34, "chance": 0.08}, "prompt": {"people": 285, "chance": 0.33}}}]})";
  const auto results = [](const char* low, const char* state) {
    return std::string(R"({"campaigns": [{"key": "try-file-share", "current": false, "goals": []},
      {"key": "try-file-share", "current": true, "units": 319, "split": {"state": ")") +
           state + R"(", "p": 0.7}, "goals": [
        {"event": "file_shared", "within": "7d", "prompt": {"units": 285, "converted": 90, "rate": 0.3158},
         "held_out": {"units": 34, "converted": 3, "rate": 0.0882}, "difference": 0.2276, "low": )" +
           low + R"(, "high": 0.308}]}]})";
  };
  const guidon::Result<std::string> text = Compare(kNudgeReport, results("0.077", "good"));
  REQUIRE_MESSAGE(text.ok(), text.status().message());
  CHECK(*text ==
        "try-file-share: 319 people at the moment, split good (p = 0.7)\n"
        "  goal: file_shared within 7d\n"
        "  held out       34 people    8.8 %\n"
        "  prompt        285 people   31.6 %   +22.8 points (95 %: +7.7 to +30.8)\n"
        "    planted +25.0: inside the interval\n");
  CHECK(RunOn(results("0.077", "good"), kNudgeReport) == 0);
  CHECK(RunOn(results("0.26", "good"), kNudgeReport) == 1);
  CHECK(RunOn(results("0.077", "broken"), kNudgeReport) == 1);
  CHECK(Compare(kNudgeReport, "{}").status().message() == "results: no current campaign \"try-file-share\"");
}

TEST_CASE("files that are not what they should be are refused by name") {
  struct Row {
    const char* report;
    const char* results;
    const char* message;
  };
  const Row rows[] = {
      {"{}", "{}", "report: nothing was planted"},
      {kReport, "{}", "results: no current experiment \"attach-button\""},
      {kReport, R"({"experiments": [{"key": "attach-button", "current": true, "goals": []}]})",
       "results: experiment \"attach-button\" lacks the goal that was planted"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const guidon::Result<std::string> text = Compare(row.report, row.results);
    REQUIRE_FALSE(text.ok());
    CHECK(text.status().message() == row.message);
  }
  CHECK(Compare("{", "{}").status().message().find("report: ") == 0);
}
