// SQLite's files on a disk that may lose what was written and not synced, as it would without power: any of it, in any
// order, also while a commit is under way. Nothing is lost to the process that writes.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace guidon::test {

// While it lives every SQLite database of this process that is opened is on it. One at a time, on one thread.
class CutDisk {
 public:
  CutDisk();
  ~CutDisk();
  CutDisk(const CutDisk&) = delete;  // SQLite points here
  CutDisk& operator=(const CutDisk&) = delete;

  // Writes, syncs and truncations so far.
  std::size_t calls() const { return calls_; }
  // `cut` is called once, before the n-th call takes place.
  void CutAt(std::size_t n, std::function<void()> cut);
  // Makes `copy` of the database at `path` as it may be after a power cut now; the files beside it are its own to copy.
  void Copy(const std::string& path, const std::string& copy, std::mt19937* random) const;

  // What the file system does: a write, or a truncation where nothing is there after it.
  struct Change {
    std::size_t at = 0;
    std::string before, after;
    std::size_t size_before = 0;  // of the file
    bool is_cut = false;
  };
  void Noticed();
  std::vector<Change>* Unsynced(const std::string& path) { return &unsynced_[path]; }
  void Deleted(const std::string& path) { unsynced_[path].clear(); }

 private:
  std::size_t calls_ = 0;
  std::size_t cut_at_ = 0;
  std::function<void()> cut_;
  std::map<std::string, std::vector<Change>> unsynced_;
};

}  // namespace guidon::test
