#include "sdk/client/evaluation_notes.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "guidon/limits.h"
#include "sdk/core/base/text.h"
#include "sdk/core/hash/hash.h"

namespace guidon::client {
namespace {

// So that with the longest names it is an event that every sink takes.
constexpr std::size_t kMostTogether = 64;

bool MayTravel(std::string_view name) { return name.size() <= limits::kKeyBytes && text::IsUtf8(name); }

}  // namespace

std::uint64_t EvaluationNotes::HashOf(std::string_view flag, std::string_view variant, Reason reason) noexcept {
  const std::uint64_t hash = HashBytes64(flag) * 31 + HashBytes64(variant) + static_cast<std::uint64_t>(reason) + 1;
  return std::max<std::uint64_t>(hash * 0x9E37'79B9'7F4A'7C15u, 1);
}

bool EvaluationNotes::Has(std::uint64_t hash) const noexcept {
  for (std::size_t i = 0; i < kEntries; ++i) {
    const std::uint64_t entry = hashes_[(hash + i) % kEntries].load(std::memory_order_relaxed);
    if (entry == hash) return true;
    if (entry == 0) break;
  }
  return count_.load(std::memory_order_relaxed) >= kMostNotes;
}

bool EvaluationNotes::Add(std::uint64_t hash, std::string_view flag, std::string_view variant, Reason reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Has(hash)) return false;
  std::size_t at = hash % kEntries;
  while (hashes_[at].load(std::memory_order_relaxed) != 0) at = (at + 1) % kEntries;
  hashes_[at].store(hash, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  if (!flag.empty() && MayTravel(flag) && MayTravel(variant)) {
    Object note{{"flag", Value(flag)}, {"reason", Value(ReasonName(reason))}};
    if (!variant.empty()) note.push_back({"variant", Value(variant)});
    untold_.emplace_back(std::move(note));
  }
  return !std::exchange(is_in_hour_, true);
}

List EvaluationNotes::Take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (untold_.size() <= kMostTogether) return std::exchange(untold_, {});
  const auto end = untold_.begin() + kMostTogether;
  List taken(std::make_move_iterator(untold_.begin()), std::make_move_iterator(end));
  untold_.erase(untold_.begin(), end);
  return taken;
}

void EvaluationNotes::Forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  untold_.clear();
  for (auto& hash : hashes_) hash.store(0, std::memory_order_relaxed);
  count_.store(0, std::memory_order_relaxed);
}

void EvaluationNotes::EndHour() {
  Forget();
  const std::lock_guard<std::mutex> lock(mutex_);
  is_in_hour_ = false;
}

}  // namespace guidon::client
