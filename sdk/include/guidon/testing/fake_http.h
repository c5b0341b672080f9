// The network of a test: the server that has the datafile and the collector, both in good order until the test scripts
// them otherwise.
//
//   test.http().Next(Server::kCollector, HttpAnswer::Of(503));            // the next request
//   test.http().Always(Server::kCollector, HttpAnswer::Late(seconds(3)));  // all that follow
//   test.http().SetOnline(false);                                          // nobody answers
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guidon/ports/http.h"
#include "guidon/testing/fake_clock.h"

namespace guidon::testing {

enum class Server {
  kDatafile,
  kStream,     // where changes of the datafile are announced
  kCollector,  // takes events
};

// What becomes of a request. As it is: the server answers, at once.
struct HttpAnswer {
  std::optional<int> status;  // instead of what the server says, with `headers` and `body`
  HttpHeaders headers;        // names in lower case
  std::string body;
  Duration latency{0};
  bool is_dropped = false;                  // no connection
  std::optional<std::size_t> cut_after;     // the connection ends after so many bytes of the body
  std::optional<std::size_t> corrupt_byte;  // that byte of the body arrives as another one

  static HttpAnswer Of(int status, HttpHeaders headers = {}, std::string body = {});
  static HttpAnswer Dropped();
  static HttpAnswer Late(Duration latency);
  static HttpAnswer CutAfter(std::size_t bytes);
  static HttpAnswer CorruptAt(std::size_t byte);
};

// Answers when TestClient settles, or while a call such as Flush waits; waiting for an answer takes its time by the
// fake clock and none of the test's. Any thread.
class FakeHttp final : public Http {
 public:
  explicit FakeHttp(std::shared_ptr<FakeClock> clock);
  ~FakeHttp() override;

  // Said several times: one request after the other. Those that are under way are answered as was said before.
  void Next(Server server, HttpAnswer answer);
  // All that `Next` says nothing of; `HttpAnswer()`: in good order again.
  void Always(Server server, HttpAnswer answer);
  void SetOnline(bool is_online);

  // All that were ever made, in order.
  std::vector<HttpRequest> Requests(Server server) const;

  // --- For whoever turns it: TestClient ---

  // What servers in good order answer.
  void SetServers(std::function<HttpAnswer(Server, const HttpRequest&)> answer);
  // To whoever listens to the stream.
  void Announce();
  // Ends what is due by the clock; returns how many requests that were.
  std::size_t Deliver();
  // When the next answer is due, `MonoTime::max()` when none is.
  MonoTime NextDue() const;
  // A stopped one begins anew, as in another process.
  void Restart();

  void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) override;
  void Turn() override;
  void Cancel(std::uint64_t id) noexcept override;
  bool Stop(MonoTime deadline) noexcept override;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace guidon::testing
