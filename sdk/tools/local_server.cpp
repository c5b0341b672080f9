#include "sdk/tools/local_server.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "sdk/core/base/json_writer.h"

namespace guidon::tools {
namespace {

using httplib::Request;
using httplib::Response;

constexpr std::size_t kAnswering = 16;  // threads
constexpr int kStreams = 64;            // each keeps a thread for as long as it is open
constexpr auto kLook = std::chrono::milliseconds(100);
constexpr auto kPing = std::chrono::seconds(15);
constexpr char kJson[] = "application/json";

// As browsers and apps name this machine. A page that had its own name lead here says that name.
bool IsLoopbackName(const std::string& host) {
  const std::size_t colon = host.find(':');
  const std::string name = host.substr(0, colon);
  const bool has_port =
      colon == std::string::npos ||
      (colon + 1 < host.size() && host.find_first_not_of("0123456789", colon + 1) == std::string::npos);
  return has_port && (name == "127.0.0.1" || name == "localhost");
}

LocalServer::Answer Refusal(int status, std::string_view message) {
  LocalServer::Answer answer;
  answer.status = status;
  json::Writer(&answer.body).BeginObject().Key("code").Int(status).Key("message").String(message).End();
  return answer;
}

void SendAnswer(const LocalServer::Answer& answer, Response* response) {
  response->status = answer.status;
  response->set_content(answer.body, kJson);
}

}  // namespace

class LocalServer::Impl {
 public:
  Impl(std::string name, std::function<Content()> current,
       std::function<Answer(std::string_view body, bool is_gzip)> receive)
      : name_(std::move(name)), current_(std::move(current)), receive_(std::move(receive)) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kAnswering + kStreams); };
    // One request a connection: an idle one would keep a thread, and what is left of a body that was refused half-way
    // would be read as the next request.
    http_.set_keep_alive_max_count(1);
    http_.set_payload_max_length(receive_ ? kMostBodyBytes : 1024);
    http_.set_tcp_nodelay(true);
    // Without the library's SO_REUSEPORT, by which a second server would silently share the port.
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&yes), sizeof yes);
    });
    http_.set_pre_routing_handler([](const Request& request, Response& response) {
      if (IsLoopbackName(request.get_header_value("Host"))) return httplib::Server::HandlerResponse::Unhandled;
      SendAnswer(Refusal(403, "this server answers to 127.0.0.1 and localhost only"), &response);
      return httplib::Server::HandlerResponse::Handled;
    });
    http_.Get(name_, [this](const Request& request, Response& response) { Get(request, &response); });
    http_.Get(name_ + "/events", [this](const Request&, Response& response) { Stream(&response); });
    if (!receive_) return;
    http_.Post("/v1/logs", [this](const Request& request, Response& response, const httplib::ContentReader& read) {
      Post(request, read, &response);
    });
  }
  ~Impl() { Stop(); }

  Status Begin(int port) {
    port_ = port == 0 ? http_.bind_to_any_port("127.0.0.1") : (http_.bind_to_port("127.0.0.1", port) ? port : -1);
    if (port_ < 0) return Status(StatusCode::kUnavailable, "cannot listen on 127.0.0.1 port " + std::to_string(port));
    listening_ = std::thread([this] { http_.listen_after_bind(); });
    while (!http_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // or Stop would be missed
    return Status();
  }

  void Stop() {
    is_stopping_ = true;
    http_.stop();
    if (listening_.joinable()) listening_.join();
  }

  int streams() const { return streams_; }
  std::string root() const { return "http://127.0.0.1:" + std::to_string(port_); }
  const std::string& name() const { return name_; }

 private:
  void Get(const Request& request, Response* response) {
    const Content content = current_();
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
  void Stream(Response* response) {
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
          const Content content = current_();
          std::string text;
          if (content->etag != listener->etag) {
            listener->etag = content->etag;
            text = "event: datafile\ndata: " + content->etag + "\n\n";
          } else if (now - listener->written >= kPing) {
            text = ": nothing new\n\n";
          } else {
            std::this_thread::sleep_for(kLook);
            return !is_stopping_.load();
          }
          listener->written = now;
          return !is_stopping_ && sink.write(text.data(), text.size());
        },
        [this](bool) { --streams_; });
  }

  void Post(const Request& request, const httplib::ContentReader& read, Response* response) {
    // A type that no form or script of another origin may send unasked.
    const std::string type = request.get_header_value("Content-Type");
    if (type.substr(0, type.find(';')) != kJson) {
      return SendAnswer(Refusal(415, "Content-Type must be application/json: Options::sink is to be kOtlp"), response);
    }
    const std::string encoding = request.get_header_value("Content-Encoding");
    if (!encoding.empty() && encoding != "gzip" && encoding != "identity") {
      return SendAnswer(Refusal(415, "Content-Encoding must be gzip or nothing"), response);
    }
    // The library would unpack without a bound of ours. It looks at the request it handed out, which is not const
    // itself.
    const_cast<Request&>(request).headers.erase("Content-Encoding");
    std::string body;
    bool is_too_large = false;
    const bool is_read = read([&](const char* data, std::size_t size) {
      is_too_large = body.size() + size > kMostBodyBytes;
      if (!is_too_large) body.append(data, size);
      return !is_too_large;
    });
    if (is_too_large || response->status == 413) return SendAnswer(Refusal(413, "the body is over 4 MiB"), response);
    if (!is_read) return SendAnswer(Refusal(400, "the body did not arrive whole"), response);
    SendAnswer(receive_(body, encoding == "gzip"), response);
  }

  const std::string name_;
  const std::function<Content()> current_;
  const std::function<Answer(std::string_view body, bool is_gzip)> receive_;
  httplib::Server http_;
  int port_ = -1;
  std::atomic<int> streams_{0};
  std::atomic<bool> is_stopping_{false};
  std::thread listening_;
};

LocalServer::LocalServer(std::string name, std::function<Content()> current,
                         std::function<Answer(std::string_view body, bool is_gzip)> receive)
    : impl_(std::make_unique<Impl>(std::move(name), std::move(current), std::move(receive))) {}
LocalServer::~LocalServer() = default;

Status LocalServer::Begin(int port) { return impl_->Begin(port); }
void LocalServer::Stop() { impl_->Stop(); }
int LocalServer::streams() const { return impl_->streams(); }
std::string LocalServer::root() const { return impl_->root(); }
std::string LocalServer::url() const { return impl_->root() + impl_->name(); }

bool ReadPort(const Arguments& arguments, const char* otherwise, int* port) {
  char* end = nullptr;
  const std::string given = arguments.Get("--port", otherwise);
  const long number = std::strtol(given.c_str(), &end, 10);
  if (*end != '\0' || end == given.c_str() || number < 0 || number > 65'535) return false;
  *port = static_cast<int>(number);
  return true;
}

}  // namespace guidon::tools
