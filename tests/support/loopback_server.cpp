#include "tests/support/loopback_server.h"

#include <httplib.h>

#include <atomic>
#include <thread>
#include <utility>

namespace guidon::test {
namespace {

LoopbackRequest ToRequest(const httplib::Request& from) {
  LoopbackRequest request;
  request.method = from.method;
  request.target = from.target;
  for (const auto& header : from.headers) {
    std::string name = header.first;
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    request.headers.emplace_back(std::move(name), header.second);
  }
  request.body = from.body;
  request.peer_port = from.remote_port;
  return request;
}

// The server hands every connection it takes to its queue, once.
class CountingQueue final : public httplib::TaskQueue {
 public:
  explicit CountingQueue(std::atomic<int>* taken) : taken_(taken) {}
  void enqueue(std::function<void()> serve) override {
    ++*taken_;
    pool_.enqueue(std::move(serve));
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::atomic<int>* const taken_;
  httplib::ThreadPool pool_{4};
};

std::unique_ptr<httplib::Server> NewServer(const LoopbackTls& tls) {
  if (tls.certificate_file.empty()) return std::make_unique<httplib::Server>();
  return std::make_unique<httplib::SSLServer>(tls.certificate_file.c_str(), tls.key_file.c_str());
}

}  // namespace

struct LoopbackServer::Rep {
  std::unique_ptr<httplib::Server> server;
  std::string scheme;
  std::atomic<int> connections{0};
  Handler handler;
  int port = 0;
  std::thread thread;

  void Answer(const httplib::Request& from, httplib::Response& to) {
    const LoopbackAnswer answer = handler(ToRequest(from));
    to.status = answer.status;
    for (const auto& header : answer.headers) to.headers.emplace(header.first, header.second);
    to.set_content(answer.body, answer.content_type);
  }
};

LoopbackServer::LoopbackServer(Handler handler, const LoopbackTls& tls, int port) : rep_(std::make_unique<Rep>()) {
  Rep* rep = rep_.get();
  rep->handler = std::move(handler);
  rep->server = NewServer(tls);
  rep->scheme = tls.certificate_file.empty() ? "http" : "https";
  if (!rep->server->is_valid()) return;
  rep->server->new_task_queue = [rep] { return new CountingQueue(&rep->connections); };
  rep->server->set_keep_alive_timeout(1);
  rep->server->set_tcp_nodelay(true);  // head and body of an answer are sent apart
  const auto answer = [rep](const httplib::Request& from, httplib::Response& to) { rep->Answer(from, to); };
  rep->server->Get(".*", answer);
  rep->server->Post(".*", answer);
  rep->server->Put(".*", answer);
  rep->server->Delete(".*", answer);
  if (port == 0) {
    port = rep->server->bind_to_any_port("127.0.0.1");
  } else if (!rep->server->bind_to_port("127.0.0.1", port)) {
    return;
  }
  if (port <= 0) return;
  rep->port = port;
  rep->thread = std::thread([rep] { rep->server->listen_after_bind(); });
  // Stopping a server that has not begun yet would be forgotten.
  while (!rep->server->is_running()) std::this_thread::yield();
}

LoopbackServer::~LoopbackServer() {
  if (!rep_->thread.joinable()) return;
  rep_->server->stop();
  rep_->thread.join();
}

int LoopbackServer::port() const { return rep_->port; }

int LoopbackServer::connections() const { return rep_->connections; }

std::string LoopbackServer::Url(std::string_view target) const {
  return rep_->scheme + "://127.0.0.1:" + std::to_string(rep_->port) + std::string(target);
}

}  // namespace guidon::test
