#include "samples/collector/served_datafile.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>

#include "guidon/limits.h"
#include "sdk/core/hash/hash.h"

namespace guidon::collector {
namespace {

// Two writings within a tick of the file system's clock look the same; so a file that was just written is read again.
constexpr std::chrono::seconds kSettled(2);

std::optional<std::string> ReadWhole(const std::string& path) {
  constexpr std::size_t kMost = limits::kDatafileBytes + 1;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes(kMost, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

std::string EtagOf(std::string_view bytes) {
  const Hash128 hash = HashBytes128(bytes);
  char text[40];
  std::snprintf(text, sizeof(text), "\"%016llx%016llx\"", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text;
}

}  // namespace

std::shared_ptr<const ServedDatafile::Content> ServedDatafile::Current(std::int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Stamp stamp;
  if (!ReadStamp(&stamp)) {
    status_ = Status(StatusCode::kNotFound, path_ + ": cannot be read");
    is_settled_ = false;
    return content_;
  }
  if (is_settled_ && stamp == stamp_) return content_;
  stamp_ = stamp;
  is_settled_ = std::filesystem::file_time_type::clock::now() - stamp.time > kSettled;
  Read(now_ms);
  return content_;
}

Status ServedDatafile::status() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return status_;
}

bool ServedDatafile::ReadStamp(Stamp* stamp) {
  std::error_code error;
  stamp->time = std::filesystem::last_write_time(path_, error);
  if (error) return false;
  stamp->size = std::filesystem::file_size(path_, error);
  return !error;
}

void ServedDatafile::Read(std::int64_t now_ms) {
  std::optional<std::string> bytes = ReadWhole(path_);
  if (!bytes) {
    status_ = Status(StatusCode::kNotFound, path_ + ": cannot be read");
    return;
  }
  if (content_ != nullptr && status_.ok() && *bytes == content_->bytes) return;
  // Archived before it is served: no device may state an exposure under a version that is unknown here.
  const Status archived = archive_->Add(*bytes, now_ms);
  status_ = archived.ok() ? Status() : Status(archived.code(), path_ + ": " + archived.message());
  if (!archived.ok()) {
    is_settled_ = false;
    return;
  }
  auto content = std::make_shared<Content>();
  content->etag = EtagOf(*bytes);
  content->bytes = *std::move(bytes);
  content_ = std::move(content);
}

}  // namespace guidon::collector
