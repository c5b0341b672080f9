#include "samples/terminal/digest.h"

#include <algorithm>
#include <cstdio>

#include "samples/terminal/settings.h"
#include "samples/terminal/text.h"
#include "sdk/core/base/json.h"

namespace notes {
namespace {

using guidon::Status;
using guidon::json::Node;

constexpr std::size_t kColumns = 78;

std::string Text(Node node) { return Clean(node.AsString().value_or("")); }
std::int64_t Number(Node node) { return node.AsInt().value_or(0); }
std::string Count(Node node) { return std::to_string(Number(node)); }
std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}
std::string Percent(Node node) { return Fixed(node.AsNumber().value_or(0) * 100, 1) + " %"; }

// Below a first line, the others stand two columns further in.
std::string Paragraph(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t at = indent;
  std::vector<std::string> lines = Wrap(text, kColumns - indent - 2);
  for (const std::string& line : lines) {
    out += std::string(at, ' ') + line + "\n";
    at = indent + 2;
  }
  return out;
}

std::string Adoption(Node adoption) {
  std::string out = "of " + Count(adoption["people"]) + " people active in the last " + Count(adoption["days"]) +
                    " days of the data, used so far:\n";
  for (Node feature : adoption["features"]) {
    std::string line = "  " + Fit(Text(feature["event"]), 16, "…") + Right(Percent(feature["share"]), 8) +
                       Right(Count(feature["not_yet"]), 6) + " not yet";
    for (Node segment : feature["segments"]) {
      const std::string share = "   " + Text(segment["value"]) + " " + Percent(segment["share"]);
      if (Columns(line) + Columns(share) <= kColumns) line += share;
    }
    out += line + "\n";
  }
  return out;
}

std::string Lifecycle(Node weeks) {
  std::string out = "  week of       people     new  active    back  lapsed\n";
  for (Node week : weeks) {
    out += "  " + Fit(Text(week["week"]), 10, "…");
    for (const char* part : {"people", "new", "active", "back", "lapsed"}) out += Right(Count(week[part]), 8);
    out += week["over"].AsBool() == true ? "\n" : "   so far\n";
  }
  return out;
}

// "prompt", or one of several variants.
std::string Arm(Node campaign, Node arm) {
  const bool is_variant = arm.name() != "prompt";
  std::string out = Text(campaign["key"]) + ": " + Count(arm["units"]) + " people reached " +
                    (is_variant ? Clean(arm.name()) : "the prompt") + ", " +
                    Count(campaign["arms"]["held_out"]["units"]) + " were held out\n";
  std::string funnel;
  for (const char* step : {"seen", "clicked", "dismissed", "snoozed", "failed", "unknown"}) {
    funnel += (funnel.empty() ? "" : ", ") + std::string(step) + " " + Count(arm[step]);
  }
  return out + "  " + funnel + "\n";
}

std::string Campaigns(Node campaigns) {
  std::string out;
  for (Node campaign : campaigns) {
    for (Node arm : campaign["arms"]) {
      if (arm.name() != "held_out") out += Arm(campaign, arm);
    }
    for (Node goal : campaign["goals"]) {
      if (goal["text"].exists()) out += Paragraph(Text(goal["text"]), 2);
      for (Node variant : goal["variants"]) out += Paragraph(Text(goal["event"]) + ", " + Text(variant["text"]), 2);
    }
    for (Node guardrail : campaign["guardrails"]) {
      const std::string title = "no " + Text(guardrail["no"]) + " " + Text(guardrail["event"]);
      if (guardrail["text"].exists()) out += Paragraph(title + ": " + Text(guardrail["text"]), 2);
      for (Node variant : guardrail["variants"]) out += Paragraph(title + ", " + Text(variant["text"]), 2);
    }
  }
  return out.empty() ? "  no campaign yet\n" : out;
}

std::string Kpis(Node kpis) {
  const auto row = [](const char* name, const std::string& text) { return "  " + Fit(name, 13, "") + text + "\n"; };
  const auto share = [](Node kpi) {
    const Node low = kpi["interval"].First();
    return Percent(kpi["share"]) + " (95 %: " + Fixed(low.AsNumber().value_or(0) * 100, 1) + " to " +
           Fixed(low.Next().AsNumber().value_or(0) * 100, 1) + ")";
  };
  std::string out;
  if (const Node kpi = kpis["acquisition"]; kpi.exists()) {
    out += row("acquisition", Count(kpi["people"]) + " new people, " + Count(kpi["events"]) + " " + Text(kpi["event"]));
  }
  if (const Node kpi = kpis["activation"]; kpi.exists()) {
    out += row("activation", share(kpi) + " did " + Text(kpi["event"]) + " in their first " + Text(kpi["within"]));
  }
  if (const Node kpi = kpis["retention"]; kpi.exists()) {
    out += row("retention", share(kpi) + " did " + Text(kpi["event"]) + " on days 7 to 13");
  }
  if (const Node kpi = kpis["revenue"]; kpi.exists()) {
    out += row("revenue",
               Fixed(kpi["sum"].AsNumber().value_or(0), 2) + " by " + Count(kpi["events"]) + " " + Text(kpi["event"]));
  }
  if (const Node kpi = kpis["feedback"]; kpi.exists()) {
    out += row("feedback", Fixed(kpi["mean"].AsNumber().value_or(0), 1) + " on average of " + Count(kpi["events"]) +
                               " " + Text(kpi["event"]));
  }
  return out.empty() ? "  the datafile names no KPI\n" : out;
}

std::string Joined(Node texts) {
  std::string out;
  for (Node text : texts) out += (out.empty() ? "" : ", ") + Text(text);
  return out;
}

std::string Qa(Node qa) {
  std::string out = "forced: " + Count(qa["people"]) + (Number(qa["people"]) == 1 ? " unit" : " units") + " with " +
                    Count(qa["events"]) + " events, left out of every count\n";
  for (Node unit : qa["units"]) {
    out += Paragraph(Text(unit["unit_kind"]) + " " + Text(unit["unit"]) + ", by " + Joined(unit["forced_by"]), 2);
    for (Node arm : unit["forced"]) {
      const std::string natural = Text(arm["natural_variant"]);
      out += Paragraph(
          Text(arm["key"]) + " " + Text(arm["variant"]) + ", naturally " + (natural.empty() ? "in none" : natural), 4);
    }
    const std::string prompts = Joined(unit["prompts"]);
    if (!prompts.empty()) out += Paragraph("prompts: " + prompts, 4);
  }
  return out;
}

}  // namespace

guidon::Result<std::string> Digest(std::string_view results_json, std::string_view part) {
  guidon::json::Error error;
  guidon::json::Limits limits;
  limits.nodes = 5'000'000;
  const auto document = guidon::json::Document::Parse(results_json, &error, limits);
  if (!document) return Bad("results: " + error.ToText());
  struct Part {
    const char* name;
    std::string (*write)(Node);
  };
  constexpr Part kParts[] = {
      {"adoption", Adoption}, {"lifecycle", Lifecycle}, {"campaigns", Campaigns}, {"kpis", Kpis}, {"qa", Qa}};
  for (const Part& known : kParts) {
    if (part != known.name) continue;
    const Node node = document->root()[known.name];
    if (!node.exists()) return Bad("results: there is no \"" + std::string(part) + "\"");
    return known.write(node);
  }
  return Bad("--part: adoption, lifecycle, campaigns, kpis or qa, not " + Clean(part));
}

int RunDigest(const std::vector<std::string>& arguments) {
  constexpr const char* kHelp =
      "guidon-terminal digest: the collector's results in a few lines\n"
      "\n"
      "  --results FILE   the collector's /results.json\n"
      "  --part PART      adoption, lifecycle, campaigns, kpis or qa\n";
  std::string file, part;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (arguments[i] == "--help" || arguments[i] == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    const bool is_file = arguments[i] == "--results";
    if ((!is_file && arguments[i] != "--part") || i + 1 == arguments.size()) break;
    (is_file ? file : part) = arguments[i + 1];
  }
  if (file.empty() || part.empty()) {
    std::fprintf(stderr, "digest: --results FILE and --part PART are needed\n");
    return 2;
  }
  const guidon::Result<std::string> results = ReadFile(file, kMostReportBytes);
  const guidon::Result<std::string> text = results.ok() ? Digest(*results, part) : results.status();
  if (!text.ok()) {
    std::fprintf(stderr, "digest: %s\n", text.status().message().c_str());
    return 2;
  }
  std::fputs(text->c_str(), stdout);
  return 0;
}

}  // namespace notes
