// A real HTTP server on 127.0.0.1, with TLS where it has a certificate, answered by a function.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/ports/http.h"

namespace guidon::test {

struct LoopbackRequest {
  std::string method;
  std::string target;   // path and query
  HttpHeaders headers;  // names in lower case
  std::string body;     // inflated when it came as gzip
  int peer_port = 0;    // tells connections apart
};

struct LoopbackAnswer {
  int status = 200;
  HttpHeaders headers;
  std::string body;
  std::string content_type = "application/octet-stream";
};

// PEM files. Both empty: plain HTTP.
struct LoopbackTls {
  std::string certificate_file;
  std::string key_file;
};

class LoopbackServer {
 public:
  using Handler = std::function<LoopbackAnswer(const LoopbackRequest&)>;

  // Serves from now on. `handler` is called from the server's threads, several at a time.
  // Port 0: one the system picks. Another must be free, or bound by a socket of this process that shares it
  // (SO_REUSEPORT).
  explicit LoopbackServer(Handler handler, const LoopbackTls& tls = {}, int port = 0);
  // Waits for the requests under way.
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;  // its threads point here
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const;  // 0 when there is no port to be had, or the certificate is no good
  // Connections taken so far, also those that did not get through the handshake.
  int connections() const;
  // "http://127.0.0.1:PORT" and `target`; https with TLS.
  std::string Url(std::string_view target = "/") const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace guidon::test
