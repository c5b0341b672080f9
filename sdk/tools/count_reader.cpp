// Counts: events of one name, told apart by their properties.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/expression/render.h"
#include "sdk/core/prompts/survey.h"
#include "sdk/tools/source_reader.h"
#include "sdk/tools/trigger_form.h"

namespace guidon::tools {
namespace {

constexpr const char* kCountExample = "\"message_sent where chars >= 1500\"";

// What rules ask by themselves, or mean otherwise.
bool IsReserved(std::string_view name) {
  return name == prompts::kAnsweredEvent || name == "session_start" || name == "app_open";
}

void CheckCountName(const Members& members, const Located& at) {
  if (!members.CheckName(at.name, at, true, "count")) return;
  if (!IsReserved(at.name)) return;
  members.problems().ErrorAtName("reserved-name", at, "'" + at.name + "' is an event that the engine asks itself",
                                 "give the count a name of its own, such as \"long_messages\"");
}

// Whoever tells of the event has nothing else at hand.
void CheckWhere(const Members& members, const Located& at, const expression::Tree& where) {
  members.LookForPersonalData(at, where);
  bool asks_more = false;
  expression::ForEachLeaf(
      where, [&](const expression::Tree& leaf) { asks_more = asks_more || !expression::ReadsAttribute(leaf.kind); });
  if (!asks_more) return;
  members.problems().Error("more-than-properties", at,
                           "a count asks the properties of the event that just happened, and nothing else",
                           "move count(), segment(), flag(), variant() and `now` to where the count is asked");
}

void ReadOne(const Members& members, const Located& at, Source* out) {
  CheckCountName(members, at);
  if (!members.Want(at, json::Type::kString, kCountExample)) return;
  expression::Error error;
  std::optional<TriggerForm> form = ParseTrigger(at.Text(), &error);
  if (!error.reason.empty()) members.ErrorWithin("bad-count", at, error);
  if (!form || !error.reason.empty()) return;
  if (form->kind != ruleset::TriggerKind::kEvent) {
    members.problems().Error("bad-count", at, "a count is of one event", std::string("write ") + kCountExample);
    return;
  }
  TriggerStepForm& step = form->steps.front();
  if (!step.where) {
    members.problems().Error("bad-count", at, "this counts every " + step.event,
                             "ask count('" + step.event + "'), or write \"" + step.event + " where …\"");
    return;
  }
  CheckWhere(members, at, *step.where);
  out->counts.push_back({at.name, std::move(step.event), std::move(step.where), &at});
}

}  // namespace

void ReadCounts(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, std::string("{ \"long_messages\": ") + kCountExample + " }")) return;
  CheckCount(members, at, limits::kCounts);
  for (const Located& item : at.items) ReadOne(members, item, out);
}

void CheckCounts(const Members& members, const Source& source) {
  std::set<std::string> asked;
  for (const PlacedCondition& condition : ConditionsOf(source)) {
    expression::ForEachLeaf(*condition.tree, [&](const expression::Tree& leaf) {
      if (leaf.kind == expression::Kind::kBehavior) asked.insert(leaf.name);
    });
  }
  std::map<std::string, std::set<std::string>> of_event;
  for (const SourceCount& count : source.counts) {
    std::set<std::string>& different = of_event[count.event];
    const bool is_new = different.insert(expression::ToJson(*count.where)).second;
    if (is_new && different.size() == limits::kCountsPerEvent + 1) {
      members.problems().Error("too-many", *count.at,
                               "more than " + std::to_string(limits::kCountsPerEvent) + " counts of " + count.event,
                               "leave out those that no rule asks");
    }
    const auto& names = source.events.names;
    if (IsReserved(count.name)) continue;
    if (std::find(names.begin(), names.end(), count.name) != names.end()) {
      members.problems().ErrorAtName("name-taken", *count.at,
                                     "'" + count.name + "' is an event that the app tracks, which nobody could count",
                                     "give the count a name of its own");
    } else if (asked.count(count.name) == 0) {
      members.problems().Note("unused-count", *count.at, "no rule asks the count '" + count.name + "'",
                              "remove it if nothing will; devices count from when they are told to");
    }
  }
}

}  // namespace guidon::tools
