#include "tests/ports/temp_folder.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace guidon::test {
namespace {

constexpr uid_t kNobody = 65534;

}  // namespace

TempFolder::TempFolder() {
  path_ = (std::filesystem::temp_directory_path() / "guidon-test-XXXXXX").string();
  REQUIRE(mkdtemp(&path_[0]) != nullptr);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::Read(const std::string& name) const {
  std::ifstream file(Path(name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

void TempFolder::Write(const std::string& name, const std::string& content) const {
  std::ofstream file(Path(name), std::ios::binary | std::ios::trunc);
  file << content;
  REQUIRE(file.flush().good());
}

bool TempFolder::Has(const std::string& name) const { return std::filesystem::exists(Path(name)); }

std::vector<std::string> TempFolder::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

unsigned TempFolder::Mode(const std::string& name) const {
  struct stat about = {};
  REQUIRE(stat(Path(name).c_str(), &about) == 0);
  return about.st_mode & 0777u;
}

ReadOnlyFolder::ReadOnlyFolder(const TempFolder& folder) : path_(folder.path()), was_root_(geteuid() == 0) {
  if (was_root_) {
    for (const std::string& name : folder.Names()) REQUIRE(chown(folder.Path(name).c_str(), kNobody, gid_t(-1)) == 0);
    REQUIRE(chown(path_.c_str(), kNobody, gid_t(-1)) == 0);
    REQUIRE(seteuid(kNobody) == 0);
  }
  REQUIRE(chmod(path_.c_str(), 0500) == 0);
}

ReadOnlyFolder::~ReadOnlyFolder() {
  if (was_root_ && seteuid(0) != 0) FAIL("cannot become root again");
  chmod(path_.c_str(), 0700);
}

}  // namespace guidon::test
