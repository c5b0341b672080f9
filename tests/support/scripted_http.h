// Http whose answers a test writes down beforehand. Requests are recorded; nothing touches a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "guidon/ports/http.h"
#include "sdk/core/base/lanes.h"

namespace guidon::test {

struct ScriptedAnswer {
  int status = 200;
  HttpHeaders headers;  // names in lower case
  std::string body;
  std::size_t chunk = 0;  // bytes a Body call carries; 0: all at once
  // Not ok: how the request ends instead. With status 0 nothing of an answer comes before; otherwise the head and the
  // body come first, as when a connection is cut half-way.
  Status failure;
  bool hangs = false;  // never answered: until Cancel or Stop

  static ScriptedAnswer Of(int status, std::string body = std::string(), HttpHeaders headers = {});
  static ScriptedAnswer Failed(StatusCode code = StatusCode::kUnavailable, std::string message = "no connection");
  static ScriptedAnswer Hanging();
};

// A request takes its answer when it is delivered: the first that was pushed, else the handler's; without either it
// waits. Any thread; sinks are called without a lock. Must outlive the lanes' turning, or the lanes be closed.
class ScriptedHttp final : public Http {
 public:
  using Handler = std::function<ScriptedAnswer(const HttpRequest&)>;

  // With lanes, requests are answered by themselves, each in a turn of the logic lane; without, by `Deliver`.
  explicit ScriptedHttp(Lanes* lanes = nullptr) : lanes_(lanes) {}
  ~ScriptedHttp() override;

  void Push(ScriptedAnswer answer);
  void SetHandler(Handler handler);

  // Ends every request that can be ended, in the order they were started, also those started meanwhile. Returns how
  // many.
  std::size_t Deliver();
  // Only the oldest that can be ended.
  bool DeliverOne();

  // Every request ever started, and how many of them are under way.
  std::vector<HttpRequest> requests() const;
  std::size_t request_count() const;
  std::size_t under_way() const;
  // The answers still to be taken.
  std::size_t pushed() const;
  bool is_stopped() const;

  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override;
  void Cancel(std::uint64_t id) noexcept override;
  // Ends all requests inside the call. What is started later is dropped without a call to its sink.
  bool Stop(MonoTime deadline) noexcept override;

 private:
  struct Pending {
    std::uint64_t id = 0;
    HttpRequest request;
    std::shared_ptr<HttpSink> sink;
    bool cancelled = false;
    bool hangs = false;
  };
  bool TakeReady(Pending* pending, ScriptedAnswer* answer);
  void PostTurn();

  Lanes* lanes_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  mutable std::mutex mutex_;
  bool stopped_ = false;
  Handler handler_;
  std::deque<ScriptedAnswer> answers_;
  std::deque<Pending> pending_;
  std::vector<HttpRequest> requests_;
};

}  // namespace guidon::test
