#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/core/base/type_names.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/explanation_parts.h"

namespace guidon::evaluation {
namespace {

using json::Writer;
using ruleset::Op;
using ruleset::StepKind;

std::string_view StepName(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::kGate: return "condition";
    case StepKind::kRunning: return "schedule";
    case StepKind::kUnit: return "unit";
    case StepKind::kHold: return "holdout";
    case StepKind::kEnrolled: return "enrollment";
    case StepKind::kAudience: return "audience";
    case StepKind::kLayer: return "layer";
    case StepKind::kSplit: return "split";
    case StepKind::kKept: return "enrollment";
    case StepKind::kWinner: return "winner";
    case StepKind::kShip: return "ship";
    case StepKind::kRollout: return "rollout";
    case StepKind::kServe: return "serve";
    case StepKind::kDefault: return "default";
    case StepKind::kShare: return "share";
    case StepKind::kDraw: return "draw";
    case StepKind::kSelect: return "select";
    case StepKind::kNothing: return "nothing";
  }
  return "default";
}

std::string_view OpName(Op op) noexcept {
  switch (op) {
    case Op::kAnd: return "and";
    case Op::kOr: return "or";
    case Op::kNot:
    case Op::kNotTrue: return "not";
    case Op::kForAny: return "for_any";
    case Op::kOfFlag: return "of_flag";
    case Op::kCompare: return "compare";
    case Op::kIn: return "in";
    case Op::kContains: return "contains";
    case Op::kStartsWith: return "starts_with";
    case Op::kEndsWith: return "ends_with";
    case Op::kMatchesGlob: return "matches_glob";
    case Op::kMatches: return "matches";
    case Op::kInDigests: return "in";
    case Op::kContainsAny: return "contains_any";
    case Op::kContainsAll: return "contains_all";
    case Op::kContainsNone: return "contains_none";
    case Op::kCidr: return "cidr";
    case Op::kExists: return "exists";
    case Op::kSegment: return "segment";
    case Op::kSince: return "since";
    case Op::kBefore: return "before";
    case Op::kBehavior: return "behavior";
    case Op::kFlag: return "flag";
    case Op::kVariant: return "variant";
    case Op::kUnsupported: return "unsupported";
  }
  return "unsupported";
}

std::string_view SeenTypeName(const std::optional<Value>& seen) noexcept {
  return kTypeNames[TypeIndex(seen ? &*seen : nullptr)];
}

std::string_view OutcomeName(ExplainedRule::Outcome outcome) noexcept {
  switch (outcome) {
    case ExplainedRule::Outcome::kDecided: return "decided";
    case ExplainedRule::Outcome::kPassedOver: return "passed_over";
    case ExplainedRule::Outcome::kNotAsked: return "not_asked";
  }
  return "not_asked";
}

void WriteText(std::string_view name, std::string_view text, Writer* out) {
  if (!text.empty()) out->Key(name).String(text);
}

void WriteValue(std::string_view name, const std::optional<ruleset::FlagValue>& value, Writer* out) {
  if (!value) return;
  out->Key(name);
  if (value->type == ruleset::ValueType::kJson) {
    out->Raw(value->text);
  } else {
    out->Any(ruleset::ToValue(*value));
  }
}

void WriteUnit(const std::string& kind, const std::string& id, Writer* out) {
  if (kind.empty()) return;
  out->Key("unit").BeginObject().Key("kind").String(kind);
  WriteText("id", id, out);
  out->End();
}

void WriteSlot(std::string_view name, std::int32_t slot, Writer* out) {
  if (slot >= 0) out->Key(name).Int(slot);
}

// Half-open, as in the datafile.
void WriteRange(const ruleset::SlotRange& range, Writer* out) {
  out->Raw("[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + "]");
}

}  // namespace

void WriteCondition(const ExplainedCondition& condition, Writer* out) {
  out->BeginObject().Key("op").String(OpName(condition.op));
  WriteText("text", condition.text, out);
  out->Key("truth").String(condition.truth == Truth::kTrue    ? "true"
                           : condition.truth == Truth::kFalse ? "false"
                                                              : "unknown");
  if (condition.decides) out->Key("decides").Bool(true);
  if (!condition.attribute.empty()) {
    out->Key("attribute").String(condition.attribute).Key("seen_type").String(SeenTypeName(condition.seen));
    const bool is_scalar =
        condition.seen && condition.seen->AsList() == nullptr && condition.seen->AsObject() == nullptr;
    if (condition.is_hidden) {
      out->Key("is_private").Bool(true);
    } else if (is_scalar) {
      out->Key("seen").Any(*condition.seen);
    }
    WriteText("expected", condition.expected, out);
  }
  if (condition.op == Op::kBehavior && (condition.seen || behavior::IsElapsed(condition.measure))) {
    if (condition.seen) out->Key("seen").Any(*condition.seen);
    out->Key("is_exact").Bool(condition.is_exact);
  }
  if (condition.op == Op::kBehavior && condition.is_of_session && !condition.seen)
    out->Key("missing").String("session");
  if ((condition.op == Op::kFlag || condition.op == Op::kVariant) && condition.seen) {
    out->Key("seen").Any(*condition.seen);
  }
  if (!condition.of.empty()) {
    out->Key("of").BeginArray();
    for (const ExplainedCondition& part : condition.of) WriteCondition(part, out);
    out->End();
  }
  if (condition.more > 0) out->Key("more").Uint(condition.more);
  out->End();
}

void WriteDatafile(const ruleset::Header& header, const std::optional<ExplainedOrigin>& origin, Timestamp at,
                   Writer* out) {
  out->Key("datafile").BeginObject();
  out->Key("project").String(header.project).Key("environment").String(header.environment);
  out->Key("epoch").Uint(header.epoch).Key("version").Uint(header.version);
  out->Key("issued_at").String(text::FormatTimestamp(header.issued_at));
  if (header.expires_at != ruleset::kNever) out->Key("expires_at").String(text::FormatTimestamp(header.expires_at));
  out->Key("is_expired").Bool(header.expires_at <= at);
  if (origin) {
    out->Key("source").String(origin->source).Key("is_signed").Bool(origin->is_signed);
    if (origin->checked) out->Key("checked_at").String(text::FormatTimestamp(*origin->checked));
  }
  out->End().Key("at").String(text::FormatTimestamp(at));
}

namespace {

void WriteSchedule(const ExplainedStep& step, Writer* out) {
  out->Key("status").String(ruleset::ExperimentStatusName(step.status));
  if (step.starts_at != Timestamp::min()) out->Key("starts_at").String(text::FormatTimestamp(step.starts_at));
  if (step.ends_at != ruleset::kNever) out->Key("ends_at").String(text::FormatTimestamp(step.ends_at));
  WriteText("starts_at_local", step.starts_local, out);
  WriteText("ends_at_local", step.ends_local, out);
}

void WriteStep(const ExplainedStep& step, Writer* out) {
  out->BeginObject().Key("step").String(StepName(step.kind)).Key("result").String(StepResultName(step.result));
  const bool is_own = step.kind == StepKind::kHold || step.kind == StepKind::kLayer;
  WriteText(is_own ? StepName(step.kind) : "experiment", step.object, out);
  WriteText("audience", step.audience, out);
  if (step.kind == StepKind::kRunning) WriteSchedule(step, out);
  WriteUnit(step.unit_kind, step.unit_id, out);
  if (step.slot >= 0) {
    WriteSlot("slot", step.slot, out);
    if (step.range) {
      out->Key("range");
      WriteRange(*step.range, out);
    }
    out->Key("ranges").BeginArray();
    for (const ruleset::SlotRange& range : step.ranges) WriteRange(range, out);
    out->End();
    if (step.range_count > step.ranges.size()) out->Key("more_ranges").Uint(step.range_count - step.ranges.size());
  }
  if (step.condition) {
    out->Key("condition");
    WriteCondition(*step.condition, out);
  }
  WriteText("variant", step.variant, out);
  WriteValue("value", step.value, out);
  out->End();
}

void WriteResult(const ExplainedResult& result, Writer* out) {
  WriteValue("value", result.value, out);
  out->Key("is_fallback").Bool(!result.value);
  WriteText("variant", result.variant, out);
  out->Key("reason").String(ReasonName(result.reason));
  WriteText("rule", result.rule, out);
  if (!result.experiment.empty()) {
    out->Key("experiment").BeginObject().Key("key").String(result.experiment);
    out->Key("iteration").Int(result.iteration).End();
  }
}

void WriteRules(const Explanation& explanation, Writer* out) {
  out->Key("rules").BeginArray();
  for (const ExplainedRule& rule : explanation.rules) {
    out->BeginObject().Key("id").String(rule.id);
    WriteText("experiment", rule.experiment, out);
    out->Key("outcome").String(OutcomeName(rule.outcome)).Key("steps").BeginArray();
    for (const ExplainedStep& step : rule.steps) WriteStep(step, out);
    out->End().End();
  }
  out->End();
}

void WriteExposures(const Explanation& explanation, Writer* out) {
  out->Key("exposures").BeginArray();
  for (const ExplainedExposure& exposure : explanation.exposures) {
    out->BeginObject().Key(exposure.is_holdout ? "holdout" : "experiment").String(exposure.key);
    if (!exposure.is_holdout) out->Key("iteration").Int(exposure.iteration);
    out->Key("variant").String(exposure.variant);
    WriteUnit(exposure.unit_kind, exposure.unit_id, out);
    WriteSlot("layer_slot", exposure.layer_slot, out);
    WriteSlot("slot", exposure.slot, out);
    WriteText("audience", exposure.audience, out);
    if (exposure.is_sticky) out->Key("is_sticky").Bool(true);
    out->Key("is_forced").Bool(exposure.is_forced).End();
  }
  out->End();
}

void WriteOverrides(const Explanation& explanation, Writer* out) {
  out->Key("is_forced").Bool(explanation.is_forced);
  if (!explanation.is_forced) return;
  out->Key("overrides").BeginArray();
  for (const ExplainedOverride& each : explanation.overrides) {
    const bool is_clock = each.kind == ExplainedOverride::Kind::kClock;
    out->BeginObject().Key(OverrideKindName(each.kind)).String(is_clock ? each.variant : each.key);
    if (!is_clock) WriteText("variant", each.variant, out);
    WriteValue("value", each.value, out);
    WriteText("source", each.source, out);
    out->End();
  }
  out->End();
  if (!explanation.natural) return;  // the datafile has no such flag
  out->Key("natural").BeginObject();
  WriteResult(*explanation.natural, out);
  out->End();
}

}  // namespace

std::string ToJson(const Explanation& explanation, int indent) {
  std::string text;
  Writer out(&text, indent);
  out.BeginObject().Key("flag").String(explanation.flag);
  if (explanation.type) out.Key("type").String(ruleset::ValueTypeName(*explanation.type));
  WriteResult(explanation.result, &out);
  WriteText("suggestion", explanation.suggestion, &out);
  if (explanation.now) {
    out.Key("now").BeginObject();
    WriteResult(*explanation.now, &out);
    out.End();
  }
  WriteOverrides(explanation, &out);
  WriteRules(explanation, &out);
  WriteExposures(explanation, &out);
  if (explanation.valid_until != ruleset::kNever) {
    out.Key("valid_until").String(text::FormatTimestamp(explanation.valid_until));
  }
  if (explanation.waiting) {
    out.Key("waiting").BeginObject().Key("epoch").Uint(explanation.waiting->epoch);
    out.Key("version").Uint(explanation.waiting->version).Key("kills").Bool(explanation.waiting->kills).End();
  }
  if (explanation.datafile) WriteDatafile(*explanation.datafile, explanation.origin, explanation.at, &out);
  out.End();
  return text;
}

}  // namespace guidon::evaluation
