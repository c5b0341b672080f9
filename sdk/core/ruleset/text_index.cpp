#include "sdk/core/ruleset/text_index.h"

#include <algorithm>

#include "guidon/flag.h"
#include "sdk/core/hash/hash.h"

namespace guidon::ruleset {
namespace {

// Of texts that nobody chose, the entries behind the place where each belongs are half as many as the texts, and none
// is so far from it that one in a million datafiles would see it.
constexpr std::uint64_t kMostBehind = 256;
constexpr std::uint64_t kFewBehind = 64;

std::uint64_t OtherHash(std::string_view text) noexcept { return HashBytes128(text).low; }

}  // namespace

// The app's flags carry this hash, made by the compiler.
std::uint64_t TextIndex::Hash(std::string_view text) noexcept { return HashKey(text); }

void TextIndex::Build(const std::vector<std::string_view>& texts) {
  if (!Fill(texts, Order::kHash) && !Fill(texts, Order::kOtherHash)) Sort(texts);
}

// False as soon as the texts are too far from their places: trying costs no more than what is good costs.
bool TextIndex::Fill(const std::vector<std::string_view>& texts, Order order) {
  std::size_t size = 4;
  while (size < texts.size() * 2) size *= 2;
  entries_.assign(size, Entry());
  mask_ = size - 1;
  order_ = order;
  const std::uint64_t most = texts.size() * 2 + kFewBehind;
  std::uint64_t all_behind = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::uint64_t hash = order == Order::kHash ? Hash(texts[i]) : OtherHash(texts[i]);
    std::uint64_t behind = 0;
    while (entries_[(hash + behind) & mask_].index != kNone) ++behind;
    all_behind += behind;
    if (behind > kMostBehind || all_behind > most) return false;
    entries_[(hash + behind) & mask_] = {hash, texts[i], static_cast<std::uint32_t>(i)};
  }
  looks_ = texts.size() + all_behind;
  return true;
}

void TextIndex::Sort(const std::vector<std::string_view>& texts) {
  entries_.clear();
  for (std::size_t i = 0; i < texts.size(); ++i) entries_.push_back({0, texts[i], static_cast<std::uint32_t>(i)});
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.text < b.text; });
  order_ = Order::kSorted;
  std::uint64_t halvings = 1;
  while (std::size_t{1} << halvings <= entries_.size()) ++halvings;
  looks_ = halvings * entries_.size();
}

std::uint32_t TextIndex::FindSorted(std::string_view text) const noexcept {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), text,
                                   [](const Entry& entry, std::string_view wanted) { return entry.text < wanted; });
  return at != entries_.end() && at->text == text ? at->index : kNone;
}

std::uint32_t TextIndex::Find(std::string_view text, std::uint64_t hash) const noexcept {
  if (entries_.empty()) return kNone;
  if (order_ == Order::kSorted) return FindSorted(text);
  if (order_ == Order::kOtherHash) hash = OtherHash(text);
  for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Entry& entry = entries_[at];
    if (entry.index == kNone) return kNone;
    if (entry.hash == hash && entry.text == text) return entry.index;
  }
}

}  // namespace guidon::ruleset
