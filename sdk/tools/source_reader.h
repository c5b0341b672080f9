// Reads a source and checks it by itself, without the last published file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/tools/members.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// Reports everything that is wrong. What could not be read is left out of `out`; the source is fit to publish only when
// there are no errors. `json` must outlive `out`. `now` is for dates that have passed.
bool ReadSource(std::string_view text, Timestamp now, Located* json, Source* out, Problems* problems);

// Reports more than `most` members or items.
void CheckCount(const Members& members, const Located& at, std::size_t most);

// Parts of it, each in its own file.
void ReadSegments(const Members& members, const Located& at, Source* out);
// Those of lifecycle_segments.cpp that conditions name and the source does not declare.
void AddReadyMadeSegments(Source* source);
std::vector<std::string_view> ReadyMadeSegments();
void ReadCounts(const Members& members, const Located& at, Source* out);
void ReadFlags(const Members& members, const Located& at, Source* out);
void ReadExperiments(const Members& members, const Located& at, Timestamp now, Source* out);
void ReadCampaigns(const Members& members, const Located& at, Timestamp now, Source* out);
void ReadGroups(const Members& members, const Located& at, Source* out);
void ReadEvents(const Members& members, const Located& at, Source* out);
void ReadKpis(const Members& members, const Located& at, Source* out);
// What holds between the parts.
void CheckSource(const Members& members, Source* source);
void CheckPrerequisites(const Members& members, const Source& source);
void CheckExperiments(const Members& members, const Source& source);
void CheckCampaigns(const Members& members, const Source& source, Timestamp now);
void CheckGroups(const Members& members, const Source& source);
void CheckAnswered(const Members& members, const Source& source);
void CheckMoments(const Members& members, const Source& source);
void CheckEvents(const Members& members, const Source& source);
void CheckCounts(const Members& members, const Source& source);
void CheckBehavior(const Members& members, const Source& source);
void CheckConditions(const Members& members, const Source& source, Timestamp now);

// What experiments and campaigns have in common, but for their goals. `noun` is "an experiment", `nobody` what an end
// that has passed means.
void ReadRun(const Members& members, const Located& at, Timestamp now, std::string_view noun, std::string_view nobody,
             SourceRun* out);
// What stands behind "per" in a cap: "7d", "day", "session".
std::string PerText(const SourceCap& cap);
// "caps" as they are written; of what is wrong none.
void ReadCaps(const Members& members, const Located& at, std::vector<SourceCap>* out);
// "days", "hours" and "zone" of a campaign.
void ReadOpenHours(const Members& members, const Located& at, std::optional<ruleset::OpenHours>* out);
// Warns of caps that others stop from ever being reached; `by` says whose those are.
void CheckCaps(const Members& members, const std::vector<SourceCap>& caps, const std::vector<SourceCap>& others,
               const std::string& by);
// The member's time, within bounds that `range` tells. Nothing when it is absent or wrong.
std::optional<Duration> ReadTime(const Members& members, const Located& object, std::string_view member, Duration least,
                                 Duration most, std::string_view range);
// "questions" of a content whose kind is known, and what a translation says of those.
void ReadQuestions(const Members& members, const Located& show, const ReadWords& read, SourceContent* out);
void ReadQuestionTexts(const Members& members, const Located& translation, const SourceContent& content,
                       const ReadWords& read, std::vector<SourceQuestionTexts>* out);
// What a campaign shows, and its buttons.
void ReadButtons(const Members& members, const Located& at, std::vector<SourceButton>* out);
void ReadContent(const Members& members, const Located& at, SourceContent* out);
// "show", and "variants" with "weights" where there are several contents.
void ReadShows(const Members& members, const Located& campaign, std::vector<SourceShow>* out);
// "weights" by variant; empty when they are not there or not whole.
std::vector<double> ReadWeights(const Members& members, const Located& of,
                                const std::vector<std::string_view>& variants);
std::optional<SourceGoal> ReadGoal(const Members& members, const Located& at);
void ReadGoals(const Members& members, const Located& goals, SourceRun* out);
// "guardrails" of a run whose goals are read.
void ReadGuardrails(const Members& members, const Located& run, SourceRun* out);
// Campaigns and KPIs measure in minutes and more.
void CheckGoalWindow(const Members& members, const SourceGoal& goal);
// Of what is no campaign: it has no goals by prompt.
void CheckGoalIsDirect(const Members& members, const SourceGoal& goal);

// Every condition of the source with its place, triggers' and counts' included.
struct PlacedCondition {
  const expression::Tree* tree = nullptr;
  const Located* at = nullptr;
  bool is_trigger = false;  // or of a count: it asks an event's properties
};
std::vector<PlacedCondition> ConditionsOf(const Source& source);

// The value as a flag of `type` holds it, or nothing. An int is taken for a double.
std::optional<Value> AsFlagValue(const Located& at, std::string_view type);
// Reports that it is not.
void ReportFlagValue(const Members& members, const Located& at, const SourceFlag& flag);

}  // namespace guidon::tools
