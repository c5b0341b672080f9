#include "sdk/tools/exposure_report.h"

#include <algorithm>
#include <vector>

namespace guidon::tools {
namespace {

using Cells = std::vector<std::string>;

constexpr std::size_t kWide = 200;  // what is one thing stays one line
constexpr std::size_t kExposureColumn = 3;

// In the order of `order`, then those that are only in `counts`.
std::string UnitsText(const ExposureCounts& counts, const ExposureCounts& order) {
  std::vector<std::pair<std::string, std::uint64_t>> units = order.units;
  for (auto& each : units) each.second = 0;
  for (const auto& each : counts.units) {
    const auto found =
        std::find_if(units.begin(), units.end(), [&each](const auto& other) { return other.first == each.first; });
    found == units.end() ? units.push_back(each) : void(found->second = each.second);
  }
  std::string text;
  for (const auto& [variant, count] : units) {
    text += (text.empty() ? "" : ", ") + Plain(variant) + " " + Thousands(count);
  }
  return text.empty() ? "nobody" : text;
}

std::string LeftOutText(const RecountedExperiment& experiment) {
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* why) {
    if (count > 0) text += (text.empty() ? "" : ", ") + Thousands(count) + " " + why;
  };
  add(experiment.forced_units, "forced");
  add(experiment.two_variant_units, "in two variants");
  add(experiment.unbacked_units, "not seen to enter");
  return text;
}

std::string CountsTable(const ExposureAudit& audit, const Style& style) {
  std::vector<Cells> rows = {{"", "experiment", "units", "exposures", "left out", ""}};
  for (const RecountedExperiment& each : audit.experiments) {
    const std::string name = Plain(each.key) + " " + std::to_string(each.iteration);
    rows.push_back({each.agrees() ? "✓" : "✗", name, UnitsText(each.derived, each.derived),
                    Thousands(each.derived.exposures), LeftOutText(each), each.agrees() ? "" : "by the rules"});
    if (each.agrees()) continue;
    rows.push_back({"", "", each.said ? UnitsText(*each.said, each.derived) : "nothing",
                    each.said ? Thousands(each.said->exposures) : "", "", "says the collector"});
  }
  std::size_t widest = 0;
  for (const Cells& row : rows) widest = std::max(widest, row[kExposureColumn].size());
  for (Cells& row : rows) row[kExposureColumn].insert(0, widest - row[kExposureColumn].size(), ' ');
  if (std::all_of(rows.begin() + 1, rows.end(), [](const Cells& row) { return row[4].empty(); })) {
    for (Cells& row : rows) row.erase(row.begin() + 4);
  }
  std::string table = Table(rows, 2, kWide);
  const auto paint = [&table](const std::string& mark, const std::string& painted) {
    for (std::size_t at = 0; (at = table.find("\n  " + mark, at)) != std::string::npos; at += painted.size()) {
      table.replace(at + 3, mark.size(), painted);
    }
  };
  paint("✓", style.Green("✓"));
  paint("✗", style.Red("✗"));
  const std::size_t head = table.find('\n');
  return style.Dim(table.substr(0, head)) + table.substr(head);
}

std::string VerdictText(const ExposureAudit& audit, const Style& style) {
  if (audit.is_good()) {
    return style.Green("✓") + " the rules give what every exposure says, and the collector counts as many\n";
  }
  std::string text;
  if (audit.wrong() > 0) text = Count(audit.wrong(), "exposure") + " that the rules do not give";
  if (const std::size_t others = audit.disagreements(); others > 0) {
    text +=
        std::string(text.empty() ? "" : "; ") + "the collector counts " + Count(others, "experiment") + " otherwise";
  }
  return style.Red("✗") + " " + text + "\n";
}

}  // namespace

std::string ToText(const ExposureAudit& audit, const Style& style) {
  std::string out = style.Bold("Exposures") + "  " + Thousands(audit.exposures) + (audit.exposures == 1 ? " was" : "") +
                    " decided again by the version " + (audit.exposures == 1 ? "it names" : "each names") + "\n\n";
  if (!audit.experiments.empty()) out += CountsTable(audit, style) + "\n";
  for (const ExposureFault& fault : audit.faults) {
    out += "  " + style.Red("✗") + " " + Count(fault.count, "exposure") + " " + fault.what + "\n";
    out += Wrap((fault.count > 1 ? "the first: " : "") + Plain(fault.example), 4, kWide);
    out += "    " + style.Dim(Plain(fault.event)) + "\n";
  }
  if (audit.undecided > 0) {
    out += Wrap(Count(audit.undecided, "exposure") +
                    " of units whose ids are hashed, stored without slots: the variant "
                    "could not be decided again",
                2);
  }
  if (!audit.faults.empty() || audit.undecided > 0) out += "\n";
  return out + VerdictText(audit, style);
}

void WriteJson(const ExposureAudit& audit, json::Writer* out) {
  const auto counts = [out](const char* name, const ExposureCounts& of) {
    out->Key(name).BeginObject().Key("exposures").Uint(of.exposures).Key("units").BeginObject();
    for (const auto& [variant, units] : of.units) out->Key(variant).Uint(units);
    out->End().End();
  };
  out->BeginObject().Key("exposures").Uint(audit.exposures).Key("wrong").Uint(audit.wrong());
  out->Key("undecided").Uint(audit.undecided).Key("disagreements").Uint(audit.disagreements());
  out->Key("experiments").BeginArray();
  for (const RecountedExperiment& each : audit.experiments) {
    out->BeginObject().Key("experiment").String(each.key).Key("iteration").Int(each.iteration);
    out->Key("agrees").Bool(each.agrees());
    counts("derived", each.derived);
    if (each.said) counts("collector", *each.said);
    out->Key("forced_units").Uint(each.forced_units).Key("two_variant_units").Uint(each.two_variant_units);
    out->Key("unbacked_units").Uint(each.unbacked_units).End();
  }
  out->End().Key("faults").BeginArray();
  for (const ExposureFault& fault : audit.faults) {
    out->BeginObject().Key("what").String(fault.what).Key("exposures").Uint(fault.count);
    out->Key("example").String(fault.example).Key("event").String(fault.event).End();
  }
  out->End().End();
}

}  // namespace guidon::tools
