#include "sdk/tools/served_file.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/hash/hash.h"
#include "sdk/tools/files.h"

namespace guidon::tools {
namespace {

// Two writings within a tick of the file system's clock look the same, so what was just written is looked at again.
constexpr std::chrono::seconds kSettledAfter(2);

std::string EtagOf(std::string_view bytes) {
  const Hash128 hash = HashBytes128(bytes);
  char text[40];
  std::snprintf(text, sizeof text, "\"%016llx%016llx\"", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return text;
}

}  // namespace

std::shared_ptr<const ServedFile::Content> ServedFile::Current(Timestamp now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::error_code error;
  Stamp stamp;
  stamp.time = std::filesystem::last_write_time(path_, error);
  if (!error) stamp.size = std::filesystem::file_size(path_, error);
  if (!error && is_settled_ && stamp == stamp_) return content_;
  stamp_ = stamp;
  is_settled_ = !error && std::filesystem::file_time_type::clock::now() - stamp.time > kSettledAfter;
  status_ = Read(now);
  return content_;
}

Status ServedFile::status() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return status_;
}

Status ServedFile::Read(Timestamp now) {
  Result<std::string> bytes = ReadFile(path_, limits::kDatafileBytes);
  if (!bytes.ok()) return bytes.status();
  if (content_ != nullptr && *bytes == content_->bytes) return Status();
  const auto taken = app_.Take(*bytes, now);
  if (!taken.ok()) return Status(taken.status().code(), path_ + ": " + taken.status().message());
  const Status may = client::Intake::MayReplace(**taken, content_ == nullptr ? nullptr : content_->datafile.get());
  if (!may.ok() && may.code() != StatusCode::kNotFound) return Status(may.code(), path_ + ": " + may.message());
  content_ = Of(*std::move(bytes), *taken);
  return Status();
}

std::shared_ptr<const ServedFile::Content> ServedFile::Of(std::string bytes,
                                                          std::shared_ptr<const client::Datafile> datafile) {
  auto content = std::make_shared<Content>();
  content->etag = EtagOf(bytes);
  content->bytes = std::move(bytes);
  content->datafile = std::move(datafile);
  return content;
}

}  // namespace guidon::tools
