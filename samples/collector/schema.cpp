#include "samples/collector/schema.h"

#include <optional>
#include <vector>

#include "samples/collector/activity.h"
#include "samples/collector/brought.h"
#include "sdk/collector/record.h"

namespace guidon::collector {
namespace {

// Permanent; a change needs a new user_version and a step that converts.
//
// events      every event once; `name` and `kind` as in record.h
// quarantine  records that count nowhere, and why
// arms        which units met which arm, from exposures; kind 3 (holdouts) has iteration 0
// happened    which units did what, from tracked events that were not forced
// sequences   runs of guidon.seq that arrived, [first, last]; a hole between two runs is a loss, or still on its way
// counters    topic event | lost | quarantined | total
// datafiles   every version served; iterations: the newest version that had that iteration of an experiment
constexpr char kVersion1[] = R"(
CREATE TABLE events(
  id TEXT NOT NULL PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, time_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL, installation TEXT NOT NULL, sequence INTEGER, session TEXT, forced INTEGER NOT NULL,
  value REAL, flag TEXT, variant TEXT, iteration INTEGER, unit_kind TEXT, unit_id TEXT, datafile TEXT, units TEXT,
  properties TEXT, context TEXT);
CREATE TABLE quarantine(
  id TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL, detail TEXT NOT NULL, installation TEXT NOT NULL,
  received_ms INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE arms(
  kind INTEGER NOT NULL, name TEXT NOT NULL, iteration INTEGER NOT NULL, unit_id TEXT NOT NULL, variant TEXT NOT NULL,
  forced INTEGER NOT NULL, first_ms INTEGER NOT NULL, exposures INTEGER NOT NULL,
  PRIMARY KEY(kind, name, iteration, unit_id, variant, forced)) WITHOUT ROWID;
CREATE TABLE happened(
  name TEXT NOT NULL, unit_kind TEXT NOT NULL, unit_id TEXT NOT NULL, time_ms INTEGER NOT NULL,
  PRIMARY KEY(name, unit_kind, unit_id, time_ms)) WITHOUT ROWID;
CREATE TABLE sequences(
  installation TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY(installation, first)) WITHOUT ROWID;
CREATE TABLE installations(
  id TEXT NOT NULL PRIMARY KEY, first_received_ms INTEGER NOT NULL, last_received_ms INTEGER NOT NULL,
  events INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE counters(
  topic TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  PRIMARY KEY(topic, name)) WITHOUT ROWID;
CREATE TABLE datafiles(
  epoch INTEGER NOT NULL, version INTEGER NOT NULL, first_served_ms INTEGER NOT NULL, payload TEXT NOT NULL,
  PRIMARY KEY(epoch, version));
CREATE TABLE iterations(
  experiment TEXT NOT NULL, iteration INTEGER NOT NULL, epoch INTEGER NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(experiment, iteration)) WITHOUT ROWID;
)";

// people: whose events they are, see activity.h; first_ms and last_ms are of what counts as being active.
// daily: what a person did on a UTC day, by kind and name; kind 0 without a name is anything that counts as active.
// traits: the latest value of each attribute that events carry.
// valued: the values of tracked events, by name.
// installed: which people were seen on which installation.
// forced_units: units of events that were forced; left out of every result, whenever their events were.
// forcings: what was met while forced and by what means, of tracked events only the means; kind 0: an override itself.
// prompts: steps of showings; of units that are held out the exposure is all there is.
// campaigns: the newest version of the datafile that had that iteration of a campaign.
constexpr char kVersion2[] = R"(
ALTER TABLE events ADD COLUMN forced_by TEXT;
ALTER TABLE events ADD COLUMN natural_variant TEXT;
ALTER TABLE events ADD COLUMN prompt TEXT;
CREATE TABLE people(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, first_ms INTEGER, last_ms INTEGER,
  events INTEGER NOT NULL, forced_events INTEGER NOT NULL, forced_first_ms INTEGER, forced_last_ms INTEGER,
  UNIQUE(kind, unit));
CREATE INDEX people_forced ON people(forced_last_ms) WHERE forced_events > 0;
CREATE TABLE daily(
  kind INTEGER NOT NULL, name TEXT NOT NULL, person INTEGER NOT NULL, day INTEGER NOT NULL, n INTEGER NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, total REAL NOT NULL,
  PRIMARY KEY(kind, name, person, day)) WITHOUT ROWID;
CREATE TABLE traits(
  attribute TEXT NOT NULL, person INTEGER NOT NULL, value TEXT NOT NULL, time_ms INTEGER NOT NULL,
  PRIMARY KEY(attribute, person)) WITHOUT ROWID;
CREATE TABLE valued(
  name TEXT NOT NULL, value REAL NOT NULL, person INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(name, value, person)) WITHOUT ROWID;
CREATE TABLE installed(
  installation TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY(installation, person)) WITHOUT ROWID;
CREATE TABLE forced_units(
  unit_kind TEXT NOT NULL, unit_id TEXT NOT NULL, person INTEGER NOT NULL,
  PRIMARY KEY(unit_kind, unit_id, person)) WITHOUT ROWID;
CREATE TABLE forcings(
  person INTEGER NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL, iteration INTEGER NOT NULL,
  variant TEXT NOT NULL, natural_variant TEXT NOT NULL, means TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(person, kind, name, iteration, variant, natural_variant, means)) WITHOUT ROWID;
CREATE TABLE prompts(
  campaign TEXT NOT NULL, iteration INTEGER NOT NULL, what TEXT NOT NULL, unit_id TEXT NOT NULL,
  variant TEXT NOT NULL, prompt_id TEXT NOT NULL, time_ms INTEGER NOT NULL, button TEXT, cause TEXT,
  PRIMARY KEY(campaign, iteration, what, unit_id, variant, prompt_id)) WITHOUT ROWID;
CREATE INDEX prompts_showing ON prompts(prompt_id);
CREATE TABLE campaigns(
  campaign TEXT NOT NULL, iteration INTEGER NOT NULL, epoch INTEGER NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(campaign, iteration)) WITHOUT ROWID;
PRAGMA user_version = 2;
)";

// arms: the audience of the first exposure; how many exposures an enrollment served; whether there was another
// audience. mismatches: exposures in the quarantine whose assignment to an experiment contradicts the salts.
constexpr char kVersion3[] = R"(
ALTER TABLE events ADD COLUMN audience TEXT;
ALTER TABLE events ADD COLUMN sticky INTEGER;
ALTER TABLE arms ADD COLUMN audience TEXT NOT NULL DEFAULT '';
ALTER TABLE arms ADD COLUMN sticky INTEGER NOT NULL DEFAULT 0;
ALTER TABLE arms ADD COLUMN other_audience INTEGER NOT NULL DEFAULT 0;
CREATE TABLE mismatches(
  experiment TEXT NOT NULL, iteration INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(experiment, iteration)) WITHOUT ROWID;
PRAGMA user_version = 3;
)";

// Of exposures: whether it was the unit's first, and how likely its variant was. Of all events the device's system.
constexpr char kVersion4[] = R"(
ALTER TABLE events ADD COLUMN first INTEGER;
ALTER TABLE events ADD COLUMN propensity REAL;
ALTER TABLE events ADD COLUMN os TEXT;
PRAGMA user_version = 4;
)";

// What each device was ever given for a flag, and when first and last: how many got it in the days before now follows
// from that, so nothing is kept by day. `variant` is empty where the caller's fallback came back.
constexpr char kVersion5[] = R"(
CREATE TABLE evaluations(
  flag TEXT NOT NULL, variant TEXT NOT NULL, reason TEXT NOT NULL, installation TEXT NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  PRIMARY KEY(flag, variant, reason, installation)) WITHOUT ROWID;
PRAGMA user_version = 5;
)";

// Of each question of a showing the answer with the highest number. `answer` is JSON, or empty where it is in `text`.
// Earlier versions kept that there were answers, and not what they said.
constexpr char kVersion6[] = R"(
CREATE TABLE answers(
  campaign TEXT NOT NULL, prompt_id TEXT NOT NULL, question TEXT NOT NULL, number INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, answer TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(campaign, prompt_id, question));
PRAGMA user_version = 6;
)";

// Tracked events that name a showing in their property `prompt` and were not forced, by each unit they carry.
constexpr char kVersion7[] = R"(
CREATE TABLE brought(
  prompt_id TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, unit_kind TEXT NOT NULL, unit_id TEXT NOT NULL,
  time_ms INTEGER NOT NULL, PRIMARY KEY(prompt_id, name, id, unit_kind)) WITHOUT ROWID;
PRAGMA user_version = 7;
)";

// Of exposures and prompts the slots they state, and of all events whether unit ids were hashed on the device: so each
// exposure can be decided again. Of events of before neither is known.
constexpr char kVersion8[] = R"(
ALTER TABLE events ADD COLUMN layer_slot INTEGER;
ALTER TABLE events ADD COLUMN slot INTEGER;
ALTER TABLE events ADD COLUMN hashed_units INTEGER;
PRAGMA user_version = 8;
)";

constexpr std::int64_t kNewestVersion = 8;
constexpr int kRowsAtOnce = 1000;

// One row of `events` as the record it was stored from, as far as activity asks.
struct StoredRecord {
  Record record;
  std::optional<json::Document> units;

  explicit StoredRecord(const Statement& row) {
    record.kind = static_cast<RecordKind>(row.ColumnInt(0));
    record.name = row.ColumnText(1);
    record.time_ms = row.ColumnInt(2);
    record.installation = row.ColumnText(3);
    record.forced = row.ColumnInt(4) != 0;
    if (!row.IsNull(5)) record.value = row.ColumnReal(5);
    record.variant = row.ColumnText(6);
    if (!row.IsNull(7)) record.iteration = row.ColumnInt(7);
    record.unit_kind = row.ColumnText(8);
    record.unit_id = row.ColumnText(9);
    if (record.kind == RecordKind::kExposure || record.kind == RecordKind::kHoldoutExposure) {
      record.event_name = "feature_flag.evaluation";
    } else if (record.kind == RecordKind::kLossReport) {
      record.event_name = "guidon.loss_report";
    }
    units = json::Document::Parse(row.ColumnText(10), nullptr);
    if (!units) return;
    for (json::Node unit : units->root()) record.units.emplace_back(unit.name(), unit.AsString().value_or(""));
  }
};

// Events of before there was `activity`. Their attributes stay unknown until the person's next event.
void AddActivityOfAllEvents(Database* database) {
  Activity activity(database);
  Statement rows = database->Prepare(
      "SELECT kind, name, time_ms, installation, forced, value, variant, iteration, unit_kind, unit_id, units "
      "FROM events");
  for (int n = 1; rows.Row(); ++n) {
    activity.Add(StoredRecord(rows).record);
    if (n % kRowsAtOnce == 0) activity.Write();
  }
  activity.Write();
}

void AddMismatchesOfQuarantine(Database* database) {
  Statement upsert = database->Prepare(kUpsertMismatch);
  Statement rows =
      database->Prepare("SELECT record FROM quarantine WHERE reason IN ('slot_mismatch', 'variant_mismatch')");
  while (rows.Row()) {
    const std::optional<json::Document> document = json::Document::Parse(rows.ColumnText(0), nullptr);
    if (!document) continue;
    Record record;
    ReadRecord(document->root(), {}, &record);
    if (record.kind == RecordKind::kExposure && record.iteration) upsert.Text(record.name).Int(*record.iteration).Run();
  }
}

void AddBroughtOfAllEvents(Database* database) {
  Statement insert = database->Prepare(kInsertBrought);
  Statement rows = database->Prepare(
      "SELECT id, name, time_ms, properties, units FROM events WHERE kind = 1 AND NOT forced "
      "AND properties LIKE '%\"prompt\"%'");
  while (rows.Row()) {
    const std::string showing = BroughtBy(rows.ColumnText(3));
    const std::optional<json::Document> units = json::Document::Parse(rows.ColumnText(4), nullptr);
    if (showing.empty() || !units) continue;
    for (json::Node unit : units->root()) {
      insert.Text(showing).Text(rows.ColumnText(1)).Text(rows.ColumnText(0)).Text(unit.name());
      insert.Text(unit.AsString().value_or("")).Int(rows.ColumnInt(2)).Run();
    }
  }
}

}  // namespace

Status CreateTables(Database* database) {
  database->Begin(true);
  std::int64_t version = -1;
  {
    Statement read = database->Prepare("PRAGMA user_version");
    if (read.Row()) version = read.ColumnInt(0);
  }
  if (version == 0) database->Execute(kVersion1);
  if (version == 0 || version == 1) database->Execute(kVersion2);
  if (version == 1) AddActivityOfAllEvents(database);
  if (version >= 0 && version <= 2) database->Execute(kVersion3);
  if (version == 1 || version == 2) AddMismatchesOfQuarantine(database);
  if (version >= 0 && version <= 3) database->Execute(kVersion4);
  if (version >= 0 && version <= 4) database->Execute(kVersion5);
  if (version >= 0 && version <= 5) database->Execute(kVersion6);
  if (version >= 0 && version <= 6) database->Execute(kVersion7);
  if (version >= 1 && version <= 6) AddBroughtOfAllEvents(database);
  if (version >= 0 && version <= 7) database->Execute(kVersion8);
  const Status status = database->Commit();
  if (!status.ok()) return status;
  if (version > kNewestVersion) return Status(StatusCode::kUnsupported, "written by a later version of the collector");
  return Status();
}

}  // namespace guidon::collector
