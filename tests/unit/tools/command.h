// The `guidon` command, run as people and scripts run it.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace guidon::tools {

struct Outcome {
  int exit_code = -1;
  std::string output;  // both streams
};

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "guidon-command-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline Outcome Run(const std::string& arguments, const char* streams = "2>&1") {
  Outcome out;
  const std::string line = std::string("'") + GUIDON_COMMAND + "' " + arguments + " " + streams;
  std::FILE* pipe = popen(line.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char chunk[4096];
  while (const std::size_t size = std::fread(chunk, 1, sizeof chunk, pipe)) out.output.append(chunk, size);
  out.exit_code = WEXITSTATUS(pclose(pipe));
  return out;
}

inline bool Says(const Outcome& outcome, const std::string& text) {
  return outcome.output.find(text) != std::string::npos;
}

}  // namespace guidon::tools
