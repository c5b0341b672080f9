// A folder of the test's own, gone with all it holds at the end.
#pragma once

#include <string>
#include <vector>

namespace guidon::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;  // owns what is on the disk
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(const std::string& name) const { return path_ + "/" + name; }

  std::string Read(const std::string& name) const;  // empty when there is none
  void Write(const std::string& name, const std::string& content) const;
  bool Has(const std::string& name) const;
  std::vector<std::string> Names() const;        // sorted
  unsigned Mode(const std::string& name) const;  // permission bits

 private:
  std::string path_;
};

// While it lives, `folder` may be read and not written by this process, also when it runs as root: then it becomes
// nobody for as long.
class ReadOnlyFolder {
 public:
  explicit ReadOnlyFolder(const TempFolder& folder);
  ~ReadOnlyFolder();
  ReadOnlyFolder(const ReadOnlyFolder&) = delete;  // changes the process
  ReadOnlyFolder& operator=(const ReadOnlyFolder&) = delete;

 private:
  std::string path_;
  bool was_root_;
};

}  // namespace guidon::test
