// What conditions ask of the past: how often an event happened, and how long ago.
#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/condition_loader.h"

namespace guidon::dialects {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Node;
using ruleset::Op;

bool ConditionLoader::LoadEvent(const Place& event, behavior::Term* term) {
  const auto name = event.Text();
  if (!name) return false;
  if (name->empty() || name->size() > limits::kEventNameBytes) {
    event.Error("must be 1 to " + std::to_string(limits::kEventNameBytes) + " bytes long");
    return false;
  }
  term->event = *name;
  const auto count = named_.counts.find(*name);
  if (count == named_.counts.end()) return true;
  if (count->second.part == 0) event.Error("the count \"" + *name + "\" has an error");
  term->whole = count->second.event;
  term->part = count->second.part;
  return term->part != 0;
}

// {"op": "since_last", "event": E, "comparison": ">=", "duration": "7d"}
bool ConditionLoader::LoadElapsed(const Place& place, const Place& op, Node* node) {
  const bool is_last = *op.node().AsString() == "since_last";
  if (!IsAlone(place, is_last ? "since_last" : "since_first")) return false;
  behavior::Term term;
  term.measure = is_last ? behavior::Measure::kSinceLast : behavior::Measure::kSinceFirst;
  const Place event = place.Member("event");
  if (!LoadEvent(event, &term)) return false;
  const Place comparison_place = place.Member("comparison");
  const auto sign = comparison_place.Text();
  if (!sign) return false;
  const auto comparison = ParseComparison(*sign);
  if (!comparison || *comparison == Comparison::kEqual || *comparison == Comparison::kNotEqual) {
    comparison_place.Error("must be <, <=, > or >=, not \"" + *sign + "\"");
    return false;
  }
  const Place duration = place.Member("duration");
  const auto text = duration.Text();
  if (!text) return false;
  const auto time = text::ParseDuration(*text);
  if (!time) {
    duration.Error("\"" + *text + "\" is no time such as 7d, at most ten years");
    return false;
  }
  node->comparison = *comparison;
  node->type = ConstantType::kTime;
  node->integer = time->count();
  return LoadTerm(event, std::move(term), node);
}

bool ConditionLoader::LoadBehavior(const Place& place, const Place& op, Node* node) {
  const Place count = place.Member("count");
  const bool is_count = count.exists();
  const Place event = is_count ? count : place.Member("active_days");
  if (!IsAlone(place, event.node().name())) return false;
  if (node->op != Op::kCompare) {
    op.Error("a count is compared with ==, !=, <, <=, > or >=");
    return false;
  }
  behavior::Term term;
  if (!LoadEvent(event, &term)) return false;
  const auto value = place.Member("value").Int(0, static_cast<std::int64_t>(limits::kMaxVersion));
  if (!value) return false;
  term.measure = is_count ? behavior::Measure::kCount : behavior::Measure::kActiveDays;
  const Place window = place.Member("window");
  if (window.exists()) {
    const auto text = window.Text();
    if (!text) return false;
    const auto parsed = behavior::ParseWindow(*text);
    if (!parsed) {
      window.Warning("\"" + *text + "\" is a window this version does not know; the condition stays unknown");
      node->op = Op::kUnsupported;
      return true;
    }
    term.window = *parsed;
    if (!is_count && parsed->unit == behavior::Window::Unit::kSession) {
      window.Error("\"session\" is a window of counts; a session has no days to count");
      return false;
    }
  }
  node->op = Op::kBehavior;
  node->type = ConstantType::kInt;
  node->integer = *value;
  return LoadTerm(event, std::move(term), node);
}

bool ConditionLoader::LoadTerm(const Place& event, behavior::Term term, Node* node) {
  const auto next = static_cast<std::uint16_t>(rules_.behavior_terms.size());
  const auto [at, is_new] = terms_.try_emplace({term.event, term.measure, term.window.unit, term.window.length}, next);
  if (is_new) {
    if (rules_.behavior_terms.size() >= limits::kBehaviorTerms) {
      event.Error("is one count too many: rules may ask for " + std::to_string(limits::kBehaviorTerms) +
                  " different ones");
      terms_.erase(at);
      return false;
    }
    rules_.behavior_terms.push_back(std::move(term));
  }
  node->slot = at->second;
  return true;
}

}  // namespace guidon::dialects
