// What a server of server-sent events writes (WHATWG HTML, 9.2.6 Interpreting an event stream), as far as it matters
// here: which event came, and how long to stay away after the stream ends. Not the events' ids: whoever comes back asks
// for the datafile anyway.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "guidon/time.h"

namespace guidon::datafile {

struct StreamEvent {
  std::string type;  // "message" where the server named none
  std::string data;
};

// Fed with pieces of any size. What is longer than a line or an event may be is left out, however much of it comes.
class EventStreamParser {
 public:
  static constexpr std::size_t kMostLineBytes = 4'096;
  static constexpr std::size_t kMostDataBytes = 16'384;

  // Calls `on_event` for each event that is whole now, in order.
  void Feed(std::string_view bytes, const std::function<void(const StreamEvent&)>& on_event);

  // What the server asked for last, by `retry:`; at most a day.
  std::optional<Duration> retry() const noexcept { return retry_; }

 private:
  void EndLine(const std::function<void(const StreamEvent&)>& on_event);
  void TakeField(std::string_view name, std::string_view value);

  std::string line_;
  bool is_line_too_long_ = false;
  bool was_return_ = false;  // a line ended with one, so that a newline right behind it belongs to that
  bool is_first_line_ = true;
  StreamEvent event_;
  bool has_data_ = false;
  bool is_event_too_long_ = false;
  std::optional<Duration> retry_;
};

}  // namespace guidon::datafile
