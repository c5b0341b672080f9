// What `guidon simulate` takes: a year of somebody who opens the app three times a day, under ten campaigns. And
// `guidon crowd`: ten million people under five flags, two of which have experiments that exclude each other.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "sdk/core/dialects/native/load.h"
#include "sdk/tools/shares.h"
#include "sdk/tools/simulation.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace guidon::bench {
namespace {

constexpr int kDays = 365;
constexpr int kSessions = 3;
constexpr int kEvents = 10;  // of a session
constexpr Timestamp kFirstDay = TimestampFromMs(1'796'083'200'000);

std::shared_ptr<const client::Datafile> TenCampaigns() {
  std::string campaigns;
  for (int i = 0; i < 10; ++i) {
    const std::string key = "c" + std::to_string(i);
    campaigns += (i == 0 ? "\"" : ",\"") + key + R"(":{"iteration":1,"status":"running","unit":"device","salt":")" +
                 key + R"(.1","holdout":100000,"trigger":{"event":"e)" + std::to_string(i % kEvents) +
                 R"("},"when":{"op":">=","count":"e1","window":"14d","value":2},"priority":)" + std::to_string(i) +
                 R"(,"valid_for":"60s","caps":[{"count":1,"per":"7d"}],"waits":{"dismissal":"7d","action":"30d"},)"
                 R"("show":{"kind":"banner","title":"T","body":"B","buttons":[{"id":"b1","label":"OK"}]}})";
  }
  auto out = std::make_shared<client::Datafile>();
  out->rules = dialects::LoadNative(R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,)"
                                    R"("issued_at":"2026-11-20T10:00:00Z","campaigns":{)" +
                                    campaigns + "}}")
                   .rules;
  if (out->rules == nullptr || out->rules->campaigns.size() != 10 || !out->rules->campaigns.back().is_valid) {
    std::fprintf(stderr, "the datafile of campaigns does not load\n");
    std::exit(2);
  }
  return out;
}

std::vector<tools::TimelineStep> Year() {
  std::vector<tools::TimelineStep> out;
  for (int day = 0; day < kDays; ++day) {
    for (int session = 0; session < kSessions; ++session) {
      for (int event = 0; event < kEvents; ++event) {
        tools::TimelineStep& step = out.emplace_back();
        step.at = kFirstDay + std::chrono::hours(24 * day + 9 + 4 * session) + std::chrono::seconds(30 * event);
        step.name = "e" + std::to_string(event);
      }
    }
  }
  return out;
}

constexpr std::uint64_t kCrowd = 10'000'000;

std::shared_ptr<const ruleset::Ruleset> FiveFlags() {
  auto rules = dialects::LoadNative(R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,
    "issued_at":"2026-11-20T10:00:00Z","layers":{"default":{"unit":"device","salt":"l"}},
    "experiments":{
      "look":{"iteration":1,"status":"running","layer":"default","slots":[[0,300000]],"salt":"look.1","variants":{
        "control":{"slots":[[0,500000]],"flags":{"composer":"icon"}},
        "labelled":{"slots":[[500000,1000000]],"flags":{"composer":"text"}}}},
      "words":{"iteration":1,"status":"running","layer":"default","slots":[[300000,700000]],"salt":"words.1","variants":{
        "control":{"slots":[[0,500000]],"flags":{"tone":"calm"}},
        "loud":{"slots":[[500000,1000000]],"flags":{"tone":"loud"}}}}},
    "flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"look"}]},
      "tone":{"type":"string","default":"calm","rules":[{"id":"r1","experiment":"words"}]},
      "chunk":{"type":"int","default":256,"rules":[{"id":"r1","rollout":{"unit":"device","salt":"chunk","split":[
        {"slots":[[0,100000]],"serve":512}]}}]},
      "sharing":{"type":"bool","default":false,"rules":[
        {"id":"r1","when":{"op":"==","attribute":"plan","value":"pro"},"serve":true}]},
      "still":{"type":"bool","default":true}}})");
  if (rules.rules == nullptr || !rules.problems.empty()) {
    std::fprintf(stderr, "the datafile of a crowd does not load%s\n",
                 rules.problems.empty() ? "" : (": " + rules.problems[0].pointer + rules.problems[0].reason).c_str());
    std::exit(2);
  }
  return rules.rules;
}

// On all of the machine's processors together.
Row CrowdRow(const std::string& name) {
  const auto rules = FiveFlags();
  tools::Crowd crowd;
  crowd.count = kCrowd;
  tools::Profile pro;
  pro.now = kFirstDay;
  pro.context.Set("plan", "pro");
  tools::Profile free = pro;
  free.context.Set("plan", "free");
  crowd.profiles = {pro, free};
  const auto began = std::chrono::steady_clock::now();
  const tools::Shares shares = tools::CountShares(*rules, crowd);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double millions = static_cast<double>(shares.decisions) / took.count() / 1e6;
  return {name, millions, "M/s", std::nullopt, 5, std::nullopt, true};
}

}  // namespace

std::vector<Row> SimulationRows(const Wish& wish) {
  std::vector<Row> rows;
  const std::string crowd = "crowd of 10,000,000 people, decisions";
  if (wish.is_timed && wish.wanted(crowd)) rows.push_back(CrowdRow(crowd));
  const std::string name = "simulate one person's year, 10,950 events";
  if (!wish.wanted(name)) return rows;
  const auto datafile = TenCampaigns();
  const std::vector<tools::TimelineStep> year = Year();
  tools::Cast cast;
  cast.answers = {{tools::PromptAnswer::kDismiss, 100}};
  const double ns = MeasureLongNs(
      [&] { Keep(tools::RunTimeline(datafile, year, cast, year.front().at, [](std::uint64_t) {})); }, wish.is_timed);
  Row row{name, ns / 1e6, "ms", std::nullopt, 1'000, std::nullopt};
  if (!wish.is_timed) row.value.reset();
  rows.push_back(row);
  return rows;
}

}  // namespace guidon::bench
