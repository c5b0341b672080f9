#include "sdk/tools/simulation_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "sdk/core/base/text.h"
#include "sdk/tools/svg.h"

namespace guidon::tools {
namespace {

using svg::Box;
using svg::Escaped;
using svg::Number;
using svg::TextAt;

constexpr double kWidth = 960;
constexpr double kMargin = 32;
constexpr double kHead = 84;
constexpr double kPanel = 188;
constexpr double kBarsTop = 40;
constexpr double kBarsHeight = 100;
constexpr double kBarsLeft = 56;
constexpr double kBarsWidth = 520;
constexpr double kReasonsLeft = 616;
constexpr std::size_t kReasons = 6;

constexpr const char* kStyle = R"(<style>
  svg { font: 13px system-ui, sans-serif; background: #fff }
  text { fill: #1f2328 } .dim { fill: #59636e } .name { font-weight: 600; font-size: 15px } .title { font-weight: 600; font-size: 20px }
  .shown { fill: #1a7f37 } .held { fill: #0969da } .not { fill: #c8ced5 } .axis { stroke: #818b98; stroke-width: 1 }
  .num { text-anchor: end; font-variant-numeric: tabular-nums } .end { text-anchor: end }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #e6edf3 } .dim { fill: #9198a1 }
    .shown { fill: #3fb950 } .held { fill: #58a6ff } .not { fill: #3d444d }
  }
</style>
)";

// As much as fits, cut on a character's boundary.
std::string Fitting(std::string text, std::size_t most) {
  if (Width(text) <= most) return text;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size() && characters + 1 < most; ++characters) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return text.substr(0, end) + "…";
}

// What was shown, and on top of it who was held out; of what was not shown there is far more.
std::string Bars(const CampaignTally& tally, std::int64_t first, std::int64_t last, double top) {
  std::uint64_t most = 1;
  for (const auto& [day, counts] : tally.days) most = std::max(most, counts.shown + counts.held_out);
  const double bottom = top + kBarsHeight;
  const double step = kBarsWidth / static_cast<double>(last - first + 1);
  const double width = std::max(0.5, std::min(step * 0.8, 28.0));
  const double scale = kBarsHeight / static_cast<double>(most);
  std::string out;
  for (const auto& [day, counts] : tally.days) {
    const double x = kBarsLeft + step * static_cast<double>(day - first) + (step - width) / 2;
    double y = bottom;
    const std::pair<std::uint64_t, const char*> parts[] = {{counts.shown, "shown"}, {counts.held_out, "held"}};
    for (const auto& [count, what] : parts) {
      const double height = scale * static_cast<double>(count);
      y -= height;
      out += Box(x, y, width, height, what);
    }
  }
  out += "<line x1=\"" + Number(kBarsLeft) + "\" x2=\"" + Number(kBarsLeft + kBarsWidth) + "\" y1=\"" + Number(bottom) +
         "\" y2=\"" + Number(bottom) + "\" class=\"axis\"/>\n";
  out += TextAt(kBarsLeft - 8, top + 10, "dim num", std::to_string(most));
  out += TextAt(kBarsLeft - 8, bottom, "dim num", "0");
  out += TextAt(kBarsLeft, bottom + 18, "dim", DayText(first));
  return out + TextAt(kBarsLeft + kBarsWidth, bottom + 18, "dim end", DayText(last));
}

std::string Panel(const ruleset::Campaign& campaign, const CampaignTally& tally, std::int64_t first, std::int64_t last,
                  double top) {
  std::string out = TextAt(kMargin, top + 20, "name", campaign.key);
  out += TextAt(kBarsLeft + kBarsWidth, top + 20, "dim end",
                Count(tally.chances, "chance") + " of " +
                    (tally.people == 1 ? "1 person" : std::to_string(tally.people) + " people"));
  out += Bars(tally, first, last, top + kBarsTop);
  double y = top + kBarsTop + 10;
  const auto row = [&](std::uint64_t count, const std::string& what, const char* mark) {
    out += Box(kReasonsLeft - 4, y - 10, 10, 10, mark);
    out += TextAt(kReasonsLeft + 68, y, "num", std::to_string(count));
    out += TextAt(kReasonsLeft + 78, y, "", Fitting(what, 34));
    y += 19;
  };
  row(tally.shown, "shown", "shown");
  if (tally.held_out > 0) row(tally.held_out, "held out", "held");
  const auto reasons = ReasonsOf(tally);
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i + 1 < kReasons || reasons.size() == kReasons) {
      row(reasons[i].first, reasons[i].second, "not");
    } else {
      rest += reasons[i].first;
    }
  }
  if (rest > 0) row(rest, "for other reasons", "not");
  return out;
}

}  // namespace

std::string ToSvg(const SimulationReport& report) {
  const Simulation& simulation = report.simulation;
  const ruleset::Header& header = report.rules.header;
  const auto [first, last] = CalendarOf(simulation);
  std::string panels;
  double top = kHead;
  for (std::size_t i = 0; i < report.rules.campaigns.size(); ++i) {
    if (!report.rules.campaigns[i].is_valid) continue;
    panels += Panel(report.rules.campaigns[i], simulation.campaigns[i], first, last, top);
    top += kPanel;
  }
  const std::vector<std::string> warnings = WarningsOf(report.rules, simulation);
  for (const std::string& warning : warnings) panels += TextAt(kMargin, top += 22, "", "! " + Fitting(warning, 120));
  const std::string height = Number(top + kMargin);
  const std::string title = header.project + "/" + header.environment + " " + std::to_string(header.epoch) + "." +
                            std::to_string(header.version);
  const std::string who = simulation.people == 1 ? simulation.person : std::to_string(simulation.people) + " people";
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + Number(kWidth) + " " + height +
                    "\" width=\"" + Number(kWidth) + "\" height=\"" + height + "\" role=\"img\">\n";
  out += "<title>" + Escaped(title + ": chances of campaigns, simulated") + "</title>\n" + kStyle;
  out += TextAt(kMargin, 38, "title", title);
  out += TextAt(kMargin, 60, "dim", Fitting(who, 40) + ", " + DayText(first) + " to " + DayText(last) + ", simulated");
  double x = kBarsLeft + kBarsWidth - 156;
  for (const auto& [what, mark] : {std::pair<const char*, const char*>{"shown", "shown"}, {"held out", "held"}}) {
    out += Box(x, 50, 10, 10, mark) + TextAt(x + 16, 60, "dim", what);
    x += 84;
  }
  return out + panels + "</svg>\n";
}

}  // namespace guidon::tools
