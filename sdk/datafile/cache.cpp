// The file, for good: one byte 0x01, eight bytes hash of the address, two bytes length of the ETag (little-endian), the
// ETag, the datafile. The first byte is none that a datafile begins with.
#include "sdk/datafile/cache.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/hash/hash.h"

namespace guidon::datafile {
namespace {

constexpr std::string_view kFileName = "datafile";
constexpr char kFormat = 0x01;
constexpr std::size_t kSourceBytes = 8;
constexpr std::size_t kEtagSizeAt = 1 + kSourceBytes;
constexpr std::size_t kEtagAt = kEtagSizeAt + 2;

std::string SourceOf(std::string_view url) {
  const std::uint64_t hash = HashBytes64(url);
  std::string bytes;
  for (std::size_t i = 0; i < kSourceBytes; ++i) bytes += static_cast<char>(hash >> (8 * i) & 0xFFu);
  return bytes;
}

Status Corrupt(const char* reason) { return Status(StatusCode::kCorrupt, std::string("cached datafile: ") + reason); }

}  // namespace

Cache::Cache(std::shared_ptr<Files> files, std::string_view url) : files_(std::move(files)), source_(SourceOf(url)) {}

Status Cache::Keep(std::string_view bytes, std::string_view etag) {
  if (files_ == nullptr) return Status(StatusCode::kUnsupported, "the platform has no files to keep a datafile in");
  if (bytes.size() > limits::kDatafileBytes) {
    return Status(StatusCode::kTooLarge, "the datafile has " + std::to_string(bytes.size()) + " bytes");
  }
  if (etag.size() > kMostEtagBytes) etag = {};
  std::string content;
  content.reserve(kEtagAt + etag.size() + bytes.size());
  content += kFormat;
  content += source_;
  content += static_cast<char>(etag.size() & 0xFFu);
  content += static_cast<char>(etag.size() >> 8);
  content += etag;
  content += bytes;
  return files_->Replace(kFileName, content);
}

Result<CachedDatafile> Cache::Read() {
  if (files_ == nullptr) return Status(StatusCode::kNotFound, "the platform has no files");
  Result<std::string> content = files_->Read(kFileName, kEtagAt + kMostEtagBytes + limits::kDatafileBytes);
  if (!content.ok()) return content.status();
  if (content->size() < kEtagAt) return Corrupt("cut short in its header");
  if (content->front() != kFormat) return Corrupt("of an unknown format");
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>((*content)[at]));
  };
  const std::size_t etag_size = byte(kEtagSizeAt) | byte(kEtagSizeAt + 1) << 8;
  if (etag_size > kMostEtagBytes) return Corrupt("its ETag is too long");
  if (content->size() <= kEtagAt + etag_size) return Corrupt("cut short before the datafile");

  CachedDatafile cached;
  if (content->compare(1, kSourceBytes, source_) == 0) cached.etag = content->substr(kEtagAt, etag_size);
  content->erase(0, kEtagAt + etag_size);
  cached.bytes = *std::move(content);
  return cached;
}

}  // namespace guidon::datafile
