#include "sdk/tools/iterations.h"

namespace guidon::tools {
namespace {

// As written, else as before, else the first that nothing ran as. Something of this very name is asked to say it.
template <class Before>
std::int64_t Iteration(const SourceRun& run, const std::vector<Before>& previous, const Retired& retired) {
  const Before* before = FindNamed(previous, run.name);
  return run.iteration.value_or(before != nullptr ? before->iteration : retired.floor + 1);
}

template <class Before>
const Before* Find(const SourceRun& run, const std::vector<Before>& previous, const Retired& retired,
                   Problems* problems) {
  const std::int64_t iteration = Iteration(run, previous, retired);
  const Before* before = FindNamed(previous, run.name);
  const std::int64_t used = before != nullptr ? before->iteration : retired.LastOf(run.name);
  if (iteration < used || (before == nullptr && iteration == used)) {
    const bool is_known = before != nullptr || retired.names.count(run.name) > 0;
    problems->Error("salt-reused", Place(run, "iteration"),
                    "'" + run.name + (is_known ? "' has" : "' may have") + " run as iteration " + std::to_string(used) +
                        " already, and iteration " + std::to_string(iteration) + " would bring back its old groups",
                    "write \"iteration\": " + std::to_string(used + 1));
    return nullptr;
  }
  if (before == nullptr || iteration > before->iteration) return nullptr;
  if (before->status == "ended" && run.IsLive()) {
    problems->Error("ended-restarted", Place(run, "status"),
                    "'" + run.name + "' has ended and would run again in the same iteration", RaiseAdvice(iteration));
  }
  return before;
}

}  // namespace

std::int64_t IterationOf(const SourceExperiment& experiment, const Previous* previous) {
  if (previous == nullptr) return experiment.iteration.value_or(1);
  return Iteration(experiment, previous->experiments, previous->retired);
}

std::int64_t IterationOf(const SourceCampaign& campaign, const Previous* previous) {
  if (previous == nullptr) return campaign.iteration.value_or(1);
  return Iteration(campaign, previous->campaigns, previous->retired_campaigns);
}

const PreviousExperiment* FindSameIteration(const SourceExperiment& experiment, const Previous& previous,
                                            Problems* problems) {
  return Find(experiment, previous.experiments, previous.retired, problems);
}

const PreviousCampaign* FindSameIteration(const SourceCampaign& campaign, const Previous& previous,
                                          Problems* problems) {
  return Find(campaign, previous.campaigns, previous.retired_campaigns, problems);
}

std::string RaiseAdvice(std::int64_t iteration) {
  return "write \"iteration\": " + std::to_string(iteration + 1) + ": new groups are drawn and results start anew";
}

const Located& Place(const SourceRun& run, std::string_view member) {
  const Located* at = run.at->Find(member);
  return at != nullptr ? *at : *run.at;
}

}  // namespace guidon::tools
