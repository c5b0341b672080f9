#include "sdk/client/cells.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "guidon/flag.h"
#include "sdk/client/exposure_memory.h"
#include "sdk/client/pins.h"
#include "sdk/client/state.h"
#include "tests/unit/core/colliding_keys.h"

namespace guidon::client {
namespace {

using ruleset::ValueType;

TEST_CASE("a cell serves only the type it holds, and nothing while anything else is due") {
  struct Row {
    const char* name;
    std::uint64_t low;
    bool reads;
  };
  const Row rows[] = {
      {"an int", Cell::Wanted(ValueType::kInt), true},
      {"another type", Cell::Wanted(ValueType::kBool), false},
      {"armed", Cell::Wanted(ValueType::kInt) | Cell::kArmed, false},
      {"timed", Cell::Wanted(ValueType::kInt) | Cell::kTimed, false},
      {"no value", static_cast<std::uint64_t>(ValueType::kInt), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Cell cell;
    cell.Write(1, row.low, 42);
    std::uint64_t bits = 0;
    CHECK(cell.Read(ValueType::kInt, &bits) == row.reads);
    if (row.reads) CHECK(bits == 42);
  }
}

TEST_CASE("disarming does nothing once a writer came between") {
  Cell cell;
  const std::uint64_t armed = Cell::Wanted(ValueType::kBool) | Cell::kArmed;
  cell.Write(1, armed, 1);
  const std::uint64_t seen = cell.meta();
  CHECK(Cell::IsOf(seen, 1));
  CHECK(Cell::IsArmed(seen));
  cell.Write(2, armed, 1);
  cell.Disarm(seen);
  std::uint64_t bits = 0;
  CHECK_FALSE(cell.Read(ValueType::kBool, &bits));
  cell.Disarm(cell.meta());
  CHECK(cell.Read(ValueType::kBool, &bits));
}

TEST_CASE("cells stay where they are while the table grows, and readers find them meanwhile") {
  CellTable table;
  std::vector<std::string> keys;
  for (int i = 0; i < 3'000; ++i) keys.push_back("flag-" + std::to_string(i));
  Cell* first = table.FindOrAdd(keys[0], HashKey(keys[0]));
  std::atomic<bool> stop{false};
  std::atomic<int> missed{0};
  std::thread reader([&] {
    while (!stop) {
      if (table.Find(keys[0], HashKey(keys[0])) != first) ++missed;
    }
  });
  for (const std::string& key : keys) (void)table.FindOrAdd(key, HashKey(key));
  stop = true;
  reader.join();
  CHECK(missed == 0);
  for (const std::string& key : keys) CHECK(table.Find(key, HashKey(key)) != nullptr);
  CHECK(table.Find("absent", HashKey("absent")) == nullptr);
}

TEST_CASE(
    "of keys chosen to collide few have a cell, so that looking for one stays quick, and hardly any other loses its") {
  CellTable table;
  const std::vector<std::string> colliding = testing::CollidingKeys(5'000);
  const auto add = [&](const std::string& key) { return table.FindOrAdd(key, HashKey(key)) != nullptr ? 1u : 0u; };
  std::size_t cells = 0;
  for (const std::string& key : colliding) cells += add(key);
  CHECK(cells == 128);
  // Every publication tries again, and a table that grew has room.
  for (int round = 0; round < 2; ++round) {
    cells = 0;
    for (int i = 0; i < 4'000; ++i) cells += add("flag-" + std::to_string(i));
  }
  CHECK(cells > 3'950);
  std::size_t found = 0;
  for (const std::string& key : colliding) found += table.Find(key, HashKey(key)) != nullptr ? 1u : 0u;
  std::size_t all = 0;
  table.ForEach([&](const std::string&, Cell*) { ++all; });
  CHECK(found == 128);
  CHECK(all == 128 + cells);
}

TEST_CASE("a reader never sees the value of one write under the mark of another") {
  Cell cell;
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  cell.Write(1, Cell::Wanted(ValueType::kInt), 0);
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::uint64_t bits = 0;
      while (!stop) {
        // Ints are even, doubles odd.
        if (cell.Read(ValueType::kInt, &bits) && bits % 2 != 0) ++torn;
        if (cell.Read(ValueType::kDouble, &bits) && bits % 2 != 1) ++torn;
      }
    });
  }
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    cell.Write(i + 2, Cell::Wanted(i % 2 == 0 ? ValueType::kInt : ValueType::kDouble), i);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(torn == 0);
}

std::unique_ptr<const State> StateOf(std::int64_t n) {
  Inputs inputs;
  inputs.install_id = std::to_string(n);
  return std::make_unique<const State>(std::move(inputs), TimestampFromMs(n));
}

TEST_CASE("a pinned State stays readable while others are published over it") {
  Pins pins(StateOf(0));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const Pins::Pin pin = pins.Acquire();
        if (pin->inputs.install_id != std::to_string(ToMs(pin->decided_at))) ++wrong;
      }
    });
  }
  for (std::int64_t n = 1; n < 20'000; ++n) {
    auto next = StateOf(n);
    while (!pins.Publish(&next)) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(wrong == 0);
  CHECK(pins.Acquire()->inputs.install_id == "19999");
}

TEST_CASE("when every slot is pinned the newest State waits until one is let go") {
  Pins pins(StateOf(0));
  std::vector<Pins::Pin> held;
  std::unique_ptr<const State> next;
  std::int64_t n = 0;
  do {
    held.push_back(pins.Acquire());
    next = StateOf(++n);
  } while (pins.Publish(&next));
  CHECK(n == 64);
  CHECK(next != nullptr);
  CHECK(held.front()->inputs.install_id == "0");
  held.erase(held.begin());
  CHECK(pins.Publish(&next));
  CHECK(pins.Acquire()->inputs.install_id == "64");
}

TEST_CASE("the memory of exposures forgets before it grows") {
  auto memory = std::make_unique<ExposureMemory>();
  for (std::uint64_t i = 1; i < 10'000; ++i) {
    memory->Add(i * 0x9E3779B97F4A7C15u);
    CHECK(memory->Has(i * 0x9E3779B97F4A7C15u));
  }
  memory->Clear();
  CHECK_FALSE(memory->Has(9'999 * 0x9E3779B97F4A7C15u));
}

}  // namespace
}  // namespace guidon::client
