// What came out on the people's side: the planted truth, who met which variant, and how many facts were accepted. Read
// from the diaries and ledgers alone, so it holds whatever was killed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "samples/terminal/simulate/crowd.h"
#include "samples/terminal/simulate/diary.h"

namespace notes::simulate {

struct PersonReport {
  std::string name;
  std::string device;
  bool is_pro = false;
  std::string saw_button;
  bool saw_checklist = false;
  int killed = 0;                               // times the app was started over on a day
  std::map<std::string, std::string> variants;  // by experiment
  std::map<std::string, std::string> holdouts;
  std::map<std::string, std::string> arms;  // by campaign: "prompt" or "held_out"
};

struct Report {
  std::vector<PersonReport> people;
  std::map<std::string, std::uint64_t> accepted;  // by kind
};

// In words: "opening", "telling", "prompting", "committing and sending", "between days".
std::map<std::string, int> KillsByStage(const CrowdResult& crowd);

// One person's ledger: counts by kind, and variants by experiment.
void ReadLedger(std::string_view ledger, PersonReport* person, std::map<std::string, std::uint64_t>* accepted);

guidon::Result<Report> MakeReport(const Simulation& simulation);

// The JSON that `guidon-terminal compare` reads.
std::string ReportJson(const Simulation& simulation, const Report& report, const CrowdResult& crowd);

}  // namespace notes::simulate
