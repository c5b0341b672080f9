// Unpacks one gzip member; gunzip.cpp is the collector's only file that names zlib.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon::collector {

// kTooLarge as soon as it holds more than `most` bytes or unpacks to more than `most_ratio` times its own size, before
// memory is spent on it; kCorrupt when it is damaged, cut short, or has anything behind it.
Result<std::string> Gunzip(std::string_view packed, std::size_t most, std::size_t most_ratio);

}  // namespace guidon::collector
