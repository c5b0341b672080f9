// A world whose journal and store outlive its processes.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/memory_journal.h"
#include "tests/unit/events/world.h"

namespace guidon::events::test {

class CountedEntropy final : public Entropy {
 public:
  explicit CountedEntropy(unsigned first = 0) : drawn_(first) {}
  bool Fill(unsigned char* out, std::size_t size) noexcept override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(++drawn_);
    return true;
  }

 private:
  unsigned drawn_;
};

// One whose store outlives the process, as the journal does.
class KeptStore final : public Storage {
 public:
  void Open(std::function<void(Result<StorageOpened>)> done) override {
    StorageOpened opened;
    opened.durability = Durability::kMachine;
    done(opened);
  }
  void Commit(StorageBatch batch, std::function<void(Status)> done) override {
    store_.Commit(std::move(batch), std::move(done));
  }
  void Read(std::string from, std::string to, std::size_t most_bytes,
            std::function<void(Result<std::vector<Row>>)> done) override {
    store_.Read(std::move(from), std::move(to), most_bytes, std::move(done));
  }
  void EraseAll(std::function<void(Status)> done) override { store_.EraseAll(std::move(done)); }
  void Close(std::function<void()> done) override { store_.Close(std::move(done)); }

 private:
  MemoryStore store_;
};

class JournalWorld : public World {
 public:
  explicit JournalWorld(std::shared_ptr<Storage> store = std::make_shared<KeptStore>()) : World(std::move(store)) {
    ports.journal = journal;
    ports.entropy = std::make_shared<CountedEntropy>();
  }
  Ledger ledger() const { return delivery->ledger(); }
  std::set<std::string> Names() {
    std::set<std::string> names;
    for (auto& entry : collector.events) CHECK(names.insert(entry.second["guidon.event.name"]).second);
    return names;
  }
  std::shared_ptr<guidon::test::MemoryJournal> journal = std::make_shared<guidon::test::MemoryJournal>();
};

}  // namespace guidon::events::test
