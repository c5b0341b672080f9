// A file is replaced by writing a temporary one beside it, making that durable, and renaming it over: at every moment
// one of the two whole contents is there. Names of temporary files are fixed, so a crash leaves at most one a file; it
// is locked while it is written, so processes that share the folder do not write into each other's.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "guidon/platform_parts.h"
#include "platform/hosts/posix/errors.h"
#include "platform/hosts/posix/file.h"

namespace guidon {
namespace {

constexpr std::size_t kMostNameBytes = 100;
// An underscore, which names of ours cannot have.
constexpr char kTemporary[] = "_new";

bool IsPlain(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMostNameBytes || name.front() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

// Returns errno, or 0.
int WriteAll(int fd, std::string_view content) noexcept {
  while (!content.empty()) {
    const ssize_t done = write(fd, content.data(), content.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(done));
  }
  return 0;
}

class FolderFiles final : public Files {
 public:
  explicit FolderFiles(std::string folder) : folder_(std::move(folder)) {}

  Result<std::string> Read(std::string_view name, std::size_t most) override {
    if (Status status = Check(name); !status.ok()) return status;
    // Not to wait for the other end, should it be a pipe.
    const Descriptor fd = OpenFile(Path(name), O_RDONLY | O_NONBLOCK);
    if (!fd) return ErrnoStatus(name, "cannot open", errno);
    struct stat about = {};
    if (fstat(fd.get(), &about) != 0) return ErrnoStatus(name, "cannot look at it", errno);
    if (!S_ISREG(about.st_mode)) return Status(StatusCode::kInternal, std::string(name) + ": not a file");
    const Status too_large(StatusCode::kTooLarge, std::string(name) + ": more than " + std::to_string(most) + " bytes");
    if (static_cast<std::uintmax_t>(about.st_size) > most) return too_large;

    std::string content;
    content.reserve(static_cast<std::size_t>(about.st_size));
    char piece[16u << 10];
    for (;;) {
      const ssize_t got = read(fd.get(), piece, sizeof(piece));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus(name, "cannot read", errno);
      if (got == 0) return content;
      if (static_cast<std::size_t>(got) > most - content.size()) return too_large;
      content.append(piece, static_cast<std::size_t>(got));
    }
  }

  Status Replace(std::string_view name, std::string_view content) override {
    if (Status status = Check(name); !status.ok()) return status;
    const std::string temporary = Path(name) + kTemporary;
    const Result<Descriptor> file = WriteTemporary(temporary, name, content);
    if (!file.ok()) return file.status();
    if (std::rename(temporary.c_str(), Path(name).c_str()) != 0) {
      const int error = errno;
      unlink(temporary.c_str());
      return ErrnoStatus(name, "cannot replace", error);
    }
    return Synced(name);
  }

  Status Create(std::string_view name, std::string_view content) override {
    if (Status status = Check(name); !status.ok()) return status;
    const Status taken(StatusCode::kUnavailable, std::string(name) + ": is there already");
    struct stat about = {};
    if (lstat(Path(name).c_str(), &about) == 0) return taken;
    const std::string temporary = Path(name) + kTemporary;
    const Result<Descriptor> file = WriteTemporary(temporary, name, content);
    if (!file.ok()) return file.status();
    const int error = link(temporary.c_str(), Path(name).c_str()) == 0 ? 0 : errno;
    unlink(temporary.c_str());
    if (error == EEXIST) return taken;
    // A file system without a second name for a file.
    if (error == EPERM || error == EOPNOTSUPP) return ErrnoStatus(name, "cannot create", EOPNOTSUPP);
    return error == 0 ? Synced(name) : ErrnoStatus(name, "cannot create", error);
  }

  Status Remove(std::string_view name) override {
    if (Status status = Check(name); !status.ok()) return status;
    const Status temporary = EraseFile(Path(name) + kTemporary, std::string(name));
    if (Status status = EraseFile(Path(name), std::string(name)); !status.ok()) return status;
    if (!temporary.ok()) return temporary;
    const Status synced = Synced(name);
    return synced.code() == StatusCode::kNotFound ? Status() : synced;  // no folder, so no file
  }

 private:
  Status Check(std::string_view name) const {
    if (folder_.empty()) return Status(StatusCode::kInvalidArgument, "no folder was named to keep files in");
    if (IsPlain(name)) return Status();
    return Status(StatusCode::kInvalidArgument, "a file's name must be letters, digits, dots and dashes");
  }

  std::string Path(std::string_view name) const { return (folder_ + "/").append(name); }

  // Locked until it is closed, which is for after it got its name.
  static Result<Descriptor> LockTemporary(const std::string& path, std::string_view name) {
    for (;;) {
      Descriptor fd = OpenFile(path, O_WRONLY | O_CREAT);
      if (!fd) return ErrnoStatus(name, "cannot create", errno);
      // Where nothing can be locked nothing is.
      if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return Status(StatusCode::kUnavailable, std::string(name) + ": another process writes it just now");
      }
      // Whoever had it locked has named it meanwhile.
      struct stat opened = {}, named = {};
      if (fstat(fd.get(), &opened) != 0 || stat(path.c_str(), &named) != 0) continue;
      if (opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) return fd;
    }
  }

  static Result<Descriptor> WriteTemporary(const std::string& path, std::string_view name, std::string_view content) {
    Result<Descriptor> file = LockTemporary(path, name);
    if (!file.ok()) return file;
    Status status;
    if (ftruncate(file->get(), 0) != 0) status = ErrnoStatus(name, "cannot write", errno);
    if (const int error = status.ok() ? WriteAll(file->get(), content) : 0; error != 0) {
      status = ErrnoStatus(name, "cannot write", error);
    }
    if (const int error = status.ok() ? SyncFile(file->get()) : 0; error != 0) {
      status = ErrnoStatus(name, "cannot make durable", error);
    }
    if (status.ok()) return file;
    unlink(path.c_str());
    return status;
  }

  Status Synced(std::string_view name) const {
    const int error = SyncFolder(folder_);
    return error == 0 ? Status() : ErrnoStatus(name, "cannot make its folder durable", error);
  }

  const std::string folder_;
};

}  // namespace

std::shared_ptr<Files> DiskFiles(std::string folder) { return std::make_shared<FolderFiles>(std::move(folder)); }

}  // namespace guidon
