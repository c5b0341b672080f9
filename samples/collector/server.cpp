#include "samples/collector/server.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "samples/collector/archive.h"
#include "samples/collector/ingest.h"
#include "samples/collector/page.h"
#include "samples/collector/results.h"
#include "samples/collector/served_datafile.h"
#include "samples/collector/store.h"
#include "sdk/core/base/json_writer.h"

namespace guidon::collector {
namespace {

using httplib::Request;
using httplib::Response;

constexpr char kJson[] = "application/json";
constexpr std::chrono::seconds kResultsAge(1);
constexpr std::size_t kThreads = 16;
// Each keeps a thread of its own for as long as it is open.
constexpr int kStreams = 64;
constexpr auto kStreamLook = std::chrono::milliseconds(200);
constexpr auto kStreamPing = std::chrono::seconds(15);

std::int64_t WallClockMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Takes the same time wherever the texts differ.
bool SameSecret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned>(a[i] ^ b[b.empty() ? 0 : i % b.size()]);
  return difference == 0 && a.size() == b.size();
}

std::string Nonce() {
  std::random_device random;
  char text[40];
  std::snprintf(text, sizeof(text), "%08x%08x%08x%08x", random(), random(), random(), random());
  return text;
}

bool HasEtag(const std::string& list, const std::string& etag) {
  // Weak comparison (RFC 9110, 13.1.2): W/ makes no difference. The tag is quoted, so it cannot match inside another.
  return list == "*" || list.find(etag) != std::string::npos;
}

void Send(const Answer& answer, Response* response) {
  response->status = answer.status;
  if (answer.status == 503) response->set_header("Retry-After", "1");
  response->set_content(answer.body, kJson);
}

}  // namespace

bool IsLoopbackHost(const std::string& host) {
  std::string name = host;
  if (!name.empty() && name.front() == '[') {
    name = name.substr(0, name.find(']') + 1);
  } else {
    name = name.substr(0, name.find(':'));
  }
  if (name == "localhost" || name == "[::1]") return true;
  // 127.0.0.0/8, in digits: "127.evil.example" is somebody's domain.
  return name.compare(0, 4, "127.") == 0 && name.find_first_not_of("0123456789.") == std::string::npos;
}

struct Server::Impl {
  ServerOptions options;
  std::unique_ptr<Store> store;
  std::unique_ptr<Database> reader;  // for the results, beside the store's own: reading never holds up events
  std::unique_ptr<Archive> archive;
  std::unique_ptr<ServedDatafile> datafile;
  std::unique_ptr<Ingest> ingest;
  httplib::Server http;
  int port = -1;
  bool is_loopback = true;
  std::atomic<int> streams{0};
  std::atomic<bool> is_stopping{false};

  std::mutex results_mutex;  // guards the reader, too
  std::shared_ptr<const Results> results;
  std::chrono::steady_clock::time_point results_time;

  Status Open();
  void Route();
  bool Guard(const Request& request, Response* response);
  bool IsAllowed(const Request& request) const;
  void GetDatafile(const Request& request, Response* response);
  void StreamChanges(Response* response);
  void PostLogs(const Request& request, Response* response, const httplib::ContentReader& read);
  void GetHealth(Response* response);
  template <class Show>
  void ShowResults(const Request& request, Response* response, Show show);
  Result<std::shared_ptr<const Results>> FreshResults();
  std::shared_ptr<const ServedDatafile::Content> CurrentDatafile();

  std::mutex complaint_mutex;
  std::string complaint;  // about the datafile, as last written to stderr
};

Status Server::Impl::Open() {
  if (!options.now_ms) options.now_ms = WallClockMs;
  is_loopback = IsLoopbackHost(options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]");
  if (!is_loopback && options.token.empty()) {
    return Status(StatusCode::kInvalidArgument,
                  "--host " + options.host + " is not a loopback address: that needs --token");
  }
  Result<std::unique_ptr<Store>> opened = Store::Open(options.database_path, options.most_database_mb);
  if (!opened) return opened.status();
  store = *std::move(opened);
  Result<std::unique_ptr<Database>> database = Database::Open(options.database_path, Database::Mode::kReadOnly);
  if (!database) return database.status();
  reader = *std::move(database);
  archive = std::make_unique<Archive>(store.get());
  for (const std::string& path : options.archive_paths) {
    ServedDatafile older(path, archive.get());
    older.Current(options.now_ms());
    if (!older.status().ok()) return older.status();
  }
  datafile = std::make_unique<ServedDatafile>(options.datafile_path, archive.get());
  if (datafile->Current(options.now_ms()) == nullptr) return datafile->status();
  ingest = std::make_unique<Ingest>(store.get(), archive.get(), options.any_time);
  Route();
  port = options.port == 0 ? http.bind_to_any_port(options.host)
                           : (http.bind_to_port(options.host, options.port) ? options.port : -1);
  if (port < 0) {
    return Status(StatusCode::kUnavailable,
                  "cannot listen on " + options.host + " port " + std::to_string(options.port));
  }
  return Status();
}

void Server::Impl::Route() {
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads + kStreams); };
  // One request a connection: an idle connection would keep a thread, and what is left of a body that was refused
  // half-way would be read as the next request.
  http.set_keep_alive_max_count(1);
  http.set_payload_max_length(kMostBodyBytes);
  http.set_tcp_nodelay(true);
  // Without the library's SO_REUSEPORT, by which a second collector would silently share the port.
  http.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&yes), sizeof(yes));
  });
  http.set_default_headers({{"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}});
  http.set_pre_routing_handler([this](const Request& request, Response& response) {
    return Guard(request, &response) ? httplib::Server::HandlerResponse::Unhandled
                                     : httplib::Server::HandlerResponse::Handled;
  });
  http.set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
    Send(ErrorAnswer(503, "out of memory or another failure inside"), &response);
  });
  http.Post("/v1/logs", [this](const Request& request, Response& response, const httplib::ContentReader& read) {
    PostLogs(request, &response, read);
  });
  http.Get("/datafile", [this](const Request& request, Response& response) { GetDatafile(request, &response); });
  http.Get("/datafile/events", [this](const Request&, Response& response) { StreamChanges(&response); });
  http.Get("/healthz", [this](const Request&, Response& response) { GetHealth(&response); });
  http.Get("/results.json", [this](const Request& request, Response& response) {
    ShowResults(request, &response, [&](const Results& shown) { response.set_content(ResultsJson(shown), kJson); });
  });
  http.Get("/", [this](const Request& request, Response& response) {
    ShowResults(request, &response, [&](const Results& shown) {
      const std::string nonce = Nonce();
      response.set_header("Content-Security-Policy", ContentSecurityPolicy(nonce));
      response.set_content(ResultsPage(shown, nonce), "text/html; charset=utf-8");
    });
  });
}

// False when the request was answered here.
bool Server::Impl::Guard(const Request& request, Response* response) {
  if (is_loopback && !IsLoopbackHost(request.get_header_value("Host"))) {
    Send(ErrorAnswer(403, "this collector answers to loopback names only, such as 127.0.0.1"), response);
    return false;
  }
  if (request.method != "POST") return true;
  // Asked for a type that no form or script of another origin may send unasked.
  const std::string type = request.get_header_value("Content-Type");
  if (type.substr(0, type.find(';')) != kJson) {
    Send(ErrorAnswer(415, "Content-Type must be application/json"), response);
    return false;
  }
  const std::string encoding = request.get_header_value("Content-Encoding");
  if (!encoding.empty() && encoding != "gzip" && encoding != "identity") {
    Send(ErrorAnswer(415, "Content-Encoding must be gzip or nothing"), response);
    return false;
  }
  return true;
}

bool Server::Impl::IsAllowed(const Request& request) const {
  if (options.token.empty()) return true;
  return SameSecret(request.get_header_value("Authorization"), "Bearer " + options.token) ||
         SameSecret(request.get_param_value("token"), options.token);
}

void Server::Impl::PostLogs(const Request& request, Response* response, const httplib::ContentReader& read) {
  const bool is_gzip = request.get_header_value("Content-Encoding") == "gzip";
  // The library would unpack without a bound of ours. It looks at the request it handed out, which is not const itself.
  const_cast<Request&>(request).headers.erase("Content-Encoding");
  std::string body;
  bool is_too_large = false;
  const bool is_read = read([&](const char* data, std::size_t size) {
    is_too_large = body.size() + size > kMostBodyBytes;
    if (!is_too_large) body.append(data, size);
    return !is_too_large;
  });
  if (is_too_large || response->status == 413) return Send(ErrorAnswer(413, "the body is over 4 MiB"), response);
  if (!is_read) return Send(ErrorAnswer(400, "the body did not arrive whole"), response);
  CurrentDatafile();  // a version that is new in the file is known from here on
  Send(ingest->Receive(body, is_gzip, options.now_ms()), response);
}

void Server::Impl::GetDatafile(const Request& request, Response* response) {
  const std::shared_ptr<const ServedDatafile::Content> content = CurrentDatafile();
  response->set_header("ETag", content->etag);
  response->set_header("Cache-Control", "no-cache");
  if (HasEtag(request.get_header_value("If-None-Match"), content->etag)) {
    response->status = 304;
    return;
  }
  response->set_content(content->bytes, "application/octet-stream");
}

// Server-sent events: one when somebody begins to listen, and one each time the file changes; comments in between, so
// that whoever listens knows that the stream lives.
void Server::Impl::StreamChanges(Response* response) {
  if (streams.fetch_add(1) >= kStreams) {
    --streams;
    response->set_header("Retry-After", "60");
    return Send(ErrorAnswer(503, "too many streams are open"), response);
  }
  struct Listener {
    std::string etag;
    std::chrono::steady_clock::time_point written;
  };
  response->set_header("Cache-Control", "no-store");
  response->set_chunked_content_provider(
      "text/event-stream",
      [this, listener = std::make_shared<Listener>()](std::size_t, httplib::DataSink& sink) {
        const std::shared_ptr<const ServedDatafile::Content> content = CurrentDatafile();
        const auto now = std::chrono::steady_clock::now();
        std::string text;
        if (content->etag != listener->etag) {
          listener->etag = content->etag;
          text = "event: datafile\ndata: " + content->etag + "\n\n";
        } else if (now - listener->written >= kStreamPing) {
          text = ": nothing new\n\n";
        }
        if (text.empty()) {
          std::this_thread::sleep_for(kStreamLook);
          return !is_stopping;
        }
        listener->written = now;
        return !is_stopping && sink.write(text.data(), text.size());
      },
      [this](bool) { --streams; });
}

void Server::Impl::GetHealth(Response* response) {
  CurrentDatafile();
  const Status status = datafile->status();
  Answer answer;
  answer.status = status.ok() ? 200 : 503;
  json::Writer(&answer.body).BeginObject().Key("ok").Bool(status.ok()).Key("message").String(status.message()).End();
  Send(answer, response);
}

template <class Show>
void Server::Impl::ShowResults(const Request& request, Response* response, Show show) {
  response->set_header("Cache-Control", "no-store");
  if (!IsAllowed(request)) {
    response->set_header("WWW-Authenticate", "Bearer");
    return Send(ErrorAnswer(401, "the results need the token: Authorization: Bearer TOKEN, or ?token=TOKEN"), response);
  }
  const Result<std::shared_ptr<const Results>> fresh = FreshResults();
  if (!fresh) return Send(ErrorAnswer(503, fresh.status().message()), response);
  show(**fresh);
}

Result<std::shared_ptr<const Results>> Server::Impl::FreshResults() {
  CurrentDatafile();
  const std::lock_guard<std::mutex> lock(results_mutex);
  const auto now = std::chrono::steady_clock::now();
  if (results != nullptr && now - results_time < kResultsAge) return results;
  Result<Results> computed = ComputeResults(reader.get(), options.now_ms());
  if (!computed) return computed.status();
  results = std::make_shared<const Results>(*std::move(computed));
  results_time = std::chrono::steady_clock::now();
  return results;
}

std::shared_ptr<const ServedDatafile::Content> Server::Impl::CurrentDatafile() {
  std::shared_ptr<const ServedDatafile::Content> content = datafile->Current(options.now_ms());
  const std::string message = datafile->status().message();
  const std::lock_guard<std::mutex> lock(complaint_mutex);
  if (message != complaint && !message.empty()) {
    std::fprintf(stderr, "guidon-collector: %s; the version before stays in force\n", message.c_str());
  }
  complaint = message;
  return content;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Open(ServerOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  const Status status = impl->Open();
  if (!status.ok()) return status;
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

int Server::port() const { return impl_->port; }
bool Server::Run() { return impl_->http.listen_after_bind(); }
void Server::Stop() {
  impl_->is_stopping = true;
  impl_->http.stop();
}

}  // namespace guidon::collector
