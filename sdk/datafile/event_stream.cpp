#include "sdk/datafile/event_stream.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace guidon::datafile {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::int64_t kMostRetryMs = std::chrono::milliseconds(std::chrono::hours(24)).count();

// Digits alone count; nothing where there is anything else.
std::optional<Duration> ParseRetry(std::string_view digits) {
  std::int64_t ms = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    ms = std::min(kMostRetryMs, ms * 10 + (c - '0'));
  }
  return digits.empty() ? std::nullopt : std::optional<Duration>(ms);
}

}  // namespace

void EventStreamParser::Feed(std::string_view bytes, const std::function<void(const StreamEvent&)>& on_event) {
  for (const char c : bytes) {
    const bool is_second_half = std::exchange(was_return_, false) && c == '\n';
    if (is_second_half) continue;
    if (c == '\r' || c == '\n') {
      was_return_ = c == '\r';
      EndLine(on_event);
    } else if (line_.size() < kMostLineBytes) {
      line_.push_back(c);
    } else {
      is_line_too_long_ = true;
    }
  }
}

void EventStreamParser::EndLine(const std::function<void(const StreamEvent&)>& on_event) {
  std::string_view line(line_);
  if (std::exchange(is_first_line_, false) && line.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (is_line_too_long_) {
    is_event_too_long_ = true;
  } else if (line.empty()) {
    // An event without data is none.
    if (has_data_ && !is_event_too_long_) {
      if (event_.type.empty()) event_.type = "message";
      on_event(event_);
    }
    event_ = StreamEvent();
    has_data_ = is_event_too_long_ = false;
  } else if (const std::size_t colon = line.find(':'); colon != 0) {  // else a comment, which keeps a connection alive
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    TakeField(line.substr(0, colon), value);
  }
  line_.clear();
  is_line_too_long_ = false;
}

void EventStreamParser::TakeField(std::string_view name, std::string_view value) {
  if (name == "event") {
    event_.type = value;
  } else if (name == "data") {
    if (event_.data.size() + value.size() >= kMostDataBytes) {
      is_event_too_long_ = true;
      return;
    }
    if (std::exchange(has_data_, true)) event_.data.push_back('\n');
    event_.data.append(value);
  } else if (name == "retry") {
    if (const auto retry = ParseRetry(value)) retry_ = retry;
  }
}

}  // namespace guidon::datafile
