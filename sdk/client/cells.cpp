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

bool CellTable::Insert(Table* table, Named* named) noexcept {
  for (std::uint64_t looks = 0; looks < kMostLooks; ++looks) {
    std::atomic<Named*>& entry = table->entries[(named->hash + looks) & table->mask];
    if (entry.load(std::memory_order_relaxed) != nullptr) continue;
    entry.store(named, std::memory_order_release);
    return true;
  }
  return false;
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
  if (cells_.size() * 2 > size) {
    tables_.push_back(std::make_unique<Table>(size * 2));
    table = tables_.back().get();
    for (std::size_t i = 0; i + 1 < cells_.size(); ++i) Insert(table, &cells_[i]);
    table_.store(table, std::memory_order_release);
  }
  if (Insert(table, &named)) return &named.cell;
  cells_.pop_back();
  return nullptr;
}

}  // namespace guidon::client
