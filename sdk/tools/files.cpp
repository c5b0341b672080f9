#include "sdk/tools/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace guidon::tools {
namespace {

struct Closer {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, Closer>;

Status Failed(const std::string& path, const char* what) {
  const StatusCode code = errno == ENOENT   ? StatusCode::kNotFound
                          : errno == EACCES ? StatusCode::kPermissionDenied
                          : errno == ENOSPC ? StatusCode::kOutOfSpace
                                            : StatusCode::kUnavailable;
  return Status(code, std::string("cannot ") + what + " " + path + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t most) {
  const File file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file) return Failed(path, "read");
  std::string out;
  char chunk[16384];
  while (const std::size_t size = std::fread(chunk, 1, sizeof chunk, file.get())) {
    if (out.size() + size > most)
      return Status(StatusCode::kTooLarge, path + " is larger than " + std::to_string(most) + " bytes");
    out.append(chunk, size);
  }
  if (std::ferror(file.get()) != 0) return Failed(path, "read");
  return out;
}

Status WriteFile(const std::string& path, std::string_view bytes) {
  const std::string part = path + ".part";
  std::FILE* file = std::fopen(part.c_str(), "wb");
  if (file == nullptr) return Failed(part, "write");
  const bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool is_closed = std::fclose(file) == 0;
  if (!is_written || !is_closed) {
    const Status status = Failed(part, "write");
    std::remove(part.c_str());
    return status;
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    const Status status = Failed(path, "replace");
    std::remove(part.c_str());
    return status;
  }
  return Status();
}

Status WriteSecretFile(const std::string& path, std::string_view bytes) {
#if defined(_WIN32)
  std::FILE* file = std::fopen(path.c_str(), "wbx");
#else
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  std::FILE* file = descriptor >= 0 ? ::fdopen(descriptor, "wb") : nullptr;
#endif
  if (file == nullptr) {
    if (errno == EEXIST) {
      return Status(StatusCode::kInvalidArgument, path + " is there already, and a key is never overwritten");
    }
    return Failed(path, "write");
  }
  const bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool is_closed = std::fclose(file) == 0;
  if (is_written && is_closed) return Status();
  const Status status = Failed(path, "write");
  std::remove(path.c_str());
  return status;
}

}  // namespace guidon::tools
