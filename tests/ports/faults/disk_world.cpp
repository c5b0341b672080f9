#include "tests/ports/faults/disk_world.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

namespace guidon::test {

std::set<std::string> DiskWorld::Names() const {
  std::set<std::string> names;
  for (const auto& entry : collector.events) {
    const auto name = entry.second.find("guidon.event.name");
    if (name == entry.second.end() || name->second.empty()) continue;
    CAPTURE(name->second);
    CHECK(names.insert(name->second).second);
  }
  return names;
}

std::string FastFolder() {
  std::error_code none;
  const std::filesystem::path memory = "/dev/shm";
  const auto base = std::filesystem::is_directory(memory, none) ? memory : std::filesystem::temp_directory_path();
  std::string made = (base / "guidon-faults-XXXXXX").string();
  REQUIRE((mkdtemp(&made[0]) != nullptr));
  return made;
}

}  // namespace guidon::test
