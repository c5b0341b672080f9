#include "tests/support/loopback_server.h"

#include <httplib.h>

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

}  // namespace

struct LoopbackServer::Rep {
  httplib::Server server;
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

LoopbackServer::LoopbackServer(Handler handler) : rep_(std::make_unique<Rep>()) {
  Rep* rep = rep_.get();
  rep->handler = std::move(handler);
  rep->server.new_task_queue = [] { return new httplib::ThreadPool(4); };
  rep->server.set_keep_alive_timeout(1);
  const auto answer = [rep](const httplib::Request& from, httplib::Response& to) { rep->Answer(from, to); };
  rep->server.Get(".*", answer);
  rep->server.Post(".*", answer);
  rep->server.Put(".*", answer);
  rep->server.Delete(".*", answer);
  rep->port = rep->server.bind_to_any_port("127.0.0.1");
  if (rep->port <= 0) {
    rep->port = 0;
    return;
  }
  rep->thread = std::thread([rep] { rep->server.listen_after_bind(); });
  // Stopping a server that has not begun yet would be forgotten.
  while (!rep->server.is_running()) std::this_thread::yield();
}

LoopbackServer::~LoopbackServer() {
  if (!rep_->thread.joinable()) return;
  rep_->server.stop();
  rep_->thread.join();
}

int LoopbackServer::port() const { return rep_->port; }

std::string LoopbackServer::Url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(rep_->port) + std::string(target);
}

}  // namespace guidon::test
