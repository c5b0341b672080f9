// What sections of the results page are made of, and the sections. Every name that came in from outside is escaped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "samples/collector/results.h"

namespace guidon::collector {

class Html {
 public:
  Html& Raw(std::string_view html) {
    out_ += html;
    return *this;
  }
  Html& Text(std::string_view text);      // escaped
  Html& Sentence(std::string_view text);  // escaped; numbers stay together with their percent sign
  Html& Name(std::string_view name);      // escaped; may be broken behind an underscore
  Html& Number(std::uint64_t n);          // with thousands set apart
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// "12.3": coordinates and lengths.
std::string Tenths(double value);

// A heading that says which step of the loop it belongs to, and in a sentence what it answers.
void WriteHeading(const char* id, const char* step, const char* title, const char* answers, Html* html);

void WriteChip(std::string_view text, Html* html);
// Name, status, iteration, unit and KPI of an experiment or a campaign.
void WriteCardHead(const std::string& key, const std::string& status, std::int64_t iteration, const std::string& unit,
                   const std::string& kpi, Html* html);
// Above what is compared: whether it may be trusted.
void WriteSplitAlarm(const Comparison& comparison, Html* html);
// Each guardrail that is broken.
void WriteGuardrailAlarm(const Comparison& comparison, Html* html);
// Begins a goal's heading, or a guardrail's with its verdict.
void WriteGoalTitle(const GoalResult& goal, Html* html);

// One thing that speaks for or against the numbers.
enum class Light { kNeutral, kGood, kWarning };
void WriteLight(Light light, const std::string& sentence, Html* html);
// The split in words, and what more there is to say; nothing when there is nothing.
void WriteSplitLine(const Comparison& comparison, const std::string& more, Html* html);
std::string TwoArmSentence(const LeftOut& left_out);

// A bar as long as `share` of its track; `style` is one of the style sheet's.
void WriteBar(double share, const char* style, Html* html);

// The next of 1, 2, 5, 10, 20, … percent that holds all intervals of the goal.
double ReachOf(const GoalResult& goal);
// A difference and its interval on a line from -reach to +reach.
void WritePlot(const GoalArm& arm, double reach, Html* html);

// An arm's line of a goal: its rate, and its difference to the first.
void WriteArm(const Comparison& comparison, const GoalResult& goal, std::size_t i, double reach, Html* html);

void WriteAdoptionSection(const Adoption& adoption, Html* html);
void WriteLifecycleSection(const std::vector<LifecycleWeek>& weeks, Html* html);
void WriteCampaignSection(const std::vector<CampaignResult>& campaigns, Html* html);
void WriteSurveyPart(const SurveyResult& survey, Html* html);
void WriteExperimentSection(const Results& results, Html* html);
void WriteFlagSection(const FlagResults& flags, Html* html);
void WriteKpiSection(const std::vector<KpiResult>& kpis, Html* html);
void WriteTrustSection(const Results& results, Html* html);
void WriteQaSection(const Qa& qa, Html* html);

}  // namespace guidon::collector
