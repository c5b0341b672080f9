// The client inside a library that is unloaded while the process lives on: no thread, no mapping and no memory of it
// stays behind.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/loopback_server.h"

namespace guidon::test {
namespace {

namespace fs = std::filesystem;

class Plugin {
 public:
  Plugin() : library_(dlopen(GUIDON_UNLOAD_MODULE, RTLD_NOW | RTLD_LOCAL)) {
    REQUIRE_MESSAGE(library_ != nullptr, dlerror());
  }
  // Unloads it.
  ~Plugin() { CHECK(dlclose(library_) == 0); }
  Plugin(const Plugin&) = delete;  // loaded once
  Plugin& operator=(const Plugin&) = delete;

  void Open(const std::string& folder, const std::string& collector) {
    Function<void(const char*, const char*)>("PluginOpen")(folder.c_str(), collector.c_str());
  }
  void Tell(int count) { Function<void(int)>("PluginTell")(count); }
  int Close() { return Function<int()>("PluginClose")(); }

 private:
  template <class F>
  F* Function(const char* name) {
    void* const found = dlsym(library_, name);
    REQUIRE(found != nullptr);
    return reinterpret_cast<F*>(found);
  }
  void* const library_;
};

std::ptrdiff_t Threads() {
  const fs::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

// Whether anything of the plug-in, or of Guidon as a library of its own, is mapped.
bool IsMapped() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::string file = line.substr(line.find_last_of('/') + 1);
    if (file.find("unload_module") != std::string::npos || file.rfind("libguidon", 0) == 0) return true;
  }
  return false;
}

class StateFolder {
 public:
  StateFolder() {
    std::string pattern = (fs::temp_directory_path() / "guidon-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~StateFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string path;
};

TEST_CASE("a library with a client in it is loaded and unloaded fifty times, and nothing of it stays") {
  const StateFolder folder;
  const auto threads = Threads();
  std::size_t heap = 0;
  for (int round = 1; round <= 50; ++round) {
    CAPTURE(round);
    {
      Plugin plugin;
      CHECK(IsMapped());
      plugin.Open(folder.path, "");
      plugin.Tell(3);
      CHECK(plugin.Close() == 3 * round);
    }
    CHECK(Threads() == threads);
    CHECK_FALSE(IsMapped());
    if (round == 20) heap = mallinfo2().uordblks;
  }
  // The loader and the libraries below keep a few bytes each time; a client that stayed would be kilobytes.
  CHECK(static_cast<double>(mallinfo2().uordblks) - static_cast<double>(heap) < 30 * 1024.0);
}

TEST_CASE("requests that were under way go with the library, too") {
  const StateFolder folder;
  LoopbackServer server([](const LoopbackRequest&) { return LoopbackAnswer{200, {}, "{}", "application/json"}; });
  for (int round = 1; round <= 10; ++round) {
    CAPTURE(round);
    {
      Plugin plugin;
      plugin.Open(folder.path, server.Url("/v1/logs"));
      plugin.Tell(3);
      CHECK(plugin.Close() == 3);
    }
    CHECK_FALSE(IsMapped());
  }
}

TEST_CASE("unloading ends a client that nobody closed, and what was told is there for the next") {
  const StateFolder folder;
  const auto threads = Threads();
  {
    Plugin plugin;
    plugin.Open(folder.path, "");
    plugin.Tell(5);
  }
  CHECK(Threads() == threads);
  CHECK_FALSE(IsMapped());
  Plugin again;
  again.Open(folder.path, "");
  CHECK(again.Close() == 5);
}

}  // namespace
}  // namespace guidon::test
