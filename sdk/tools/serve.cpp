// `guidon serve`: a datafile and the stream of its changes over HTTP on this machine, for apps that are being made.
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "sdk/core/base/text.h"
#include "sdk/tools/acceptance.h"
#include "sdk/tools/checked_source.h"
#include "sdk/tools/commands.h"
#include "sdk/tools/served_file.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {
namespace {

constexpr std::size_t kAnswering = 16;  // threads
constexpr int kStreams = 64;            // each keeps a thread for as long as it is open
constexpr auto kLook = std::chrono::milliseconds(200);
constexpr auto kPing = std::chrono::seconds(15);

std::atomic<bool> is_stopping{false};

void Stop(int) { is_stopping = true; }

Timestamp WallClock() {
  return std::chrono::time_point_cast<Duration>(TimestampFromMs(
      std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()));
}

std::string VersionOf(const client::Datafile& datafile) {
  const ruleset::Header& header = datafile.rules->header;
  return Plain(header.project + "/" + header.environment) + " " + std::to_string(header.epoch) + "." +
         std::to_string(header.version);
}

class DatafileServer {
 public:
  DatafileServer(const std::string& path, const Acceptance& app, const Style& style)
      : name_("/" + std::filesystem::path(path).filename().string()), file_(path, app), style_(style) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kAnswering + kStreams); };
    http_.set_keep_alive_max_count(1);  // an idle connection would keep a thread
    http_.set_payload_max_length(1024);
    http_.set_tcp_nodelay(true);
    // Without the library's SO_REUSEPORT, by which a second server would silently share the port.
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&yes), sizeof yes);
    });
    http_.Get(name_, [this](const httplib::Request& request, httplib::Response& response) { Get(request, &response); });
    http_.Get(name_ + "/events", [this](const httplib::Request&, httplib::Response& response) { Stream(&response); });
  }

  // Nothing is served before the file is good once.
  Status Begin(int port) {
    if (Current() == nullptr) return file_.status();
    port_ = port == 0 ? http_.bind_to_any_port("127.0.0.1") : (http_.bind_to_port("127.0.0.1", port) ? port : -1);
    if (port_ < 0) return Status(StatusCode::kUnavailable, "cannot listen on 127.0.0.1 port " + std::to_string(port));
    return Status();
  }

  // Until the process is asked to end.
  void Run() {
    std::thread listening([this] { http_.listen_after_bind(); });
    while (!is_stopping) {
      Current();
      std::this_thread::sleep_for(kLook);
    }
    http_.stop();
    listening.join();
  }

  std::string Title() {
    const Content content = Current();
    return style_.Green("✓ ") + style_.Bold(VersionOf(*content->datafile)) + ", good until " +
           text::FormatTimestamp(content->datafile->rules->header.expires_at) +
           (content->datafile->is_signed ? "" : ", unsigned");
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + name_; }

 private:
  using Content = std::shared_ptr<const ServedFile::Content>;

  // Says what changed since the last look.
  Content Current() {
    Content content = file_.Current(WallClock());
    const std::string problem = file_.status().message();
    const std::lock_guard<std::mutex> lock(said_mutex_);
    if (content != nullptr && content->etag != served_ && !served_.empty()) {
      const int streams = streams_;
      Print(stdout, style_.Green("✓ ") + VersionOf(*content->datafile) + " is served now" +
                        (streams > 0 ? ", and told to " + Count(static_cast<std::size_t>(streams), "stream") : "") +
                        "\n");
      std::fflush(stdout);
    }
    if (content != nullptr) served_ = content->etag;
    if (problem != problem_ && !problem.empty() && content != nullptr) {
      Print(stderr, style_.Red("✗ ") + Plain(problem) + "; " + VersionOf(*content->datafile) + " stays\n");
    }
    problem_ = problem;
    return content;
  }

  void Get(const httplib::Request& request, httplib::Response* response) {
    const Content content = Current();
    response->set_header("ETag", content->etag);
    response->set_header("Cache-Control", "no-cache");
    const std::string known = request.get_header_value("If-None-Match");
    if (known == "*" || known.find(content->etag) != std::string::npos) {  // quoted, so within no other
      response->status = 304;
    } else {
      response->set_content(content->bytes, "application/octet-stream");
    }
  }

  // One event to begin with and one each time the file changes; comments in between, by which listeners know that the
  // stream lives.
  void Stream(httplib::Response* response) {
    if (streams_.fetch_add(1) >= kStreams) {
      --streams_;
      response->status = 503;
      response->set_header("Retry-After", "60");
      return;
    }
    struct Listener {
      std::string etag;
      std::chrono::steady_clock::time_point written;
    };
    response->set_header("Cache-Control", "no-store");
    response->set_chunked_content_provider(
        "text/event-stream",
        [this, listener = std::make_shared<Listener>()](std::size_t, httplib::DataSink& sink) {
          const auto now = std::chrono::steady_clock::now();
          const Content content = Current();
          std::string text;
          if (content->etag != listener->etag) {
            listener->etag = content->etag;
            text = "event: datafile\ndata: " + content->etag + "\n\n";
          } else if (now - listener->written >= kPing) {
            text = ": nothing new\n\n";
          } else {
            std::this_thread::sleep_for(kLook);
            return !is_stopping.load();
          }
          listener->written = now;
          return !is_stopping && sink.write(text.data(), text.size());
        },
        [this](bool) { --streams_; });
  }

  const std::string name_;
  ServedFile file_;
  const Style& style_;
  httplib::Server http_;
  int port_ = -1;
  std::atomic<int> streams_{0};
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
  char* end = nullptr;
  const std::string given = arguments.Get("--port", "8080");
  const long port = std::strtol(given.c_str(), &end, 10);
  if (*end != '\0' || end == given.c_str() || port < 0 || port > 65'535) {
    return UsageError(arguments, "--port needs a number from 0 (any that is free) to 65535");
  }
  const Style style = Style::For(stdout);
  DatafileServer server(arguments.names()[0], app, style);
  if (const Status begun = server.Begin(static_cast<int>(port)); !begun.ok()) {
    return Failure(arguments, Plain(begun.message()));
  }
  std::signal(SIGINT, Stop);
  std::signal(SIGTERM, Stop);
  Print(stdout, server.Title() + "\n" + style.Bold("Options::datafile_url         ") + server.url() + "\n" +
                    style.Bold("Options::datafile_stream_url  ") + server.url() + "/events\n" +
                    style.Dim("until Ctrl-C; apps on this machine alone") + "\n");
  std::fflush(stdout);
  server.Run();
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
                                {"--port", "N", "of 127.0.0.1; 0: any that is free (8080)"}},
                               1,
                               RunServe};

}  // namespace guidon::tools
