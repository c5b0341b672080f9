// What a simulation is asked to do: the options of `guidon-terminal simulate`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guidon/status.h"
#include "guidon/time.h"
#include "samples/terminal/simulate/person.h"

namespace notes::simulate {

// The campaign that simulated people react to.
inline constexpr const char* kNudge = "try-file-share";

struct Simulation {
  int people = 600;
  int days = 21;
  std::uint64_t seed = 7;
  guidon::Timestamp start = guidon::TimestampFromMs(1767571200000);  // 2026-01-05, a Monday
  int jobs = 2;
  int killed_percent = 10;  // of the people; their app is killed on two of their days
  Behaviour behaviour;
  std::string datafile_url;
  std::string collector_url;
  std::vector<std::string> keys;
  bool allow_unsigned = false;
  std::string state_dir;
  std::string ledger_dir;
  std::string report_file;
  bool help = false;

  std::string PersonDir(const Person& person) const { return state_dir + "/" + person.name(); }
  std::string LedgerFile(const Person& person) const { return ledger_dir + "/" + person.name() + ".ledger"; }
  bool IsVictim(int number) const;
};

guidon::Result<Simulation> ParseSimulation(const std::vector<std::string>& arguments);
std::string SimulateHelp();

// The command. Prints progress and the count; the process's exit code.
int RunSimulate(const std::vector<std::string>& arguments);

}  // namespace notes::simulate
