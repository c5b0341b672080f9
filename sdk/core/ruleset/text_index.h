// A table from texts to numbers, filled once. Texts come from a datafile, so somebody may choose them such that they
// meet in one place of the table. Finding stays quick: where one hash spreads them badly another is taken, and where
// that does, too, they are sorted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace guidon::ruleset {

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

class TextIndex {
 public:
  // `texts` must be distinct and outlive the index unmoved.
  void Build(const std::vector<std::string_view>& texts);
  // The position in `texts`, or kNone.
  std::uint32_t Find(std::string_view text) const noexcept { return Find(text, Hash(text)); }
  std::uint32_t Find(std::string_view text, std::uint64_t hash) const noexcept;
  static std::uint64_t Hash(std::string_view text) noexcept;

  // How many entries are looked at when each of the texts is found once.
  std::uint64_t looks() const noexcept { return looks_; }

 private:
  enum class Order : std::uint8_t { kHash, kOtherHash, kSorted };
  struct Entry {
    std::uint64_t hash = 0;
    std::string_view text;
    std::uint32_t index = kNone;
  };
  bool Fill(const std::vector<std::string_view>& texts, Order order);
  void Sort(const std::vector<std::string_view>& texts);
  std::uint32_t FindSorted(std::string_view text) const noexcept;

  std::vector<Entry> entries_;  // a power of two, at most half full; when sorted just the texts
  std::uint64_t mask_ = 0;
  std::uint64_t looks_ = 0;
  Order order_ = Order::kHash;
};

}  // namespace guidon::ruleset
