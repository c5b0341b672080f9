// The ports for the system at hand: libcurl, SQLite, OpenSSL, zlib, the system's clock and entropy, one worker thread.
#pragma once

#include <string>

#include "guidon/export.h"
#include "guidon/platform.h"

namespace guidon {

// `state_dir` is a folder of the client's own, made when it is missing; nothing else should write to it. A folder that
// cannot be used costs durability, not the client: its status says so. Replace any port before handing it on.
GUIDON_EXPORT Platform DefaultPlatform(const std::string& state_dir);

}  // namespace guidon
