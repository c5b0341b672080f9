#include "tests/unit/collector/world.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/bucketing.h"

namespace guidon::collector {

std::string Datafile(int version, std::string_view replace, std::string_view by) {
  std::string text = R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":)" +
                     std::to_string(version) +
                     R"(,"layers":{"main":{"unit":"device","salt":"main.1"}},
"holdouts":{"quiet":{"unit":"device","salt":"quiet.1","size":100000,"experiments":"*"}},
"experiments":{"button":{"iteration":2,"status":"running","layer":"main","slots":[[0,1000000]],"salt":"button.2",
"variants":{"a":{"slots":[[0,500000]],"flags":{}},"b":{"slots":[[500000,1000000]],"flags":{}}},
"goals":[{"event":"shared","within":"7d"},{"event":"opened"}]}},
"campaigns":{"try-share":{"iteration":3,"status":"running","unit":"device","salt":"try-share.3","holdout":200000,
"show":{"questions":[{"id":"score","type":"nps","label":"Would you recommend us?"},
{"id":"stars","type":"csat","label":"How was it?"},
{"id":"plan","type":"choice","label":"Which plan?","options":[{"id":"free","label":"Free"},{"id":"pro","label":"Pro"}]},
{"id":"like","type":"choices","label":"What do you like?","options":[{"id":"speed","label":"Speed"},
{"id":"price","label":"Price"}]},{"id":"why","type":"text","label":"Why?"}]},
"kpi":"activation","goals":[{"event":"shared","within":"7d"}]}},
"kpis":{"activation":{"event":"shared","within":"2d"},"revenue":{"event":"bought"},"feedback":{"event":"rated"}},
"event_attributes":["plan"],"flags":{}})";
  const std::size_t at = replace.empty() ? std::string::npos : text.find(replace);
  if (!replace.empty()) REQUIRE(at != std::string::npos);
  if (at != std::string::npos) text.replace(at, replace.size(), by);
  return text;
}

std::string ArmOf(const std::string& unit) { return evaluation::Slot('s', "button.2", unit) < 500'000 ? "a" : "b"; }

std::string CampaignArmOf(const std::string& unit) {
  return evaluation::Slot('c', "try-share.3", unit) < 200'000 ? "held_out" : "prompt";
}

std::vector<std::string> UnitsReaching(const std::string& arm, std::size_t count) {
  std::vector<std::string> units;
  for (int n = 0; units.size() < count; ++n) {
    if (CampaignArmOf("unit-" + std::to_string(n)) == arm) units.push_back("unit-" + std::to_string(n));
  }
  return units;
}

std::string UnitIn(const std::string& arm, int from) {
  for (int n = from;; ++n) {
    if (ArmOf("unit-" + std::to_string(n)) == arm) return "unit-" + std::to_string(n);
  }
}

Event& Event::Text(std::string name, std::string value) {
  for (auto& text : texts) {
    if (text.first != name) continue;
    text.second = std::move(value);
    return *this;
  }
  texts.emplace_back(std::move(name), std::move(value));
  return *this;
}

Event& Event::Int(std::string name, std::int64_t value) {
  for (auto& whole : ints) {
    if (whole.first != name) continue;
    whole.second = value;
    return *this;
  }
  ints.emplace_back(std::move(name), value);
  return *this;
}

Event& Event::At(std::int64_t ms) {
  time_ms = ms;
  return *this;
}

Event& Event::Forced(std::string by) {
  is_forced = true;
  return by.empty() ? *this : Text("guidon.forced_by", std::move(by));
}

Event& Event::Sticky() {
  is_sticky = true;
  return *this;
}

Event& Event::First() {
  is_first = true;
  return *this;
}

Event& Event::Propensity(double of_variant) {
  propensity = of_variant;
  return *this;
}

Event& Event::Value(double of_event) {
  number = of_event;
  return *this;
}

Event Tracked(std::string id, const std::string& unit, std::string name) {
  Event event;
  event.id = std::move(id);
  return event.Text("guidon.event.name", std::move(name)).Text("guidon.unit.device", unit);
}

Event Exposure(std::string id, const std::string& unit, std::string arm) {
  Event event;
  event.id = std::move(id);
  event.event_name = "feature_flag.evaluation";
  event.Text("feature_flag.key", "composer").Text("feature_flag.result.variant", arm.empty() ? ArmOf(unit) : arm);
  event.Text("feature_flag.context.id", unit)
      .Text("feature_flag.set.id", "notes/test")
      .Text("feature_flag.version", "1.1");
  event.Text("guidon.unit.kind", "device").Text("guidon.experiment.key", "button").Text("guidon.unit.device", unit);
  event.Int("guidon.experiment.iteration", 2).Int("guidon.slot", evaluation::Slot('s', "button.2", unit));
  return event.Int("guidon.layer_slot", evaluation::Slot('l', "main.1", unit));
}

Event HoldoutExposure(std::string id, const std::string& unit, std::string variant) {
  Event event;
  event.id = std::move(id);
  event.event_name = "feature_flag.evaluation";
  event.Text("feature_flag.result.variant", std::move(variant)).Text("feature_flag.context.id", unit);
  event.Text("feature_flag.version", "1.1").Text("guidon.unit.kind", "device").Text("guidon.holdout.key", "quiet");
  return event.Int("guidon.slot", evaluation::Slot('h', "quiet.1", unit));
}

std::string ScoreValue(int score) { return R"({"intValue":")" + std::to_string(score) + R"("})"; }
std::string OptionValue(std::string_view id) { return R"({"stringValue":")" + std::string(id) + R"("})"; }

std::string OptionsValue(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "" : ",") + OptionValue(id);
  return R"({"arrayValue":{"values":[)" + out + "]}}";
}

Event Step(std::string id, const std::string& unit, std::string what, std::string prompt_id) {
  Event event;
  event.id = std::move(id);
  event.event_name = "guidon.prompt";
  event.Text("guidon.prompt.what", std::move(what)).Text("guidon.campaign.key", "try-share");
  event.Text("guidon.prompt.id", prompt_id.empty() ? "showing-" + unit : std::move(prompt_id));
  event.Text("guidon.campaign.variant", CampaignArmOf(unit)).Int("guidon.campaign.iteration", 3);
  event.Text("guidon.unit.kind", "device").Text("feature_flag.context.id", unit).Text("guidon.unit.device", unit);
  event.Text("feature_flag.set.id", "notes/test").Text("feature_flag.version", "1.1");
  if (event.texts[0].second == "answer") {
    event.Text("guidon.prompt.question", "why").Int("guidon.prompt.number", 1);
  }
  return event.Int("guidon.slot", evaluation::Slot('c', "try-share.3", unit));
}

Event AnswerTo(std::string id, const std::string& unit, std::string question, std::string value, int number) {
  Event event = Step(std::move(id), unit, "answer");
  event.Text("guidon.prompt.question", std::move(question)).Int("guidon.prompt.number", number);
  if (value[0] == '{') {
    event.values.emplace_back("guidon.prompt.answer", std::move(value));
    return event;
  }
  return event.Text("guidon.prompt.text", std::move(value));
}

Event Summary(std::string id, const std::vector<Got>& evaluations) {
  Event event;
  event.id = std::move(id);
  event.event_name = "guidon.evaluation_summary";
  event.values.emplace_back("guidon.evaluations", EvaluationsValue(evaluations));
  return event;
}

std::string EvaluationsValue(const std::vector<Got>& evaluations) {
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("arrayValue").BeginObject().Key("values").BeginArray();
  for (const Got& got : evaluations) {
    json.BeginObject().Key("kvlistValue").BeginObject().Key("values").BeginArray();
    for (const auto& [key, value] :
         {std::pair("flag", got.flag), std::pair("variant", got.variant), std::pair("reason", got.reason)}) {
      if (value.empty()) continue;
      json.BeginObject().Key("key").String(key).Key("value").BeginObject().Key("stringValue").String(value);
      json.End().End();
    }
    json.End().End().End();
  }
  json.End().End().End();
  return out;
}

std::string Body(const std::vector<Event>& events, std::string_view installation) {
  std::string out;
  json::Writer json(&out);
  const auto text = [&json](std::string_view key, std::string_view value) {
    json.BeginObject().Key("key").String(key).Key("value").BeginObject().Key("stringValue").String(value).End().End();
  };
  json.BeginObject()
      .Key("resourceLogs")
      .BeginArray()
      .BeginObject()
      .Key("resource")
      .BeginObject()
      .Key("attributes")
      .BeginArray();
  text("service.name", "test");
  text("app.installation.id", installation);
  text("os.name", "Linux");
  json.End().End().Key("scopeLogs").BeginArray().BeginObject().Key("logRecords").BeginArray();
  for (const Event& event : events) {
    json.BeginObject().Key("timeUnixNano").String(std::to_string(event.time_ms) + "000000");
    json.Key("eventName").String(event.event_name).Key("attributes").BeginArray();
    if (!event.id.empty()) text("log.record.uid", event.id);
    for (const auto& [key, value] : event.texts) text(key, value);
    for (const auto& [key, value] : event.ints) {
      json.BeginObject()
          .Key("key")
          .String(key)
          .Key("value")
          .BeginObject()
          .Key("intValue")
          .String(std::to_string(value))
          .End()
          .End();
    }
    const auto begin = [&json](const char* key, const char* type) -> json::Writer& {
      return json.BeginObject().Key("key").String(key).Key("value").BeginObject().Key(type);
    };
    for (const auto& [key, value] : event.values)
      json.BeginObject().Key("key").String(key).Key("value").Raw(value).End();
    if (event.is_forced) begin("guidon.forced", "boolValue").Bool(true).End().End();
    if (event.is_sticky) begin("guidon.sticky", "boolValue").Bool(true).End().End();
    if (event.is_first) begin("guidon.first", "boolValue").Bool(true).End().End();
    if (event.propensity) begin("guidon.propensity", "doubleValue").Double(*event.propensity).End().End();
    if (event.number) begin("guidon.event.value", "doubleValue").Double(*event.number).End().End();
    json.End().End();
  }
  json.End().End().End().End().End().End();
  return out;
}

Folder::Folder() {
  static std::atomic<int> count{0};
  const auto ticks = std::chrono::steady_clock::now().time_since_epoch().count();
  path_ = std::filesystem::temp_directory_path() /
          ("guidon-collector-test-" + std::to_string(ticks) + "-" + std::to_string(count++));
  std::filesystem::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::Write(std::string_view name, std::string_view content) const {
  std::ofstream(*this / name, std::ios::binary | std::ios::trunc) << content;
}

World::World(bool any_time) {
  auto opened = Store::Open(folder / "events.db", 1024);
  REQUIRE_MESSAGE(opened.ok(), opened.status().message());
  store = *std::move(opened);
  auto database = Database::Open(folder / "events.db", Database::Mode::kReadWrite);
  REQUIRE(database.ok());
  reader = *std::move(database);
  archive = std::make_unique<Archive>(store.get());
  REQUIRE(archive->Add(Datafile(), kNow).ok());
  ingest = std::make_unique<Ingest>(store.get(), archive.get(), any_time);
}

Results World::Count() {
  Result<Results> results = ComputeResults(reader.get(), kNow);
  REQUIRE_MESSAGE(results.ok(), results.status().message());
  return *std::move(results);
}

std::int64_t World::Ask(std::string_view sql) {
  Statement statement = reader->Prepare(sql);
  REQUIRE_MESSAGE(statement.Row(), reader->status().message());
  return statement.ColumnInt(0);
}

std::string World::AskText(std::string_view sql) {
  Statement statement = reader->Prepare(sql);
  REQUIRE_MESSAGE(statement.Row(), reader->status().message());
  return std::string(statement.ColumnText(0));
}

}  // namespace guidon::collector
