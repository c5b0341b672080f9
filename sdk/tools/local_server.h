// What `guidon serve` and `guidon dev` listen with, for apps on this machine alone: a datafile with its ETag, the
// stream of its changes, and where it is wanted a place for events.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/status.h"
#include "sdk/tools/arguments.h"
#include "sdk/tools/served_file.h"

namespace guidon::tools {

class LocalServer {
 public:
  using Content = std::shared_ptr<const ServedFile::Content>;
  struct Answer {
    int status = 200;
    std::string body;  // JSON
  };
  static constexpr std::size_t kMostBodyBytes = 4u << 20;  // as received

  // `name` is the datafile's path, "/notes.datafile"; `current`, on any thread and never null, what is served now.
  // `receive`, on any thread, is told the body of each POST to /v1/logs as it came; empty: nobody takes events.
  LocalServer(std::string name, std::function<Content()> current,
              std::function<Answer(std::string_view body, bool is_gzip)> receive = nullptr);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;  // its threads know it
  LocalServer& operator=(const LocalServer&) = delete;

  // Listens on 127.0.0.1 and answers until Stop; 0: any port that is free.
  Status Begin(int port);
  void Stop();

  int streams() const;       // that are open
  std::string root() const;  // "http://127.0.0.1:8080"
  std::string url() const;   // the datafile's

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

// --port. False when it is no port.
bool ReadPort(const Arguments& arguments, const char* otherwise, int* port);

}  // namespace guidon::tools
