#include "samples/collector/qa.h"

#include <algorithm>

#include "samples/collector/activity.h"
#include "samples/collector/people.h"
#include "sdk/collector/record.h"

namespace guidon::collector {
namespace {

constexpr std::size_t kMostListed = 20;  // of each kind, of one unit

void AddOnce(std::string text, std::vector<std::string>* list) {
  if (text.empty() || list->size() >= kMostListed) return;
  if (std::find(list->begin(), list->end(), text) == list->end()) list->push_back(std::move(text));
}

void AddMeans(std::string_view means, std::vector<std::string>* list) {
  while (!means.empty()) {
    const std::size_t comma = means.find(',');
    AddOnce(std::string(means.substr(0, comma)), list);
    means = comma == std::string_view::npos ? std::string_view() : means.substr(comma + 1);
  }
}

void ReadForcings(Database* database, std::int64_t person, ForcedUnit* unit) {
  Statement forcings = database->Prepare(
      "SELECT kind, name, iteration, variant, natural_variant, means FROM forcings WHERE person = ? "
      "ORDER BY kind, name, iteration, variant");
  forcings.Int(person);
  while (forcings.Row()) {
    AddMeans(forcings.ColumnText(5), &unit->means);
    const auto kind = static_cast<RecordKind>(forcings.ColumnInt(0));
    const std::string key(forcings.ColumnText(1));
    if (forcings.ColumnInt(0) == kOverride) AddOnce(key, &unit->overrides);
    if (kind == RecordKind::kPrompt) AddOnce(key, &unit->prompts);
    if (kind != RecordKind::kExposure && kind != RecordKind::kHoldoutExposure) continue;
    ForcedArm arm{kind == RecordKind::kHoldoutExposure, key, forcings.ColumnInt(2), std::string(forcings.ColumnText(3)),
                  std::string(forcings.ColumnText(4))};
    const bool is_known = std::any_of(unit->arms.begin(), unit->arms.end(), [&arm](const ForcedArm& other) {
      return other.is_holdout == arm.is_holdout && other.key == arm.key && other.iteration == arm.iteration &&
             other.variant == arm.variant && other.natural_variant == arm.natural_variant;
    });
    if (!is_known && unit->arms.size() < kMostListed) unit->arms.push_back(std::move(arm));
  }
  std::sort(unit->means.begin(), unit->means.end());
}

void ReadUnits(Database* database, std::int64_t person, ForcedUnit* unit) {
  Statement units =
      database->Prepare("SELECT unit_kind, unit_id FROM forced_units WHERE person = ? ORDER BY unit_kind, unit_id");
  units.Int(person);
  while (units.Row()) {
    if (units.ColumnText(0) == unit->unit_kind && units.ColumnText(1) == unit->unit) continue;
    AddOnce(std::string(units.ColumnText(0)) + " " + std::string(units.ColumnText(1)), &unit->also);
  }
}

}  // namespace

Qa ComputeQa(Database* database) {
  Qa qa;
  Statement all = database->Prepare(
      "SELECT COUNT(NULLIF(p.forced_events, 0)), COALESCE(SUM(p.events), 0) FROM people AS p WHERE " + IsLeftOut());
  if (all.Row()) {
    qa.people = static_cast<std::uint64_t>(all.ColumnInt(0));
    qa.events = static_cast<std::uint64_t>(all.ColumnInt(1));
  }
  Statement newest = database->Prepare(
      "SELECT id, kind, unit, forced_first_ms, forced_last_ms, events, forced_events FROM people "
      "WHERE forced_events > 0 ORDER BY forced_last_ms DESC, id DESC LIMIT ?");
  newest.Int(Qa::kMostUnits);
  while (newest.Row()) {
    ForcedUnit unit;
    unit.unit_kind = newest.ColumnText(1);
    unit.unit = newest.ColumnText(2);
    unit.first_ms = newest.ColumnInt(3);
    unit.last_ms = newest.ColumnInt(4);
    unit.events = static_cast<std::uint64_t>(newest.ColumnInt(5));
    unit.forced_events = static_cast<std::uint64_t>(newest.ColumnInt(6));
    ReadForcings(database, newest.ColumnInt(0), &unit);
    ReadUnits(database, newest.ColumnInt(0), &unit);
    qa.units.push_back(std::move(unit));
  }
  return qa;
}

}  // namespace guidon::collector
