#include "sdk/tools/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <system_error>

#if defined(_WIN32)
#include <io.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace guidon::tools {
namespace {

namespace fs = std::filesystem;

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

// Null, with errno EEXIST, when it is there already.
std::FILE* OpenNew(const std::string& path, int mode) {
#if defined(_WIN32)
  static_cast<void>(mode);
  return std::fopen(path.c_str(), "wbx");
#else
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  return descriptor >= 0 ? ::fdopen(descriptor, "wb") : nullptr;
#endif
}

// A new file beside `target`, its name in `part`. Null when there is none to be had; errno says why.
std::FILE* OpenPart(const std::string& target, std::string* part) {
  constexpr int kMostTries = 100;
  std::FILE* file = nullptr;
  std::random_device random;
  for (int i = 0; i < kMostTries && file == nullptr && (i == 0 || errno == EEXIST); ++i) {
    *part = target + "." + std::to_string(random()) + ".part";
    file = OpenNew(*part, 0666);
  }
  return file;
}

bool Sync(std::FILE* file) {
#if defined(_WIN32)
  return _commit(_fileno(file)) == 0;
#else
  return ::fsync(fileno(file)) == 0;
#endif
}

// When false, errno says why.
bool WriteAndClose(std::FILE* file, std::string_view bytes, bool is_synced) {
  const bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() && std::fflush(file) == 0 &&
                          (!is_synced || Sync(file));
  const int why = errno;
  const bool is_closed = std::fclose(file) == 0;
  if (!is_written) errno = why;
  return is_written && is_closed;
}

// The file that symbolic links lead to, there or not.
std::string BehindLinks(const std::string& path) {
  constexpr int kMostLinks = 40;
  fs::path at = path;
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(fs::symlink_status(at, error)); ++i) {
    const fs::path next = fs::read_symlink(at, error);
    if (error) break;
    at = at.parent_path() / next;  // an absolute one replaces all of it
  }
  return at.string();
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
  std::error_code error;
  const fs::file_status there = fs::status(path, error);
  if (fs::is_directory(there)) return Status(StatusCode::kInvalidArgument, "cannot write " + path + ": it is a folder");
  if (fs::exists(there) && !fs::is_regular_file(there)) {
    // A device or a pipe is written to; a file in its place would be something else.
    std::FILE* file = std::fopen(path.c_str(), "wb");
    return file != nullptr && WriteAndClose(file, bytes, false) ? Status() : Failed(path, "write");
  }
  const std::string target = BehindLinks(path);
  std::string part;
  std::FILE* file = OpenPart(target, &part);
  if (file == nullptr) return Failed(path, "write");
  Status status;
  if (!WriteAndClose(file, bytes, true)) {
    status = Failed(path, "write");
  } else {
    // On the file that was there before, who may read it stays as it was.
    if (fs::exists(there)) fs::permissions(part, there.permissions(), error);
    fs::rename(part, target, error);
    if (!error) return Status();
    errno = error.value();
    status = Failed(path, "replace");
  }
  std::remove(part.c_str());
  return status;
}

Status WriteSecretFile(const std::string& path, std::string_view bytes) {
  std::FILE* file = OpenNew(path, 0600);
  if (file == nullptr) {
    if (errno == EEXIST) {
      return Status(StatusCode::kInvalidArgument, path + " is there already, and a key is never overwritten");
    }
    return Failed(path, "write");
  }
  if (WriteAndClose(file, bytes, true)) return Status();
  const Status status = Failed(path, "write");
  std::remove(path.c_str());
  return status;
}

}  // namespace guidon::tools
