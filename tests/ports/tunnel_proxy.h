// A real proxy on 127.0.0.1: each CONNECT, whatever it names, becomes a tunnel to one port of this device.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/ports/http_calls.h"

namespace guidon::test {

class TunnelProxy : public MuteServer {
 public:
  explicit TunnelProxy(int to_port);
  // Cuts the tunnels that are left.
  ~TunnelProxy();

  // The first line of each request, in order.
  std::vector<std::string> requests() const;

 private:
  void Serve();
  void Talk(int client);
  int Connect();
  bool Hold(int socket);

  const int to_port_;
  mutable std::mutex mutex_;
  bool is_stopped_ = false;
  std::vector<int> sockets_;  // closed last of all, so that no number is used again meanwhile
  std::vector<std::string> requests_;
  std::vector<std::thread> talks_;
  std::thread thread_;
};

}  // namespace guidon::test
