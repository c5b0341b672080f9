#include "tests/ports/tls_server.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace guidon::test {
namespace {

constexpr Duration kDrip = std::chrono::milliseconds(20);

struct FreeSession {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};

}  // namespace

TlsServer::TlsServer(const LoopbackTls& tls) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to those who have gone
  Present(tls);
  thread_ = std::thread([this] { Serve(); });
}

TlsServer::~TlsServer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
    shutdown(socket_, SHUT_RDWR);
    if (connection_ >= 0) shutdown(connection_, SHUT_RDWR);
  }
  changed_.notify_all();
  thread_.join();
}

void TlsServer::Present(const LoopbackTls& tls) {
  Context context(SSL_CTX_new(TLS_server_method()), FreeContext());
  REQUIRE(SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate_file.c_str()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1);
  const std::lock_guard<std::mutex> lock(mutex_);
  context_ = std::move(context);
}

void TlsServer::Behave(Manner manner) {
  const std::lock_guard<std::mutex> lock(mutex_);
  manner_ = std::move(manner);
}

std::string TlsServer::head() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return head_;
}

bool TlsServer::IsStopped(Duration after) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, after, [this] { return is_stopped_; });
}

void TlsServer::Serve() {
  for (;;) {
    const int connection = accept(socket_, nullptr, nullptr);
    Context context;
    Manner manner;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (is_stopped_ || connection < 0) {
        if (connection >= 0) close(connection);
        if (is_stopped_) return;
        continue;
      }
      connection_ = connection;
      context = context_;
      manner = manner_;
    }
    Talk(connection, context.get(), manner);
    const std::lock_guard<std::mutex> lock(mutex_);
    connection_ = -1;
    close(connection);
  }
}

void TlsServer::Talk(int connection, SSL_CTX* context, const Manner& manner) {
  if (manner.cuts_handshake) return;
  const std::unique_ptr<SSL, FreeSession> session(SSL_new(context));
  if (!session || SSL_set_fd(session.get(), connection) != 1 || SSL_accept(session.get()) != 1) return;
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char piece[4096];
    const int got = SSL_read(session.get(), piece, sizeof(piece));
    if (got <= 0) return;
    head.append(piece, static_cast<std::size_t>(got));
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    head_ = head;
  }
  const bool is_said = Say(session.get(), manner);
  if (manner.resets) {
    const struct linger reset = {1, 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  } else if (is_said) {
    (void)SSL_shutdown(session.get());
  }
}

bool TlsServer::Say(SSL* session, const Manner& manner) {
  const std::size_t step = manner.drips ? 1 : 16'384;
  for (std::size_t at = 0; at < manner.reply.size(); at += step) {
    if (manner.drips && IsStopped(kDrip)) return false;
    const std::size_t size = std::min(step, manner.reply.size() - at);
    if (SSL_write(session, manner.reply.data() + at, static_cast<int>(size)) <= 0) return false;
  }
  return true;
}

}  // namespace guidon::test
