// A collector over sockets, under audit, and a client on the ports that ship.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "guidon/guidon.h"
#include "guidon/platform_parts.h"
#include "tests/ports/temp_folder.h"
#include "tests/support/facts_audit.h"

namespace guidon::test {

// The ids in a request's body, not compressed. Empty when it has not the sink's format.
std::vector<std::string> EventIds(EventSink sink, const std::string& body);

// FactsAudit for servers' threads.
class SharedAudit {
 public:
  void Accepted(const std::string& id);
  void Received(const std::vector<std::string>& ids, FactsAudit::Reply reply);
  template <class F>
  auto With(F f) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return f(audit_);
  }

 private:
  std::mutex mutex_;
  FactsAudit audit_;
};

// A server that says and does just what a test wants, below HTTP. One connection at a time.
class TcpServer {
 public:
  struct Manner {
    int body_percent = 100;  // of the request's body that is read; less: the connection is reset then
    std::string reply;       // as it stands; then the connection is closed
    bool drips = false;      // a byte at a time, with a pause before each
    bool hangs = false;      // instead of all that: no reply until the client goes
  };
  struct Request {
    std::string head;
    std::string body;  // unpacked; empty unless it was read whole
    bool is_whole = false;
  };
  // Called on the server's thread when as much of a request was read as is going to be.
  using Handler = std::function<Manner(const Request&)>;

  // `body_percent` is asked before the body is read.
  TcpServer(std::function<int()> body_percent, Handler handler);
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;  // its thread points here
  TcpServer& operator=(const TcpServer&) = delete;

  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1/logs"; }
  int port() const { return port_; }

 private:
  void Serve();
  void Talk(int connection);

  const std::function<int()> body_percent_;
  const Handler handler_;
  int socket_ = -1;
  int port_ = 0;
  int stop_[2] = {-1, -1};  // a pipe whose other end is closed at the end
  std::thread thread_;
};

std::string HttpReply(int status, const std::string& body, const std::string& type = "application/json");

// The system's clocks; monotonic time can be moved on, so that nobody waits out a pause.
class SkippingClock final : public Clock {
 public:
  Timestamp Now() noexcept override { return clock_->Now(); }
  MonoTime Monotonic() noexcept override { return clock_->Monotonic() + skipped_.load(); }
  std::string BootId() override { return clock_->BootId(); }
  Duration UtcOffset(Timestamp time) noexcept override { return clock_->UtcOffset(time); }
  void Skip(Duration by) { skipped_ = skipped_.load() + by; }

 private:
  const std::shared_ptr<Clock> clock_ = SystemClock();
  std::atomic<Duration> skipped_{Duration(0)};
};

// Installed on a disk of its own; pumped by the test.
class RealClient {
 public:
  explicit RealClient(const std::string& collector_url);

  // The next process, on what the last one left. Null: the port that ships.
  Client& Open(std::shared_ptr<Http> http = nullptr);
  Client& client() { return *client_; }
  void Track(int count);
  // Commits, and delivers what goes without waiting.
  void Flush();
  // Flushes and lets pauses pass until nothing is pending.
  void Drain();
  // What must hold after any fault, the next start without a network included.
  void Check();

  Options options;
  CurlOptions curl;
  TempFolder folder;
  std::shared_ptr<SkippingClock> clock = std::make_shared<SkippingClock>();
  SharedAudit audit;

 private:
  std::unique_ptr<Client> client_;
  Subscription accepted_;
  int tracked_ = 0;
};

}  // namespace guidon::test
