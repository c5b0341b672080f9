// Flags on the results page: who gets what, and what there is to do about it.
#include "samples/collector/format.h"
#include "samples/collector/page_parts.h"

namespace guidon::collector {
namespace {

bool IsWrong(FlagVerdict verdict) {
  return verdict == FlagVerdict::kNotInDatafile || verdict == FlagVerdict::kOtherType;
}

const char* BarStyle(const FlagDecision& decision) {
  if (decision.reason == "flag_not_found" || decision.reason == "type_mismatch") return "bad";
  return decision.variant.empty() ? "calm" : "main";
}

void WriteDecision(const FlagResult& flag, const FlagDecision& decision, Html* html) {
  const double share = flag.devices > 0 ? static_cast<double>(decision.devices) / static_cast<double>(flag.devices) : 0;
  html->Raw("<td class=\"got\">");
  if (decision.variant.empty()) {
    html->Raw("<i>fallback</i>");
  } else {
    html->Name(decision.variant);
  }
  html->Raw(" ");
  WriteChip(decision.reason, html);
  html->Raw("</td><td class=\"wide\">");
  WriteBar(share, BarStyle(decision), html);
  html->Raw("</td><td><b>").Number(decision.devices).Raw("</b>");
  html->Raw("<span class=\"soft small share\">").Raw(decision.devices > 0 ? Percent(share) : "").Raw("</span>");
  html->Raw("</td><td>").Raw(Date(decision.last_ms)).Raw("</td>");
}

// A group of rows behind one name: what there is to say, then each decision.
void WriteFlag(const FlagResult& flag, Html* html) {
  const bool has_sentence = !flag.sentence.empty();
  const std::size_t rows = flag.decisions.size() + has_sentence + (flag.decisions_left_out > 0);
  html->Raw("<tbody><tr><th scope=\"rowgroup\" rowspan=\"").Number(rows).Raw("\">").Name(flag.key).Raw("</th>");
  bool is_first = true;
  const auto begin_row = [&] {
    if (!is_first) html->Raw("<tr>");
    is_first = false;
  };
  if (has_sentence) {
    begin_row();
    html->Raw("<td class=\"said\" colspan=\"4\">");
    WriteLight(IsWrong(flag.verdict) ? Light::kWarning : Light::kNeutral, flag.sentence, html);
    html->Raw("</td></tr>");
  }
  for (const FlagDecision& decision : flag.decisions) {
    begin_row();
    WriteDecision(flag, decision, html);
    html->Raw("</tr>");
  }
  if (flag.decisions_left_out > 0) {
    begin_row();
    html->Raw("<td class=\"said soft small\" colspan=\"4\">");
    html->Raw(Plural(flag.decisions_left_out, "more result", "more results")).Raw(" of fewer devices.</td></tr>");
  }
  html->Raw("</tbody>");
}

// That nobody asked says little while there is little to go by.
void WriteSince(const FlagResults& results, Html* html) {
  if (*results.first_ms < results.now_ms - FlagResults::kStaleDays * kDayMs) return;
  html->Raw("<p class=\"small soft after\">The first summary is of ").Raw(Date(*results.first_ms));
  html->Raw(": what nobody asked for may have been asked for before, or by versions of the app that send none.</p>");
}

}  // namespace

void WriteFlagSection(const FlagResults& results, Html* html) {
  WriteHeading(
      "flags", "Flags", "Who gets what",
      "What devices got for each flag in the 7 days before the last event, and the flags that nobody needs any "
      "more. A device that got several things is in each.",
      html);
  if (!results.first_ms) {
    html->Raw(
        "<p class=\"soft\">No device has told yet what it evaluated: clients say so in an evaluation summary, once an "
        "hour at most.</p>");
    return;
  }
  html->Raw("<section class=\"card\"><div class=\"head\"><h3>Flags</h3>");
  WriteChip(Plural(results.devices, "device", "devices") + " in 7 days", html);
  html->Raw("</div>");
  WriteSince(results, html);
  html->Raw(
      "<div class=\"scroll\" tabindex=\"0\"><table class=\"flags\"><thead><tr><th scope=\"col\">Flag</th><th "
      "scope=\"col\" "
      "class=\"got\">Got</th><th scope=\"col\" class=\"wide\"></th><th scope=\"col\">Devices</th><th "
      "scope=\"col\">Last "
      "seen</th></tr></thead>");
  for (const FlagResult& flag : results.flags) WriteFlag(flag, html);
  html->Raw("</table></div>");
  if (results.flags_left_out > 0) {
    html->Raw("<p class=\"small soft after\">").Raw(Plural(results.flags_left_out, "more flag is", "more flags are"));
    html->Raw(" not shown: those with nothing to say of them and the fewest devices.</p>");
  }
  html->Raw("</section>");
}

}  // namespace guidon::collector
