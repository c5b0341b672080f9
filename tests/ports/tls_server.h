// A server with a certificate that says and does just what a test wants, below HTTP. One connection at a time, one
// request each.
#pragma once

#include <openssl/ssl.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/ports/http_calls.h"
#include "tests/support/loopback_server.h"

namespace guidon::test {

class TlsServer : public MuteServer {
 public:
  struct Manner {
    std::string reply;            // as it stands; then the connection is closed
    bool drips = false;           // a byte at a time, with a pause before each
    bool resets = false;          // instead of closing it as TLS wants
    bool cuts_handshake = false;  // instead of all that
  };

  explicit TlsServer(const LoopbackTls& tls);
  ~TlsServer();

  std::string Url(const std::string& target) const { return "https://127.0.0.1:" + std::to_string(port()) + target; }
  // From the next connection on.
  void Present(const LoopbackTls& tls);
  void Behave(Manner manner);
  // The head of the last request.
  std::string head() const;

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  using Context = std::shared_ptr<SSL_CTX>;

  void Serve();
  void Talk(int connection, SSL_CTX* context, const Manner& manner);
  bool Say(SSL* session, const Manner& manner);
  bool IsStopped(Duration after);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Context context_;
  Manner manner_;
  std::string head_;
  int connection_ = -1;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace guidon::test
