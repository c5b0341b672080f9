#include "samples/collector/page.h"

#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"
#include "samples/collector/page_style.h"

namespace guidon::collector {
namespace {

void WriteTile(std::uint64_t n, const char* label, Html* html) {
  html->Raw("<div class=\"tile\"><b>").Number(n).Raw("</b><span>").Raw(label).Raw("</span></div>");
}

void WriteHead(const Results& results, std::string_view nonce, Html* html) {
  const std::string title = results.project.empty() ? "Results" : results.project + " / " + results.environment;
  html->Raw(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
      "content=\"");
  html->Text(ContentSecurityPolicy(nonce));
  html->Raw(
      "\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"referrer\" "
      "content=\"no-referrer\"><link rel=\"icon\" href=\"data:,\"><title>");
  html->Text(title).Raw(" – Guidon results</title><style nonce=\"").Text(nonce).Raw("\">").Raw(kPageStyle);
  html->Raw(kPeopleStyle)
      .Raw(
          "</style></head><body><header class=\"top\"><div class=\"brand\"><svg viewBox=\"0 0 20 20\" "
          "aria-hidden=\"true\">"
          "<path d=\"M3 1h2v18H3zM6 2h12l-4 4 4 4H6z\"/></svg>Guidon results</div><h1>");
  html->Text(title).Raw("</h1><p class=\"soft\">");
  if (results.project.empty()) {
    html->Raw("No datafile was served yet. ");
  } else {
    html->Raw("Datafile ").Raw(std::to_string(results.epoch) + "." + std::to_string(results.version)).Raw(" · ");
  }
  if (results.last_event_ms) html->Raw("last event ").Raw(Minute(*results.last_event_ms)).Raw(" · ");
  html->Raw("counted ").Raw(Minute(results.generated_ms)).Raw("</p><div class=\"tiles\">");
  WriteTile(results.people, "people", html);
  WriteTile(results.adoption.people, "active in 28 days", html);
  WriteTile(results.events, "events, each once", html);
  WriteTile(Sum(results.quarantined), "quarantined", html);
  WriteTile(Sum(results.losses), "reported lost", html);
  html->Raw(
      "</div><nav class=\"loop\" aria-label=\"Sections\"><a href=\"#find\">Find</a><a href=\"#nudge\">Nudge</a>"
      "<a href=\"#experiment\">Experiment</a><a href=\"#flags\">Flags</a><a href=\"#measure\">Measure</a>"
      "<a href=\"#trust\">Trust</a><a href=\"#qa\">QA</a></nav></header>");
}

}  // namespace

std::string ContentSecurityPolicy(std::string_view nonce) {
  return "default-src 'none'; style-src 'nonce-" + std::string(nonce) +
         "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

std::string ResultsPage(const Results& results, std::string_view nonce) {
  Html html;
  WriteHead(results, nonce, &html);
  html.Raw("<main>");
  WriteAdoptionSection(results.adoption, &html);
  WriteLifecycleSection(results.lifecycle, &html);
  WriteCampaignSection(results.campaigns, &html);
  WriteExperimentSection(results, &html);
  WriteFlagSection(results.flags, &html);
  WriteKpiSection(results.kpis, &html);
  WriteTrustSection(results, &html);
  WriteQaSection(results.qa, &html);
  html.Raw(
      "</main><footer><p>Units that were ever forced and units seen in two arms are left out of every comparison.</p>"
      "<p>Each interval holds for one comparison looked at once: among twenty, one looks clear by chance. Decide how "
      "long to run before looking.</p></footer></body></html>\n");
  return html.Take();
}

}  // namespace guidon::collector
