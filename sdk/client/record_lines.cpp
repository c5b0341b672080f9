#include "sdk/client/record_lines.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "guidon/version.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::client {
namespace {

// What the context's units were enrolled in, of the experiments that its rules have.
void WriteEnrolled(const Context& context, const State& state, json::Writer* out) {
  const enrollment::Enrollments* all = state.inputs.enrollments.get();
  if (all == nullptr || all->empty() || state.rules() == nullptr) return;
  out->Key("enrolled").BeginArray();
  for (const ruleset::Experiment& experiment : state.rules()->experiments) {
    if (!experiment.is_valid) continue;
    const std::string& kind = state.rules()->unit_kinds[experiment.unit];
    const std::string* id = context.FindUnit(kind);
    const enrollment::Enrollment* met = id == nullptr ? nullptr : all->Find(kind, *id, experiment.key);
    if (met == nullptr) continue;
    out->BeginObject().Key("experiment").String(experiment.key).Key("unit").String(kind);
    out->Key("iteration").Int(met->iteration).Key("variant").String(met->variant);
    if (!met->audience.empty()) out->Key("audience").String(met->audience);
    out->End();
  }
  out->End();
}

// Units and attributes as a file of `guidon explain --context` has them; attributes of one kind of thing are beside.
void WriteRecordedContext(const Context& context, const State& state, PrivateAttributes privates, json::Writer* out) {
  const std::vector<std::string>& hidden = state.inputs.private_attributes;
  const auto is_left_out = [&](const Context::Attribute& attribute) {
    return privates == PrivateAttributes::kLeftOut &&
           std::find(hidden.begin(), hidden.end(), attribute.name) != hidden.end();
  };
  out->Key("context").BeginObject().Key("units").BeginObject();
  for (const Context::UnitId& unit : context.units()) out->Key(unit.kind).String(unit.id);
  out->End().Key("attributes").BeginObject();
  std::vector<const Context::Attribute*> of_kinds;
  std::vector<const Context::Attribute*> left_out;
  for (const Context::Attribute& attribute : context.attributes()) {
    if (is_left_out(attribute)) {
      left_out.push_back(&attribute);
    } else if (!attribute.kind.empty()) {
      of_kinds.push_back(&attribute);
    } else {
      out->Key(attribute.name).Any(attribute.value);
    }
  }
  out->End().End();
  if (!of_kinds.empty()) {
    out->Key("of_kinds").BeginArray();
    for (const Context::Attribute* each : of_kinds) {
      out->BeginObject().Key("kind").String(each->kind).Key("name").String(each->name);
      out->Key("value").Any(each->value).End();
    }
    out->End();
  }
  if (!left_out.empty()) {
    out->Key("left_out").BeginArray();
    for (const Context::Attribute* each : left_out) out->String(each->name);
    out->End();
  }
  WriteEnrolled(context, state, out);
}

std::string HashText(std::uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace

std::string TraceHead(Timestamp now) {
  std::string line;
  json::Writer out(&line);
  out.BeginObject().Key("guidon_trace").Int(kTraceFormat).Key("sdk").String(GUIDON_VERSION);
  out.Key("began").String(text::FormatTimestamp(now)).End();
  return line + "\n";
}

std::string StateLine(const State& state, PrivateAttributes privates) {
  std::string line;
  json::Writer out(&line);
  out.BeginObject().Key("state").Uint(state.sequence);
  if (const ruleset::Ruleset* rules = state.rules()) {
    out.Key("datafile").BeginObject().Key("project").String(rules->header.project);
    out.Key("environment").String(rules->header.environment);
    out.Key("epoch").Uint(rules->header.epoch).Key("version").Uint(rules->header.version);
    out.Key("hash").String(HashText(state.inputs.datafile->payload_hash)).End();
  }
  // Not what is forced: it may be of an attribute that does not leave the device.
  WriteRecordedContext(state.natural_context.value_or(state.context), state, privates, &out);
  if (state.utc_offset.count() != 0) out.Key("utc_offset_ms").Int(state.utc_offset.count());
  if (state.is_anything_forced()) out.Key("forced").String(state.overrides.text);
  if (state.inputs.behavior != nullptr) out.Key("has_behavior").Bool(true);
  if (state.inputs.crypto == nullptr) out.Key("has_crypto").Bool(false);
  out.End();
  return line + "\n";
}

std::string DecisionLine(const State& state, const RecordedDecision& decision, PrivateAttributes privates) {
  std::string line;
  json::Writer out(&line);
  out.BeginObject().Key("at").Int(ToMs(decision.at)).Key("state").Uint(state.sequence);
  out.Key("flag").String(decision.flag);
  if (decision.value != nullptr) out.Key("value").Any(ruleset::ToValue(*decision.value));
  if (!decision.variant.empty()) out.Key("variant").String(decision.variant);
  out.Key("reason").String(ReasonName(decision.reason));
  if (decision.is_held) out.Key("held").Bool(true);
  if (decision.is_killed_by_newer) out.Key("killed_by_newer").Bool(true);
  if (decision.context != nullptr) WriteRecordedContext(*decision.context, state, privates, &out);
  out.End();
  return line + "\n";
}

std::string LostLine(std::uint64_t decisions) { return "{\"lost\":" + std::to_string(decisions) + "}\n"; }

}  // namespace guidon::client
