#include "samples/collector/export.h"

#include <algorithm>
#include <string>

#include "samples/collector/experiment_results.h"
#include "sdk/collector/record.h"
#include "samples/collector/versions.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

constexpr std::size_t kLinesAtOnce = 64u << 10;  // bytes

void AppendResult(const ExperimentResult& result, std::string* lines) {
  json::Writer out(lines);
  out.BeginObject().Key("type").String("result").Key("experiment").String(result.key);
  out.Key("iteration").Int(result.iteration).Key("units").BeginObject();
  for (const ArmResult& arm : result.arms) out.Key(arm.variant).Uint(arm.units);
  out.End().Key("exposures").Uint(result.assignments.exposures - result.assignments.mismatched).End();
  lines->push_back('\n');
}

// Of rows that were stored before it was known whether their ids are hashed: those that look so.
bool LooksHashed(std::string_view id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A row of the query below.
void AppendEvent(const Statement& row, std::string* lines) {
  const bool is_exposure = row.ColumnInt(1) == static_cast<int>(RecordKind::kExposure);
  json::Writer out(lines);
  out.BeginObject().Key("type").String(is_exposure ? "exposure" : "event").Key("id").String(row.ColumnText(0));
  const auto text = [&](const char* name, int column) {
    if (!row.IsNull(column)) out.Key(name).String(row.ColumnText(column));
  };
  const auto number = [&](const char* name, int column) {
    if (!row.IsNull(column)) out.Key(name).Int(row.ColumnInt(column));
  };
  text("unit_kind", 2);
  text("unit_id", 3);
  if (is_exposure) {
    out.Key("experiment").String(row.ColumnText(4));
    number("iteration", 5);
    text("variant", 6);
    text("audience", 7);
    text("datafile_version", 8);
    number("layer_slot", 9);
    number("slot", 10);
    if (row.ColumnInt(11) != 0) out.Key("sticky").Bool(true);
    if (row.IsNull(12) ? LooksHashed(row.ColumnText(3)) : row.ColumnInt(12) != 0)
      out.Key("unit_form").String("hmac-sha256");
  }
  if (row.ColumnInt(13) != 0) {
    out.Key("forced").Bool(true);
    if (!row.IsNull(14)) out.Key("units").Raw(row.ColumnText(14));
  }
  out.End();
  lines->push_back('\n');
}

bool WriteAll(Database* database, const std::function<bool(std::string_view)>& write) {
  std::string lines;
  Versions versions(database);
  for (const ExperimentResult& result : ComputeExperiments(database, &versions)) AppendResult(result, &lines);
  Statement events = database->Prepare(
      "SELECT id, kind, unit_kind, unit_id, name, iteration, variant, audience, datafile, layer_slot, slot, sticky, "
      "hashed_units, forced, units FROM events WHERE kind = ? OR forced");
  events.Int(static_cast<int>(RecordKind::kExposure));
  while (events.Row()) {
    AppendEvent(events, &lines);
    if (lines.size() < kLinesAtOnce) continue;
    if (!write(lines)) return false;
    lines.clear();
  }
  return write(lines);
}

}  // namespace

Status Export(Database* database, const std::function<bool(std::string_view lines)>& write) {
  database->Begin(false);
  const bool is_written = WriteAll(database, write);
  const Status status = database->Commit();
  if (!status.ok()) return status;
  if (!is_written) return Status(StatusCode::kUnavailable, "the output cannot be written");
  return Status();
}

}  // namespace guidon::collector
