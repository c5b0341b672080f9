#include <algorithm>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/explanation_parts.h"
#include "sdk/core/evaluation/text_page.h"

namespace guidon::evaluation {
namespace {

using ruleset::SlotRange;
using ruleset::StepKind;

constexpr std::string_view kYes = "✓";
constexpr std::string_view kNo = "✗";
constexpr std::string_view kUnknown = "?";
constexpr std::string_view kServes = "→";
constexpr std::size_t kShownRanges = 4;
constexpr std::size_t kValueWidth = 60;
constexpr std::size_t kDeepestIndent = 40;

std::string ValueText(const ruleset::FlagValue& value) {
  std::string text = value.type == ruleset::ValueType::kJson ? value.text : json::ToText(ruleset::ToValue(value));
  return Shortened(text, kValueWidth);
}

std::string ValueText(const std::optional<ruleset::FlagValue>& value) {
  return value ? ValueText(*value) : "the caller's fallback";
}

std::string RangeText(const SlotRange& range) {
  return Number(range.begin) + "–" + Number(range.end - std::int64_t{1});
}

// "0–99,999 and 300,000–399,999", "0–99,999, 200,000–299,999, … and 7 more"
std::string RangesText(const ExplainedStep& step) {
  if (step.ranges.empty()) return "every range, as there are none";
  std::string text;
  const std::size_t shown = std::min(step.ranges.size(), kShownRanges);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == step.range_count;
    text += (i == 0 ? "" : is_last ? " and " : ", ") + RangeText(step.ranges[i]);
  }
  if (step.range_count > shown) text += " and " + std::to_string(step.range_count - shown) + " more";
  return text;
}

std::string SlotText(const ExplainedStep& step) {
  const std::string slot = "slot " + Number(step.slot);
  return step.range ? slot + " is in " + RangeText(*step.range) : slot + " is outside " + RangesText(step);
}

std::string ExperimentText(const ExplainedResult& result) {
  return "variant " + result.variant + " of experiment " + result.experiment + " (iteration " +
         Number(result.iteration) + ")";
}

// Why, in one line.
std::string Headline(const Explanation& explanation, const ExplainedResult& result) {
  switch (result.reason) {
    case Reason::kStatic: return "the default; the flag has no rules";
    case Reason::kDefault: return "the default; no rule applied";
    case Reason::kRule: return "served by rule " + result.rule;
    case Reason::kRollout:
      return result.experiment.empty() ? "rolled out by rule " + result.rule : ExperimentText(result) + ", shipped";
    case Reason::kExperiment: return ExperimentText(result);
    case Reason::kHoldout: return "the default; a holdout keeps the unit out";
    case Reason::kForced:
      if (!result.experiment.empty()) return ExperimentText(result) + ", forced by an override";
      return result.rule.empty() ? "forced by an override" : "the default, by an override";
    case Reason::kKilled: return "the default; its kill switch is on";
    case Reason::kExpired: return "the default; the datafile has expired, and the flag does not outlive it";
    case Reason::kNotReady: return "no datafile is in force";
    case Reason::kFlagNotFound:
      return "the datafile has no such flag" +
             (explanation.suggestion.empty() ? "" : "; did you mean " + explanation.suggestion + "?");
    case Reason::kInvalidFlag: return "what the datafile says about it is not valid";
    case Reason::kTypeMismatch: return "the flag has another type than asked for";
    case Reason::kNoUnit: return "rule " + result.rule + " needs a unit id that the context lacks";
    case Reason::kInvalidUnit: return "rule " + result.rule + " needs a unit id, and the context's cannot be used";
    case Reason::kBudget: return "deciding took more steps than a datafile may ask for";
    case Reason::kClosed: return "the client was closed";
    case Reason::kPrerequisite: return "rule " + result.rule + " needs another flag to be as it is not";
    case Reason::kCircular: return "it rests on a flag that rests on it";
    case Reason::kDisabled: return "it is switched off where it comes from";
    case Reason::kNoVariant: return "its rule names a variant that it does not have";
  }
  return "";
}

// "3d 4h", "5h", "12m 30s": the two largest units, rounded down.
std::string AgeText(std::int64_t ms) {
  const struct {
    std::int64_t ms;
    const char* name;
  } units[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}};
  for (std::size_t i = 0; i < std::size(units); ++i) {
    if (ms < units[i].ms) continue;
    std::string text = Number(ms / units[i].ms) + units[i].name;
    const std::int64_t rest = i + 1 < std::size(units) ? ms % units[i].ms / units[i + 1].ms : 0;
    return rest == 0 ? text : text + " " + std::to_string(rest) + units[i + 1].name;
  }
  return "0s";
}

std::string ElapsedText(const ExplainedCondition& leaf) {
  if (!leaf.seen) return leaf.is_exact ? "it never happened" : "whether it ever happened is not known";
  const bool is_last = leaf.measure == behavior::Measure::kSinceLast;
  const char* about = leaf.is_exact ? "it was " : is_last ? "it was at most " : "it was at least ";
  return about + AgeText(*leaf.seen->AsInt()) + " ago";
}

std::string_view Mark(Truth truth) noexcept {
  return truth == Truth::kTrue ? kYes : truth == Truth::kFalse ? kNo : kUnknown;
}

}  // namespace

std::string SeenText(const ExplainedCondition& leaf) {
  if (leaf.op == ruleset::Op::kBehavior) {
    if (behavior::IsElapsed(leaf.measure)) return ElapsedText(leaf);
    if (!leaf.seen) return leaf.is_of_session ? "nothing is known of this session" : "nothing is known yet";
    return (leaf.is_exact ? "it is " : "it is at least ") + Number(*leaf.seen->AsInt());
  }
  if (leaf.op == ruleset::Op::kFlag) {
    if (!leaf.seen) return "it has no value";
    const std::string* flag = leaf.seen->AsString();
    return "it is " + (flag == nullptr ? json::ToText(*leaf.seen) : "'" + Shortened(*flag, kValueWidth) + "'");
  }
  if (leaf.op == ruleset::Op::kVariant) {
    if (leaf.seen) return "it is '" + *leaf.seen->AsString() + "'";
    return leaf.truth == Truth::kUnknown ? "it cannot be told" : "the unit is in none";
  }
  if (leaf.attribute.empty()) return "";
  if (!leaf.seen) return leaf.attribute + " is missing";
  if (leaf.is_hidden)
    return leaf.attribute + " is private" + (leaf.expected.empty() ? "" : ", and not " + leaf.expected);
  const Value& seen = *leaf.seen;
  std::string text;
  if (seen.AsString() != nullptr) {
    text = leaf.attribute == "now" ? *seen.AsString() : "'" + Shortened(*seen.AsString(), kValueWidth) + "'";
  } else if (seen.AsList() != nullptr || seen.AsObject() != nullptr) {
    text = seen.AsList() != nullptr ? "a list" : "an object";
  } else if (seen.AsDouble() != nullptr && json::ToText(seen) == "null") {
    text = "not a number";
  } else {
    text = json::ToText(seen);
  }
  return leaf.attribute + " is " + text + (leaf.expected.empty() ? "" : ", not " + leaf.expected);
}

std::string Number(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3 + (number < 0 ? 1u : 0u); at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

void AddCondition(const ExplainedCondition& condition, std::size_t indent, TextPage* page) {
  std::string text = condition.text;
  const bool fits = indent + 2 + text.size() <= TextPage::kColumns;
  if (text.empty() || (!fits && !condition.of.empty() && condition.op != ruleset::Op::kSegment)) {
    text = condition.op == ruleset::Op::kAnd ? "all of" : condition.op == ruleset::Op::kOr ? "any of" : "not";
  }
  page->Row(indent, Mark(condition.truth), text, SeenText(condition) + (condition.decides ? "  ← decides" : ""));
  const std::size_t deeper = std::min(indent + 2, kDeepestIndent);
  for (const ExplainedCondition& part : condition.of) AddCondition(part, deeper, page);
  if (condition.more > 0) page->Row(deeper, "", "and " + Number(static_cast<std::int64_t>(condition.more)) + " more");
}

void AddDatafile(const ruleset::Header& header, const std::optional<ExplainedOrigin>& origin, Timestamp at,
                 TextPage* page) {
  std::string datafile = header.project + "/" + header.environment + " " + std::to_string(header.epoch) + "." +
                         std::to_string(header.version);
  if (header.expires_at <= at) {
    datafile += ", expired at " + text::FormatTimestamp(header.expires_at) + " and still in force";
  }
  page->Pair("datafile", datafile);
  if (origin) {
    std::string from = "the " + origin->source + (origin->is_signed ? "" : ", unsigned");
    if (header.issued_at <= at) from += ", " + text::RoughDuration(at - header.issued_at) + " old";
    from += origin->checked ? ", checked " + text::FormatTimestamp(*origin->checked) : ", not checked since the start";
    page->Pair("from", from);
  }
  page->Pair("at", text::FormatTimestamp(at));
}

namespace {

std::string MomentText(Timestamp time, const std::string& local) {
  const std::string text = text::FormatTimestamp(time);
  return local.empty() ? text : local + " local time, " + text;
}

std::string StatusText(const ExplainedStep& step) {
  std::string text(ruleset::ExperimentStatusName(step.status));
  if (step.starts_at != Timestamp::min()) text += ", from " + MomentText(step.starts_at, step.starts_local);
  if (step.ends_at != ruleset::kNever) text += ", until " + MomentText(step.ends_at, step.ends_local);
  return text;
}

std::string OfAudience(const ExplainedStep& step) { return step.audience.empty() ? "" : ", audience " + step.audience; }

// One line for all steps but conditions.
void AddStep(const ExplainedStep& step, std::size_t indent, TextPage* page) {
  const std::string holdout = "holdout " + step.object + ": " + SlotText(step);
  switch (step.result) {
    case StepResult::kPassed:
      page->Row(indent, kYes,
                step.kind == StepKind::kShare  ? "share: " + SlotText(step)
                : step.kind == StepKind::kUnit ? step.unit_kind + " " + Shortened(step.unit_id, kValueWidth)
                                               : StatusText(step));
      return;
    case StepResult::kConditionFalse:
    case StepResult::kConditionUnknown: return;  // say themselves what they are
    case StepResult::kPaused: page->Row(indent, kNo, "paused: nobody new is let in"); return;
    case StepResult::kExpired: page->Row(indent, kNo, "the datafile has expired: nobody new is let in"); return;
    case StepResult::kEnded:
      page->Row(indent, kNo,
                step.status == ruleset::ExperimentStatus::kEnded
                    ? "ended"
                    : "ended: was running until " + MomentText(step.ends_at, step.ends_local));
      return;
    case StepResult::kNotStarted:
      page->Row(indent, kNo, "not started: will be running from " + MomentText(step.starts_at, step.starts_local));
      return;
    case StepResult::kNoUnit: page->Row(indent, kNo, "the context has no " + step.unit_kind + " id"); return;
    case StepResult::kInvalidUnit:
      page->Row(indent, kNo, "the " + step.unit_kind + " id is not 1 to 256 bytes of UTF-8");
      return;
    case StepResult::kHeldOut: page->Row(indent, kServes, holdout + ", held out"); return;
    case StepResult::kNotHeldOut:
      page->Row(indent, kYes,
                "holdout " + step.object + ": slot " + Number(step.slot) + " is outside " + RangeText(step.ranges[0]));
      return;
    case StepResult::kComparisonGroup: page->Row(indent, kYes, holdout + ", its comparison group"); return;
    case StepResult::kNotInLayer:
      page->Row(indent, kNo, "layer " + step.object + OfAudience(step) + ": " + SlotText(step));
      return;
    case StepResult::kInLayer:
      page->Row(indent, kYes, "layer " + step.object + OfAudience(step) + ": " + SlotText(step));
      return;
    case StepResult::kNotInSplit: page->Row(indent, kNo, "split" + OfAudience(step) + ": " + SlotText(step)); return;
    case StepResult::kNotInRollout:
      page->Row(indent, kNo,
                (step.kind == StepKind::kShip ? "ships " + step.variant + ": " : "rollout: ") + SlotText(step));
      return;
    case StepResult::kEnrolled:
      page->Row(indent, kServes, step.variant + ": the unit is enrolled in it" + OfAudience(step) + ", and stays");
      return;
    case StepResult::kNotEnrolled:
      page->Row(indent, kNo,
                step.variant.empty() ? "not enrolled" : "enrolled in " + step.variant + ", which is not the winner");
      return;
    case StepResult::kBlocked:
      page->Row(indent, kNo, "enrolled in an earlier iteration, which keeps the unit out");
      return;
    case StepResult::kPassedThrough:
      page->Row(indent, kYes, step.variant + ": " + SlotText(step) + "; it lets the next rule decide");
      return;
    case StepResult::kGaveNothing: page->Row(indent, kNo, "gives nothing"); return;
    case StepResult::kGaveNoVariant: page->Row(indent, kUnknown, "gives what is no variant"); return;
    case StepResult::kNothing: page->Row(indent, kServes, "ends without a value"); return;
    case StepResult::kCircular: page->Row(indent, kServes, "leads back to this flag"); return;
    case StepResult::kStays:
      page->Row(indent, kYes, StatusText(step) + ": nobody new is let in; the unit is enrolled");
      return;
    case StepResult::kShipping: page->Row(indent, kYes, "ended, and ships " + step.variant); return;
    case StepResult::kNotWinner:
      page->Row(indent, kNo, step.variant + ", not the winner" + OfAudience(step) + ": " + SlotText(step));
      return;
    case StepResult::kForcedOff: page->Row(indent, kServes, "override: off, so the flag is its default"); return;
    case StepResult::kForcedUnassigned:
      page->Row(indent, kNo, "override: unassigned, as if the unit were not in it");
      return;
    case StepResult::kForcedHeldOut:
      page->Row(indent, kServes, "override: held out by " + step.object + ", so the flag is its default");
      return;
    case StepResult::kForcedNotHeldOut: page->Row(indent, kYes, "override: not held out by " + step.object); return;
    case StepResult::kForced: page->Row(indent, kServes, "override: " + step.variant); return;
    case StepResult::kServed: {
      const bool is_variant = step.kind == StepKind::kSplit || step.kind == StepKind::kWinner ||
                              step.kind == StepKind::kShip || step.kind == StepKind::kDraw ||
                              step.kind == StepKind::kSelect;
      const std::string what = is_variant ? step.variant + OfAudience(step) : ValueText(step.value);
      const std::string ships = step.kind == StepKind::kShip ? "ships " : "";
      page->Row(indent, kServes, step.slot < 0 ? what : ships + what + ": " + SlotText(step));
      return;
    }
    case StepResult::kOverBudget:
      page->Row(indent, kUnknown, "over the budget of " + Number(kStepBudget) + " conditions for one decision");
      return;
  }
}

std::string_view OutcomeText(const ExplainedRule& rule, const ExplainedResult& result) noexcept {
  if (rule.outcome != ExplainedRule::Outcome::kDecided) return ": passed over";
  return result.value ? ": decides" : ": ends the decision";
}

void AddRule(const ExplainedRule& rule, const ExplainedResult& result, TextPage* page) {
  std::string line = "rule " + rule.id;
  if (!rule.experiment.empty()) line += ", experiment " + rule.experiment;
  page->Line(2, line.append(OutcomeText(rule, result)));
  for (const ExplainedStep& step : rule.steps) {
    if (step.condition && step.kind == StepKind::kAudience) {
      page->Row(4, step.result == StepResult::kPassed ? kYes : kNo, "audience " + step.audience);
      AddCondition(*step.condition, 6, page);
    } else if (step.condition) {
      AddCondition(*step.condition, 4, page);
    } else {
      AddStep(step, 4, page);
    }
  }
  page->EndBlock();
}

std::string ExposureText(const ExplainedExposure& exposure) {
  std::string text = exposure.is_holdout ? "holdout " + exposure.key + ", " + exposure.variant
                                         : "experiment " + exposure.key + ", variant " + exposure.variant;
  if (!exposure.audience.empty()) text += " of audience " + exposure.audience;
  text += ", by " + exposure.unit_kind + " " + Shortened(exposure.unit_id, kValueWidth);
  if (exposure.is_sticky) text += ", enrolled";
  return exposure.is_forced ? text + "; forced, so counted in no result" : text;
}

std::string SourceText(std::string_view source) {
  if (source == "api") return "app itself";
  if (source == "token") return "QA token";
  return source == "panel" ? "debug panel" : std::string(source);
}

std::string WaitingText(const ExplainedWaiting& waiting) {
  const std::string version = std::to_string(waiting.epoch) + "." + std::to_string(waiting.version);
  return version + ", newer and not in force yet" + (waiting.kills ? "; its kill switch is" : "");
}

// Which of two experiments on one flag came first is what people look for.
std::string NotAskedText(const Explanation& explanation) {
  std::string text;
  const ExplainedRule* first = nullptr;
  bool has_lost = false;
  for (const ExplainedRule& rule : explanation.rules) {
    const bool is_of_experiment = !rule.experiment.empty();
    if (rule.outcome == ExplainedRule::Outcome::kDecided && is_of_experiment) first = &rule;
    if (rule.outcome != ExplainedRule::Outcome::kNotAsked) continue;
    text += (text.empty() ? "rule " : ", rule ") + rule.id;
    if (is_of_experiment) text += " of experiment " + rule.experiment;
    has_lost |= is_of_experiment;
  }
  return first != nullptr && has_lost ? text + "; experiment " + first->experiment + " came first" : text;
}

void AddPairs(const Explanation& explanation, TextPage* page) {
  page->Pair("reason", ReasonName(explanation.result.reason));
  for (const ExplainedOverride& each : explanation.overrides) {
    const bool is_attribute = each.kind == ExplainedOverride::Kind::kAttribute;  // which may be private
    const std::string what = std::string(OverrideKindName(each.kind)) + (each.key.empty() ? "" : " ") + each.key +
                             (each.value     ? " to " + ValueText(each.value)
                              : is_attribute ? ""
                                             : " to " + each.variant);
    page->Pair("override", each.source.empty() ? what : what + ", by the " + SourceText(each.source));
  }
  if (explanation.now) {
    const ExplainedResult& now = *explanation.now;
    page->Pair("held",
               "since the session began; now it would be " + ValueText(now.value) + ", " + Headline(explanation, now));
  }
  if (explanation.natural) {
    const ExplainedResult& natural = *explanation.natural;
    page->Pair("naturally", ValueText(natural.value) + ", " + Headline(explanation, natural));
  }
  for (const ExplainedExposure& exposure : explanation.exposures) page->Pair("exposure", ExposureText(exposure));
  const std::string not_asked = NotAskedText(explanation);
  if (!not_asked.empty()) page->Pair("not asked", not_asked);
  if (explanation.valid_until != ruleset::kNever) {
    const bool is_expiry = explanation.datafile && explanation.valid_until == explanation.datafile->expires_at;
    page->Pair("until", text::FormatTimestamp(explanation.valid_until) +
                            (is_expiry ? ", when the datafile expires" : ", when it may change by time alone"));
  }
  if (explanation.waiting) page->Pair("waiting", WaitingText(*explanation.waiting));
  if (explanation.datafile) AddDatafile(*explanation.datafile, explanation.origin, explanation.at, page);
}

}  // namespace

std::string ToWords(const Explanation& explanation) { return Headline(explanation, explanation.result); }

std::string ToText(const Explanation& explanation, Letters letters) {
  TextPage page(letters);
  const std::string flag = Shortened(explanation.flag, limits::kKeyBytes);
  page.Heading(flag + " = " + ValueText(explanation.result.value), Headline(explanation, explanation.result));
  const ExplainedResult& by_rules = explanation.now ? *explanation.now : explanation.result;
  for (const ExplainedRule& rule : explanation.rules) {
    if (rule.outcome != ExplainedRule::Outcome::kNotAsked) AddRule(rule, by_rules, &page);
  }
  AddPairs(explanation, &page);
  return page.Take();
}

}  // namespace guidon::evaluation
