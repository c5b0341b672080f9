// Files of the command line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon::tools {

// "-" is standard input. kTooLarge when it has more than `most` bytes.
Result<std::string> ReadFile(const std::string& path, std::size_t most = 64u << 20);

// Replaces the file whole: what was there stays until the new one is complete and on the disk. Behind a symbolic link
// it is the file that the link leads to. A device or a pipe is written to as it is.
Status WriteFile(const std::string& path, std::string_view bytes);

// Creates it for its owner alone; kInvalidArgument when there is one already.
Status WriteSecretFile(const std::string& path, std::string_view bytes);

}  // namespace guidon::tools
