#include "sdk/tools/shares_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "sdk/core/base/json_writer.h"
#include "sdk/tools/svg.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kValuesShown = 12;
constexpr double kPictureWidth = 880;
constexpr double kNamesWidth = 260;
constexpr double kBarWidth = 420;
constexpr double kRow = 24;

constexpr const char* kSharesStyle = R"(<style>
  svg { font: 13px system-ui, sans-serif; background: #fff }
  text { fill: #1f2328 } .dim { fill: #59636e } .name { font-weight: 600; font-size: 15px } .title { font-weight: 600; font-size: 20px }
  .share { fill: #0969da } .off { fill: #cf222e } .mark { fill: #1f2328 } .end { text-anchor: end }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #e6edf3 } .dim { fill: #9198a1 }
    .share { fill: #58a6ff } .off { fill: #ff7b72 } .mark { fill: #e6edf3 }
  }
</style>
)";

std::string Fixed(double value, int digits, const char* unit = "") {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f%s", digits, value, unit);
  return text;
}

std::string ShareOf(std::uint64_t part, std::uint64_t whole, int digits = 2) {
  return Fixed(whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole), digits, " %");
}

std::string WhatCrowd(const ruleset::Header& header, const Shares& shares) {
  return header.project + "/" + header.environment + " version " + std::to_string(header.epoch) + "." +
         std::to_string(header.version) + ", " + Thousands(shares.people) + " made-up people";
}

std::string SigmaText(const VariantShare& variant) {
  if (variant.variance == 0) return "";
  const double sigmas = variant.sigmas();
  return (sigmas < 0 ? "−" : "+") + Fixed(std::abs(sigmas), 1, " σ");
}

bool IsOff(const VariantShare& variant) { return std::abs(variant.sigmas()) > kMostSigmas; }

std::string ExperimentTable(const Shares& shares) {
  std::vector<std::vector<std::string>> rows = {
      {"experiment", "people", "", "variant", "people", "share", "by split", ""}};
  for (const ExperimentShares& experiment : shares.experiments) {
    bool is_first = true;
    for (const VariantShare& variant : experiment.variants) {
      const double by_split =
          experiment.people == 0 ? 0 : 100 * variant.expected / static_cast<double>(experiment.people);
      rows.push_back({is_first ? Plain(experiment.key) : "", is_first ? Thousands(experiment.people) : "",
                      is_first ? ShareOf(experiment.people, shares.people, 1) : "", Plain(variant.name),
                      Thousands(variant.people), ShareOf(variant.people, experiment.people), Fixed(by_split, 2, " %"),
                      SigmaText(variant)});
      is_first = false;
    }
  }
  return Table(rows, 2, 120);
}

std::string OverlapTable(const Shares& shares) {
  std::vector<std::vector<std::string>> rows = {{"experiments", "people in both", "by chance"}};
  for (const Overlap& overlap : shares.overlaps) {
    rows.push_back({Plain(shares.experiments[overlap.a].key + " and " + shares.experiments[overlap.b].key),
                    Thousands(overlap.people),
                    overlap.is_exclusive ? "0: they exclude each other"
                                         : Thousands(static_cast<std::uint64_t>(std::llround(overlap.by_chance)))});
  }
  return Table(rows, 2, 120);
}

std::string FlagTable(const Shares& shares) {
  std::vector<std::vector<std::string>> rows = {{"flag", "value", "people", "share"}};
  for (const FlagShares& flag : shares.flags) {
    for (std::size_t i = 0; i < flag.values.size() && i < kValuesShown; ++i) {
      const ValueShare& share = flag.values[i];
      rows.push_back({i == 0 ? Plain(flag.key) : "", share.value.empty() ? "the app's own" : Plain(share.value),
                      Thousands(share.people), ShareOf(share.people, shares.people)});
    }
    if (flag.values.size() <= kValuesShown) continue;
    rows.push_back({"", "and " + Count(flag.values.size() - kValuesShown, "value"), "", ""});
  }
  return Table(rows, 2, 120);
}

}  // namespace

std::string ToText(const ruleset::Header& header, const Shares& shares, const Style& style) {
  std::string out = style.Bold(Plain(WhatCrowd(header, shares))) + "\n";
  if (shares.held_out > 0) {
    out += "  held out " + Thousands(shares.held_out) + ", " + ShareOf(shares.held_out, shares.people) + "\n";
  }
  if (!shares.experiments.empty()) out += "\n" + style.Bold("Experiments") + "\n" + ExperimentTable(shares);
  if (!shares.overlaps.empty()) out += "\n" + style.Bold("Together") + "\n" + OverlapTable(shares);
  if (!shares.flags.empty()) out += "\n" + style.Bold("Flags") + "\n" + FlagTable(shares);
  out += "\n";
  const std::vector<std::string> off = SharesOff(shares);
  for (const std::string& each : off) out += style.Red("✗ ") + Plain(each) + "\n";
  if (off.empty()) out += style.Green("✓ ") + "each share is what the datafile says, within chance\n";
  return out;
}

std::string ToJson(const ruleset::Header& header, const Shares& shares) {
  std::string text;
  json::Writer out(&text, 2);
  out.BeginObject().Key("datafile").BeginObject().Key("project").String(header.project);
  out.Key("environment").String(header.environment).Key("epoch").Uint(header.epoch).Key("version").Uint(header.version);
  out.End().Key("people").Uint(shares.people).Key("decisions").Uint(shares.decisions);
  out.Key("held_out").Uint(shares.held_out).Key("experiments").BeginArray();
  for (const ExperimentShares& experiment : shares.experiments) {
    out.BeginObject().Key("experiment").String(experiment.key).Key("layer").String(experiment.layer);
    out.Key("people").Uint(experiment.people).Key("variants").BeginArray();
    for (const VariantShare& variant : experiment.variants) {
      out.BeginObject().Key("variant").String(variant.name).Key("people").Uint(variant.people);
      out.Key("expected").Double(variant.expected).Key("sigmas").Double(variant.sigmas()).End();
    }
    out.End().End();
  }
  out.End().Key("overlaps").BeginArray();
  for (const Overlap& overlap : shares.overlaps) {
    out.BeginObject().Key("experiments").BeginArray().String(shares.experiments[overlap.a].key);
    out.String(shares.experiments[overlap.b].key).End().Key("people").Uint(overlap.people);
    out.Key("by_chance").Double(overlap.by_chance).Key("is_exclusive").Bool(overlap.is_exclusive).End();
  }
  out.End().Key("flags").BeginArray();
  for (const FlagShares& flag : shares.flags) {
    out.BeginObject().Key("flag").String(flag.key).Key("values").BeginArray();
    for (const ValueShare& share : flag.values) {
      out.BeginObject();
      if (!share.value.empty()) out.Key("value").Raw(share.value);
      out.Key("people").Uint(share.people).End();
    }
    out.End().End();
  }
  out.End().Key("off").BeginArray();
  for (const std::string& each : SharesOff(shares)) out.String(each);
  out.End().End();
  return text + "\n";
}

std::string ToSvg(const ruleset::Header& header, const Shares& shares) {
  double y = 88;
  std::string body = svg::TextAt(32, 44, "title", header.project + "/" + header.environment);
  body += svg::TextAt(32, 64, "dim", WhatCrowd(header, shares));
  for (const ExperimentShares& experiment : shares.experiments) {
    y += kRow;
    body += svg::TextAt(32, y, "name", experiment.key);
    body += svg::TextAt(kPictureWidth - 32, y, "dim end",
                        Thousands(experiment.people) + " people, " + ShareOf(experiment.people, shares.people, 1));
    double most = 1;
    for (const VariantShare& variant : experiment.variants) {
      most = std::max({most, static_cast<double>(variant.people), variant.expected});
    }
    for (const VariantShare& variant : experiment.variants) {
      y += kRow;
      const double length = kBarWidth * static_cast<double>(variant.people) / most;
      body += svg::TextAt(kNamesWidth - 12, y, "end", variant.name);
      body += svg::Box(kNamesWidth, y - 13, std::max(length, 1.0), 17, IsOff(variant) ? "off" : "share");
      body += svg::Box(kNamesWidth + kBarWidth * variant.expected / most - 1, y - 16, 2, 23, "mark");
      body += svg::TextAt(kNamesWidth + kBarWidth + 12, y, "dim",
                          ShareOf(variant.people, experiment.people) + "  " + SigmaText(variant));
    }
    y += kRow / 2;
  }
  const double height = y + 32;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + svg::Number(kPictureWidth) + "\" height=\"" +
         svg::Number(height) + "\" viewBox=\"0 0 " + svg::Number(kPictureWidth) + " " + svg::Number(height) + "\">\n" +
         kSharesStyle + body + "</svg>\n";
}

}  // namespace guidon::tools
