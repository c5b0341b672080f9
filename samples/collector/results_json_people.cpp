// The parts of results.json that are about people.
#include "samples/collector/format.h"
#include "samples/collector/results_json.h"

namespace guidon::collector {
namespace {

using json::Writer;

void WriteUsed(const Used& used, Writer* writer) {
  writer->Key("people").Uint(used.people).Key("used").Uint(used.used).Key("share").Double(used.share());
  writer->Key("not_yet").Uint(used.not_yet());
}

const char* KindName(Segment::Kind kind) {
  switch (kind) {
    case Segment::Kind::kValue: return "value";
    case Segment::Kind::kOther: return "other";
    case Segment::Kind::kNone: return "none";
  }
  return "";
}

void WriteTexts(const char* key, const std::vector<std::string>& texts, Writer* writer) {
  writer->Key(key).BeginArray();
  for (const std::string& text : texts) writer->String(text);
  writer->End();
}

void WriteKpiWeeks(const KpiResult& kpi, Writer* writer) {
  const bool is_share = kpi.name == "activation" || kpi.name == "retention";
  writer->Key("weeks").BeginArray();
  for (const KpiWeek& week : kpi.weeks) {
    writer->BeginObject().Key("week").String(Date(week.start_ms)).Key("over").Bool(week.is_over);
    writer->Key("people").Uint(week.people);
    if (is_share) {
      writer->Key("reached").Uint(week.reached).Key("open").Uint(week.open);
    } else if (!kpi.event.empty()) {
      writer->Key("events").Uint(week.events);
    }
    if (kpi.name == "revenue") writer->Key("sum").Double(week.sum);
    writer->End();
  }
  writer->End();
}

void WriteKpi(const KpiResult& kpi, Writer* writer) {
  writer->Key(kpi.name).BeginObject().Key("event").String(kpi.event).Key("within").String(kpi.within);
  WriteTexts("moved_by", kpi.moved_by, writer);
  if (kpi.name == "activation" || kpi.name == "retention") {
    writer->Key("people").Uint(kpi.people).Key("reached").Uint(kpi.reached).Key("open").Uint(kpi.open);
    writer->Key("share").Double(kpi.share).Key("interval").BeginArray();
    writer->Double(kpi.interval.lower).Double(kpi.interval.upper).End();
  } else if (kpi.name == "acquisition") {
    writer->Key("people").Uint(kpi.people);
    if (!kpi.event.empty()) writer->Key("events").Uint(kpi.events);
  } else {
    writer->Key("events").Uint(kpi.events).Key("sum").Double(kpi.sum);
  }
  if (kpi.name != "feedback") {
    WriteKpiWeeks(kpi, writer);
  } else {
    writer->Key("mean");
    kpi.events > 0 ? writer->Double(kpi.mean) : writer->Null();
    writer->Key("values").BeginArray();
    for (const ValueCount& value : kpi.values) {
      writer->BeginObject().Key("from").Double(value.from).Key("to").Double(value.to).Key("count").Uint(value.n).End();
    }
    writer->End();
  }
  writer->End();
}

}  // namespace

void WriteAdoption(const Adoption& adoption, Writer* writer) {
  writer->Key("adoption").BeginObject().Key("days").Int(Adoption::kActiveDays).Key("people").Uint(adoption.people);
  writer->Key("features_left_out").Uint(adoption.features_left_out).Key("features").BeginArray();
  for (const FeatureAdoption& feature : adoption.features) {
    writer->BeginObject().Key("event").String(feature.event).Key("goal").Bool(feature.is_goal);
    WriteUsed(feature.all, writer);
    writer->Key("segments").BeginArray();
    for (std::size_t i = 0; i < adoption.segments.size(); ++i) {
      writer->BeginObject().Key("attribute").String(adoption.segments[i].attribute);
      writer->Key("value").String(adoption.segments[i].value).Key("kind").String(KindName(adoption.segments[i].kind));
      WriteUsed(feature.by_segment[i], writer);
      writer->End();
    }
    writer->End().End();
  }
  writer->End().End();
}

void WriteLifecycle(const std::vector<LifecycleWeek>& weeks, Writer* writer) {
  writer->Key("lifecycle").BeginArray();
  for (const LifecycleWeek& week : weeks) {
    writer->BeginObject().Key("week").String(Date(week.start_ms)).Key("over").Bool(week.is_over);
    writer->Key("people").Uint(week.people()).Key("new").Uint(week.new_people).Key("active").Uint(week.active);
    writer->Key("back").Uint(week.back).Key("lapsed").Uint(week.lapsed).End();
  }
  writer->End();
}

void WriteKpis(const std::vector<KpiResult>& kpis, Writer* writer) {
  writer->Key("kpis").BeginObject();
  for (const KpiResult& kpi : kpis) WriteKpi(kpi, writer);
  writer->End();
}

void WriteQa(const Qa& qa, Writer* writer) {
  writer->Key("qa").BeginObject().Key("people").Uint(qa.people).Key("events").Uint(qa.events);
  writer->Key("units").BeginArray();
  for (const ForcedUnit& unit : qa.units) {
    writer->BeginObject().Key("unit_kind").String(unit.unit_kind.empty() ? "installation" : unit.unit_kind);
    writer->Key("unit").String(unit.unit);
    WriteTexts("also", unit.also, writer);
    WriteTexts("forced_by", unit.means, writer);
    WriteTexts("overrides", unit.overrides, writer);
    writer->Key("forced").BeginArray();
    for (const ForcedArm& arm : unit.arms) {
      writer->BeginObject().Key("kind").String(arm.is_holdout ? "holdout" : "experiment").Key("key").String(arm.key);
      writer->Key("iteration").Int(arm.iteration).Key("variant").String(arm.variant);
      writer->Key("natural_variant").String(arm.natural_variant).End();
    }
    writer->End();
    WriteTexts("prompts", unit.prompts, writer);
    writer->Key("first_ms").Int(unit.first_ms).Key("last_ms").Int(unit.last_ms);
    writer->Key("events").Uint(unit.events).Key("forced_events").Uint(unit.forced_events).End();
  }
  writer->End().End();
}

}  // namespace guidon::collector
