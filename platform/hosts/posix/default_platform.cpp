#include "guidon/default_platform.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#ifdef __APPLE__
#include <TargetConditionals.h>
#endif

#include <cstddef>
#include <memory>
#include <string>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

// Readable by their owner alone. What goes wrong shows when a port first uses the folder, with the port's own words.
void MakeFolders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    mkdir(path.substr(0, slash).c_str(), 0700);
  }
  mkdir(path.c_str(), 0700);
}

std::string OsName() {
#if defined(__ANDROID__)
  return "Android";
#elif defined(__APPLE__) && TARGET_OS_IPHONE
  return "iOS";
#elif defined(__APPLE__)
  return "macOS";
#else
  utsname system = {};
  return uname(&system) == 0 ? system.sysname : std::string();
#endif
}

}  // namespace

Platform DefaultPlatform(const std::string& state_dir) {
  if (!state_dir.empty()) MakeFolders(state_dir);
  Platform platform;
  platform.clock = SystemClock();
  platform.entropy = OsEntropy();
  platform.waker = WorkerThread(platform.clock);
  platform.http = CurlHttp(platform.clock);
  platform.storage = SqliteStorage(state_dir.empty() ? std::string() : state_dir + "/state.db");
  if (!state_dir.empty()) platform.journal = MappedJournal(state_dir + "/journal");
  platform.files = DiskFiles(state_dir);
  platform.crypto = OpenSslCrypto();
  platform.codec = ZlibCodec();
  platform.patterns = Re2Patterns();
  platform.fork_guard = SystemForkGuard();
  platform.local_overrides = EnvironmentOverrides();
  platform.os_name = OsName();
  return platform;
}

}  // namespace guidon
