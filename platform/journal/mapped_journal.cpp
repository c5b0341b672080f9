// A segment is a file, written in full before it is mapped: a store into a hole on a full disk would kill the app.
// Locks are in folder_lock.h.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/vfs.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/platform_parts.h"
#include "platform/hosts/posix/errors.h"
#include "platform/hosts/posix/file.h"
#include "platform/journal/folder_lock.h"

namespace guidon {
namespace {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free && sizeof(std::atomic<std::uint64_t>) == 8,
              "processes share words");

constexpr std::size_t kMostSegmentNameBytes = 100;
constexpr std::size_t kMostWords = std::size_t{1} << 23;  // 64 MiB
constexpr std::string_view kSegmentEnding = "_segment";   // names of ours have no underscore

bool IsSegmentName(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMostSegmentNameBytes || name.front() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

// Where the file lies on another machine, which sees stores into the mapping when it pleases.
bool IsRemote(int fd) noexcept {
#if defined(__linux__)
  struct statfs about = {};
  if (fstatfs(fd, &about) != 0) return false;
  switch (static_cast<std::uint32_t>(about.f_type)) {
    case 0x6969u:      // nfs
    case 0x517Bu:      // smb
    case 0xFE534D42u:  // smb2
    case 0xFF534D42u:  // cifs
    case 0x5346414Fu:  // afs
    case 0x73757245u:  // coda
    case 0x00C36400u:  // ceph
      return true;
    default: return false;
  }
#else
  (void)fd;
  return false;
#endif
}

// Returns errno, or 0.
int Fill(int fd, std::size_t size) noexcept {
#if !defined(__APPLE__)
  // A file system that cannot tell beforehand finds out below, by writing.
  const int error = posix_fallocate(fd, 0, static_cast<off_t>(size));
  if (error != 0 && error != EINVAL && error != EOPNOTSUPP && error != EINTR) return error;
#endif
  static constexpr char kZeros[64u << 10] = {};
  for (std::size_t done = 0; done < size;) {
    const ssize_t wrote = pwrite(fd, kZeros, std::min(sizeof kZeros, size - done), static_cast<off_t>(done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return wrote < 0 ? errno : EIO;
    done += static_cast<std::size_t>(wrote);
  }
  return 0;
}

class Mapping {
 public:
  Mapping(void* at, std::size_t size) noexcept : at_(at), size_(size) {}
  ~Mapping() { (void)munmap(at_, size_); }
  Mapping(const Mapping&) = delete;  // unmaps once
  Mapping& operator=(const Mapping&) = delete;

 private:
  void* at_;
  std::size_t size_;
};

Result<JournalSegment> MapFile(int fd, std::size_t size, std::string_view name) {
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return ErrnoStatus(name, "cannot map", errno);
  JournalSegment segment;
  segment.words = static_cast<std::atomic<std::uint64_t>*>(at);
  segment.size = size / sizeof(std::uint64_t);
  segment.mapping = std::make_shared<Mapping>(at, size);
  return segment;
}

class FolderJournal final : public Journal {
 public:
  explicit FolderJournal(std::string folder) : folder_(std::move(folder)) {}

  Result<JournalSegment> Create(std::string_view name, std::size_t words) override {
    if (Status status = Check(name); !status.ok()) return status;
    if (words == 0 || words > kMostWords) return Status(StatusCode::kInvalidArgument, "a segment of no such size");
    (void)mkdir(folder_.c_str(), 0700);
    const std::string path = Path(name, kSegmentEnding);
    const Descriptor fd = OpenFile(path, O_RDWR | O_CREAT | O_EXCL);
    if (!fd) return ErrnoStatus(name, "cannot create", errno);
    Result<JournalSegment> segment = Fresh(fd.get(), words * sizeof(std::uint64_t), name);
    if (!segment.ok()) (void)unlink(path.c_str());
    return segment;
  }

  Result<JournalSegment> Map(std::string_view name) override {
    if (Status status = Check(name); !status.ok()) return status;
    const Descriptor fd = OpenFile(Path(name, kSegmentEnding), O_RDWR | O_NONBLOCK);
    if (!fd) return ErrnoStatus(name, "cannot open", errno);
    struct stat about = {};
    if (fstat(fd.get(), &about) != 0) return ErrnoStatus(name, "cannot look at it", errno);
    const auto size = static_cast<std::size_t>(std::max<off_t>(about.st_size, 0)) / 8 * 8;
    if (!S_ISREG(about.st_mode) || size == 0 || size / 8 > kMostWords) {
      return Status(StatusCode::kCorrupt, std::string(name) + ": not a segment");
    }
    // One with holes was not made here, or not to its end; a store into it could kill the process.
    if (static_cast<std::uintmax_t>(about.st_blocks) * 512 < size) {
      return Status(StatusCode::kCorrupt, std::string(name) + ": its room is not all there");
    }
    return MapFile(fd.get(), size, name);
  }

  Result<std::vector<std::string>> List() override {
    std::vector<std::string> names;
    if (folder_.empty()) return Check("a");
    DIR* folder = opendir(folder_.c_str());
    if (folder == nullptr && errno == ENOENT) return names;
    if (folder == nullptr) return ErrnoStatus("the journal", "cannot list its folder", errno);
    while (const dirent* entry = readdir(folder)) {
      const std::string_view file = entry->d_name;
      if (file.size() <= kSegmentEnding.size()) continue;
      const std::string_view name = file.substr(0, file.size() - kSegmentEnding.size());
      if (file.substr(name.size()) == kSegmentEnding && IsSegmentName(name)) names.emplace_back(name);
    }
    (void)closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status Remove(std::string_view name) override {
    if (Status status = Check(name); !status.ok()) return status;
    const Status removed = EraseFile(Path(name, kSegmentEnding), std::string(name));
    return removed;
  }

  Result<std::shared_ptr<void>> TryLock(std::string_view name) override {
    if (Status status = Check(name); !status.ok()) return status;
    (void)mkdir(folder_.c_str(), 0700);
    return TryFolderLock(folder_, name);
  }

 private:
  static Result<JournalSegment> Fresh(int fd, std::size_t size, std::string_view name) {
    if (IsRemote(fd)) {
      return Status(StatusCode::kUnsupported, std::string(name) + ": the folder lies on another machine");
    }
    if (const int error = Fill(fd, size); error != 0) return ErrnoStatus(name, "cannot make room", error);
    return MapFile(fd, size, name);
  }

  Status Check(std::string_view name) const {
    if (folder_.empty()) return Status(StatusCode::kInvalidArgument, "no folder was named to keep a journal in");
    if (IsSegmentName(name)) return Status();
    return Status(StatusCode::kInvalidArgument, "a segment's name must be letters, digits, dots and dashes");
  }

  std::string Path(std::string_view name, std::string_view ending) const {
    return (folder_ + "/").append(name).append(ending);
  }

  const std::string folder_;
};

}  // namespace

std::shared_ptr<Journal> MappedJournal(std::string folder) {
  return std::make_shared<FolderJournal>(std::move(folder));
}

}  // namespace guidon
