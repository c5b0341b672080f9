#include "tests/ports/faults/cut_disk.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <utility>

namespace guidon::test {
namespace {

namespace fs = std::filesystem;

CutDisk* disk = nullptr;
sqlite3_vfs* real = nullptr;

struct File {
  sqlite3_file base;
  std::vector<CutDisk::Change>* unsynced;  // null: of no name
  sqlite3_file* Inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* In(sqlite3_file* file) { return Of(file)->Inner(); }

void Note(File* file, long long at, std::string after, long long size, bool is_cut) {
  if (file->unsynced == nullptr) return;
  CutDisk::Change change;
  sqlite3_file* inner = file->Inner();
  long long size_before = 0;
  (void)inner->pMethods->xFileSize(inner, &size_before);
  change.at = static_cast<std::size_t>(at);
  change.size_before = static_cast<std::size_t>(size_before);
  change.is_cut = is_cut;
  const long long there = std::max(0LL, std::min(at + size, size_before) - at);
  change.before.resize(static_cast<std::size_t>(there));
  if (there > 0) (void)inner->pMethods->xRead(inner, &change.before[0], static_cast<int>(there), at);
  change.after = std::move(after);
  file->unsynced->push_back(std::move(change));
}

int Close(sqlite3_file* f) { return In(f)->pMethods->xClose(In(f)); }
int Read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) { return In(f)->pMethods->xRead(In(f), to, size, at); }
int Write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
  disk->Noticed();
  Note(Of(f), at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(size)), size, false);
  return In(f)->pMethods->xWrite(In(f), from, size, at);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  disk->Noticed();
  sqlite3_int64 now = 0;
  (void)In(f)->pMethods->xFileSize(In(f), &now);
  Note(Of(f), size, std::string(), std::max<sqlite3_int64>(0, now - size), true);
  return In(f)->pMethods->xTruncate(In(f), size);
}
int Sync(sqlite3_file* f, int flags) {
  disk->Noticed();
  if (Of(f)->unsynced != nullptr) Of(f)->unsynced->clear();
  return In(f)->pMethods->xSync(In(f), flags);
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) { return In(f)->pMethods->xFileSize(In(f), size); }
int Lock(sqlite3_file* f, int how) { return In(f)->pMethods->xLock(In(f), how); }
int Unlock(sqlite3_file* f, int how) { return In(f)->pMethods->xUnlock(In(f), how); }
int CheckLock(sqlite3_file* f, int* is) { return In(f)->pMethods->xCheckReservedLock(In(f), is); }
int Control(sqlite3_file* f, int what, void* with) { return In(f)->pMethods->xFileControl(In(f), what, with); }
int SectorSize(sqlite3_file* f) { return In(f)->pMethods->xSectorSize(In(f)); }
int Device(sqlite3_file* f) { return In(f)->pMethods->xDeviceCharacteristics(In(f)); }
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** at) {
  return In(f)->pMethods->xShmMap(In(f), page, size, extend, at);
}
int ShmLock(sqlite3_file* f, int from, int n, int flags) { return In(f)->pMethods->xShmLock(In(f), from, n, flags); }
void ShmBarrier(sqlite3_file* f) { In(f)->pMethods->xShmBarrier(In(f)); }
int ShmUnmap(sqlite3_file* f, int remove) { return In(f)->pMethods->xShmUnmap(In(f), remove); }

// Version 2: without mapped reads, so all goes through here.
const sqlite3_io_methods kMethods = {2,       Close,      Read,      Write,   Truncate,   Sync,   FileSize,
                                     Lock,    Unlock,     CheckLock, Control, SectorSize, Device, ShmMap,
                                     ShmLock, ShmBarrier, ShmUnmap,  nullptr, nullptr};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  File* opened = new (file) File();
  const int result = real->xOpen(real, name, opened->Inner(), flags, out_flags);
  opened->base.pMethods = opened->Inner()->pMethods == nullptr ? nullptr : &kMethods;
  opened->unsynced = name == nullptr ? nullptr : disk->Unsynced(name);
  return result;
}

int Delete(sqlite3_vfs*, const char* name, int sync) {
  disk->Deleted(name);
  return real->xDelete(real, name, sync);
}

sqlite3_vfs vfs;

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

CutDisk::CutDisk() {
  REQUIRE((disk == nullptr));
  disk = this;
  real = sqlite3_vfs_find(nullptr);
  vfs = *real;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  vfs.zName = "guidon-cut";
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  REQUIRE(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

CutDisk::~CutDisk() {
  (void)sqlite3_vfs_unregister(&vfs);
  (void)sqlite3_vfs_register(real, 1);
  disk = nullptr;
}

void CutDisk::CutAt(std::size_t n, std::function<void()> cut) {
  cut_at_ = n;
  cut_ = std::move(cut);
}

void CutDisk::Noticed() {
  if (++calls_ == cut_at_ && cut_) std::exchange(cut_, nullptr)();
}

void CutDisk::Copy(const std::string& path, const std::string& copy, std::mt19937* random) const {
  for (const char* ending : {"", "-wal"}) {
    if (!fs::exists(path + ending)) continue;
    std::string bytes = ReadAll(path + ending);
    const auto found = unsynced_.find(path + ending);
    const std::vector<Change> none;
    const std::vector<Change>& changes = found == unsynced_.end() ? none : found->second;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
      if (bytes.size() < change->at + change->before.size()) bytes.resize(change->at + change->before.size());
      std::copy(change->before.begin(), change->before.end(), bytes.begin() + static_cast<std::ptrdiff_t>(change->at));
      bytes.resize(change->size_before);
    }
    const std::size_t odds = (*random)() % 5;  // 0: nothing was written after the last sync, 4: all was
    for (const Change& change : changes) {
      if ((*random)() % 4 >= odds) continue;
      const std::size_t end = change.at + change.after.size();
      if (change.is_cut || bytes.size() < end) bytes.resize(end);
      std::copy(change.after.begin(), change.after.end(), bytes.begin() + static_cast<std::ptrdiff_t>(change.at));
    }
    std::ofstream(copy + ending, std::ios::binary | std::ios::trunc) << bytes;
  }
}

}  // namespace guidon::test
