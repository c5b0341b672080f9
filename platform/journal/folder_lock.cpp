#include "platform/journal/folder_lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <utility>

#include "platform/hosts/posix/errors.h"
#include "platform/hosts/posix/file.h"
#include "platform/hosts/posix/process_mark.h"

namespace guidon {
namespace {

// Names of locks have no underscore.
constexpr std::string_view kEnding = "_lock";
// Held while a file that says something is taken over, so that two cannot do so at once.
constexpr std::string_view kHeirEnding = "_heir";
constexpr std::string_view kMagic = "guidon lock 1\n";
constexpr std::size_t kMostBytes = 512;

bool IsSameFile(const struct stat& a, const struct stat& b) noexcept {
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

// Whoever held it before may have removed the file after it was opened here; then it is nobody's lock.
bool IsNamed(int fd, const std::string& path) noexcept {
  struct stat opened = {}, named = {};
  return fstat(fd, &opened) == 0 && stat(path.c_str(), &named) == 0 && IsSameFile(opened, named);
}

// Returns errno, or 0.
int Flock(int fd) noexcept {
  for (;;) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

std::string Content(int fd) {
  char text[kMostBytes];
  const ssize_t size = pread(fd, text, sizeof text, 0);
  return size <= 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
}

// The mark of the process that holds the lock, by what its file says; empty when it says none.
std::string_view HolderIn(std::string_view content) noexcept {
  if (content.substr(0, kMagic.size()) != kMagic) return std::string_view();
  const std::size_t end = content.find('\n', kMagic.size());
  return end == std::string_view::npos ? std::string_view() : content.substr(kMagic.size(), end - kMagic.size());
}

// Which lock it is, wherever its file is now.
std::string_view LockIn(std::string_view content) noexcept {
  const std::size_t mark_end = content.find('\n', kMagic.size());
  return mark_end == std::string_view::npos ? std::string_view() : content.substr(mark_end + 1);
}

// Letting go removes the file first, while nobody else can have the lock.
struct Held {
  Held(Descriptor descriptor, std::string named) : fd(std::move(descriptor)), path(std::move(named)), owner(getpid()) {}
  ~Held() {
    // A copy of the process lets go of nothing.
    if (getpid() == owner && IsNamed(fd.get(), path)) (void)unlink(path.c_str());
  }
  Held(const Held&) = delete;  // one lock
  Held& operator=(const Held&) = delete;
  Descriptor fd;
  std::string path;
  pid_t owner;
};

class FolderLock {
 public:
  FolderLock(const std::string& folder, std::string_view name)
      : name_(name),
        path_((folder + "/").append(name).append(kEnding)),
        heir_((folder + "/").append(name).append(kHeirEnding)),
        mark_(ProcessMark()) {
    struct stat about = {};
    (void)stat(folder.c_str(), &about);
    lock_ = std::to_string(about.st_dev) + " " + std::to_string(about.st_ino) + " " + name_ + "\n";
  }

  Result<std::shared_ptr<void>> Try() const {
    for (;;) {
      Descriptor fd = OpenFile(path_, O_RDWR | O_CREAT);
      if (!fd) return ErrnoStatus(name_, "cannot create its lock", errno);
      if (const int error = Flock(fd.get()); error == EWOULDBLOCK) {
        if (!HasEnded(HolderIn(Content(fd.get()))) || !RemoveUndead()) return Taken("locked by another");
        continue;
      } else if (error != 0) {
        return ErrnoStatus(name_, "cannot lock", error);
      }
      // What a process left that was killed. Until it says otherwise others may take this one for dead, too.
      std::shared_ptr<Held> heir;
      if (!Content(fd.get()).empty() && (heir = BecomeHeir()) == nullptr) return Taken("being taken over by another");
      if (!IsNamed(fd.get(), path_)) continue;
      if (IsCopied(fd.get())) return Taken("this process is a copy, by fork, of one that held it");
      if (const int error = Sign(fd.get()); error != 0) return ErrnoStatus(name_, "cannot sign its lock", error);
      return std::shared_ptr<void>(std::make_shared<Held>(std::move(fd), path_));
    }
  }

 private:
  Status Taken(const char* why) const { return Status(StatusCode::kUnavailable, name_ + ": " + why); }

  // Null while somebody else is.
  std::shared_ptr<Held> BecomeHeir() const {
    Descriptor fd = OpenFile(heir_, O_RDWR | O_CREAT);
    if (!fd || Flock(fd.get()) != 0 || !IsNamed(fd.get(), heir_)) return nullptr;
    return std::make_shared<Held>(std::move(fd), heir_);
  }

  // The file of a lock that only copies of a dead process keep.
  bool RemoveUndead() const {
    const std::shared_ptr<Held> heir = BecomeHeir();
    if (heir == nullptr) return false;
    const Descriptor fd = OpenFile(path_, O_RDWR);
    if (!fd) return errno == ENOENT;
    if (Flock(fd.get()) == 0) return true;  // not any more
    return HasEnded(HolderIn(Content(fd.get()))) && IsNamed(fd.get(), path_) && unlink(path_.c_str()) == 0;
  }

  // Returns errno, or 0.
  int Sign(int fd) const noexcept {
    const std::string text = std::string(kMagic).append(mark_).append("\n").append(lock_);
    if (ftruncate(fd, 0) != 0) return errno;
    const ssize_t wrote = pwrite(fd, text.data(), text.size(), 0);
    if (wrote < 0) return errno;
    return static_cast<std::size_t>(wrote) == text.size() ? 0 : EIO;
  }

  // Whether a file of this lock, other than `own`, is open here that another process has signed. Of the host's files no
  // more than their names is looked at, where the system tells them.
  bool IsCopied(int own) const {
    DIR* folder = opendir("/dev/fd");
    if (folder == nullptr) return false;
    bool is_copied = false;
    while (const dirent* entry = readdir(folder)) {
      const std::string_view text = entry->d_name;
      int fd = -1;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), fd);
      if (parsed.ec != std::errc() || fd == own) continue;
      const std::string path = std::string("/dev/fd/").append(text);
      char target[4096];
      const ssize_t size = readlink(path.c_str(), target, sizeof target);
      if (size > 0) {
        const std::string_view named(target, static_cast<std::size_t>(size));
        if (named.find(std::string("/").append(name_).append(kEnding)) == std::string_view::npos) continue;
        // Opened once more: what another thread has open may be closed at any moment.
        const Descriptor again(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        is_copied = is_copied || (again && IsSignedByAnother(again.get()));
      } else {
        is_copied = is_copied || IsSignedByAnother(fd);
      }
    }
    (void)closedir(folder);
    return is_copied;
  }

  bool IsSignedByAnother(int fd) const {
    struct stat about = {};
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return false;
    if (about.st_size == 0 || about.st_size > static_cast<off_t>(kMostBytes)) return false;
    const std::string content = Content(fd);
    const std::string_view holder = HolderIn(content);
    return !holder.empty() && LockIn(content) == lock_ && holder != mark_;
  }

  const std::string name_;
  const std::string path_;
  const std::string heir_;
  const std::string mark_;
  std::string lock_;
};

}  // namespace

Result<std::shared_ptr<void>> TryFolderLock(const std::string& folder, std::string_view name) {
  return FolderLock(folder, name).Try();
}

}  // namespace guidon
