// The collector's HTTP: POST /v1/logs, GET /datafile and /datafile/events, the results page at / and as /results.json, GET /healthz.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guidon/status.h"

namespace guidon::collector {

struct ServerOptions {
  std::string database_path;
  std::string datafile_path;
  std::vector<std::string> archive_paths;  // datafiles of older versions, to check exposures against
  std::string host = "127.0.0.1";
  int port = 0;       // 0: any that is free
  std::string token;  // guards the results; may be empty on a loopback address only
  bool any_time = false;
  std::int64_t most_database_mb = 64 * 1024;
  std::function<std::int64_t()> now_ms;  // the wall clock when empty
};

class Server {
 public:
  // Opens the database, reads the datafile and takes the port.
  static Result<std::unique_ptr<Server>> Open(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;  // its threads point at it
  Server& operator=(const Server&) = delete;

  int port() const;
  // Serves until Stop. False when it could not.
  bool Run();
  // Any thread, also from a signal handler.
  void Stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Does `host`, the value of a Host header, name this machine's loopback? Anything else in front of a loopback address
// is a web page of somebody else that had its name pointed here.
bool IsLoopbackHost(const std::string& host);

}  // namespace guidon::collector
