// A request of events: from the body's bytes to rows in the store and the answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "samples/collector/archive.h"
#include "samples/collector/store.h"

namespace guidon::collector {

inline constexpr std::size_t kMostBodyBytes = 4u << 20;  // as received, and unpacked
inline constexpr std::size_t kMostUnpackRatio = 200;
inline constexpr std::size_t kMostRecords = 10'000;
inline constexpr std::int64_t kOldestMs = 45LL * 24 * 60 * 60 * 1000;  // before now
inline constexpr std::int64_t kNewestMs = 10LL * 60 * 1000;            // after now: clocks differ

struct Answer {
  int status = 200;
  std::string body;  // JSON
};

class Ingest {
 public:
  // With `any_time` events may be from whenever they say: for simulations.
  Ingest(Store* store, Archive* archive, bool any_time) : store_(store), archive_(archive), any_time_(any_time) {}

  // `body` is OTLP/HTTP JSON, gzip when `is_gzip`. 200 means: on the disk. 400 and 413 mean that no retry will help,
  // 503 that one will. Any thread.
  Answer Receive(std::string_view body, bool is_gzip, std::int64_t now_ms);

 private:
  Answer Accept(std::string_view text, std::int64_t now_ms);
  Status Check(std::vector<Record>* records, std::int64_t now_ms);

  Store* store_;
  Archive* archive_;
  bool any_time_;
};

// {"code":…,"message":…}, as OTLP's errors are written.
Answer ErrorAnswer(int status, std::string_view message);

}  // namespace guidon::collector
