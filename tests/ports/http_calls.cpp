#include "tests/ports/http_calls.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace guidon::test {

void Gate::Open() {
  std::lock_guard<std::mutex> lock(mutex_);
  is_open_ = true;
  changed_.notify_all();
}

void Gate::Await() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return is_open_; });
}

Answer RecordingSink::Await() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return dones_ > 0; });
  return answer_;
}

int RecordingSink::dones() {
  std::lock_guard<std::mutex> lock(mutex_);
  return dones_;
}

void RecordingSink::Head(int http_status, const HttpHeaders& headers) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    answer_.http_status = http_status;
    answer_.headers = headers;
    ++answer_.heads;
  }
  if (on_head_) on_head_();
}

bool RecordingSink::Body(std::string_view bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  answer_.body.append(bytes);
  return ++answer_.bodies < most_bodies_;
}

void RecordingSink::Done(HttpEnd end) {
  if (on_done_) on_done_();
  std::lock_guard<std::mutex> lock(mutex_);
  answer_.status = std::move(end.status);
  answer_.thread = std::this_thread::get_id();
  ++dones_;
  changed_.notify_all();
}

Answer Ask(Http& http, HttpRequest request) {
  const auto sink = std::make_shared<RecordingSink>();
  http.Start(1'000'000, std::move(request), sink);
  return sink->Await();
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

MuteServer::MuteServer() {
  socket_ = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(socket_ >= 0);
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(socket_, reinterpret_cast<struct sockaddr*>(&address), size) == 0);
  REQUIRE(listen(socket_, 16) == 0);
  REQUIRE(getsockname(socket_, reinterpret_cast<struct sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
}

MuteServer::~MuteServer() { close(socket_); }

RawServer::RawServer(std::string reply) {
  thread_ = std::thread([this, reply = std::move(reply)] {
    const int connection = accept(socket_, nullptr, nullptr);
    if (connection < 0) return;  // nobody came before the server went
    std::string head;
    char piece[1024];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = recv(connection, piece, sizeof(piece), 0);
      if (got <= 0) break;
      head.append(piece, static_cast<std::size_t>(got));
    }
    head_.set_value(std::move(head));
    for (std::size_t at = 0; at < reply.size();) {
      const ssize_t sent = send(connection, reply.data() + at, reply.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) break;
      at += static_cast<std::size_t>(sent);
    }
    close(connection);
  });
}

RawServer::~RawServer() {
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
}

ReservedPort::ReservedPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  REQUIRE(socket_ >= 0);
  const int yes = 1;
  REQUIRE(setsockopt(socket_, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) == 0);
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(socket_, reinterpret_cast<struct sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(socket_, reinterpret_cast<struct sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
}

ReservedPort::~ReservedPort() { close(socket_); }

}  // namespace guidon::test
