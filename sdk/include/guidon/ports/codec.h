// Port: gzip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon {

class Codec {
 public:
  virtual ~Codec() = default;

  // Replaces `out` by `in` as one gzip member. False when it cannot; `out` is then undefined. Any thread.
  virtual bool Gzip(std::string_view in, std::string* out) = 0;

  // Replaces `out` by what one gzip member holds. kTooLarge as soon as that is more than `most` bytes, before memory is
  // spent on it; kCorrupt when `in` is cut short, damaged, or has anything behind the member. Any thread.
  virtual Status Gunzip(std::string_view in, std::size_t most, std::string* out) = 0;
};

}  // namespace guidon
