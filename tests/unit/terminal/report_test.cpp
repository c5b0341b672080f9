#include "samples/terminal/simulate/report.h"

#include <doctest/doctest.h>

#include "sdk/core/base/json.h"

using namespace notes;
using namespace notes::simulate;

TEST_CASE("a ledger is counted by kind and tells the variants") {
  PersonReport person;
  std::map<std::string, std::uint64_t> accepted;
  ReadLedger(
      "1 tracked app_open:10\n2 exposure attach-button:labelled:20458\n3 tracked file_shared:11\n"
      "4 holdout 2026q4:comparison:20458\n6 prompt try-file-share:s-1:exposure\n5 exposure "
      "attach-button:labelled:20459\n",
      &person, &accepted);
  CHECK(accepted ==
        std::map<std::string, std::uint64_t>{{"exposure", 2}, {"holdout", 1}, {"prompt", 1}, {"tracked", 2}});
  CHECK(person.variants == std::map<std::string, std::string>{{"attach-button", "labelled"}});
  CHECK(person.holdouts == std::map<std::string, std::string>{{"2026q4", "comparison"}});
}

TEST_CASE("the report holds the planted chance of each variant that people met") {
  Simulation simulation;
  Report report;
  PersonReport labelled;
  labelled.name = "p0001";
  labelled.device = "d-1";
  labelled.saw_button = "label";
  labelled.variants = {{"attach-button", "labelled"}, {"onboarding", "warm"}};
  PersonReport control = labelled;
  control.saw_button = "icon";
  control.variants = {{"attach-button", "control"}};
  labelled.arms = {{"try-file-share", "held_out"}};
  control.arms = {{"try-file-share", "prompt"}};
  report.people = {labelled, control};
  report.accepted = {{"tracked", 9}};
  CrowdResult crowd;
  crowd.victims = 3;
  crowd.killed_while = {{Stage::kTelling, 2}, {Stage::kDayDone, 1}, {Stage::kPersonDone, 1}};

  const std::string text = ReportJson(simulation, report, crowd);
  const auto document = guidon::json::Document::Parse(text, nullptr);
  REQUIRE(document);
  const guidon::json::Node root = document->root();
  const guidon::json::Node attach = root["planted"].First();
  CHECK(attach["experiment"].AsString() == "attach-button");
  CHECK(attach["variants"]["control"].AsNumber() == doctest::Approx(0.25));
  CHECK(attach["variants"]["labelled"].AsNumber() == doctest::Approx(0.37));
  CHECK(attach.Next()["variants"]["warm"].AsNumber() == doctest::Approx(0.6));
  const guidon::json::Node nudge = root["nudges"].First();
  CHECK(nudge["campaign"].AsString() == "try-file-share");
  CHECK(nudge["arms"]["held_out"]["people"].AsInt() == 1);
  CHECK(nudge["arms"]["held_out"]["chance"].AsNumber() == doctest::Approx(0.08));
  CHECK(nudge["arms"]["prompt"]["chance"].AsNumber() == doctest::Approx(0.33));
  CHECK(root["people"].First()["arms"]["try-file-share"].AsString() == "held_out");
  CHECK(root["accepted"]["tracked"].AsInt() == 9);
  CHECK(root["people_killed"].AsInt() == 3);
  CHECK(root["killed_while"]["telling"].AsInt() == 2);
  CHECK(root["killed_while"]["between days"].AsInt() == 2);
  CHECK(root["people"].First()["device"].AsString() == "d-1");
  CHECK(root["people"].First()["variants"]["onboarding"].AsString() == "warm");
}
