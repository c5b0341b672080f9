#include "samples/collector/store.h"

#include <algorithm>
#include <cstdio>

#include "samples/collector/activity.h"
#include "samples/collector/brought.h"
#include "samples/collector/check.h"
#include "samples/collector/schema.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/hash/hash.h"

namespace guidon::collector {
namespace {

std::string UnitsJson(const Record& record) {
  if (record.units.empty()) return {};
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  for (const auto& [kind, id] : record.units) writer.Key(kind).String(id);
  writer.End();
  return out;
}

std::string PromptJson(const Record& record) {
  if (record.kind != RecordKind::kPrompt) return {};
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Key("what").String(record.what).Key("id").String(record.prompt_id);
  if (record.ordinal) writer.Key("ordinal").Int(*record.ordinal);
  if (!record.button.empty()) writer.Key("button").String(record.button);
  if (!record.cause.empty()) writer.Key("cause").String(record.cause);
  if (!record.trigger.empty()) writer.Key("trigger").String(record.trigger);
  writer.End();
  return out;
}

void TextOrNull(std::string_view text, Statement* statement) {
  text.empty() ? statement->Null() : statement->Text(text);
}

// A record without a usable id still needs one of its own, the same when it comes again.
std::string QuarantineId(const Record& record, const std::string& text) {
  if (!record.id.empty()) return std::string(record.id);
  const Hash128 hash = HashBytes128(text);
  char id[40];
  std::snprintf(id, sizeof(id), "?%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return id;
}

}  // namespace

struct Store::Statements {
  explicit Statements(Database* d)
      : insert_event(
            d->Prepare("INSERT OR IGNORE INTO events VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                       "?,?,?)")),
        find_event(d->Prepare("SELECT 1 FROM events WHERE id = ?")),
        insert_quarantine(d->Prepare("INSERT OR IGNORE INTO quarantine VALUES(?,?,?,?,?,?)")),
        find_quarantine(d->Prepare("SELECT reason FROM quarantine WHERE id = ?")),
        upsert_arm(d->Prepare("INSERT INTO arms VALUES(?,?,?,?,?,?,?,1,?,?,0) ON CONFLICT DO UPDATE SET "
                              "first_ms = min(first_ms, excluded.first_ms), exposures = exposures + 1, "
                              "audience = CASE WHEN (excluded.first_ms, excluded.audience) < (first_ms, audience) "
                              "THEN excluded.audience ELSE audience END, sticky = sticky + excluded.sticky, "
                              "other_audience = other_audience OR audience <> excluded.audience")),
        upsert_mismatch(d->Prepare(kUpsertMismatch)),
        insert_prompt(d->Prepare("INSERT OR IGNORE INTO prompts VALUES(?,?,?,?,?,?,?,?,?)")),
        upsert_answer(d->Prepare("INSERT INTO answers VALUES(?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
                                 "number = excluded.number, time_ms = excluded.time_ms, answer = excluded.answer, "
                                 "text = excluded.text WHERE excluded.number > number")),
        insert_happened(d->Prepare("INSERT OR IGNORE INTO happened VALUES(?,?,?,?)")),
        insert_brought(d->Prepare(kInsertBrought)),
        upsert_evaluation(d->Prepare("INSERT INTO evaluations VALUES(?1,?2,?3,?4,?5,?5) ON CONFLICT DO UPDATE SET "
                                     "first_ms = min(first_ms, excluded.first_ms), "
                                     "last_ms = max(last_ms, excluded.last_ms)")),
        upsert_installation(d->Prepare(
            "INSERT INTO installations VALUES(?1,?2,?2,?3) ON CONFLICT DO UPDATE SET "
            "last_received_ms = max(last_received_ms, excluded.last_received_ms), events = events + excluded.events")),
        upsert_counter(d->Prepare("INSERT INTO counters VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET "
                                  "n = n + excluded.n, last_ms = max(last_ms, excluded.last_ms)")),
        runs_before(
            d->Prepare("SELECT first, last FROM sequences WHERE installation = ? AND first <= ? ORDER BY first DESC")),
        delete_runs(d->Prepare("DELETE FROM sequences WHERE installation = ? AND first BETWEEN ? AND ?")),
        insert_run(d->Prepare("INSERT INTO sequences VALUES(?,?,?)")),
        insert_datafile(d->Prepare("INSERT OR IGNORE INTO datafiles VALUES(?,?,?,?)")),
        find_datafile(d->Prepare("SELECT payload FROM datafiles WHERE epoch = ? AND version = ?")),
        upsert_iteration(d->Prepare("INSERT INTO iterations VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET "
                                    "epoch = excluded.epoch, version = excluded.version "
                                    "WHERE (excluded.epoch, excluded.version) > (epoch, version)")),
        upsert_campaign(d->Prepare("INSERT INTO campaigns VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET "
                                   "epoch = excluded.epoch, version = excluded.version "
                                   "WHERE (excluded.epoch, excluded.version) > (epoch, version)")),
        activity(d) {}

  Statement insert_event, find_event, insert_quarantine, find_quarantine, upsert_arm, upsert_mismatch, insert_prompt,
      upsert_answer, insert_happened, insert_brought, upsert_evaluation, upsert_installation, upsert_counter,
      runs_before, delete_runs, insert_run, insert_datafile, find_datafile, upsert_iteration, upsert_campaign;
  Activity activity;
};

// What one request adds up to, so that each counter is written once.
struct Store::Tally {
  struct Named {
    std::uint64_t n = 0;
    std::int64_t last_ms = 0;
    void Add(std::uint64_t count, std::int64_t ms) {
      n += count;
      last_ms = std::max(last_ms, ms);
    }
  };
  struct Installation {
    std::uint64_t events = 0;
    std::vector<std::int64_t> sequences;
  };
  Added added;
  Named stored;
  std::map<std::string_view, Named> events;       // by name
  std::map<std::string_view, Named> losses;       // by cause
  std::map<std::string_view, Named> quarantined;  // new ones, by reason
  std::map<std::string_view, Installation> installations;
};

Store::Store(std::unique_ptr<Database> database)
    : database_(std::move(database)), statements_(std::make_unique<Statements>(database_.get())) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::Open(const std::string& path, std::int64_t most_mb) {
  Result<std::unique_ptr<Database>> database = Database::Open(path, Database::Mode::kCreate);
  if (!database) return database.status();
  Database& d = **database;
  // FULL waits for the disk at each commit: an answer of 200 means that the events survive a power cut.
  d.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;");
  d.Execute(("PRAGMA max_page_count = " + std::to_string(most_mb * (1 << 20) / 4096)).c_str());
  if (!d.status().ok()) return Status(d.status().code(), path + ": " + d.status().message());
  const Status status = CreateTables(&d);
  if (!status.ok()) return Status(status.code(), path + ": " + status.message());
  std::unique_ptr<Store> store(new Store(*std::move(database)));
  if (!d.status().ok())
    return Status(StatusCode::kCorrupt, path + ": not a collector's database: " + d.status().message());
  return store;
}

Result<Store::Added> Store::Add(const std::vector<Record>& records, std::int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Tally tally;
  database_->Begin(true);
  for (const Record& record : records) {
    if (record.sequence) tally.installations[record.installation].sequences.push_back(*record.sequence);
    if (!record.reason.empty()) {
      Quarantine(record, now_ms, &tally);
    } else if (statements_->find_quarantine.Text(record.id).Row()) {
      // Refused once is refused for good, or the answer to a retry would differ from the one that got lost.
      statements_->find_quarantine.Reset();
      Quarantine(record, now_ms, &tally);
    } else if (!AddGood(record, now_ms)) {
      ++tally.added.duplicates;
    } else {
      AddToResults(record);
      tally.stored.Add(1, record.time_ms);
      tally.events[record.kind == RecordKind::kTracked ? record.name : record.event_name].Add(1, record.time_ms);
      ++tally.installations[record.installation].events;
      for (const auto& [cause, count] : record.losses) {
        tally.losses[cause].Add(static_cast<std::uint64_t>(count), record.time_ms);
      }
    }
    if (!database_->status().ok()) break;
  }
  statements_->activity.Write();
  AddTally(tally, now_ms);
  const Status status = database_->Commit();
  if (!status.ok()) return status;
  tally.added.stored = tally.stored.n;
  return std::move(tally.added);
}

bool Store::AddGood(const Record& record, std::int64_t now_ms) {
  Statement& insert = statements_->insert_event;
  const auto text = [&insert](std::string_view value) { TextOrNull(value, &insert); };
  insert.Text(record.id).Int(static_cast<int>(record.kind)).Text(record.name).Int(record.time_ms).Int(now_ms);
  insert.Text(record.installation);
  record.sequence ? insert.Int(*record.sequence) : insert.Null();
  text(record.session);
  insert.Int(record.forced.value_or(false));
  record.value ? insert.Real(*record.value) : insert.Null();
  text(record.flag);
  text(record.variant);
  record.iteration ? insert.Int(*record.iteration) : insert.Null();
  text(record.unit_kind);
  text(record.unit_id);
  text(record.datafile_version);
  text(UnitsJson(record));
  text(record.properties);
  text(record.context);
  text(record.forced_by);
  text(record.natural_variant);
  text(PromptJson(record));
  text(record.audience);
  record.sticky ? insert.Int(*record.sticky) : insert.Null();
  record.first ? insert.Int(*record.first) : insert.Null();
  record.propensity ? insert.Real(*record.propensity) : insert.Null();
  text(record.os_name);
  record.layer_slot ? insert.Int(*record.layer_slot) : insert.Null();
  record.slot ? insert.Int(*record.slot) : insert.Null();
  insert.Int(record.are_units_hashed);
  return insert.Run();
}

void Store::AddToResults(const Record& record) {
  statements_->activity.Add(record);
  const bool is_forced = record.forced.value_or(false);
  if (record.kind == RecordKind::kExposure || record.kind == RecordKind::kHoldoutExposure) {
    statements_->upsert_arm.Int(static_cast<int>(record.kind)).Text(record.name).Int(record.iteration.value_or(0));
    statements_->upsert_arm.Text(record.unit_id).Text(record.variant).Int(is_forced).Int(record.time_ms);
    const bool is_experiment = record.kind == RecordKind::kExposure;
    statements_->upsert_arm.Text(is_experiment ? record.audience : std::string_view());
    statements_->upsert_arm.Int(is_experiment && record.sticky.value_or(false)).Run();
  } else if (record.kind == RecordKind::kPrompt) {
    Statement& insert = statements_->insert_prompt;
    insert.Text(record.name).Int(record.iteration.value_or(0)).Text(record.what).Text(record.unit_id);
    insert.Text(record.variant).Text(record.prompt_id).Int(record.time_ms);
    TextOrNull(record.button, &insert);
    TextOrNull(record.cause, &insert);
    insert.Run();
    if (record.what == "answer") AddAnswer(record);
  } else if (record.kind == RecordKind::kTracked && !is_forced) {
    const std::string showing = BroughtBy(record.properties);
    for (const auto& [kind, id] : record.units) {
      statements_->insert_happened.Text(record.name).Text(kind).Text(id).Int(record.time_ms).Run();
      if (showing.empty()) continue;
      statements_->insert_brought.Text(showing).Text(record.name).Text(record.id).Text(kind).Text(id);
      statements_->insert_brought.Int(record.time_ms).Run();
    }
  } else if (record.kind == RecordKind::kEvaluationSummary) {
    for (const Evaluation& evaluation : record.evaluations) {
      Statement& upsert = statements_->upsert_evaluation;
      upsert.Text(evaluation.flag).Text(evaluation.variant).Text(evaluation.reason);
      upsert.Text(record.installation).Int(record.time_ms).Run();
    }
  }
}

void Store::AddAnswer(const Record& record) {
  Statement& upsert = statements_->upsert_answer;
  upsert.Text(record.name).Text(record.prompt_id).Text(record.question).Int(record.number.value_or(0));
  upsert.Int(record.time_ms).Text(record.answer).Text(record.answer_text).Run();
}

bool Store::IsKept(const Record& record) {
  const bool is_kept = !record.id.empty() && statements_->find_event.Text(record.id).Row();
  statements_->find_event.Reset();
  return is_kept;
}

void Store::Quarantine(const Record& record, std::int64_t now_ms, Tally* tally) {
  if (IsKept(record)) {
    ++tally->added.duplicates;
    return;
  }
  const std::string_view reason = record.reason.empty() ? std::string_view("refused_before") : record.reason;
  ++tally->added.quarantined[reason];
  const std::string text = record.node.ToText();
  Statement& insert = statements_->insert_quarantine;
  insert.Text(QuarantineId(record, text))
      .Text(reason)
      .Text(record.detail)
      .Text(record.installation)
      .Int(now_ms)
      .Text(text);
  if (!insert.Run()) return;
  tally->quarantined[reason].Add(1, now_ms);
  if (IsMismatch(record)) statements_->upsert_mismatch.Text(record.name).Int(*record.iteration).Run();
}

void Store::AddTally(const Tally& tally, std::int64_t now_ms) {
  for (const auto& [name, count] : tally.events) Count("event", name, count.n, count.last_ms);
  for (const auto& [cause, count] : tally.losses) Count("lost", cause, count.n, count.last_ms);
  for (const auto& [reason, count] : tally.quarantined) Count("quarantined", reason, count.n, count.last_ms);
  if (tally.stored.n > 0) Count("total", "events", tally.stored.n, tally.stored.last_ms);
  if (tally.added.duplicates > 0) Count("total", "duplicates", tally.added.duplicates, now_ms);
  for (const auto& [id, installation] : tally.installations) {
    statements_->upsert_installation.Text(id).Int(now_ms).Int(static_cast<std::int64_t>(installation.events)).Run();
    AddSequences(id, installation.sequences);
  }
}

void Store::Count(std::string_view topic, std::string_view name, std::uint64_t n, std::int64_t last_ms) {
  statements_->upsert_counter.Text(topic).Text(name).Int(static_cast<std::int64_t>(n)).Int(last_ms).Run();
}

void Store::AddSequences(std::string_view installation, std::vector<std::int64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t j = i + 1;
    while (j < numbers.size() && numbers[j] <= numbers[j - 1] + 1) ++j;
    AddRun(installation, numbers[i], numbers[j - 1]);
    i = j;
  }
}

// Invariant: runs of an installation neither overlap nor touch. So their ends are sorted like their beginnings, and the
// first one that ends too early ends the search.
void Store::AddRun(std::string_view installation, std::int64_t first, std::int64_t last) {
  Statement& before = statements_->runs_before;
  before.Text(installation).Int(last + 1);
  while (before.Row() && before.ColumnInt(1) >= first - 1) {
    first = std::min(first, before.ColumnInt(0));
    last = std::max(last, before.ColumnInt(1));
  }
  before.Reset();
  statements_->delete_runs.Text(installation).Int(first).Int(last).Run();
  statements_->insert_run.Text(installation).Int(first).Int(last).Run();
}

void Store::AddIterations(const Published& published) {
  const auto add = [&published](Statement* upsert, const std::string& key, std::int64_t iteration) {
    upsert->Text(key).Int(iteration).Int(published.epoch).Int(published.version).Run();
  };
  for (const auto& [key, experiment] : published.experiments) {
    add(&statements_->upsert_iteration, key, experiment.iteration);
  }
  for (const auto& [key, campaign] : published.campaigns) add(&statements_->upsert_campaign, key, campaign.iteration);
}

Status Store::SaveDatafile(const Published& published, std::string_view payload, std::int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  database_->Begin(true);
  bool is_other = false;
  if (!statements_->insert_datafile.Int(published.epoch).Int(published.version).Int(now_ms).Text(payload).Run() &&
      statements_->find_datafile.Int(published.epoch).Int(published.version).Row()) {
    is_other = statements_->find_datafile.ColumnText(0) != payload;
    statements_->find_datafile.Reset();
  }
  // Also when it is there already: a collector that did not know campaigns may have kept it.
  if (!is_other) AddIterations(published);
  const Status status = database_->Commit();
  if (!status.ok() || !is_other) return status;
  return Status(StatusCode::kInvalidArgument, "version " + std::to_string(published.epoch) + "." +
                                                  std::to_string(published.version) +
                                                  " was served before with other content");
}

Result<std::string> Store::LoadDatafile(std::int64_t epoch, std::int64_t version) {
  const std::lock_guard<std::mutex> lock(mutex_);
  database_->Begin(false);
  std::string payload;
  const bool is_there = statements_->find_datafile.Int(epoch).Int(version).Row();
  if (is_there) payload = statements_->find_datafile.ColumnText(0);
  statements_->find_datafile.Reset();
  const Status status = database_->Commit();
  if (!status.ok()) return status;
  if (!is_there) return Status(StatusCode::kNotFound, "no such version");
  return payload;
}

}  // namespace guidon::collector
