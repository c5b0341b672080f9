// Results in words and as JSON.
#include "samples/collector/format.h"
#include "samples/collector/results.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

using json::Writer;

void WriteCounts(const char* name, const std::vector<Counted>& counts, Writer* writer) {
  writer->Key(name).BeginArray();
  for (const Counted& count : counts)
    writer->BeginObject().Key("name").String(count.name).Key("count").Uint(count.n).End();
  writer->End();
}

void WriteInterval(const char* name, const Interval& interval, Writer* writer) {
  writer->Key(name).BeginArray().Double(interval.lower).Double(interval.upper).End();
}

void WriteGoal(const ExperimentResult& experiment, const GoalResult& goal, Writer* writer) {
  writer->BeginObject().Key("event").String(goal.event).Key("within").String(goal.within).Key("variants").BeginArray();
  for (std::size_t i = 0; i < goal.arms.size(); ++i) {
    const GoalArm& arm = goal.arms[i];
    writer->BeginObject().Key("name").String(experiment.arms[i].variant);
    writer->Key("units").Uint(arm.units).Key("converted").Uint(arm.converted).Key("rate").Double(arm.rate);
    WriteInterval("rate_interval", arm.rate_interval, writer);
    if (arm.difference) {
      writer->Key("difference").Double(*arm.difference);
      WriteInterval("difference_interval", arm.difference_interval, writer);
    }
    writer->Key("verdict")
        .String(VerdictName(arm.verdict))
        .Key("text")
        .String(VerdictSentence(experiment, goal, i))
        .End();
  }
  writer->End().End();
}

void WriteExperiment(const ExperimentResult& experiment, Writer* writer) {
  writer->BeginObject().Key("key").String(experiment.key).Key("iteration").Int(experiment.iteration);
  writer->Key("status").String(experiment.status).Key("current").Bool(experiment.is_current);
  writer->Key("unit").String(experiment.unit).Key("units").Uint(experiment.units);
  writer->Key("forced_units").Uint(experiment.forced_units).Key("two_arm_units").Uint(experiment.two_arm_units);
  writer->Key("split").BeginObject().Key("state").String(SplitName(experiment.split));
  if (experiment.split != Split::kTooFew) writer->Key("p").Double(experiment.split_p);
  writer->End();
  writer->Key("variants").BeginArray();
  for (const ArmResult& arm : experiment.arms) {
    writer->BeginObject()
        .Key("name")
        .String(arm.variant)
        .Key("weight")
        .Double(arm.weight)
        .Key("units")
        .Uint(arm.units)
        .End();
  }
  writer->End().Key("goals").BeginArray();
  for (const GoalResult& goal : experiment.goals) WriteGoal(experiment, goal, writer);
  writer->End().End();
}

void WriteHealth(const Results& results, Writer* writer) {
  WriteCounts("events_by_name", results.events_by_name, writer);
  WriteCounts("quarantined", results.quarantined, writer);
  WriteCounts("lost", results.losses, writer);
  writer->Key("gaps").BeginObject().Key("missing").Uint(results.missing);
  writer->Key("installations").Uint(results.installations_with_gaps).Key("largest").BeginArray();
  for (const Gap& gap : results.gaps) {
    writer->BeginObject().Key("installation").String(gap.installation).Key("arrived").Uint(gap.arrived);
    writer->Key("missing").Uint(gap.missing).End();
  }
  writer->End().End();
}

}  // namespace

const char* SplitName(Split split) {
  switch (split) {
    case Split::kTooFew: return "too_few";
    case Split::kGood: return "good";
    case Split::kBroken: return "broken";
    case Split::kZeroWeight: return "zero_weight";
  }
  return "";
}

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kControl: return "control";
    case Verdict::kHigher: return "higher";
    case Verdict::kLower: return "lower";
    case Verdict::kNotClear: return "not_clear";
    case Verdict::kTooFew: return "too_few";
    case Verdict::kSplitBroken: return "split_broken";
  }
  return "";
}

std::uint64_t Sum(const std::vector<Counted>& counts) {
  std::uint64_t sum = 0;
  for (const Counted& count : counts) sum += count.n;
  return sum;
}

std::string VerdictSentence(const ExperimentResult& experiment, const GoalResult& goal, std::size_t arm) {
  const GoalArm& it = goal.arms[arm];
  const std::string& name = experiment.arms[arm].variant;
  if (it.units == 0) return name + ": no units yet";
  if (arm == 0) {
    const int decimals = DecimalsFor(it.rate_interval);
    return name + ": " + Percent(it.rate, decimals) + " (95 %: " + Percent(it.rate_interval.lower, decimals) + " to " +
           Percent(it.rate_interval.upper, decimals) + ")";
  }
  if (!it.difference) return name + ": nothing to compare with yet";
  const int decimals = DecimalsFor(it.difference_interval);
  std::string sentence = name + ": " + Percent(it.rate, decimals) + " vs " + Percent(goal.arms[0].rate, decimals) +
                         ": " + Points(*it.difference, decimals) +
                         " points (95 %: " + Points(it.difference_interval.lower, decimals) + " to " +
                         Points(it.difference_interval.upper, decimals) + ")";
  switch (it.verdict) {
    case Verdict::kControl:
    case Verdict::kHigher:
    case Verdict::kLower: break;
    case Verdict::kNotClear: sentence += "; no clear difference yet"; break;
    case Verdict::kTooFew: sentence += "; too few conversions to say"; break;
    case Verdict::kSplitBroken: sentence += "; no verdict, the split looks broken"; break;
  }
  return sentence;
}

std::string ResultsJson(const Results& results) {
  std::string out;
  Writer writer(&out, 2);
  writer.BeginObject().Key("generated_ms").Int(results.generated_ms);
  writer.Key("project").String(results.project).Key("environment").String(results.environment);
  writer.Key("datafile").BeginObject().Key("epoch").Int(results.epoch).Key("version").Int(results.version).End();
  writer.Key("events").Uint(results.events).Key("installations").Uint(results.installations);
  writer.Key("duplicates").Uint(results.duplicates).Key("last_event_ms");
  results.last_event_ms ? writer.Int(*results.last_event_ms) : writer.Null();
  writer.Key("experiments").BeginArray();
  for (const ExperimentResult& experiment : results.experiments) WriteExperiment(experiment, &writer);
  writer.End().Key("holdouts").BeginArray();
  for (const HoldoutResult& holdout : results.holdouts) {
    writer.BeginObject().Key("key").String(holdout.key).Key("unit").String(holdout.unit);
    writer.Key("held_out").Uint(holdout.held_out).Key("comparison").Uint(holdout.comparison);
    writer.Key("left_out").Uint(holdout.left_out).End();
  }
  writer.End();
  WriteHealth(results, &writer);
  writer.End();
  out += '\n';
  return out;
}

}  // namespace guidon::collector
