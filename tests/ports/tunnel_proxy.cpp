#include "tests/ports/tunnel_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <utility>

namespace guidon::test {
namespace {

bool SendAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Pass(int from, int to) {
  char piece[16384];
  const ssize_t got = recv(from, piece, sizeof(piece), 0);
  return got > 0 && SendAll(to, {piece, static_cast<std::size_t>(got)});
}

}  // namespace

TunnelProxy::TunnelProxy(int to_port) : to_port_(to_port) {
  thread_ = std::thread([this] { Serve(); });
}

TunnelProxy::~TunnelProxy() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
    shutdown(socket_, SHUT_RDWR);
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  thread_.join();
  for (std::thread& talk : talks_) talk.join();
  for (const int socket : sockets_) close(socket);
}

std::vector<std::string> TunnelProxy::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

void TunnelProxy::Serve() {
  for (int client = 0; (client = accept(socket_, nullptr, nullptr)) >= 0;) {
    if (!Hold(client)) return;
    talks_.emplace_back([this, client] { Talk(client); });
  }
}

// False once it is stopped.
bool TunnelProxy::Hold(int socket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sockets_.push_back(socket);
  return !is_stopped_;
}

int TunnelProxy::Connect() {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  if (server < 0 || !Hold(server)) return -1;
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(to_port_));
  return connect(server, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) == 0 ? server : -1;
}

void TunnelProxy::Talk(int client) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char one = 0;
    if (recv(client, &one, 1, 0) != 1) return;
    head += one;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    requests_.push_back(head.substr(0, head.find("\r\n")));
  }
  const int server = head.compare(0, 8, "CONNECT ") == 0 ? Connect() : -1;
  if (server >= 0 && SendAll(client, "HTTP/1.1 200 Connection established\r\n\r\n")) {
    struct pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    while (poll(ends, 2, -1) > 0) {
      if (ends[0].revents != 0 && !Pass(client, server)) break;
      if (ends[1].revents != 0 && !Pass(server, client)) break;
    }
    shutdown(server, SHUT_RDWR);
  }
  shutdown(client, SHUT_RDWR);
}

}  // namespace guidon::test
