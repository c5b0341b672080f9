#include "samples/terminal/simulate/simulation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "samples/terminal/simulate/dice.h"
#include "samples/terminal/simulate/report.h"

namespace notes::simulate {
namespace {

using guidon::Status;
using guidon::StatusCode;

Status Refuse(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }

template <class T>
Status ParseNumber(const std::string& option, const std::string& text, T least, T most, T* out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *out);
  const bool is_whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (is_whole && *out >= least && *out <= most) return Status();
  return Refuse(option + ": a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

// "attach-button=12": percentage points that the labelled button adds to those who share; "onboarding=0": that the
// checklist adds to those who write; "try-file-share=25": that the prompt adds to those who share with a long note.
Status ParseEffect(const std::string& text, Behaviour* behaviour) {
  const std::size_t equals = text.find('=');
  const std::string experiment = text.substr(0, equals);
  char* end = nullptr;
  const double points = equals == std::string::npos ? 0 : std::strtod(text.c_str() + equals + 1, &end);
  const bool is_number = end != nullptr && end != text.c_str() + equals + 1 && *end == '\0';
  if (!is_number || !(points >= -25 && points <= 40)) {
    return Refuse("--effect: EXPERIMENT=POINTS, -25 to 40, such as attach-button=12");
  }
  if (experiment == "attach-button") {
    behaviour->label_adds = points / 100;
  } else if (experiment == "onboarding") {
    behaviour->checklist_adds = points / 100;
  } else if (experiment == kNudge) {
    if (points < -8)
      return Refuse("--effect: of 100 people 8 share anyway, so a prompt can take away 8 points at most");
    behaviour->nudge_adds = points / 100;
  } else {
    return Refuse("--effect: people react to attach-button, onboarding and try-file-share, not to " + experiment);
  }
  return Status();
}

Status ParseStart(const std::string& text, guidon::Timestamp* start) {
  int year = 0, month = 0, day = 0;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2d%c", &year, &month, &day, &rest);
  if (read != 3 || year < 1971 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) {
    return Refuse("--start: a day such as 2026-01-05");
  }
  // Days from 1970-01-01 in the Gregorian calendar, with years that begin in March.
  const int y = month > 2 ? year : year - 1;
  const int era_day =
      365 * y + y / 4 - y / 100 + y / 400 + (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  *start = guidon::TimestampFromMs((std::int64_t{era_day} - 719468) * 86'400'000);
  return Status();
}

Status Apply(const std::string& option, const std::string& value, Simulation* simulation) {
  if (option == "--people") return ParseNumber(option, value, 1, 9999, &simulation->people);
  if (option == "--days") return ParseNumber(option, value, 1, 366, &simulation->days);
  if (option == "--seed") return ParseNumber<std::uint64_t>(option, value, 0, UINT64_MAX, &simulation->seed);
  if (option == "--jobs") return ParseNumber(option, value, 1, 64, &simulation->jobs);
  if (option == "--killed") return ParseNumber(option, value, 0, 100, &simulation->killed_percent);
  if (option == "--start") return ParseStart(value, &simulation->start);
  if (option == "--effect") return ParseEffect(value, &simulation->behaviour);
  if (option == "--datafile-url") {
    simulation->datafile_url = value;
  } else if (option == "--collector") {
    simulation->collector_url = value;
  } else if (option == "--key") {
    simulation->keys.push_back(value);
  } else if (option == "--state") {
    simulation->state_dir = value;
  } else if (option == "--ledger") {
    simulation->ledger_dir = value;
  } else if (option == "--report") {
    simulation->report_file = value;
  } else {
    return Refuse("unknown option " + option);
  }
  return Status();
}

Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return Status();
  if (errno == EEXIST) return Status();
  return Status(StatusCode::kUnavailable, path + ": " + std::strerror(errno));
}

// A bar that is redrawn on a terminal; a line each tenth elsewhere.
void ShowProgress(int done, int people) {
  static const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  constexpr int kBar = 40;
  if (is_terminal) {
    const int filled = done * kBar / people;
    std::string bar(static_cast<std::size_t>(filled), '#');
    bar.append(static_cast<std::size_t>(kBar - filled), '.');
    std::printf("\r  [%s] %d of %d people%s", bar.c_str(), done, people, done == people ? "\n" : "");
  } else if (done * 10 / people != (done - 1) * 10 / people) {
    std::printf("  %d of %d people\n", done, people);
  }
  std::fflush(stdout);
}

void PrintCounts(const Report& report, const CrowdResult& crowd) {
  std::uint64_t sum = 0;
  std::string kinds;
  for (const auto& count : report.accepted) {
    kinds += (kinds.empty() ? "" : ", ") + count.first + " " + std::to_string(count.second);
    sum += count.second;
  }
  std::printf("  accepted facts %llu: %s\n", static_cast<unsigned long long>(sum), kinds.c_str());
  int kills = 0;
  std::string stages;
  for (const auto& count : KillsByStage(crowd)) {
    kills += count.second;
    stages += (stages.empty() ? "" : ", ") + count.first + " " + std::to_string(count.second);
  }
  std::printf("  killed: the apps of %d people, %d times\n", crowd.victims, kills);
  if (!stages.empty()) std::printf("    while %s\n", stages.c_str());
}

}  // namespace

bool Simulation::IsVictim(int number) const {
  return number * killed_percent / 100 != (number - 1) * killed_percent / 100;
}

guidon::Result<Simulation> ParseSimulation(const std::vector<std::string>& arguments) {
  Simulation simulation;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& option = arguments[i];
    if (option == "--help" || option == "-h") {
      simulation.help = true;
      return simulation;
    }
    if (option == "--unsigned") {
      simulation.allow_unsigned = true;
      continue;
    }
    if (i + 1 == arguments.size() || arguments[i + 1].empty()) return Refuse(option + " needs a value");
    const Status applied = Apply(option, arguments[++i], &simulation);
    if (!applied.ok()) return applied;
  }
  for (const auto& needed :
       {std::pair{"--datafile-url", &simulation.datafile_url}, std::pair{"--collector", &simulation.collector_url},
        std::pair{"--state", &simulation.state_dir}, std::pair{"--ledger", &simulation.ledger_dir}}) {
    if (needed.second->empty()) return Refuse(std::string(needed.first) + " is needed");
  }
  return simulation;
}

std::string SimulateHelp() {
  return "guidon-terminal simulate: many people use the notes app for many days, in minutes\n"
         "\n"
         "  --people N          how many (600)\n"
         "  --days N            for how long (21)\n"
         "  --seed N            everything by chance follows from it (7)\n"
         "  --start DAY         the first day, UTC (2026-01-05)\n"
         "  --effect E=POINTS   planted truth, in percentage points; may be repeated:\n"
         "                      attach-button=12: the labelled button adds to those who share\n"
         "                      onboarding=0: the checklist adds to those who write a note\n"
         "                      try-file-share=25: the prompt adds to those who share then\n"
         "  --killed PERCENT    of the people have their app killed in mid-work, twice (10)\n"
         "  --jobs N            processes at a time (2)\n"
         "  --datafile-url URL  where the datafile is fetched\n"
         "  --collector URL     where events go\n"
         "  --key KEY           a public key that may sign the datafile; --unsigned: none needed\n"
         "  --state DIR         a new folder: each person's device\n"
         "  --ledger DIR        a new folder: what each app saw become durable, a line an event\n"
         "  --report FILE       the planted truth and what each person got, as JSON\n";
}

int RunSimulate(const std::vector<std::string>& arguments) {
  const guidon::Result<Simulation> parsed = ParseSimulation(arguments);
  if (!parsed.ok()) {
    std::fprintf(stderr, "simulate: %s\n", parsed.status().message().c_str());
    return 2;
  }
  const Simulation& simulation = *parsed;
  if (simulation.help) {
    std::fputs(SimulateHelp().c_str(), stdout);
    return 0;
  }
  const auto fail = [](const Status& status) {
    std::fprintf(stderr, "\nsimulate: %s\n", status.message().c_str());
    return 1;
  };
  for (const std::string& folder : {simulation.state_dir, simulation.ledger_dir}) {
    const Status made = MakeFolder(folder);
    if (!made.ok()) return fail(made);
  }
  std::printf("  seed %llu, %d people, %d days\n", static_cast<unsigned long long>(simulation.seed), simulation.people,
              simulation.days);
  const guidon::Result<CrowdResult> crowd =
      RunCrowd(simulation, [&simulation](int done) { ShowProgress(done, simulation.people); });
  if (!crowd.ok()) return fail(crowd.status());
  const guidon::Result<Report> report = MakeReport(simulation);
  if (!report.ok()) return fail(report.status());
  PrintCounts(*report, *crowd);
  if (simulation.report_file.empty()) return 0;
  std::ofstream file(simulation.report_file, std::ios::trunc);
  file << ReportJson(simulation, *report, *crowd);
  file.flush();
  return file ? 0 : fail(Status(StatusCode::kUnavailable, simulation.report_file + " cannot be written"));
}

}  // namespace notes::simulate
