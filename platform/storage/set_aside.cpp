#include "platform/storage/set_aside.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "platform/hosts/posix/errors.h"
#include "platform/hosts/posix/file.h"

namespace guidon {
namespace {

constexpr char kMark[] = ".corrupt-";

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status RenameIfThere(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return Status();
  return ErrnoStatus(FileName(from), "cannot set aside", errno);
}

}  // namespace

std::string FileName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Status SetDatabaseAside(const std::string& path, long long now_ms) {
  std::string aside = path + kMark + std::to_string(now_ms);
  while (access(aside.c_str(), F_OK) == 0) aside = path + kMark + std::to_string(++now_ms);
  // The database last: while it is still there under its own name, the next start sets the rest aside again.
  for (const char* suffix : {"-wal", "-shm", ""}) {
    if (Status status = RenameIfThere(path + suffix, aside + suffix); !status.ok()) return status;
  }
  if (const int error = SyncFolder(FolderOf(path)); error != 0) {
    return ErrnoStatus(FileName(path), "set aside, but not durably", error);
  }
  return Status();
}

Status EraseDatabase(const std::string& path) {
  Status first;
  // The database first: without it SQLite takes nothing from the rest.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    Status status = EraseFile(path + suffix, FileName(path) + suffix);
    if (first.ok()) first = std::move(status);
  }
  if (const int error = SyncFolder(FolderOf(path)); error != 0 && error != ENOENT && first.ok()) {
    return ErrnoStatus(FileName(path), "removed, but not durably", error);
  }
  return first;
}

Status EraseSetAside(const std::string& path) {
  const std::string folder = FolderOf(path);
  const std::string prefix = FileName(path) + kMark;
  std::vector<std::string> names;
  {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
    if (!entries && errno == ENOENT) return Status();
    if (!entries) return ErrnoStatus(FileName(path), "cannot list its folder", errno);
    while (const dirent* entry = readdir(entries.get())) {
      std::string name = entry->d_name;
      if (name.compare(0, prefix.size(), prefix) == 0) names.push_back(std::move(name));
    }
  }
  Status first;
  for (const std::string& name : names) {
    Status status = EraseFile(folder + "/" + name, name);
    if (first.ok()) first = std::move(status);
  }
  return first;
}

}  // namespace guidon
