// `guidon serve`: a datafile and the stream of its changes over HTTP on this machine, for apps that are being made.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/base/text.h"
#include "sdk/tools/acceptance.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/local_server.h"
#include "sdk/tools/served_file.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

constexpr auto kServeLook = std::chrono::milliseconds(200);

std::atomic<bool> serve_is_stopping{false};

void StopServing(int) { serve_is_stopping = true; }

std::string VersionOf(const client::Datafile& datafile) {
  const ruleset::Header& header = datafile.rules->header;
  return Plain(header.project + "/" + header.environment) + " " + std::to_string(header.epoch) + "." +
         std::to_string(header.version);
}

// A line for programs: what happened, the version that is served, and one member more where `name` is not empty.
std::string ServedLine(const char* type, const client::Datafile& datafile, const char* name, const std::string& value) {
  const ruleset::Header& header = datafile.rules->header;
  std::string out;
  json::Writer json(&out);
  json.BeginObject().Key("type").String(type);
  json.Key("version").String(std::to_string(header.epoch) + "." + std::to_string(header.version));
  if (*name != '\0') json.Key(name).String(value);
  json.End();
  return out + "\n";
}

// The file as it is served, and what is said of its changes.
class WatchedFile {
 public:
  WatchedFile(const std::string& path, const Acceptance& app, const Style& style, bool is_json)
      : file_(path, app), style_(style), is_json_(is_json) {}

  using Content = std::shared_ptr<const ServedFile::Content>;

  // Says what changed since the last look.
  Content Current(int streams) {
    Content content = file_.Current(*TimeOr(""));
    const std::string problem = file_.status().message();
    const std::lock_guard<std::mutex> lock(said_mutex_);
    if (content != nullptr && content->etag != served_ && !served_.empty()) {
      Print(stdout,
            is_json_ ? ServedLine("served", *content->datafile, "", "")
                     : style_.Green("✓ ") + VersionOf(*content->datafile) + " is served now" +
                           (streams > 0 ? ", and told to " + Count(static_cast<std::size_t>(streams), "stream") : "") +
                           "\n");
      std::fflush(stdout);
    }
    if (content != nullptr) served_ = content->etag;
    if (problem != problem_ && !problem.empty() && content != nullptr) {
      Print(is_json_ ? stdout : stderr,
            is_json_ ? ServedLine("refused", *content->datafile, "reason", problem)
                     : style_.Red("✗ ") + Plain(problem) + "; " + VersionOf(*content->datafile) + " stays\n");
    }
    problem_ = problem;
    return content;
  }

  std::string Title(const Content& content) const {
    return style_.Green("✓ ") + style_.Bold(VersionOf(*content->datafile)) + ", good until " +
           text::FormatTimestamp(content->datafile->rules->header.expires_at) +
           (content->datafile->is_signed ? "" : ", unsigned");
  }
  Status status() const { return file_.status(); }

 private:
  ServedFile file_;
  const Style& style_;
  const bool is_json_;
  std::mutex said_mutex_;
  std::string served_, problem_;
};

int RunServe(const Arguments& arguments) {
  const Options options = AppOptions(arguments);
  if (options.trusted_keys.empty() && !options.allow_unsigned) {
    return UsageError(arguments, "give --key BASE64, a public key that apps trust, or --unsigned");
  }
  const Acceptance app(options);
  if (!app.keys().ok()) {
    return UsageError(arguments, "--key" + app.keys().message().substr(std::string_view("trusted_keys").size()));
  }
  int port = 0;
  if (!ReadPort(arguments, "8080", &port)) {
    return UsageError(arguments, "--port needs a number from 0 (any that is free) to 65535");
  }
  const Style style = Style::For(stdout);
  const std::string& path = arguments.names()[0];
  const bool is_json = arguments.Has("--json");
  WatchedFile file(path, app, style, is_json);
  const WatchedFile::Content first = file.Current(0);
  if (first == nullptr) return Failure(arguments, Plain(file.status().message()));
  LocalServer* listening = nullptr;
  LocalServer server("/" + std::filesystem::path(path).filename().string(),
                     [&] { return file.Current(listening->streams()); });
  listening = &server;
  if (const Status begun = server.Begin(port); !begun.ok()) return Failure(arguments, begun.message());
  std::signal(SIGINT, StopServing);
  std::signal(SIGTERM, StopServing);
  Print(stdout, is_json ? ServedLine("listening", *first->datafile, "datafile_url", server.url())
                        : file.Title(first) + "\n" + style.Bold("Options::datafile_url         ") + server.url() +
                              "\n" + style.Bold("Options::datafile_stream_url  ") + server.url() + "/events\n" +
                              style.Dim("until Ctrl-C; apps on this machine alone") + "\n");
  std::fflush(stdout);
  while (!serve_is_stopping) {
    file.Current(server.streams());
    std::this_thread::sleep_for(kServeLook);
  }
  server.Stop();
  return kExitOk;
}

}  // namespace

const Command kServeCommand = {"serve",
                               "serve a datafile to apps on this machine, and tell them of changes",
                               "guidon serve DATAFILE --key PUBLIC_KEY [--port N]",
                               "Hands the file out over HTTP with an ETag, and its changes as server-sent\n"
                               "events, to apps on this machine; elsewhere any static host does. The file is\n"
                               "read again when it changed, and what apps would refuse does not reach them:\n"
                               "the version before stays.",
                               {{"--key", "BASE64", "public key that apps trust; give it again for each further one"},
                                {"--unsigned", "", "also what nobody signed"},
                                {"--project", "NAME", "refuse another project's"},
                                {"--environment", "NAME", "refuse another environment's"},
                                {"--port", "N", "of 127.0.0.1; 0: any that is free (8080)"},
                                {"--json", "", "for programs: an object a line"}},
                               1,
                               RunServe,
                               0,
                               {"guidon serve published --key \"$(cat notes.pub)\""}};

}  // namespace guidon::tools
