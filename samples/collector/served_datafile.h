// The datafile file as it is served: read again whenever it changed, and kept by version in the archive.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "guidon/status.h"
#include "samples/collector/archive.h"

namespace guidon::collector {

// Any thread.
class ServedDatafile {
 public:
  ServedDatafile(std::string path, Archive* archive) : path_(std::move(path)), archive_(archive) {}

  struct Content {
    std::string bytes;
    std::string etag;  // quoted; the same bytes have the same one
  };
  // What the file holds. While it is missing or makes no sense, half written say, what it held before; null when there
  // was nothing before. `status()` then says what is wrong.
  std::shared_ptr<const Content> Current(std::int64_t now_ms);

  // Of the last reading.
  Status status() const;

 private:
  struct Stamp {
    std::filesystem::file_time_type time;
    std::uintmax_t size = 0;
    bool operator==(const Stamp& other) const { return time == other.time && size == other.size; }
  };
  bool ReadStamp(Stamp* stamp);
  void Read(std::int64_t now_ms);

  const std::string path_;
  Archive* archive_;
  mutable std::mutex mutex_;
  Stamp stamp_;
  bool is_settled_ = false;
  std::shared_ptr<const Content> content_;
  Status status_;
};

}  // namespace guidon::collector
