// Port: HTTP requests, asynchronous. libcurl by default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/status.h"
#include "guidon/time.h"

namespace guidon {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // https, or http to a loopback address; anything else is refused with kInvalidArgument
  HttpHeaders headers;
  std::string body;
  Duration connect_timeout = std::chrono::seconds(5);
  Duration idle_timeout = std::chrono::seconds(15);   // no byte for that long
  Duration total_timeout = std::chrono::seconds(30);  // zero: no limit, for streams
  std::size_t most_bytes = 0;  // of the answer's body, decoded; what is longer ends the request with kTooLarge
  int redirects = 0;           // to follow at most, to the same scheme and host only
};

struct HttpEnd {
  // Ok when an answer came whole, whatever its HTTP status. kUnavailable: no connection, cut, or timed out.
  Status status;
};

// Receives one answer. Called from any one thread at a time, never inside `Start`.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  // Once, before any body. Header names are in lower case. A content encoding the port decodes is already decoded.
  virtual void Head(int http_status, const HttpHeaders& headers) = 0;
  // False ends the request.
  virtual bool Body(std::string_view bytes) = 0;
  // Exactly once, last; also when Cancel or Stop ended the request. A request that is started after Stop gets no call.
  virtual void Done(HttpEnd end) = 0;
};

class Http {
 public:
  virtual ~Http() = default;

  // Begins a request and returns at once. `id` is the caller's, unique among those under way. Any thread.
  virtual void Start(std::uint64_t id, HttpRequest request, std::shared_ptr<HttpSink> sink) = 0;

  // Called again and again while a call of the client such as Flush or Close waits, on the thread that waits, where that
  // turns the client, too (no waker, or the waker's own thread). A network without a thread of its own works here, so
  // that waiting for it ends; sinks may be called. Never waits.
  virtual void Turn() {}

  // Ends a request early; its sink still gets Done (kClosed). Unknown ids are fine. Any thread; never blocks.
  virtual void Cancel(std::uint64_t id) noexcept = 0;

  // Ends all requests and refuses new ones. True when, by `deadline` at the latest, no sink will be called any more and
  // no thread of it is left; false when something is still winding down, which then touches nothing of the caller's but
  // its sinks.
  virtual bool Stop(MonoTime deadline) noexcept = 0;
};

// The first header of that name (lower case), or an empty view.
inline std::string_view FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (header.first == name) return header.second;
  }
  return {};
}

}  // namespace guidon
