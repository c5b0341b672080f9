// What experiments and campaigns have in common: a name, people's notes, status, dates, goals and guardrails.
#include <algorithm>
#include <string>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/short_forms.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kGuardrails = 16;

void ReadStatus(const Members& members, const Located& at, SourceRun* out) {
  const std::optional<std::string> status = members.Text(at, "status");
  if (!status) return;
  std::vector<std::string_view> known;
  for (RunStatus candidate : {RunStatus::kDraft, RunStatus::kRunning, RunStatus::kPaused, RunStatus::kEnded}) {
    known.push_back(StatusName(candidate));
    if (*status != known.back()) continue;
    out->status = candidate;
    return;
  }
  members.problems().Error("unknown-status", *at.Find("status"), "there is no status '" + *status + "'",
                           Suggest(*status, known, ""));
}

// Where one is local and the other is not, it differs from place to place.
void CheckOrder(const Members& members, const Located& at, const SourceTime& start, const SourceTime& end) {
  const bool is_alike = start.is_local == end.is_local;
  const bool never = is_alike ? end.time <= start.time : LatestOf(end) <= EarliestOf(start);
  if (never) {
    members.problems().Error("ends-before-start", *at.Find("ends_at"), "it ends before it starts",
                             "swap or correct the dates");
  } else if (!is_alike && EarliestOf(end) <= LatestOf(start)) {
    members.problems().Warning("ends-before-start", *at.Find("ends_at"),
                               "one of the two is local, so in some zones it ends before it starts",
                               "make both local or none, or leave more than a day between them");
  }
}

void ReadDates(const Members& members, const Located& at, Timestamp now, std::string_view nobody, SourceRun* out) {
  out->starts_at = members.Moment(at, "starts_at");
  out->ends_at = members.Moment(at, "ends_at");
  if (out->starts_at && out->ends_at) CheckOrder(members, at, *out->starts_at, *out->ends_at);
  if (out->ends_at && LatestOf(*out->ends_at) <= now && out->IsLive()) {
    members.problems().Warning("end-has-passed", *at.Find("ends_at"), "the end has passed, so " + std::string(nobody),
                               "write \"status\": \"ended\", or a later end");
  }
  const std::optional<Timestamp> decide_by = members.Date(at, "decide_by");
  if (decide_by && *decide_by <= now && out->IsLive()) {
    members.problems().Warning("decide-by-has-passed", *at.Find("decide_by"),
                               "the day of the decision has passed and it still runs",
                               "decide: end it and ship the winner, or write a later day");
  }
}

bool IsSameMeasure(const SourceGoal& a, const SourceGoal& b) {
  return a.event == b.event && a.is_by_prompt == b.is_by_prompt &&
         text::ParseDuration(a.within) == text::ParseDuration(b.within);
}

// What the goals say already, or a guardrail above.
void CheckGuardrails(const Members& members, const SourceRun& run) {
  for (std::size_t i = 0; i < run.guardrails.size(); ++i) {
    const SourceGuardrail& guardrail = run.guardrails[i];
    const SourceGoal& measure = guardrail.measure;
    if (std::any_of(run.goals.begin(), run.goals.end(),
                    [&measure](const SourceGoal& goal) { return IsSameMeasure(goal, measure); })) {
      members.problems().Warning("guardrail-is-goal", *measure.at,
                                 "'" + measure.event + " within " + measure.within +
                                     "' is a goal, too, which shows it already if that gets worse",
                                 "take what may suffer while the goal is reached");
    }
    const auto end = run.guardrails.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(run.guardrails.begin(), end, [&guardrail](const SourceGuardrail& other) {
          return other.may_not_rise == guardrail.may_not_rise && IsSameMeasure(other.measure, guardrail.measure);
        })) {
      members.problems().Warning("listed-twice", *measure.at, "the same guardrail is listed twice", "remove one");
    }
  }
}

}  // namespace

void ReadRun(const Members& members, const Located& at, Timestamp now, std::string_view noun, std::string_view nobody,
             SourceRun* out) {
  const std::size_t space = noun.find(' ');
  members.CheckName(at.name, at, true, noun.substr(space + 1));
  if (at.name.size() > kNameInSaltBytes && at.name.size() <= limits::kKeyBytes) {
    members.problems().ErrorAtName(
        "name-too-long", at, std::string(noun) + "'s name is part of its salt and has at most 53 bytes", "shorten it");
  }
  for (const char* member : {"about", "hypothesis", "owner"}) members.Text(at, member);
  ReadStatus(members, at, out);
  out->iteration = members.Int(at, "iteration", 1, 1'000'000);
  if (const Located* when = at.Find("when")) {
    out->has_when = true;
    out->when = members.Condition(*when);
  }
  ReadDates(members, at, now, nobody, out);
  out->is_protected = members.Bool(at, "protected").value_or(false);
  out->kpi = members.Text(at, "kpi").value_or("");
}

std::optional<SourceGoal> ReadGoal(const Members& members, const Located& at) {
  if (!members.Want(at, json::Type::kString, "\"file_shared within 7d\"")) return std::nullopt;
  expression::Error error;
  std::optional<GoalForm> goal = ParseGoal(at.Text(), &error);
  if (!goal) {
    members.ErrorWithin("bad-goal", at, error);
    return std::nullopt;
  }
  return SourceGoal{std::move(goal->event), std::move(goal->within), &at, goal->is_by_prompt};
}

void CheckGoalWindow(const Members& members, const SourceGoal& goal) {
  const std::optional<Duration> window = text::ParseDuration(goal.within);
  if (goal.within.empty() || !window || window->count() >= 60'000) return;
  members.problems().Error("bad-goal", *goal.at, "'" + goal.within + "' is shorter than a minute",
                           "write \"" + goal.event + " within 1m\" or more");
}

void CheckGoalIsDirect(const Members& members, const SourceGoal& goal) {
  if (!goal.is_by_prompt) return;
  members.problems().Error("bad-goal", *goal.at, "only a campaign has prompts that could bring somebody",
                           "write \"" + goal.event + (goal.within.empty() ? "" : " within " + goal.within) + "\"");
}

void ReadGoals(const Members& members, const Located& goals, SourceRun* out) {
  if (!members.Want(goals, json::Type::kArray, "[\"file_shared within 7d\"]")) return;
  for (const Located& item : goals.items) {
    if (std::optional<SourceGoal> goal = ReadGoal(members, item)) out->goals.push_back(std::move(*goal));
  }
}

void ReadGuardrails(const Members& members, const Located& run, SourceRun* out) {
  const Located* guardrails = run.Find("guardrails");
  if (guardrails == nullptr || !members.Want(*guardrails, json::Type::kArray, "[\"no more error_shown within 10m\"]"))
    return;
  for (const Located& item : guardrails->items) {
    if (!members.Want(item, json::Type::kString, "\"no more error_shown within 10m\"")) continue;
    expression::Error error;
    std::optional<GuardrailForm> form = ParseGuardrail(item.Text(), &error);
    if (!form) {
      members.ErrorWithin("bad-guardrail", item, error);
      continue;
    }
    SourceGoal measure{std::move(form->measure.event), std::move(form->measure.within), &item};
    CheckGoalWindow(members, measure);
    out->guardrails.push_back({std::move(measure), form->may_not_rise});
  }
  if (guardrails->items.size() > kGuardrails) {
    members.problems().Error("too-many", *guardrails, "more than 16 guardrails",
                             "each may give a false alarm: keep those that would stop it");
  }
  CheckGuardrails(members, *out);
}

}  // namespace guidon::tools
