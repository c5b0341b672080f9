// A datafile's file as `guidon serve` hands it out: read again when it changed, and only replaced by what apps would
// take, so that a file half written, of another key or rolled back does not reach them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "guidon/status.h"
#include "sdk/tools/acceptance.h"

namespace guidon::tools {

// Any thread.
class ServedFile {
 public:
  ServedFile(std::string path, const Acceptance& app) : path_(std::move(path)), app_(app) {}

  struct Content {
    std::string bytes;
    std::string etag;  // quoted; the same bytes have the same one
    std::shared_ptr<const client::Datafile> datafile;
  };
  // What is served, which the file may have changed just now; null when nothing good was ever in it.
  std::shared_ptr<const Content> Current(Timestamp now);

  static std::shared_ptr<const Content> Of(std::string bytes, std::shared_ptr<const client::Datafile> datafile);

  // Of the last look: why the file is not what is served.
  Status status() const;

 private:
  struct Stamp {
    std::filesystem::file_time_type time{};
    std::uintmax_t size = 0;
    bool operator==(const Stamp& other) const { return time == other.time && size == other.size; }
  };
  Status Read(Timestamp now);

  const std::string path_;
  const Acceptance& app_;
  mutable std::mutex mutex_;
  Stamp stamp_;
  bool is_settled_ = false;
  std::shared_ptr<const Content> content_;
  Status status_;
};

}  // namespace guidon::tools
