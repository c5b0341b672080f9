// Sinks that remember, and servers that misbehave.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "guidon/ports/http.h"

namespace guidon::test {

// Closed until somebody opens it.
class Gate {
 public:
  void Open();
  void Await();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

struct Answer {
  Status status;
  int http_status = 0;  // 0: no head came
  HttpHeaders headers;
  std::string body;
  int heads = 0;
  int bodies = 0;
  std::thread::id thread;  // that brought Done
};

class RecordingSink final : public HttpSink {
 public:
  // Before the request is started.
  void OnHead(std::function<void()> then) { on_head_ = std::move(then); }
  void OnDone(std::function<void()> then) { on_done_ = std::move(then); }
  void TakeBodies(int most) { most_bodies_ = most; }

  // Waits for Done.
  Answer Await();
  int dones();

  void Head(int http_status, const HttpHeaders& headers) override;
  bool Body(std::string_view bytes) override;
  void Done(HttpEnd end) override;

 private:
  std::function<void()> on_head_;
  std::function<void()> on_done_;
  int most_bodies_ = 1'000'000;
  std::mutex mutex_;
  std::condition_variable changed_;
  Answer answer_;
  int dones_ = 0;
};

// Starts a request and waits for its end.
Answer Ask(Http& http, HttpRequest request);

std::string Repeat(const std::string& text, int times);

// Listens, and lets the system take connections, but never says a word.
class MuteServer {
 public:
  MuteServer();
  ~MuteServer();
  MuteServer(const MuteServer&) = delete;  // owns a socket
  MuteServer& operator=(const MuteServer&) = delete;

  int port() const { return port_; }
  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 protected:
  int socket_ = -1;

 private:
  int port_ = 0;
};

// Takes one connection, reads a request's head, answers with `reply`, byte by byte as given, and hangs up.
class RawServer : public MuteServer {
 public:
  explicit RawServer(std::string reply);
  ~RawServer();

  // Waits for the request's head.
  std::string AwaitHead() { return head_.get_future().get(); }

 private:
  std::promise<std::string> head_;
  std::thread thread_;
};

// A port that stays this test's own while no server listens there: connections are refused.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;  // owns a socket
  ReservedPort& operator=(const ReservedPort&) = delete;

  int port() const { return port_; }

 private:
  const int socket_;
  int port_ = 0;
};

}  // namespace guidon::test
