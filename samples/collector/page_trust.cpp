// What speaks for and against the numbers: events, the quarantine, losses; and who was left out for testing.
#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

void WriteCounts(const char* title, const char* column, const std::vector<Counted>& counts, const char* none,
                 Html* html) {
  html->Raw("<section class=\"card\"><h4>").Raw(title).Raw("</h4>");
  if (counts.empty()) {
    html->Raw("<p class=\"soft small\">").Raw(none).Raw("</p></section>");
    return;
  }
  html->Raw("<table><thead><tr><th scope=\"col\">").Raw(column).Raw("</th><th scope=\"col\">Count</th></tr></thead>");
  html->Raw("<tbody>");
  for (const Counted& count : counts) {
    html->Raw("<tr><td>").Text(count.name).Raw("</td><td>").Number(count.n).Raw("</td></tr>");
  }
  html->Raw("</tbody></table></section>");
}

void WriteGaps(const Results& results, Html* html) {
  html->Raw("<section class=\"card\"><h4>Gaps in sequence numbers</h4><p class=\"soft small\">");
  if (results.gaps.empty()) {
    html->Raw("None: nothing is missing between the first and the last event of any installation.</p></section>");
    return;
  }
  html->Number(results.missing).Raw(" missing, from ");
  html->Raw(Plural(results.installations_with_gaps, "installation", "installations"));
  html->Raw(": still on their way, or lost.</p><table class=\"ids\"><thead><tr><th scope=\"col\">Installation</th>");
  html->Raw("<th scope=\"col\">Arrived</th><th scope=\"col\">Missing</th></tr></thead><tbody>");
  for (const Gap& gap : results.gaps) {
    html->Raw("<tr><td>").Text(gap.installation).Raw("</td><td>").Number(gap.arrived).Raw("</td><td>");
    html->Number(gap.missing).Raw("</td></tr>");
  }
  html->Raw("</tbody></table></section>");
}

void WriteForced(const ForcedUnit& unit, Html* html) {
  html->Raw("<tr><th scope=\"row\"><span class=\"soft small\">");
  html->Text(unit.unit_kind.empty() ? "installation" : unit.unit_kind).Raw("</span> ").Text(unit.unit);
  for (const std::string& other : unit.also) html->Raw("<span class=\"line\">and ").Text(other).Raw("</span>");
  html->Raw("</th><td>");
  for (const std::string& entry : unit.overrides)
    html->Raw("<span class=\"line\"><code>").Text(entry).Raw("</code></span>");
  for (const ForcedArm& arm : unit.arms) {
    html->Raw("<span class=\"line\">met <b>").Text(arm.key).Raw("</b> ").Text(arm.variant);
    html->Raw(" <span class=\"soft\">naturally ").Text(arm.natural_variant.empty() ? "none" : arm.natural_variant);
    html->Raw("</span></span>");
  }
  for (const std::string& prompt : unit.prompts) {
    html->Raw("<span class=\"line\">reached the prompt of <b>").Text(prompt).Raw("</b></span>");
  }
  if (unit.overrides.empty() && unit.arms.empty() && unit.prompts.empty())
    html->Raw("<span class=\"soft\">met nothing that is counted</span>");
  html->Raw("<span class=\"line\">");
  for (const std::string& means : unit.means) html->Raw("<span class=\"chip\">by ").Text(means).Raw("</span> ");
  html->Raw("</span></td><td><span class=\"line\">").Raw(Minute(unit.first_ms)).Raw("</span>");
  if (Minute(unit.last_ms) != Minute(unit.first_ms)) {
    html->Raw("<span class=\"line\">to ").Raw(Minute(unit.last_ms)).Raw("</span>");
  }
  html->Raw("</td><td>").Number(unit.events).Raw("<span class=\"line soft\">").Number(unit.forced_events);
  html->Raw(" forced</span></td></tr>");
}

}  // namespace

void WriteTrustSection(const Results& results, Html* html) {
  WriteHeading("trust", "Trust", "What arrived",
               "Each event is kept once. What makes no sense is set aside with its reason, and what went missing is "
               "counted where it shows.",
               html);
  html->Raw("<p class=\"sum\">").Raw(Plural(results.events, "event", "events")).Raw(" counted, each once. ");
  html->Raw(Plural(results.duplicates, "duplicate", "duplicates")).Raw(" dropped.</p>");
  html->Raw("<div class=\"columns\">");
  WriteCounts("Events by name", "Event", results.events_by_name, "No events yet.", html);
  WriteCounts("Quarantined, by reason", "Reason", results.quarantined, "None: every event made sense.", html);
  WriteCounts("Reported lost by clients, by cause", "Cause", results.losses, "None.", html);
  WriteGaps(results, html);
  html->Raw("</div>");
}

void WriteQaSection(const Qa& qa, Html* html) {
  WriteHeading("qa", "QA", "Forced units",
               "Whoever was ever forced is in no number above, neither with what came before nor with what came after.",
               html);
  html->Raw("<section class=\"card\">");
  if (qa.units.empty()) {
    html->Raw("<p class=\"soft small\">Nobody was forced.</p></section>");
    return;
  }
  html->Raw("<p class=\"small soft\">").Raw(Plural(qa.people, "unit", "units")).Raw(" with ");
  html->Raw(Plural(qa.events, "event", "events")).Raw(" left out");
  if (qa.people > qa.units.size()) html->Raw("; the newest ").Number(qa.units.size()).Raw(" are shown");
  html->Raw(
      ".</p><div class=\"scroll\" tabindex=\"0\"><table class=\"qa\"><thead><tr><th scope=\"col\">Unit</th><th "
      "scope=\"col\">Forced</th><th scope=\"col\">When</th><th scope=\"col\">Events</th></tr></thead><tbody>");
  for (const ForcedUnit& unit : qa.units) WriteForced(unit, html);
  html->Raw("</tbody></table></div></section>");
}

}  // namespace guidon::collector
