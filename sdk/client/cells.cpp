#include "sdk/client/cells.h"

#include "guidon/limits.h"

namespace guidon::client {
namespace {

constexpr std::size_t kFirstSize = 64;
constexpr std::size_t kMostCells = 2 * limits::kFlags;

}  // namespace

CellTable::CellTable() {
  tables_.push_back(std::make_unique<Table>(kFirstSize));
  table_.store(tables_.back().get(), std::memory_order_release);
}

void CellTable::Insert(Table* table, Named* named) noexcept {
  std::uint64_t at = named->hash & table->mask;
  while (table->entries[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & table->mask;
  table->entries[at].store(named, std::memory_order_release);
}

Cell* CellTable::FindOrAdd(std::string_view key, std::uint64_t hash) {
  if (Cell* known = Find(key, hash)) return known;
  if (cells_.size() >= kMostCells) return nullptr;
  cells_.emplace_back();
  Named& named = cells_.back();
  named.key = std::string(key);
  named.hash = hash;
  Table* table = tables_.back().get();
  const std::size_t size = static_cast<std::size_t>(table->mask) + 1;
  if (cells_.size() * 2 <= size) {
    Insert(table, &named);
    return &named.cell;
  }
  tables_.push_back(std::make_unique<Table>(size * 2));
  table = tables_.back().get();
  for (Named& known : cells_) Insert(table, &known);
  table_.store(table, std::memory_order_release);
  return &named.cell;
}

}  // namespace guidon::client
