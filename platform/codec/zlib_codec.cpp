#include <zlib.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, with gzip's header and checksum
constexpr std::size_t kPiece = 16u << 10;

// zlib counts in unsigned int. What the client compresses is bounded far below.
bool Fits(std::string_view in) { return in.size() <= std::numeric_limits<uInt>::max() / 2; }

Bytef* Input(std::string_view in) { return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data())); }

class Zlib final : public Codec {
 public:
  bool Gzip(std::string_view in, std::string* out) override {
    if (!Fits(in)) return false;
    z_stream stream = {};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
    out->resize(deflateBound(&stream, static_cast<uLong>(in.size())));
    stream.next_in = Input(in);
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(&(*out)[0]);
    stream.avail_out = static_cast<uInt>(out->size());
    const int result = deflate(&stream, Z_FINISH);
    out->resize(stream.total_out);
    deflateEnd(&stream);
    return result == Z_STREAM_END;
  }

  Status Gunzip(std::string_view in, std::size_t most, std::string* out) override {
    out->clear();
    if (!Fits(in)) return Status(StatusCode::kTooLarge, "gzip: more input than can be read at once");
    z_stream stream = {};
    stream.next_in = Input(in);
    stream.avail_in = static_cast<uInt>(in.size());
    if (inflateInit2(&stream, kGzip) != Z_OK) return Status(StatusCode::kInternal, "gzip: out of memory");
    Status status = Inflate(&stream, most, out);
    inflateEnd(&stream);
    return status;
  }

 private:
  static Status Inflate(z_stream* stream, std::size_t most, std::string* out) {
    Bytef piece[kPiece];
    for (;;) {
      stream->next_out = piece;
      stream->avail_out = kPiece;
      const int result = inflate(stream, Z_NO_FLUSH);
      const std::size_t got = kPiece - stream->avail_out;
      if (got > most - out->size()) {
        return Status(StatusCode::kTooLarge, "gzip: holds more than " + std::to_string(most) + " bytes");
      }
      out->append(reinterpret_cast<const char*>(piece), got);
      if (result == Z_STREAM_END) {
        if (stream->avail_in == 0) return Status();
        return Status(StatusCode::kCorrupt,
                      "gzip: " + std::to_string(stream->avail_in) + " bytes behind the end of the member");
      }
      if (result == Z_MEM_ERROR) return Status(StatusCode::kInternal, "gzip: out of memory");
      if (result != Z_OK && result != Z_BUF_ERROR) {
        return Status(StatusCode::kCorrupt, std::string("gzip: ") + (stream->msg != nullptr ? stream->msg : "damaged"));
      }
      // With room left in the piece, only more input could have led on.
      if (stream->avail_in == 0 && stream->avail_out != 0) return Status(StatusCode::kCorrupt, "gzip: cut short");
    }
  }
};

}  // namespace

std::shared_ptr<Codec> ZlibCodec() { return std::make_shared<Zlib>(); }

}  // namespace guidon
