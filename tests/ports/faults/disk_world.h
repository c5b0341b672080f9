// The events room on a fake clock over real files: SQLite and a mapped journal in a state folder that can be copied,
// damaged and opened again.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "guidon/platform_parts.h"
#include "tests/unit/events/world.h"

namespace guidon::test {

class DiskWorld : public events::test::World {
 public:
  explicit DiskWorld(const std::string& state)
      : World(SqliteStorage(state + "/state.db")), folder(state), journal(MappedJournal(state + "/journal")) {
    ports.journal = journal;
    ports.entropy = OsEntropy();
  }
  ~DiskWorld() { Kill(); }
  Ledger ledger() const { return delivery->ledger(); }
  // Tells `count` events named by their number, from `next` on.
  void Tell(int count) {
    for (int i = 0; i < count; ++i, ++next) told_all = Track("n" + std::to_string(next)) && told_all;
  }
  // Names of tracked events that the collector has; no name under two ids.
  std::set<std::string> Names() const;

  const std::string folder;
  std::shared_ptr<Journal> journal;
  int next = 0;
  bool told_all = true;
};

// Where processes die and not the machine, memory does where there is some.
std::string FastFolder();

}  // namespace guidon::test
