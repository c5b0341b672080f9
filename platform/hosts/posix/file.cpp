#include "platform/hosts/posix/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "platform/hosts/posix/errors.h"

namespace guidon {
namespace {

// Returns errno, or 0.
int Overwrite(int fd) noexcept {
  struct stat about = {};
  if (fstat(fd, &about) != 0) return errno;
  if (!S_ISREG(about.st_mode)) return 0;
  static constexpr char kZeros[16u << 10] = {};
  for (off_t left = about.st_size; left > 0;) {
    const auto piece = static_cast<std::size_t>(std::min<off_t>(left, sizeof(kZeros)));
    const ssize_t done = write(fd, kZeros, piece);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return errno;
    left -= done;
  }
  return SyncFile(fd);
}

}  // namespace

Descriptor::~Descriptor() { Close(); }

int Descriptor::Close() noexcept {
  if (fd_ < 0) return 0;
  const int result = close(std::exchange(fd_, -1));
  return result == 0 || errno == EINTR ? 0 : errno;
}

Descriptor OpenFile(const std::string& path, int flags) noexcept {
  for (;;) {
    const int fd = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 || errno != EINTR) return Descriptor(fd);
  }
}

int SyncFile(int fd) noexcept {
#if defined(F_FULLFSYNC)
  // Apple's fsync leaves the data in the drive's cache. Some file systems know only fsync.
  if (fcntl(fd, F_FULLFSYNC) == 0) return 0;
#endif
  for (;;) {
    if (fsync(fd) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

int SyncFolder(const std::string& folder) noexcept {
  const Descriptor fd = OpenFile(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!fd) return errno;
  const int error = SyncFile(fd.get());
  return error == EINVAL || error == ENOTSUP ? 0 : error;
}

Status EraseFile(const std::string& path, const std::string& name) {
  Descriptor fd = OpenFile(path, O_WRONLY | O_NONBLOCK);
  if (!fd && errno == ENOENT) return Status();
  // A file that cannot be overwritten is removed all the same; the first trouble is what is reported.
  int error = fd ? Overwrite(fd.get()) : errno;
  fd.Close();
  if (unlink(path.c_str()) != 0) return ErrnoStatus(name, "cannot remove", errno);
  if (error != 0) return ErrnoStatus(name, "removed, but not overwritten", error);
  return Status();
}

}  // namespace guidon
