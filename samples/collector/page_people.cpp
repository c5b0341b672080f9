// Adoption, lifecycle and KPIs on the results page.
#include <algorithm>
#include <cstdio>

#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

constexpr double kChartHeight = 120;
constexpr double kSparkHeight = 40;

void WriteFeatures(const Adoption& adoption, Html* html) {
  html->Raw(
      "<table class=\"features\"><thead><tr><th scope=\"col\">Feature</th><th scope=\"col\" class=\"wide\"></th><th "
      "scope=\"col\">Used it</th><th scope=\"col\">Not yet</th></tr></thead><tbody>");
  for (const FeatureAdoption& feature : adoption.features) {
    html->Raw("<tr><th scope=\"row\">").Name(feature.event);
    if (feature.is_goal) html->Raw(" <span class=\"chip\">goal</span>");
    html->Raw("</th><td class=\"wide\">");
    WriteBar(feature.all.share(), feature.is_goal ? "main" : "calm", html);
    html->Raw("</td><td>").Raw(Percent(feature.all.share())).Raw("</td><td><b>");
    html->Raw(Plural(feature.all.not_yet(), "person", "people")).Raw("</b></td></tr>");
  }
  html->Raw("</tbody></table>");
  if (adoption.features_left_out == 0) return;
  html->Raw("<p class=\"small soft after\">").Raw(Plural(adoption.features_left_out, "event", "events"));
  html->Raw(" used by fewer people not shown.</p>");
}

void WriteSegmentTable(const Adoption& adoption, std::size_t begin, std::size_t end, Html* html) {
  html->Raw("<h4 class=\"segment\">By ").Text(adoption.segments[begin].attribute);
  html->Raw(
      "</h4><div class=\"scroll\" tabindex=\"0\"><table class=\"heat\"><thead><tr><th scope=\"col\">Feature</th>");
  for (std::size_t i = begin; i < end; ++i) {
    html->Raw("<th scope=\"col\">");
    if (adoption.segments[i].kind == Segment::Kind::kValue) {
      html->Text(adoption.segments[i].value);
    } else {
      html->Raw("<i>").Text(adoption.segments[i].value).Raw("</i>");
    }
    html->Raw("<span>").Raw(Plural(adoption.segments[i].people, "person", "people")).Raw("</span></th>");
  }
  html->Raw("</tr></thead><tbody>");
  for (const FeatureAdoption& feature : adoption.features) {
    html->Raw("<tr><th scope=\"row\">").Name(feature.event).Raw("</th>");
    for (std::size_t i = begin; i < end; ++i) {
      const Used& used = feature.by_segment[i];
      html->Raw("<td class=\"h").Raw(std::to_string(static_cast<int>(used.share() * 9.999)));
      html->Raw("\"><b>").Raw(Percent(used.share(), 0)).Raw("</b><span>").Number(used.not_yet());
      html->Raw(" not yet</span></td>");
    }
    html->Raw("</tr>");
  }
  html->Raw("</tbody></table></div>");
}

// A column of stacked parts, from the bottom up, under a scale that all columns share.
void WriteColumn(const std::vector<std::pair<const char*, double>>& parts, double most, double height, Html* html) {
  html->Raw("<svg viewBox=\"0 0 10 ").Raw(Tenths(height)).Raw("\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
  double y = height;
  for (const auto& [style, n] : parts) {
    const double part = most > 0 ? n / most * height : 0;
    y -= part;
    html->Raw("<rect class=\"").Raw(style).Raw("\" x=\"0\" width=\"10\" y=\"").Raw(Tenths(y)).Raw("\" height=\"");
    html->Raw(Tenths(part)).Raw("\"/>");
  }
  html->Raw("</svg>");
}

std::string DayAndMonth(std::int64_t ms) { return Date(ms).substr(5); }

void WriteLifecycleChart(const std::vector<LifecycleWeek>& weeks, Html* html) {
  double most = 1;
  for (const LifecycleWeek& week : weeks) {
    most = std::max({most, static_cast<double>(week.people()), static_cast<double>(week.lapsed)});
  }
  html->Raw("<div class=\"weeks\">");
  for (const LifecycleWeek& week : weeks) {
    html->Raw("<div class=\"week\"><div class=\"pair\">");
    WriteColumn({{"active", static_cast<double>(week.active)},
                 {"back", static_cast<double>(week.back)},
                 {"new", static_cast<double>(week.new_people)}},
                most, kChartHeight, html);
    WriteColumn({{"lapsed", static_cast<double>(week.lapsed)}}, most, kChartHeight, html);
    html->Raw("</div><span>").Raw(DayAndMonth(week.start_ms)).Raw("</span></div>");
  }
  html->Raw(
      "</div><p class=\"legend small\"><i class=\"new\"></i>new<i class=\"back\"></i>back<i class=\"active\"></i>active"
      "<i class=\"lapsed\"></i>lapsed</p>");
}

void WriteWeekName(std::int64_t start_ms, bool is_over, Html* html) {
  html->Raw("<tr><th scope=\"row\">").Raw(Date(start_ms));
  html->Raw(is_over ? "</th>" : " <span class=\"soft small\">so far</span></th>");
}

// What the KPI counts, as exactly as a sentence can.
std::string DefinitionOf(const KpiResult& kpi) {
  if (kpi.name == "acquisition") {
    return "New people: their first event ever." +
           (kpi.event.empty() ? "" : " And how often " + kpi.event + " happened.");
  }
  if (kpi.name == "activation") {
    return "Of new people, the share that did " + kpi.event +
           (kpi.within.empty() ? " at any time" : " within " + kpi.within + " of their first event") +
           ". Only those whose time is over by the last event count.";
  }
  if (kpi.name == "retention") {
    return "Of new people, the share that did " + (kpi.event.empty() ? "anything" : kpi.event) +
           " between 7 and 14 days after their first event. Only those whose 14 days are over by the last event count.";
  }
  if (kpi.name == "revenue")
    return "The values of " + kpi.event + " added up, and divided by the people active that week.";
  return "The values of " + kpi.event + ", one by one.";
}

bool IsShare(const KpiResult& kpi) { return kpi.name == "activation" || kpi.name == "retention"; }

double WeekValue(const KpiResult& kpi, const KpiWeek& week) {
  if (kpi.name == "acquisition") return static_cast<double>(week.people);
  const double numerator = IsShare(kpi) ? static_cast<double>(week.reached) : week.sum;
  return week.people > 0 ? numerator / static_cast<double>(week.people) : 0;
}

std::string WeekText(const KpiResult& kpi, const KpiWeek& week) {
  if (IsShare(kpi)) return week.people > 0 ? Percent(WeekValue(kpi, week)) : "–";
  return Plain(WeekValue(kpi, week));
}

// The number that stands for the KPI: over all, or of the last week that is over.
void WriteKpiHeadline(const KpiResult& kpi, Html* html) {
  html->Raw("<p class=\"big\">");
  if (IsShare(kpi)) {
    html->Raw(kpi.people > 0 ? Percent(kpi.share) : "–").Raw("</p><p class=\"small soft\">").Number(kpi.reached);
    html->Raw(" of ").Number(kpi.people).Raw(" new people");
    if (kpi.people > 0) {
      html->Raw(" (95 %: ").Raw(Percent(kpi.interval.lower)).Raw(" to ").Raw(Percent(kpi.interval.upper)).Raw(")");
    }
    if (kpi.open > 0) html->Raw("; ").Raw(Plural(kpi.open, "more still has", "more still have")).Raw(" time");
    html->Raw(".</p>");
    return;
  }
  if (kpi.name == "feedback") {
    html->Raw(kpi.events > 0 ? Plain(kpi.mean) : "–").Raw("</p><p class=\"small soft\">mean of ");
    html->Raw(Plural(kpi.events, "value", "values")).Raw(".</p>");
    return;
  }
  const KpiWeek* shown = nullptr;
  for (const KpiWeek& week : kpi.weeks) {
    if (shown == nullptr || week.is_over) shown = &week;
  }
  html->Raw(shown != nullptr ? WeekText(kpi, *shown) : "–").Raw("</p><p class=\"small soft\">");
  html->Raw(kpi.name == "revenue" ? "per active person" : "new people");
  if (shown != nullptr) html->Raw(" in the week of ").Raw(Date(shown->start_ms)).Raw(shown->is_over ? "" : ", so far");
  if (kpi.name == "revenue") html->Raw("; ").Raw(Plain(kpi.sum)).Raw(" in all");
  if (kpi.name == "acquisition") html->Raw("; ").Number(kpi.people).Raw(" ever");
  if (kpi.name == "acquisition" && !kpi.event.empty()) {
    html->Raw("; ").Text(kpi.event).Raw(" ").Raw(Plural(kpi.events, "time", "times"));
  }
  html->Raw(".</p>");
}

void WriteKpiWeeks(const KpiResult& kpi, Html* html) {
  double most = 0;
  for (const KpiWeek& week : kpi.weeks) most = std::max(most, WeekValue(kpi, week));
  html->Raw("<div class=\"weeks spark\">");
  for (const KpiWeek& week : kpi.weeks) {
    html->Raw("<div class=\"week\">");
    WriteColumn({{week.is_over ? "active" : "lapsed", WeekValue(kpi, week)}}, most, kSparkHeight, html);
    html->Raw("<b>").Raw(WeekText(kpi, week)).Raw("</b><span>").Raw(DayAndMonth(week.start_ms)).Raw("</span></div>");
  }
  html->Raw("</div>");
}

void WriteKpiValues(const KpiResult& kpi, Html* html) {
  html->Raw("<div class=\"funnel values\">");
  std::uint64_t most = 1;
  for (const ValueCount& value : kpi.values) most = std::max(most, value.n);
  for (const ValueCount& value : kpi.values) {
    html->Raw("<div class=\"funnelrow\"><span>").Raw(Plain(value.from));
    if (value.to != value.from) html->Raw(" to ").Raw(Plain(value.to));
    html->Raw("</span>");
    WriteBar(static_cast<double>(value.n) / static_cast<double>(most), "main", html);
    html->Raw("<b>").Number(value.n).Raw("</b></div>");
  }
  html->Raw("</div>");
}

}  // namespace

void WriteAdoptionSection(const Adoption& adoption, Html* html) {
  WriteHeading("find", "Find", "Who uses what",
               "Of the people active in the 28 days before the last event, those who ever did it, and those left to "
               "tell. A person is a device.",
               html);
  html->Raw("<section class=\"card\"><div class=\"head\"><h3>Adoption</h3>");
  WriteChip(Plural(adoption.people, "active person", "active people"), html);
  html->Raw("</div>");
  if (adoption.features.empty()) {
    html->Raw("<p class=\"soft after\">No tracked events yet.</p></section>");
    return;
  }
  WriteFeatures(adoption, html);
  for (std::size_t begin = 0, end; begin < adoption.segments.size(); begin = end) {
    end = begin + 1;
    while (end < adoption.segments.size() && adoption.segments[end].attribute == adoption.segments[begin].attribute) {
      ++end;
    }
    WriteSegmentTable(adoption, begin, end, html);
  }
  html->Raw("</section>");
}

void WriteLifecycleSection(const std::vector<LifecycleWeek>& weeks, Html* html) {
  if (weeks.empty()) return;
  html->Raw("<section class=\"card\"><div class=\"head\"><h3>Lifecycle</h3>");
  WriteChip("weeks from Monday, UTC", html);
  html->Raw("</div>");
  WriteLifecycleChart(weeks, html);
  html->Raw("<table class=\"life\"><thead><tr><th scope=\"col\">Week of</th><th scope=\"col\">People</th>");
  html->Raw("<th scope=\"col\">New</th><th scope=\"col\">Active</th><th scope=\"col\">Back</th>");
  html->Raw("<th scope=\"col\">Lapsed</th></tr></thead><tbody>");
  for (const LifecycleWeek& week : weeks) {
    WriteWeekName(week.start_ms, week.is_over, html);
    html->Raw("<td><b>").Number(week.people()).Raw("</b></td><td>").Number(week.new_people).Raw("</td><td>");
    html->Number(week.active).Raw("</td><td>").Number(week.back).Raw("</td><td>").Number(week.lapsed);
    html->Raw("</td></tr>");
  }
  html->Raw(
      "</tbody></table><p class=\"small soft after\"><b>New</b>: first event ever in that week. <b>Active</b>: not "
      "new, "
      "and seen the week before. <b>Back</b>: not new, and not seen the week before. Together they are the people of "
      "the week. <b>Lapsed</b>: seen the week before, not in this one.</p></section>");
}

void WriteKpiSection(const std::vector<KpiResult>& kpis, Html* html) {
  WriteHeading("measure", "Measure", "KPIs", "What the datafile calls success, and who is to move it.", html);
  html->Raw("<div class=\"kpis\">");
  for (const KpiResult& kpi : kpis) {
    html->Raw("<section class=\"card\"><div class=\"head\"><h3 class=\"kpi\">").Text(kpi.name).Raw("</h3>");
    for (const std::string& who : kpi.moved_by) WriteChip(who, html);
    html->Raw("</div>");
    WriteKpiHeadline(kpi, html);
    if (kpi.name == "feedback") {
      WriteKpiValues(kpi, html);
    } else {
      WriteKpiWeeks(kpi, html);
    }
    html->Raw("<p class=\"small soft after\">").Text(DefinitionOf(kpi)).Raw("</p></section>");
  }
  html->Raw("</div>");
}

}  // namespace guidon::collector
