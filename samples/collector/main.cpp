// guidon-collector: receives events, serves the datafile, shows what came out.
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "samples/collector/archive.h"
#include "samples/collector/audit.h"
#include "samples/collector/export.h"
#include "samples/collector/page.h"
#include "sdk/collector/record.h"
#include "samples/collector/served_datafile.h"
#include "samples/collector/server.h"
#include "sdk/core/base/text.h"

namespace guidon::collector {
namespace {

constexpr char kHelp[] = R"(guidon-collector: receives events, serves the datafile, shows results

  guidon-collector --db FILE --datafile FILE [options]
      --port N             listen there; 0, the default: any free port
      --host ADDRESS       default 127.0.0.1; others need --token
      --token T            the results need this token (Authorization: Bearer T, or ?token=T)
      --port-file FILE     write the port there once listening
      --archive FILE       a published datafile of an older version, to check exposures against; may be repeated
      --clock-from-events  take events of any time, for simulations
      --max-db-mb N        refuse events rather than grow the database beyond that; default 65536

  guidon-collector audit --db FILE --ledger DIR [--json]
      counts the facts in DIR/*.ledger against the database; exit code 1 when any is lost or there twice

  guidon-collector export --db FILE
      prints what the results say of experiments and the exposures they rest on, for guidon audit DIR --exposures -

  guidon-collector page --db FILE --datafile FILE --out FILE.html
      writes the results page to a file

  guidon-collector deletions --db FILE
      lists who asked to be deleted, oldest first: when, the installation, its units

  guidon-collector drop-event --db FILE [--id ID]
      deletes one event, that one or the first, to see that audit notices; prints its id
)";

int Fail(const std::string& message) {
  std::fprintf(stderr, "guidon-collector: %s\n", message.c_str());
  return 2;
}

// `--name value` pairs and switches, all of them known.
class Arguments {
 public:
  Arguments(std::vector<std::string_view> with_value, std::vector<std::string_view> switches)
      : with_value_(std::move(with_value)), switches_(std::move(switches)) {}

  bool Read(const std::vector<std::string>& words, std::string* problem) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (Contains(switches_, words[i])) {
        values_[words[i]].emplace_back();
      } else if (!Contains(with_value_, words[i])) {
        *problem = "unknown argument " + words[i] + "; see --help";
        return false;
      } else if (i + 1 == words.size()) {
        *problem = words[i] + " needs a value";
        return false;
      } else {
        values_[words[i]].push_back(words[i + 1]);
        ++i;
      }
    }
    return true;
  }

  bool Require(std::vector<std::string> names, std::string* problem) const {
    for (const std::string& name : names) {
      if (!Text(name).empty()) continue;
      *problem = name + " is missing; see --help";
      return false;
    }
    return true;
  }

  bool Has(const std::string& name) const { return values_.count(name) != 0; }
  std::string Text(const std::string& name, const std::string& otherwise = "") const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second.back();
  }
  std::vector<std::string> All(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }
  // False when it is there and no whole number in that range.
  bool Number(const std::string& name, std::int64_t least, std::int64_t most, std::int64_t* number,
              std::string* problem) const {
    if (!Has(name)) return true;
    const std::string text = Text(name);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
    if (error == std::errc() && end == text.data() + text.size() && *number >= least && *number <= most) return true;
    *problem = name + " must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    return false;
  }

 private:
  static bool Contains(const std::vector<std::string_view>& names, const std::string& name) {
    for (const std::string_view known : names) {
      if (known == name) return true;
    }
    return false;
  }
  std::vector<std::string_view> with_value_;
  std::vector<std::string_view> switches_;
  std::map<std::string, std::vector<std::string>> values_;
};

bool WriteFile(const std::string& path, const std::string& content) {
  // Renamed into place: who waits for the file never reads half of it.
  const std::string partial = path + ".new";
  {
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    file << content;
    file.close();
    if (!file) return false;
  }
  std::error_code error;
  std::filesystem::rename(partial, path, error);
  return !error;
}

Server* running_server = nullptr;
extern "C" void StopServer(int) { running_server->Stop(); }

int Serve(const std::vector<std::string>& words) {
  Arguments arguments({"--db", "--datafile", "--port", "--host", "--token", "--port-file", "--archive", "--max-db-mb"},
                      {"--clock-from-events"});
  std::string problem;
  ServerOptions options;
  std::int64_t port = 0;
  if (!arguments.Read(words, &problem) || !arguments.Require({"--db", "--datafile"}, &problem) ||
      !arguments.Number("--port", 0, 65535, &port, &problem) ||
      !arguments.Number("--max-db-mb", 1, 1 << 24, &options.most_database_mb, &problem)) {
    return Fail(problem);
  }
  options.database_path = arguments.Text("--db");
  options.datafile_path = arguments.Text("--datafile");
  options.archive_paths = arguments.All("--archive");
  options.host = arguments.Text("--host", options.host);
  options.port = static_cast<int>(port);
  options.token = arguments.Text("--token");
  options.any_time = arguments.Has("--clock-from-events");
  if (arguments.Has("--token") && options.token.empty()) return Fail("--token must not be empty");
  const std::string shown_host = options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  Result<std::unique_ptr<Server>> server = Server::Open(std::move(options));
  if (!server) return Fail(server.status().message());
  running_server = server->get();
  std::signal(SIGINT, StopServer);
  std::signal(SIGTERM, StopServer);
  const std::string port_file = arguments.Text("--port-file");
  if (!port_file.empty() && !WriteFile(port_file, std::to_string((*server)->port()) + "\n")) {
    return Fail(port_file + ": cannot be written");
  }
  std::printf("listening on http://%s:%d\n", shown_host.c_str(), (*server)->port());
  std::fflush(stdout);
  return (*server)->Run() ? 0 : Fail("the listening socket failed");
}

int RunAudit(const std::vector<std::string>& words) {
  Arguments arguments({"--db", "--ledger"}, {"--json"});
  std::string problem;
  if (!arguments.Read(words, &problem) || !arguments.Require({"--db", "--ledger"}, &problem)) return Fail(problem);
  Result<std::unique_ptr<Database>> database = Database::Open(arguments.Text("--db"), Database::Mode::kReadOnly);
  if (!database) return Fail(database.status().message());
  const Result<AuditReport> report = Audit(database->get(), arguments.Text("--ledger"));
  if (!report) return Fail(report.status().message());
  std::fputs((arguments.Has("--json") ? AuditJson(*report) : AuditText(*report)).c_str(), stdout);
  return report->duplicates == 0 && report->lost == 0 ? 0 : 1;
}

int PrintExport(const std::vector<std::string>& words) {
  Arguments arguments({"--db"}, {});
  std::string problem;
  if (!arguments.Read(words, &problem) || !arguments.Require({"--db"}, &problem)) return Fail(problem);
  const std::string path = arguments.Text("--db");
  if (!std::filesystem::exists(path)) return Fail(path + ": no such file");
  // Brings one of an earlier version up to date.
  if (const auto store = Store::Open(path, 1 << 24); !store) return Fail(store.status().message());
  Result<std::unique_ptr<Database>> database = Database::Open(path, Database::Mode::kReadOnly);
  if (!database) return Fail(database.status().message());
  const Status status = Export(database->get(), [](std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
  });
  if (!status.ok()) return Fail(path + ": " + status.message());
  return std::fflush(stdout) == 0 ? 0 : Fail("the output cannot be written");
}

int WritePage(const std::vector<std::string>& words) {
  Arguments arguments({"--db", "--datafile", "--out"}, {});
  std::string problem;
  if (!arguments.Read(words, &problem) || !arguments.Require({"--db", "--datafile", "--out"}, &problem))
    return Fail(problem);
  const std::string path = arguments.Text("--db");
  if (!std::filesystem::exists(path)) return Fail(path + ": no such file");
  const std::int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  {
    Result<std::unique_ptr<Store>> store = Store::Open(path, 1 << 24);
    if (!store) return Fail(store.status().message());
    Archive archive(store->get());
    ServedDatafile datafile(arguments.Text("--datafile"), &archive);
    datafile.Current(now_ms);
    if (!datafile.status().ok()) return Fail(datafile.status().message());
  }
  Result<std::unique_ptr<Database>> database = Database::Open(path, Database::Mode::kReadOnly);
  if (!database) return Fail(database.status().message());
  const Result<Results> results = ComputeResults(database->get(), now_ms);
  if (!results) return Fail(results.status().message());
  const std::string out = arguments.Text("--out");
  return WriteFile(out, ResultsPage(*results, "page")) ? 0 : Fail(out + ": cannot be written");
}

int ListDeletions(const std::vector<std::string>& words) {
  Arguments arguments({"--db"}, {});
  std::string problem;
  if (!arguments.Read(words, &problem) || !arguments.Require({"--db"}, &problem)) return Fail(problem);
  Result<std::unique_ptr<Database>> database = Database::Open(arguments.Text("--db"), Database::Mode::kReadOnly);
  if (!database) return Fail(database.status().message());
  (*database)->Begin(false);
  {
    Statement requests = (*database)->Prepare(
        "SELECT time_ms, installation, COALESCE(units, '{}') FROM events WHERE kind = ? ORDER BY time_ms, id");
    requests.Int(static_cast<int>(RecordKind::kDeletionRequest));
    while (requests.Row()) {
      std::printf("%s %s %s\n", text::FormatTimestamp(TimestampFromMs(requests.ColumnInt(0))).c_str(),
                  std::string(requests.ColumnText(1)).c_str(), std::string(requests.ColumnText(2)).c_str());
    }
  }
  const Status status = (*database)->Commit();
  return status.ok() ? 0 : Fail(status.message());
}

int DropEvent(const std::vector<std::string>& words) {
  Arguments arguments({"--db", "--id"}, {});
  std::string problem;
  if (!arguments.Read(words, &problem) || !arguments.Require({"--db"}, &problem)) return Fail(problem);
  Result<std::unique_ptr<Database>> database = Database::Open(arguments.Text("--db"), Database::Mode::kReadWrite);
  if (!database) return Fail(database.status().message());
  (*database)->Begin(true);
  std::string id = arguments.Text("--id");
  bool is_dropped = false;
  {
    Statement first =
        (*database)->Prepare("SELECT id FROM events WHERE kind NOT IN (4, 7) ORDER BY time_ms, id LIMIT 1");
    if (id.empty() && first.Row()) id = first.ColumnText(0);
    Statement drop = (*database)->Prepare("DELETE FROM events WHERE id = ?");
    is_dropped = drop.Text(id).Run();
  }
  const Status status = (*database)->Commit();
  if (!status.ok()) return Fail(status.message());
  if (!is_dropped) return Fail("no such event");
  std::printf("dropped %s\n", id.c_str());
  return 0;
}

int Main(std::vector<std::string> words) {
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
  }
  if (words.empty() || words.front().substr(0, 2) == "--") return Serve(words);
  const std::string command = words.front();
  words.erase(words.begin());
  if (command == "serve") return Serve(words);
  if (command == "audit") return RunAudit(words);
  if (command == "export") return PrintExport(words);
  if (command == "page") return WritePage(words);
  if (command == "deletions") return ListDeletions(words);
  if (command == "drop-event") return DropEvent(words);
  return Fail("unknown command " + command + "; see --help");
}

}  // namespace
}  // namespace guidon::collector

int main(int argc, char** argv) { return guidon::collector::Main(std::vector<std::string>(argv + 1, argv + argc)); }
