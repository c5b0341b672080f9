// From a source without errors, and the last published file, to the next one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/time.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/tools/allocation.h"
#include "sdk/tools/previous.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// A rule as published: where it stood in the source, or null for one that was added for an experiment.
struct PlannedRule {
  const SourceRule* rule = nullptr;
  std::string id;
  std::string experiment;
  std::string salt;           // of a rollout
  std::vector<Ranges> parts;  // of a rollout: what each holds, in the order of growth
};

struct PlannedFlag {
  std::vector<PlannedRule> rules;
  std::int64_t rollouts = 0;  // the highest number a rollout's salt ever had
};

struct PlannedAudience {
  Ranges slots;
  std::vector<Ranges> split;
};

struct PlannedExperiment {
  std::int64_t iteration = 1;
  Ranges held;                             // in the order of growth; empty once it has ended
  Ranges slots;                            // in use, or when it ended
  std::vector<Ranges> split;               // by variant, in the order of the source
  std::vector<PlannedAudience> audiences;  // in the order of the source
};

struct PlannedLayer {
  std::int64_t epoch = 1;
  std::int64_t fresh = 0;
  Ranges freed;
};

// What is not in the source: slots, ids, salts.
struct Plan {
  std::map<std::string, PlannedLayer> layers;
  std::map<std::string, PlannedExperiment> experiments;  // drafts are left out
  std::map<std::string, PlannedFlag> flags;
  std::map<std::string, std::vector<Ranges>> campaign_splits;  // of those with variants, in the order of the source
  Retired retired;                                             // of experiments
  Retired retired_campaigns;
  Retired retired_layers;
  Retired retired_flags;
  std::set<std::string> retired_holdouts;
};

// Neither ReadSource nor CheckChanges found an error. `previous` is null for the first file.
Plan MakePlan(const Source& source, const Previous* previous);

struct Issue {
  Timestamp issued_at{};
  Timestamp expires_at{};
};

// The published JSON. Equal arguments give equal bytes.
std::string Publish(const Source& source, const Previous* previous, const Issue& issue);

// Parts of it, each in its own file.
void PublishKpis(const Source& source, json::Writer& out);
void PublishCounts(const Source& source, json::Writer& out);
std::string PublishedCount(const SourceCount& count);
void PublishSegment(const SourceSegment& segment, std::string_view project, json::Writer& out);
void PublishDates(const SourceRun& run, json::Writer& out);
void PublishGoals(const SourceRun& run, json::Writer& out);
void PublishGroups(const Source& source, json::Writer& out);
void PublishQuestions(const std::vector<SourceQuestion>& questions, json::Writer& out);
void PublishQuestionTexts(const std::vector<SourceQuestion>& questions, const std::vector<SourceQuestionTexts>& texts,
                          json::Writer& out);
// `has_group_of_all`: the source has the group that every campaign is in. `split`: of its variants; null: it has none.
void PublishCampaign(const SourceCampaign& campaign, std::int64_t iteration, bool has_group_of_all,
                     const std::vector<Ranges>* split, json::Writer& out);
void PublishRanges(const Ranges& ranges, json::Writer& out);
// What a campaign shows, as published.
std::string PublishedContent(const SourceContent& content);

}  // namespace guidon::tools
