#include "samples/collector/audit.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "sdk/collector/record.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

constexpr std::size_t kMostListed = 20;

// Things by what they state; ids that state the same thing stand in one set. Of each set one id is right and the others
// are duplicates.
using Stated = std::unordered_map<std::string, std::set<std::string>>;

void TakeDuplicates(const Stated& stated, std::set<std::string>* duplicates) {
  for (const auto& entry : stated) {
    if (entry.second.size() > 1) duplicates->insert(std::next(entry.second.begin()), entry.second.end());
  }
}

class Auditor {
 public:
  explicit Auditor(Database* database)
      : database_(*database),
        find_event_(database->Prepare("SELECT 1 FROM events WHERE id = ?")),
        find_quarantine_(database->Prepare("SELECT 1 FROM quarantine WHERE id = ?")) {}

  void ReadLedger(const std::string& text) {
    ++report_.ledgers;
    Stated stated;
    // What is behind the last newline was cut short by a kill.
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      ReadLine(text.substr(begin, end - begin), &stated);
    }
    TakeDuplicates(stated, &duplicates_);
  }

  AuditReport Finish() {
    ReadTracked();
    ReadExposures();
    ReadPrompts();
    // What the client reports of itself is nobody's fact.
    Statement events = database_.Prepare("SELECT id FROM events WHERE kind NOT IN (?, ?)");
    events.Int(static_cast<int>(RecordKind::kLossReport)).Int(static_cast<int>(RecordKind::kEvaluationSummary));
    while (events.Row()) report_.unnamed += named_.count(std::string(events.ColumnText(0))) == 0;
    report_.duplicates = duplicates_.size();
    for (const std::string& id : duplicates_) {
      if (report_.duplicate_ids.size() < kMostListed) report_.duplicate_ids.push_back(id);
    }
    return std::move(report_);
  }

 private:
  void ReadLine(std::string line, Stated* stated) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) return;
    const std::size_t one = line.find(' ');
    const std::size_t two = one == std::string::npos ? one : line.find(' ', one + 1);
    if (two == std::string::npos || one == 0 || two == one + 1 || two + 1 == line.size()) {
      ++report_.unreadable_lines;
      return;
    }
    const std::string id = line.substr(0, one);
    const std::string kind = line.substr(one + 1, two - one - 1);
    // An id is written twice when the app is killed between writing and remembering that it wrote.
    const bool is_new = named_.insert(id).second;
    const bool is_stored = Has(&find_event_, id);
    if (is_stored) (*stated)[line.substr(one + 1)].insert(id);
    if (!is_new) return;
    AuditReport::Kind& counts = report_.kinds[kind];
    ++counts.facts;
    if (is_stored) {
      ++counts.stored;
    } else if (Has(&find_quarantine_, id)) {
      ++counts.quarantined;
    } else {
      ++counts.lost;
      ++report_.lost;
      if (report_.lost_ids.size() < kMostListed) report_.lost_ids.push_back(id);
    }
  }

  static bool Has(Statement* find, const std::string& id) {
    const bool is_there = find->Text(id).Row();
    find->Reset();
    return is_there;
  }

  // Tracked events of an app that numbers what it does, by a property `n`.
  void ReadTracked() {
    Stated stated;
    Statement events = database_.Prepare(
        "SELECT id, installation, name, properties FROM events WHERE kind = ? AND properties IS NOT NULL");
    events.Int(static_cast<int>(RecordKind::kTracked));
    while (events.Row()) {
      const std::optional<json::Document> properties = json::Document::Parse(events.ColumnText(3), nullptr);
      if (!properties || !properties->root()["n"].exists()) continue;
      std::string key;
      json::Writer(&key)
          .BeginArray()
          .String(events.ColumnText(1))
          .String(events.ColumnText(2))
          .Raw(properties->root()["n"].ToText())
          .End();
      stated[key].emplace(events.ColumnText(0));
    }
    TakeDuplicates(stated, &duplicates_);
  }

  // A unit's exposure to an arm is stated once per UTC day.
  void ReadExposures() {
    Statement same = database_.Prepare(
        "SELECT e.id FROM events AS e JOIN (SELECT kind, name, iteration, unit_kind, unit_id, variant, forced, "
        "time_ms / 86400000 AS day, MIN(id) AS least FROM events WHERE kind IN (?1, ?2) "
        "GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING COUNT(*) > 1) AS g "
        "ON e.kind = g.kind AND e.name = g.name AND e.iteration IS g.iteration AND e.unit_kind = g.unit_kind "
        "AND e.unit_id = g.unit_id AND e.variant = g.variant AND e.forced = g.forced AND e.time_ms / 86400000 = g.day "
        "AND e.id <> g.least");
    same.Int(static_cast<int>(RecordKind::kExposure)).Int(static_cast<int>(RecordKind::kHoldoutExposure));
    while (same.Row()) duplicates_.emplace(same.ColumnText(0));
  }

  // Each step of a showing happens once.
  void ReadPrompts() {
    Statement version = database_.Prepare("PRAGMA user_version");
    if (!version.Row() || version.ColumnInt(0) < 2) return;  // written by a collector that took no prompts
    Statement prompts = database_.Prepare("SELECT id, forced, prompt FROM events WHERE kind = ?");
    prompts.Int(static_cast<int>(RecordKind::kPrompt));
    Stated stated;
    while (prompts.Row()) {
      const std::optional<json::Document> prompt = json::Document::Parse(prompts.ColumnText(2), nullptr);
      if (!prompt) continue;
      std::string key;
      json::Writer(&key)
          .BeginArray()
          .Int(prompts.ColumnInt(1))
          .Raw(prompt->root()["id"].ToText())
          .Raw(prompt->root()["what"].ToText())
          .End();
      stated[key].emplace(prompts.ColumnText(0));
    }
    TakeDuplicates(stated, &duplicates_);
  }

  Database& database_;
  Statement find_event_;
  Statement find_quarantine_;
  AuditReport report_;
  std::unordered_set<std::string> named_;
  std::set<std::string> duplicates_;
};

std::optional<std::string> ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return std::nullopt;
  return text;
}

void AddRow(const std::string& name, const AuditReport::Kind& counts, std::string* out) {
  char row[256];
  std::snprintf(row, sizeof(row), "%-16s %10llu %10llu %12llu %8llu\n", name.c_str(),
                static_cast<unsigned long long>(counts.facts), static_cast<unsigned long long>(counts.stored),
                static_cast<unsigned long long>(counts.quarantined), static_cast<unsigned long long>(counts.lost));
  *out += row;
}

void AddIds(const char* what, const std::vector<std::string>& ids, std::string* out) {
  for (const std::string& id : ids) *out += std::string(what) + " " + id + "\n";
}

}  // namespace

Result<AuditReport> Audit(Database* database, const std::string& ledger_folder) {
  std::error_code error;
  std::vector<std::filesystem::path> ledgers;
  std::filesystem::directory_iterator entry(ledger_folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".ledger") ledgers.push_back(entry->path());
  }
  if (error) return Status(StatusCode::kNotFound, ledger_folder + ": " + error.message());
  // A folder without ledgers would prove nothing and look like success.
  if (ledgers.empty()) return Status(StatusCode::kNotFound, ledger_folder + ": no file named *.ledger");
  std::sort(ledgers.begin(), ledgers.end());
  database->Begin(false);
  AuditReport report;
  {
    Auditor auditor(database);
    for (const std::filesystem::path& path : ledgers) {
      const std::optional<std::string> text = ReadWhole(path);
      if (!text) return Status(StatusCode::kPermissionDenied, path.string() + ": cannot be read");
      auditor.ReadLedger(*text);
    }
    report = auditor.Finish();
  }
  const Status status = database->Commit();
  if (!status.ok()) return status;
  return report;
}

std::string AuditText(const AuditReport& report) {
  std::string out;
  char line[256];
  std::snprintf(line, sizeof(line), "%-16s %10s %10s %12s %8s\n", "kind", "facts", "stored", "quarantined", "lost");
  out += line;
  AuditReport::Kind all;
  for (const auto& [name, counts] : report.kinds) {
    AddRow(name, counts, &out);
    all.facts += counts.facts;
    all.stored += counts.stored;
    all.quarantined += counts.quarantined;
    all.lost += counts.lost;
  }
  AddRow("all", all, &out);
  out += "\nledgers " + std::to_string(report.ledgers) + ", unreadable lines " +
         std::to_string(report.unreadable_lines) + ", stored but in no ledger " + std::to_string(report.unnamed) + "\n";
  AddIds("lost", report.lost_ids, &out);
  AddIds("duplicate", report.duplicate_ids, &out);
  out += "duplicates " + std::to_string(report.duplicates) + ", lost " + std::to_string(report.lost) + "\n";
  return out;
}

std::string AuditJson(const AuditReport& report) {
  std::string out;
  json::Writer writer(&out, 2);
  writer.BeginObject().Key("ledgers").Uint(report.ledgers).Key("kinds").BeginObject();
  for (const auto& [name, counts] : report.kinds) {
    writer.Key(name).BeginObject().Key("facts").Uint(counts.facts).Key("stored").Uint(counts.stored);
    writer.Key("quarantined").Uint(counts.quarantined).Key("lost").Uint(counts.lost).End();
  }
  writer.End().Key("unreadable_lines").Uint(report.unreadable_lines).Key("unnamed").Uint(report.unnamed);
  writer.Key("duplicates").Uint(report.duplicates).Key("lost").Uint(report.lost);
  writer.Key("duplicate_ids").BeginArray();
  for (const std::string& id : report.duplicate_ids) writer.String(id);
  writer.End().Key("lost_ids").BeginArray();
  for (const std::string& id : report.lost_ids) writer.String(id);
  writer.End().End();
  return out + "\n";
}

}  // namespace guidon::collector
