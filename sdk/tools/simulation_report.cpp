#include "sdk/tools/simulation_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"

namespace guidon::tools {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::size_t kChartColumns = 60;
constexpr std::size_t kListed = 1'000;  // chances of one person

std::string WeekdayText(std::int64_t day) {
  static constexpr const char* kNames[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970-01-01 was one
  return kNames[((day % 7) + 7) % 7];
}

// What the device's clock shows.
std::string ClockText(Timestamp at, Duration utc_offset) {
  return text::FormatTimestamp(at + utc_offset).substr(11, 8);
}

std::string Spaced(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string ReasonText(const std::string& why, const std::string& by) {
  if (why == "outranked" || why == "replaced") return by.empty() ? "replaced by its next chance" : "outranked by " + by;
  if (by.empty()) return Spaced(why);
  if (why != "expired") return Spaced(why) + ": " + by;  // a name of theirs, or numbers
  const std::size_t reason = std::min(by.find(','), by.size());
  return Spaced(why) + ": " + Spaced(by.substr(0, reason)) + by.substr(reason);
}

std::string FateText(const Chance& chance, const Style& style) {
  switch (chance.fate) {
    case Fate::kShown: {
      const bool has_variants = chance.variant != ruleset::kPromptArm;
      return style.Green("✓ shown     ") + "  \"" + Plain(chance.title) + "\"" +
             (has_variants ? style.Dim(" " + chance.variant) : "");
    }
    case Fate::kHeldOut: return style.Cyan("○ held out  ");
    case Fate::kWaiting: return style.Yellow("… waits");
    case Fate::kNotShown: break;
  }
  return style.Dim("✗ not shown ") + "  " + ReasonText(chance.why, chance.by);
}

// Each chance on a line of its own, those of a day below its date; and what was done with what was shown.
std::string ChancesText(const SimulationReport& report, const Style& style) {
  struct Line {
    std::int64_t day;
    Timestamp at;
    std::string text;
  };
  std::size_t width = 0;
  for (const ruleset::Campaign& campaign : report.rules.campaigns) width = std::max(width, campaign.key.size());
  std::vector<Line> lines;
  for (const Chance& chance : report.simulation.chances) {
    const auto add = [&](Timestamp at, const std::string& text) {
      lines.push_back({text::UtcDay(at + chance.utc_offset), at, ClockText(at, chance.utc_offset) + "  " + text});
    };
    const std::string& key = report.rules.campaigns[chance.campaign].key;
    const std::string name = key + std::string(width - key.size(), ' ') + "  ";
    add(chance.ended, name + FateText(chance, style));
    if (chance.answer.empty()) continue;
    const std::string button = chance.button.empty() ? "" : " '" + Plain(chance.button) + "'";
    add(chance.answered, std::string(width + 4, ' ') + style.Dim(Spaced(chance.answer) + button));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
  std::string out;
  std::int64_t day = -1;
  for (std::size_t i = 0; i < std::min(lines.size(), kListed); ++i) {
    const bool is_new = std::exchange(day, lines[i].day) != lines[i].day;
    out += "  " + (is_new ? style.Bold(DayText(day)) + " " + WeekdayText(day) : std::string(14, ' ')) + "  " +
           lines[i].text + "\n";
  }
  if (lines.size() > kListed) out += "  and " + std::to_string(lines.size() - kListed) + " lines more\n";
  return out.empty() ? "  nothing starts any campaign\n" : out;
}

std::string Right(std::uint64_t count, std::size_t width) {
  const std::string digits = std::to_string(count);
  return std::string(width - std::min(width, digits.size()), ' ') + digits;
}

// What was shown, day by day; several days to a column where there are many.
std::string ChartText(const CampaignTally& tally, std::int64_t first, std::int64_t last, const Style& style) {
  static constexpr const char* kBars[] = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto days = static_cast<std::size_t>(last - first + 1);
  const std::size_t step = (days + kChartColumns - 1) / kChartColumns;
  std::vector<std::uint64_t> columns((days + step - 1) / step, 0);
  for (const auto& [day, counts] : tally.days) {
    if (day < first || day > last) continue;
    columns[static_cast<std::size_t>(day - first) / step] += counts.shown;
  }
  const std::uint64_t most = std::max<std::uint64_t>(1, *std::max_element(columns.begin(), columns.end()));
  std::string bars;
  for (const std::uint64_t count : columns) bars += kBars[(count * 8 + most - 1) / most];
  return style.Green(bars) + "  at most " + std::to_string(most) + (step == 1 ? " a day" : " in " + Count(step, "day"));
}

std::string CampaignText(const ruleset::Campaign& campaign, const CampaignTally& tally,
                         const std::pair<std::int64_t, std::int64_t>& days, const Style& style) {
  std::string out = style.Bold(campaign.key) + "\n";
  const std::size_t width = std::to_string(tally.chances).size();
  out += "  " + Right(tally.chances, width) + (tally.chances == 1 ? " chance" : " chances") + " of " +
         (tally.people == 1 ? "1 person" : std::to_string(tally.people) + " people") + "\n";
  const auto line = [&](const char* mark, std::uint64_t count, const std::string& what) {
    out += std::string("  ") + Right(count, width) + " " + mark + " " + what + "\n";
  };
  if (tally.shown > 0) {
    std::string answers;
    for (const auto& [answer, count] : tally.answers) {
      answers += std::string(answers.empty() ? ": " : ", ") + (answer.empty() ? "still up" : Spaced(answer)) + " " +
                 std::to_string(count);
    }
    line("✓", tally.shown, style.Green("shown") + answers);
  }
  if (campaign.has_variants() && tally.people_shown > 0) {
    std::string variants;
    for (const auto& [variant, people] : tally.people_by_variant) {
      variants += (variants.empty() ? "" : ", ") + variant + " " + std::to_string(people);
    }
    out += "  " + std::string(width, ' ') + "   " + (tally.people_shown == 1 ? "person" : "people") +
           " by variant: " + variants + "\n";
  }
  if (tally.held_out > 0) line("○", tally.held_out, style.Cyan("held out"));
  for (const auto& [count, reason] : ReasonsOf(tally)) line("✗", count, reason);
  if (tally.shown > 0) out += "  " + ChartText(tally, days.first, days.second, style) + "\n";
  return out;
}

void WriteChance(const SimulationReport& report, const Chance& chance, json::Writer* json) {
  static constexpr const char* kFates[] = {"shown", "held_out", "not_shown", "waiting"};
  json->BeginObject();
  json->Key("campaign").String(report.rules.campaigns[chance.campaign].key);
  json->Key("at").String(text::FormatTimestamp(chance.began));
  json->Key("fate").String(kFates[static_cast<std::size_t>(chance.fate)]);
  if (chance.ended != chance.began) json->Key("until").String(text::FormatTimestamp(chance.ended));
  if (!chance.why.empty()) json->Key("why").String(chance.why);
  if (!chance.by.empty()) json->Key("by").String(chance.by);
  if (!chance.title.empty()) json->Key("title").String(chance.title);
  if (report.rules.campaigns[chance.campaign].has_variants() && !chance.variant.empty()) {
    json->Key("variant").String(chance.variant);
  }
  if (!chance.answer.empty()) {
    json->Key("answer").String(chance.answer);
    if (!chance.button.empty()) json->Key("button").String(chance.button);
    json->Key("answered_at").String(text::FormatTimestamp(chance.answered));
  }
  json->End();
}

void WriteTally(const ruleset::Campaign& campaign, const CampaignTally& tally, json::Writer* json) {
  json->BeginObject();
  json->Key("campaign").String(campaign.key);
  json->Key("chances").Uint(tally.chances).Key("shown").Uint(tally.shown).Key("held_out").Uint(tally.held_out);
  json->Key("waiting").Uint(tally.waiting);
  json->Key("people").BeginObject();
  json->Key("with_chances").Uint(tally.people).Key("shown").Uint(tally.people_shown);
  json->Key("held_out").Uint(tally.people_held_out);
  if (campaign.has_variants()) {
    json->Key("variants").BeginObject();
    for (const auto& [variant, people] : tally.people_by_variant) json->Key(variant).Uint(people);
    json->End();
  }
  json->End();
  json->Key("answers").BeginObject();
  for (const auto& [answer, count] : tally.answers) json->Key(answer.empty() ? "none" : answer).Uint(count);
  json->End().Key("not_shown").BeginArray();
  for (const auto& [reason, count] : tally.not_shown) {
    json->BeginObject().Key("why").String(reason.first);
    if (!reason.second.empty()) json->Key("by").String(reason.second);
    json->Key("count").Uint(count).End();
  }
  json->End().Key("days").BeginArray();
  for (const auto& [day, counts] : tally.days) {
    json->BeginObject().Key("day").String(DayText(day)).Key("shown").Uint(counts.shown);
    json->Key("held_out").Uint(counts.held_out).Key("not_shown").Uint(counts.not_shown).End();
  }
  json->End().End();
}

}  // namespace

std::string DayText(std::int64_t day) { return text::FormatTimestamp(TimestampFromMs(day * kDay)).substr(0, 10); }

std::vector<std::pair<std::uint64_t, std::string>> ReasonsOf(const CampaignTally& tally) {
  std::vector<std::pair<std::uint64_t, std::string>> out;
  for (const auto& [reason, count] : tally.not_shown) {
    out.emplace_back(count, ReasonText(reason.first, reason.second));
  }
  if (tally.waiting > 0) out.emplace_back(tally.waiting, "waits at the end");
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return out;
}

std::pair<std::int64_t, std::int64_t> CalendarOf(const Simulation& simulation) {
  std::int64_t first = text::UtcDay(simulation.from);
  std::int64_t last = std::max(first, text::UtcDay(simulation.to));
  for (const CampaignTally& tally : simulation.campaigns) {
    if (tally.days.empty()) continue;
    first = std::min(first, tally.days.begin()->first);
    last = std::max(last, tally.days.rbegin()->first);
  }
  return {first, last};
}

std::string ToText(const SimulationReport& report, const Style& style) {
  const Simulation& simulation = report.simulation;
  const ruleset::Header& header = report.rules.header;
  const auto days = CalendarOf(simulation);
  std::string out =
      style.Bold(header.project + "/" + header.environment) + " " + std::to_string(header.epoch) + "." +
      std::to_string(header.version) + " · " +
      (simulation.people == 1 ? Plain(simulation.person) : std::to_string(simulation.people) + " people") + " · " +
      DayText(days.first) + " to " + DayText(days.second) + "\n\n";
  if (simulation.people == 1) out += ChancesText(report, style) + "\n";
  for (std::size_t i = 0; i < report.rules.campaigns.size(); ++i) {
    if (!report.rules.campaigns[i].is_valid) continue;
    out += CampaignText(report.rules.campaigns[i], simulation.campaigns[i], days, style) + "\n";
  }
  for (const std::string& warning : WarningsOf(report.rules, simulation)) {
    out += style.Yellow("! ") + warning + "\n";
  }
  while (out.size() > 1 && out.substr(out.size() - 2) == "\n\n") out.pop_back();
  return out;
}

std::string ToJson(const SimulationReport& report) {
  const Simulation& simulation = report.simulation;
  const ruleset::Header& header = report.rules.header;
  std::string out;
  json::Writer json(&out, 2);
  json.BeginObject().Key("datafile").BeginObject();
  json.Key("project").String(header.project).Key("environment").String(header.environment);
  json.Key("epoch").Int(static_cast<std::int64_t>(header.epoch));
  json.Key("version").Int(static_cast<std::int64_t>(header.version)).End();
  json.Key("from").String(text::FormatTimestamp(simulation.from));
  json.Key("to").String(text::FormatTimestamp(simulation.to));
  json.Key("people").Uint(simulation.people);
  json.Key("campaigns").BeginArray();
  for (std::size_t i = 0; i < report.rules.campaigns.size(); ++i) {
    if (report.rules.campaigns[i].is_valid) WriteTally(report.rules.campaigns[i], simulation.campaigns[i], &json);
  }
  json.End().Key("warnings").BeginArray();
  for (const std::string& warning : WarningsOf(report.rules, simulation)) json.String(warning);
  json.End();
  if (simulation.people == 1) {
    json.Key("person").String(simulation.person).Key("chances").BeginArray();
    for (const Chance& chance : simulation.chances) WriteChance(report, chance, &json);
    json.End();
  }
  json.End();
  return out + "\n";
}

}  // namespace guidon::tools
