// The names of events: those declared, and every place that asks for one; and KPIs, which are events with a name.
#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/prompts/survey.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr std::string_view kKpis[] = {"acquisition", "activation", "retention", "revenue", "feedback"};

void CheckDeclared(const Members& members, const Source& source, const Located& at, std::string_view name,
                   const char* where) {
  const SourceEvents& events = source.events;
  if (FindNamed(source.counts, name) != nullptr) {
    members.problems().Error("count-as-event", at,
                             "'" + std::string(name) + "' is a count, which is asked by count() and its like alone",
                             "write the event, and what is asked of it behind `where`");
    return;
  }
  if (events.at == nullptr || name.empty() || name == prompts::kAnsweredEvent) return;
  if (std::find(events.names.begin(), events.names.end(), name) != events.names.end()) return;
  members.problems().Warning("undeclared-event", at,
                             "no event is called '" + std::string(name) + "', so " + std::string(where),
                             Suggest(name, events.names, "add it to \"events\" if the app tracks it"));
}

void CheckKpiNames(const Members& members, const Source& source, const SourceRun& run) {
  if (run.kpi.empty()) return;
  const Located& at = *run.at->Find("kpi");
  if (std::find(std::begin(kKpis), std::end(kKpis), run.kpi) == std::end(kKpis)) {
    members.problems().Error("unknown-kpi", at, "there is no KPI '" + run.kpi + "'",
                             Suggest(run.kpi, {std::begin(kKpis), std::end(kKpis)}, ""));
  } else if (!source.kpis.empty() && FindNamed(source.kpis, run.kpi) == nullptr) {
    members.problems().Warning("kpi-not-measured", at, "\"kpis\" does not say how " + run.kpi + " is measured",
                               "add it there: \"" + run.kpi + "\": \"file_shared within 7d\"");
  }
}

}  // namespace

void ReadEvents(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kArray, "[\"app_open\", \"message_sent\"]")) return;
  out->events.at = &at;
  for (const Located& item : at.items) {
    if (!members.Want(item, json::Type::kString, "an event's name in quotes")) continue;
    const std::string_view name = item.Text();
    if (name.empty() || name.size() > limits::kEventNameBytes || name.find(' ') != std::string_view::npos) {
      members.problems().Error("bad-name", item, "an event's name has 1 to 128 bytes and no spaces",
                               "write it as the app tracks it");
    } else if (name == "session_start") {
      members.problems().Warning("reserved-event", item,
                                 "'session_start' is the engine's own, as a trigger it means that",
                                 "give the app's event another name");
    } else if (name == prompts::kAnsweredEvent) {
      members.problems().Warning("reserved-event", item,
                                 "'answered' is the engine's own: a question of a prompt was answered",
                                 "remove it, or give the app's event another name");
    } else if (std::find(out->events.names.begin(), out->events.names.end(), name) != out->events.names.end()) {
      members.problems().Warning("listed-twice", item, "'" + std::string(name) + "' is listed twice", "remove one");
    } else {
      out->events.names.push_back(name);
    }
  }
  if (out->events.names.size() > limits::kBehaviorEvents) {
    members.problems().Warning("too-many", at,
                               std::to_string(out->events.names.size()) +
                                   " events, and a device remembers 256: of more it forgets those longest unseen",
                               "let one event with properties stand for several");
  }
}

void ReadKpis(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"activation\": \"file_shared within 7d\" }")) return;
  members.CheckKnown(at, {"acquisition", "activation", "retention", "revenue", "feedback"}, "\"kpis\"",
                     {{"referral", "invitations that were accepted are \"acquisition\""},
                      {"conversion", "write \"activation\""},
                      {"nps", "write \"feedback\""}});
  for (const Located& item : at.items) {
    if (std::find(std::begin(kKpis), std::end(kKpis), item.name) == std::end(kKpis)) continue;
    const std::optional<SourceGoal> goal = ReadGoal(members, item);
    if (!goal) continue;
    CheckGoalWindow(members, *goal);
    CheckGoalIsDirect(members, *goal);
    if (item.name == "activation" && goal->within.empty()) {
      members.problems().Warning("kpi-without-window", item,
                                 "activation says no time, so whoever came first has had the longest",
                                 "write \"" + goal->event + " within 7d\"");
    } else if (item.name != "activation" && !goal->within.empty()) {
      members.problems().Warning("kpi-window-unused", item,
                                 item.name + " is measured by its own times, so `within` says nothing here",
                                 "write \"" + goal->event + "\"");
    }
    out->kpis.push_back({item.name, *goal});
  }
}

void CheckEvents(const Members& members, const Source& source) {
  for (const SourceExperiment& experiment : source.experiments) CheckKpiNames(members, source, experiment);
  for (const SourceCampaign& campaign : source.campaigns) CheckKpiNames(members, source, campaign);
  for (const SourceCount& count : source.counts) {
    CheckDeclared(members, source, *count.at, count.event, "nothing would be counted");
  }
  for (const SourceKpi& kpi : source.kpis) {
    CheckDeclared(members, source, *kpi.measure.at, kpi.measure.event, "nothing would be measured");
  }
  const auto check_measures = [&](const SourceRun& run) {
    for (const SourceGoal& goal : run.goals) {
      CheckDeclared(members, source, *goal.at, goal.event, "the goal would never be reached");
    }
    for (const SourceGuardrail& guardrail : run.guardrails) {
      CheckDeclared(members, source, *guardrail.measure.at, guardrail.measure.event, "this would guard nothing");
    }
  };
  for (const SourceExperiment& experiment : source.experiments) check_measures(experiment);
  for (const SourceCampaign& campaign : source.campaigns) {
    check_measures(campaign);
    for (const SourceTrigger& trigger : campaign.triggers) {
      for (const SourceStep& step : trigger.steps) {
        CheckDeclared(members, source, *trigger.at, step.event, "nothing would ever start this");
      }
    }
    for (const SourceShow& show : campaign.shows) {
      for (const SourceButton& button : show.content.buttons) {
        if (button.track.empty()) continue;
        CheckDeclared(members, source, *button.at->Find("track"), button.track, "nothing expects it");
      }
    }
    for (const SourceEventName& event : campaign.cancel_on) {
      CheckDeclared(members, source, *event.at, event.name, "it would never cancel this");
    }
  }
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    expression::ForEachLeaf(*condition.tree, [&](const expression::Tree& leaf) {
      if (leaf.kind != expression::Kind::kBehavior || FindNamed(source.counts, leaf.name) != nullptr) return;
      CheckDeclared(
          members, source, *condition.at, leaf.name,
          behavior::IsElapsed(leaf.measure) ? "it would never have happened" : "it would always be counted as 0");
    });
  }
}

}  // namespace guidon::tools
