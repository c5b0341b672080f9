// What running apps tell, one line each: exposures and evaluations as decisions, steps of prompts, tracked events, and
// what could not be read, with its place.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/tools/terminal.h"

namespace guidon::tools {

struct ToldEvent {
  std::string kind;  // "decision", "evaluated", "prompt", "event", "lost", "deletion", "malformed"
  std::int64_t time_ms = 0;
  std::string subject;  // "composer = labelled"
  std::string says;     // may be empty
  bool is_forced = false;
  std::vector<std::pair<std::string, std::string>> fields;  // the same for programs

  std::string ToText(const Style& style) const;  // without its time
  std::string ToJson() const;                    // one line
};

// Answers as a collector does. One thread at a time.
class EventReader {
 public:
  struct Batch {
    int status = 200;
    std::string answer;  // JSON
    std::vector<ToldEvent> events;
  };
  // `body` is OTLP/HTTP JSON. What was told before, a retry, is acknowledged and not told again.
  Batch Read(std::string_view body, bool is_gzip, std::int64_t now_ms);

 private:
  bool IsNew(std::string_view id);

  std::set<std::string, std::less<>> ids_;  // of the last events
  std::deque<std::string> order_;
};

}  // namespace guidon::tools
