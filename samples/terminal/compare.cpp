#include "samples/terminal/compare.h"

#include <cmath>
#include <cstdio>

#include "samples/terminal/settings.h"
#include "samples/terminal/text.h"
#include "sdk/core/base/json.h"

namespace notes {
namespace {

using guidon::Status;
using guidon::json::Node;
using guidon::json::Type;

guidon::Result<guidon::json::Document> Parse(std::string_view text, const char* what) {
  guidon::json::Error error;
  guidon::json::Limits limits;
  limits.nodes = 5'000'000;  // files of our own, with an entry a person
  std::optional<guidon::json::Document> document = guidon::json::Document::Parse(text, &error, limits);
  if (!document) return Bad(std::string(what) + ": " + error.ToText());
  return *std::move(document);
}

// The results of the current iteration of one of the experiments or campaigns; missing when there are none.
Node FindCurrent(Node all, std::string_view key) {
  for (Node one : all) {
    if (one["key"].AsString() == key && one["current"].AsBool() == true) return one;
  }
  return Node();
}

std::string Percent(double share) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}
std::string Points(double difference) {
  char text[64];
  std::snprintf(text, sizeof text, "%+.1f", difference * 100);
  return text;
}
std::string Probability(double p) {
  char text[64];
  std::snprintf(text, sizeof text, " (p = %.2g)", p);
  return text;
}

struct Comparison {
  std::string text;
  bool is_good = true;  // every split is good and every planted effect lies inside its interval
};

// "   +11.7 points (95 %: +4.2 to +18.9)", and the truth below.
void TellDifference(double difference, double lower, double upper, double truth, Comparison* out) {
  const bool is_inside = lower <= truth && truth <= upper;
  if (!is_inside) out->is_good = false;
  out->text += "   " + Points(difference) + " points (95 %: " + Points(lower) + " to " + Points(upper) + ")\n";
  out->text += "    planted " + Points(std::abs(truth) < 5e-5 ? 0.0 : truth) +
               (is_inside ? ": inside the interval\n" : ": OUTSIDE the interval\n");
}

void TellSplit(Node split, Comparison* out) {
  const std::string state = Clean(split["state"].AsString().value_or(""));
  out->text += state;
  if (const std::optional<double> p = split["p"].AsNumber()) out->text += Probability(*p);
  out->text += "\n";
  if (state == "broken" || state == "zero_weight") out->is_good = false;
}

std::string ArmText(const std::string& name, std::int64_t units, double rate) {
  return "  " + Fit(name, 12, "…") + Right(std::to_string(units), 5) + " people" + Right(Percent(rate), 9);
}

Status CompareArm(Node arm, Node planted, Comparison* out) {
  const std::string name = Clean(arm["name"].AsString().value_or(""));
  const std::optional<double> rate = arm["rate"].AsNumber();
  if (name.empty() || !rate) return Bad("results: a variant without name or rate");
  out->text += ArmText(name, arm["units"].AsInt().value_or(0), *rate);
  const std::optional<double> difference = arm["difference"].AsNumber();
  const std::optional<double> chance = planted["variants"][name].AsNumber();
  const std::optional<double> base = planted["variants"].Find("control").AsNumber();
  if (!difference || !chance || !base) {
    out->text += "\n";
    return Status();
  }
  const Node interval = arm["difference_interval"];
  const std::optional<double> lower = interval.First().AsNumber();
  const std::optional<double> upper = interval.First().Next().AsNumber();
  if (!lower || !upper) return Bad("results: a difference without its interval");
  TellDifference(*difference, *lower, *upper, *chance - *base, out);
  return Status();
}

Status CompareExperiment(Node planted, Node results, Comparison* out) {
  const std::string key = Clean(planted["experiment"].AsString().value_or(""));
  const Node experiment = FindCurrent(results["experiments"], key);
  if (key.empty() || !experiment.exists()) return Bad("results: no current experiment \"" + key + "\"");
  out->text += key + ": " + std::to_string(experiment["units"].AsInt().value_or(0)) + " people, split ";
  TellSplit(experiment["split"], out);
  for (Node goal : experiment["goals"]) {
    if (goal["event"].AsString() != planted["goal"].AsString()) continue;
    out->text += "  goal: " + Clean(goal["event"].AsString().value_or("")) + " within " +
                 Clean(goal["within"].AsString().value_or("any time")) + "\n";
    for (Node arm : goal["variants"]) {
      const Status compared = CompareArm(arm, planted, out);
      if (!compared.ok()) return compared;
    }
    return Status();
  }
  return Bad("results: experiment \"" + key + "\" lacks the goal that was planted");
}

// Those who reached the prompt against those who were held out there.
Status CompareCampaign(Node planted, Node results, Comparison* out) {
  const std::string key = Clean(planted["campaign"].AsString().value_or(""));
  const Node campaign = FindCurrent(results["campaigns"], key);
  if (key.empty() || !campaign.exists()) return Bad("results: no current campaign \"" + key + "\"");
  out->text += key + ": " + std::to_string(campaign["units"].AsInt().value_or(0)) + " people at the moment, split ";
  TellSplit(campaign["split"], out);
  for (Node goal : campaign["goals"]) {
    if (goal["event"].AsString() != planted["goal"].AsString()) continue;
    out->text += "  goal: " + Clean(goal["event"].AsString().value_or("")) + " within " +
                 Clean(goal["within"].AsString().value_or("any time")) + "\n";
    for (const char* arm : {"held_out", "prompt"}) {
      const std::optional<double> rate = goal[arm]["rate"].AsNumber();
      if (!rate) return Bad("results: campaign \"" + key + "\" lacks the rate of " + arm);
      const bool is_prompt = std::string_view(arm) == "prompt";
      out->text += ArmText(is_prompt ? "prompt" : "held out", goal[arm]["units"].AsInt().value_or(0), *rate);
      if (!is_prompt) out->text += "\n";
    }
    const std::optional<double> difference = goal["difference"].AsNumber();
    const std::optional<double> lower = goal["low"].AsNumber();
    const std::optional<double> upper = goal["high"].AsNumber();
    const std::optional<double> with = planted["arms"]["prompt"]["chance"].AsNumber();
    const std::optional<double> without = planted["arms"]["held_out"]["chance"].AsNumber();
    if (!difference || !lower || !upper) return Bad("results: campaign \"" + key + "\" lacks a difference");
    if (!with || !without) return Bad("report: campaign \"" + key + "\" lacks its chances");
    TellDifference(*difference, *lower, *upper, *with - *without, out);
    return Status();
  }
  return Bad("results: campaign \"" + key + "\" lacks the goal that was planted");
}

guidon::Result<Comparison> CompareAll(std::string_view report_json, std::string_view results_json) {
  const auto report = Parse(report_json, "report");
  if (!report.ok()) return report.status();
  const auto results = Parse(results_json, "results");
  if (!results.ok()) return results.status();
  Comparison comparison;
  for (Node planted : report->root()["planted"]) {
    const Status compared = CompareExperiment(planted, results->root(), &comparison);
    if (!compared.ok()) return compared;
  }
  for (Node planted : report->root()["nudges"]) {
    const Status compared = CompareCampaign(planted, results->root(), &comparison);
    if (!compared.ok()) return compared;
  }
  if (comparison.text.empty()) return Bad("report: nothing was planted");
  return comparison;
}

}  // namespace

guidon::Result<std::string> Compare(std::string_view report_json, std::string_view results_json) {
  guidon::Result<Comparison> comparison = CompareAll(report_json, results_json);
  if (!comparison.ok()) return comparison.status();
  return std::move(comparison->text);
}

int RunCompare(const std::vector<std::string>& arguments) {
  constexpr const char* kHelp =
      "guidon-terminal compare: what the collector measured beside what was planted\n"
      "\n"
      "  --report FILE    written by guidon-terminal simulate\n"
      "  --results FILE   the collector's /results.json\n"
      "\n"
      "Exit code 0: every split is good and every planted effect lies inside its interval; 1: not so; 2: cannot say.\n";
  std::string report_file, results_file;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (arguments[i] == "--help" || arguments[i] == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    const bool is_report = arguments[i] == "--report";
    if ((!is_report && arguments[i] != "--results") || i + 1 == arguments.size()) {
      std::fprintf(stderr, "compare: --report FILE and --results FILE are needed\n");
      return 2;
    }
    (is_report ? report_file : results_file) = arguments[i + 1];
  }
  if (report_file.empty() || results_file.empty()) {
    std::fprintf(stderr, "compare: --report FILE and --results FILE are needed\n");
    return 2;
  }
  const guidon::Result<std::string> report = ReadFile(report_file, kMostReportBytes);
  const guidon::Result<std::string> results = ReadFile(results_file, kMostReportBytes);
  for (const auto* file : {&report, &results}) {
    if (file->ok()) continue;
    std::fprintf(stderr, "compare: %s\n", file->status().message().c_str());
    return 2;
  }
  const guidon::Result<Comparison> comparison = CompareAll(*report, *results);
  if (!comparison.ok()) {
    std::fprintf(stderr, "compare: %s (report %s, results %s)\n", comparison.status().message().c_str(),
                 report_file.c_str(), results_file.c_str());
    return 2;
  }
  std::fputs(comparison->text.c_str(), stdout);
  return comparison->is_good ? 0 : 1;
}

}  // namespace notes
