// An app that is set back to an earlier version of the library: what the later one left stays for it.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/events/journal_world.h"

namespace guidon::events::test {
namespace {

// What tells one version's segments from another's: the last byte of either copy of the header's first word.
void SetVersion(std::vector<std::atomic<std::uint64_t>>* words, std::uint64_t version) {
  for (const std::size_t copy : {std::size_t{0}, std::size_t{4}}) {
    (*words)[copy] = ((*words)[copy] & ~std::uint64_t{0xFF}) | version;
  }
}

TEST_CASE("what a later version accepted waits for it, and is neither taken for damage nor applied twice") {
  JournalWorld world;
  world.settings.collector_url.clear();
  world.Begin();
  world.Run();
  world.TrackMany(10);
  world.Commit();
  world.TrackMany(5);
  const std::string name = world.journal->List()->at(0);
  const auto words = world.journal->Words(name);
  world.Kill();
  SetVersion(words.get(), 2);

  // The app was set back to this version.
  world.Begin();
  world.TrackMany(3);
  world.Commit();
  world.RunFor(std::chrono::minutes(5));
  world.Restart();
  world.RunFor(std::chrono::minutes(5));
  CHECK(world.accepted.size() == 13);
  CHECK(world.Lost("corrupt") == 0);
  CHECK(world.Balances());
  CHECK((world.journal->Words(name) == words));

  // The later one is back.
  SetVersion(words.get(), 1);
  world.Restart();
  world.RunFor(std::chrono::minutes(5));
  CHECK(world.accepted.size() == 18);
  CHECK(world.ledger().accepted == 18);
  CHECK(world.Balances());
  CHECK((world.journal->Words(name) == nullptr));
}

TEST_CASE("an erasure takes what a later version accepted") {
  JournalWorld world;
  world.Begin();
  world.Run();
  world.TrackMany(5);
  const std::string name = world.journal->List()->at(0);
  world.Kill();
  SetVersion(world.journal->Words(name).get(), 2);
  world.Begin();
  world.Run();
  CHECK(world.Erase().ok());
  world.RunFor(std::chrono::minutes(1));
  CHECK((world.journal->Words(name) == nullptr));
}

}  // namespace
}  // namespace guidon::events::test
