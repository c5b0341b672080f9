#include "samples/terminal/simulate/report.h"

#include <sstream>

#include "samples/terminal/settings.h"
#include "sdk/core/base/json_writer.h"

namespace notes::simulate {
namespace {

constexpr std::size_t kMostLedgerBytes = 16u << 20;

AttachLook LookOf(const std::string& button) {
  return button == "label" ? AttachLook::kLabelled : button == "icon" ? AttachLook::kIcon : AttachLook::kNone;
}

// The chance of an experiment's goal by variant, from what the people in it were shown.
std::map<std::string, double> Planted(const Simulation& simulation, const Report& report,
                                      const std::string& experiment) {
  std::map<std::string, double> chances;
  for (const PersonReport& person : report.people) {
    const auto found = person.variants.find(experiment);
    if (found == person.variants.end()) continue;
    chances[found->second] = experiment == "attach-button"
                                 ? Person::ShareChance(simulation.behaviour, LookOf(person.saw_button))
                                 : Person::WriteChance(simulation.behaviour, person.saw_checklist);
  }
  return chances;
}

void WriteExperiment(const Simulation& simulation, const Report& report, const char* key, const char* goal,
                     guidon::json::Writer* json) {
  const std::map<std::string, double> chances = Planted(simulation, report, key);
  if (chances.empty()) return;  // no such experiment in the datafile
  json->BeginObject().Key("experiment").String(key).Key("goal").String(goal).Key("variants").BeginObject();
  for (const auto& chance : chances) json->Key(chance.first).Double(chance.second);
  json->End().End();
}

void WriteMap(const std::map<std::string, std::string>& map, guidon::json::Writer* json) {
  json->BeginObject();
  for (const auto& entry : map) json->Key(entry.first).String(entry.second);
  json->End();
}

// The chance of the goal in both arms of the campaign, and how many people are in each by their own diaries.
void WriteNudge(const Simulation& simulation, const Report& report, guidon::json::Writer* json) {
  std::map<std::string, std::int64_t> people = {{"prompt", 0}, {"held_out", 0}};
  for (const PersonReport& person : report.people) {
    const auto arm = person.arms.find(kNudge);
    if (arm != person.arms.end()) ++people[arm->second];
  }
  if (people["prompt"] + people["held_out"] == 0) return;  // no such campaign in the datafile
  json->BeginObject().Key("campaign").String(kNudge).Key("goal").String("file_shared").Key("arms").BeginObject();
  for (const auto& arm : people) {
    json->Key(arm.first).BeginObject().Key("people").Int(arm.second);
    json->Key("chance").Double(Person::NudgeChance(simulation.behaviour, arm.first == "prompt")).End();
  }
  json->End().End();
}

const char* StageName(Stage stage) {
  switch (stage) {
    case Stage::kKillMe:
    case Stage::kOpening: return "opening";
    case Stage::kTelling: return "telling";
    case Stage::kPrompting: return "prompting";
    case Stage::kDelivering: return "committing and sending";
    case Stage::kDayDone:
    case Stage::kPersonDone: return "between days";
  }
  return "";
}

}  // namespace

std::map<std::string, int> KillsByStage(const CrowdResult& crowd) {
  std::map<std::string, int> kills;
  for (const auto& count : crowd.killed_while) kills[StageName(count.first)] += count.second;
  return kills;
}

void ReadLedger(std::string_view ledger, PersonReport* person, std::map<std::string, std::uint64_t>* accepted) {
  std::istringstream lines{std::string(ledger)};
  std::string id, kind, key;
  while (lines >> id >> kind >> key) {
    ++(*accepted)[kind];
    if (kind != "exposure" && kind != "holdout") continue;
    const std::size_t first = key.find(':');
    const std::size_t second = key.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    auto& met = kind == "exposure" ? person->variants : person->holdouts;
    met[key.substr(0, first)] = key.substr(first + 1, second - first - 1);
  }
}

guidon::Result<Report> MakeReport(const Simulation& simulation) {
  Report report;
  for (int number = 1; number <= simulation.people; ++number) {
    const Person person(simulation.seed, number, simulation.days, simulation.behaviour);
    guidon::Result<std::string> diary = ReadFile(simulation.PersonDir(person) + "/diary", kMostLedgerBytes);
    if (!diary.ok()) return diary.status();
    guidon::Result<std::string> ledger = ReadFile(simulation.LedgerFile(person), kMostLedgerBytes);
    if (!ledger.ok()) return ledger.status();
    const Progress progress = Progress::Parse(*diary);
    PersonReport entry;
    entry.name = person.name();
    entry.device = progress.device;
    entry.is_pro = person.is_pro();
    entry.saw_button = progress.saw_button;
    entry.saw_checklist = progress.saw_checklist;
    entry.arms = progress.arms;
    for (const auto& attempt : progress.attempts) entry.killed += attempt.second - 1;
    ReadLedger(*ledger, &entry, &report.accepted);
    report.people.push_back(std::move(entry));
  }
  return report;
}

std::string ReportJson(const Simulation& simulation, const Report& report, const CrowdResult& crowd) {
  std::string text;
  guidon::json::Writer json(&text, 2);
  json.BeginObject().Key("seed").Uint(simulation.seed).Key("days").Int(simulation.days);
  json.Key("start_ms").Int(guidon::ToMs(simulation.start));
  json.Key("planted").BeginArray();
  WriteExperiment(simulation, report, "attach-button", "file_shared", &json);
  WriteExperiment(simulation, report, "onboarding", "note_created", &json);
  json.End();
  json.Key("nudges").BeginArray();
  WriteNudge(simulation, report, &json);
  json.End();
  json.Key("accepted").BeginObject();
  for (const auto& count : report.accepted) json.Key(count.first).Uint(count.second);
  json.End();
  json.Key("people_killed").Int(crowd.victims).Key("killed_while").BeginObject();
  for (const auto& count : KillsByStage(crowd)) json.Key(count.first).Int(count.second);
  json.End();
  json.Key("people").BeginArray();
  for (const PersonReport& person : report.people) {
    json.BeginObject().Key("person").String(person.name).Key("device").String(person.device);
    json.Key("plan").String(person.is_pro ? "pro" : "free").Key("button").String(person.saw_button);
    json.Key("checklist").Bool(person.saw_checklist).Key("killed").Int(person.killed);
    json.Key("variants");
    WriteMap(person.variants, &json);
    json.Key("holdouts");
    WriteMap(person.holdouts, &json);
    json.Key("arms");
    WriteMap(person.arms, &json);
    json.End();
  }
  json.End().End();
  return text + "\n";
}

}  // namespace notes::simulate
