#include "samples/collector/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace guidon::collector {

Result<std::string> Gunzip(std::string_view packed, std::size_t most, std::size_t most_ratio) {
  constexpr std::size_t kChunk = 64u << 10;
  // Tiny bodies may have any ratio.
  const std::size_t bound = std::min(most, std::max(kChunk, packed.size() * most_ratio));
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return Status(StatusCode::kInternal, "zlib has no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int code = Z_OK;
  while (code == Z_OK) {
    const std::size_t before = out.size();
    out.resize(before + kChunk);
    stream.next_out = reinterpret_cast<Bytef*>(&out[before]);
    stream.avail_out = kChunk;
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > bound) {
      return Status(StatusCode::kTooLarge, "the body unpacks to more than " + std::to_string(bound) + " bytes");
    }
  }
  if (code != Z_STREAM_END) return Status(StatusCode::kCorrupt, "the body is not whole gzip");
  if (stream.avail_in > 0) return Status(StatusCode::kCorrupt, "there is something behind the gzip body");
  return out;
}

}  // namespace guidon::collector
