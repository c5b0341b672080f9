#include "samples/collector/activity.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <tuple>

#include "samples/collector/people.h"

namespace guidon::collector {
namespace {

constexpr char kPersonUnit[] = "device";

void TakeEarlier(std::int64_t ms, std::optional<std::int64_t>* earliest) {
  *earliest = std::min(ms, earliest->value_or(ms));
}
void TakeLater(std::int64_t ms, std::optional<std::int64_t>* latest) { *latest = std::max(ms, latest->value_or(ms)); }

// Of what nobody did.
bool TellsOfClient(RecordKind kind) {
  return kind == RecordKind::kLossReport || kind == RecordKind::kDeletionRequest ||
         kind == RecordKind::kEvaluationSummary;
}

void BindTime(std::optional<std::int64_t> ms, Statement* statement) { ms ? statement->Int(*ms) : statement->Null(); }

}  // namespace

struct Activity::Person {
  struct Day {
    std::int64_t n = 0;
    std::optional<std::int64_t> first_ms, last_ms;
    double total = 0;
  };
  struct Trait {
    std::string value;
    std::int64_t time_ms = 0;
  };
  std::optional<std::int64_t> first_ms, last_ms;
  std::int64_t events = 0;
  std::int64_t forced_events = 0;
  std::optional<std::int64_t> forced_first_ms, forced_last_ms;
  std::map<std::tuple<int, std::string, std::int64_t>, Day> days;  // kind, name, UTC day
  std::map<std::string, Trait> traits;
  std::map<std::pair<std::string, double>, std::int64_t> values;
  std::set<std::string> installations;
  std::set<std::pair<std::string, std::string>> forced_units;
  // kind, name, iteration, variant, natural variant, means
  std::map<std::tuple<int, std::string, std::int64_t, std::string, std::string, std::string>, std::int64_t> forcings;

  void AddDay(int kind, std::string_view name, const Record& record) {
    Day& day = days[{kind, std::string(name), record.time_ms / kDayMs}];
    ++day.n;
    TakeEarlier(record.time_ms, &day.first_ms);
    TakeLater(record.time_ms, &day.last_ms);
    if (kind == static_cast<int>(RecordKind::kTracked)) day.total += record.value.value_or(0);
  }
};

struct Activity::Statements {
  explicit Statements(Database* d)
      : upsert_person(d->Prepare(
            "INSERT INTO people(kind, unit, first_ms, last_ms, events, forced_events, forced_first_ms, forced_last_ms) "
            "VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
            "first_ms = coalesce(min(first_ms, excluded.first_ms), first_ms, excluded.first_ms), "
            "last_ms = coalesce(max(last_ms, excluded.last_ms), last_ms, excluded.last_ms), "
            "events = events + excluded.events, forced_events = forced_events + excluded.forced_events, "
            "forced_first_ms = coalesce(min(forced_first_ms, excluded.forced_first_ms), forced_first_ms, "
            "excluded.forced_first_ms), "
            "forced_last_ms = coalesce(max(forced_last_ms, excluded.forced_last_ms), forced_last_ms, "
            "excluded.forced_last_ms)")),
        find_person(d->Prepare("SELECT id FROM people WHERE kind = ? AND unit = ?")),
        upsert_day(d->Prepare("INSERT INTO daily VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET n = n + excluded.n, "
                              "first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms), "
                              "total = total + excluded.total")),
        // At the same time the greater value, so that the order of arrival makes no difference.
        upsert_trait(d->Prepare("INSERT INTO traits VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET "
                                "value = excluded.value, time_ms = excluded.time_ms "
                                "WHERE (excluded.time_ms, excluded.value) > (time_ms, value)")),
        upsert_value(d->Prepare("INSERT INTO valued VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET n = n + excluded.n")),
        insert_installed(d->Prepare("INSERT OR IGNORE INTO installed VALUES(?,?)")),
        insert_forced_unit(d->Prepare("INSERT OR IGNORE INTO forced_units VALUES(?,?,?)")),
        upsert_forcing(
            d->Prepare("INSERT INTO forcings VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET n = n + excluded.n")) {}

  Statement upsert_person, find_person, upsert_day, upsert_trait, upsert_value, insert_installed, insert_forced_unit,
      upsert_forcing;
};

Activity::Activity(Database* database) : statements_(std::make_unique<Statements>(database)) {}
Activity::~Activity() = default;

void Activity::Add(const Record& record) {
  PersonKey key("", record.installation);
  if (record.unit_kind == kPersonUnit) key = {kPersonUnit, std::string(record.unit_id)};
  for (const auto& [kind, id] : record.units) {
    if (kind == kPersonUnit) key = {kPersonUnit, std::string(id)};
  }
  Person& person = people_[key];
  ++person.events;
  const bool is_tracked = record.kind == RecordKind::kTracked;
  person.AddDay(static_cast<int>(record.kind), is_tracked ? record.name : record.event_name, record);
  if (!TellsOfClient(record.kind)) {
    person.AddDay(0, {}, record);
    TakeEarlier(record.time_ms, &person.first_ms);
    TakeLater(record.time_ms, &person.last_ms);
  }
  person.installations.emplace(record.installation);
  if (is_tracked && record.value && std::isfinite(*record.value))
    ++person.values[{std::string(record.name), *record.value}];
  for (const auto& [name, node] : record.attributes) {
    std::string value = AttributeText(node);
    const auto [it, is_new] = person.traits.try_emplace(std::string(name));
    if (!is_new && std::tie(it->second.time_ms, it->second.value) >= std::tie(record.time_ms, value)) continue;
    it->second = {std::move(value), record.time_ms};
  }
  if (record.forced.value_or(false)) AddForced(record, &person);
}

void Activity::AddForced(const Record& record, Person* person) {
  ++person->forced_events;
  TakeEarlier(record.time_ms, &person->forced_first_ms);
  TakeLater(record.time_ms, &person->forced_last_ms);
  for (const auto& [kind, id] : record.units) person->forced_units.emplace(kind, id);
  if (!record.unit_kind.empty()) person->forced_units.emplace(record.unit_kind, record.unit_id);
  const bool has_arm = record.kind != RecordKind::kTracked && !TellsOfClient(record.kind);
  ++person->forcings[{static_cast<int>(record.kind), std::string(has_arm ? record.name : std::string_view()),
                      has_arm ? record.iteration.value_or(0) : 0,
                      std::string(has_arm ? record.variant : std::string_view()), std::string(record.natural_variant),
                      std::string(record.forced_by)}];
  std::string_view overrides = record.overrides;
  while (!overrides.empty()) {
    const std::size_t end = overrides.find("; ");
    ++person->forcings[{kOverride, std::string(overrides.substr(0, end)), 0, {}, {}, std::string(record.forced_by)}];
    overrides = end == std::string_view::npos ? std::string_view() : overrides.substr(end + 2);
  }
}

void Activity::Write() {
  for (const auto& [key, person] : people_) WritePerson(key, person);
  people_.clear();
}

void Activity::WritePerson(const PersonKey& key, const Person& person) {
  Statement& upsert = statements_->upsert_person;
  upsert.Text(key.first).Text(key.second);
  BindTime(person.first_ms, &upsert);
  BindTime(person.last_ms, &upsert);
  upsert.Int(person.events).Int(person.forced_events);
  BindTime(person.forced_first_ms, &upsert);
  BindTime(person.forced_last_ms, &upsert);
  upsert.Run();
  Statement& find = statements_->find_person;
  if (!find.Text(key.first).Text(key.second).Row()) return;
  const std::int64_t id = find.ColumnInt(0);
  find.Reset();
  for (const auto& [what, day] : person.days) {
    const auto& [kind, name, number] = what;
    statements_->upsert_day.Int(kind).Text(name).Int(id).Int(number).Int(day.n);
    statements_->upsert_day.Int(*day.first_ms).Int(*day.last_ms).Real(day.total).Run();
  }
  for (const auto& [attribute, trait] : person.traits) {
    statements_->upsert_trait.Text(attribute).Int(id).Text(trait.value).Int(trait.time_ms).Run();
  }
  for (const auto& [what, n] : person.values) {
    statements_->upsert_value.Text(what.first).Real(what.second).Int(id).Int(n).Run();
  }
  for (const std::string& installation : person.installations) {
    statements_->insert_installed.Text(installation).Int(id).Run();
  }
  if (person.forced_events > 0) WriteForced(id, person);
}

void Activity::WriteForced(std::int64_t id, const Person& person) {
  for (const auto& [kind, unit] : person.forced_units) {
    statements_->insert_forced_unit.Text(kind).Text(unit).Int(id).Run();
  }
  for (const auto& [what, n] : person.forcings) {
    const auto& [kind, name, iteration, variant, natural_variant, means] = what;
    statements_->upsert_forcing.Int(id).Int(kind).Text(name).Int(iteration).Text(variant);
    statements_->upsert_forcing.Text(natural_variant).Text(means).Int(n).Run();
  }
}

}  // namespace guidon::collector
