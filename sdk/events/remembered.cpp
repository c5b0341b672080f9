#include "sdk/events/remembered.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"

namespace guidon::events {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kScopeBytes = 10;  // of a key: what is stored, and for whom
constexpr std::uint64_t kThisInstallation = 0;

std::string ScopeKey(std::string_view prefix, std::uint64_t scope) {
  ByteWriter key;
  key.Raw(prefix);
  key.Fixed(scope);
  return key.Take();
}

std::optional<Timestamp> DecodeForgottenBefore(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return std::nullopt;
  const Timestamp before = TimestampFromMs(in.Signed());
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return before;
}

// Named things that are shared, as `Behavior` and `Showings` hold them.
template <class Map, class Key, class Encode>
void WriteNamedChanges(const Map& from, const Map& to, Key key, Encode encode, StorageBatch* batch) {
  auto old = from.begin();
  auto fresh = to.begin();
  while (old != from.end() || fresh != to.end()) {
    if (fresh == to.end() || (old != from.end() && old->first < fresh->first)) {
      const std::string gone = key(old->first);
      batch->erase.push_back({gone, gone + '\0'});
      ++old;
      continue;
    }
    const bool is_known = old != from.end() && old->first == fresh->first;
    if (!is_known || old->second != fresh->second) batch->put.push_back({key(fresh->first), encode(*fresh->second)});
    if (is_known) ++old;
    ++fresh;
  }
}

template <class T>
void WriteForgottenChange(const T& from, const T& to, std::string key, StorageBatch* batch) {
  if (from.forgotten_before() == to.forgotten_before()) return;
  batch->put.push_back({std::move(key), EncodeForgottenBefore(to.forgotten_before())});
}

using Buckets = std::vector<behavior::Series::Bucket>;

// The newest `most` of both. How many there are in both goes to `common`.
Buckets MergeBuckets(const Buckets& a, const Buckets& b, std::size_t most, std::uint64_t* common) {
  Buckets sum;
  sum.reserve(a.size() + b.size());
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->number < right->number)) {
      sum.push_back(*left++);
    } else if (left == a.end() || right->number < left->number) {
      sum.push_back(*right++);
    } else {
      const std::uint64_t count = std::uint64_t{left->count} + right->count;
      const std::uint64_t highest = std::numeric_limits<std::uint32_t>::max();
      sum.push_back({left->number, static_cast<std::uint32_t>(std::min(count, highest))});
      ++left;
      ++right;
      ++*common;
    }
  }
  if (sum.size() > most) sum.erase(sum.begin(), sum.end() - static_cast<std::ptrdiff_t>(most));
  return sum;
}

behavior::Series MergeSeries(const behavior::Series& a, const behavior::Series& b) {
  behavior::Series sum;
  std::uint64_t common_hours = 0;
  std::uint64_t common_days = 0;
  sum.hours = MergeBuckets(a.hours, b.hours, limits::kBehaviorHours, &common_hours);
  sum.days = MergeBuckets(a.days, b.days, limits::kBehaviorDays, &common_days);
  sum.ever = a.ever + std::min(b.ever, std::numeric_limits<std::uint64_t>::max() - a.ever);
  sum.ever_days = a.ever_days + b.ever_days;
  sum.ever_days -= std::min(common_days, sum.ever_days);
  sum.first = std::min(a.first, b.first);
  sum.last = std::max(a.last, b.last);
  sum.forgotten_before = std::max(a.forgotten_before, b.forgotten_before);
  return sum;
}

}  // namespace

StorageBatch::Range BehaviorRows() {
  return {ScopeKey("h/", kThisInstallation), ScopeKey("h/", kThisInstallation + 1)};
}
StorageBatch::Range ShowingsRows() {
  return {ScopeKey("c/", kThisInstallation), ScopeKey("c/", kThisInstallation + 1)};
}

std::string BehaviorKey(std::string_view event) { return ScopeKey("h/", kThisInstallation).append(event); }
std::string ShowingsKey(std::string_view campaign) { return ScopeKey("c/", kThisInstallation).append(campaign); }

std::string EncodeForgottenBefore(Timestamp before) {
  ByteWriter out;
  out.Byte(kVersion);
  out.Signed(ToMs(before));
  return out.Take();
}

bool ReadRow(const Row& row, behavior::Behavior* behavior) {
  std::string name = row.key.substr(std::min(kScopeBytes, row.key.size()));
  if (name.empty()) {
    const std::optional<Timestamp> before = DecodeForgottenBefore(row.value);
    if (before) behavior->ForgetBefore(*before);
    return before.has_value();
  }
  std::optional<behavior::Series> series = behavior::DecodeSeries(row.value);
  if (!series || name.size() > limits::kEventNameBytes) return false;
  behavior->Put(std::move(name), std::move(*series));
  return true;
}

bool ReadRow(const Row& row, prompts::Showings* showings) {
  std::string name = row.key.substr(std::min(kScopeBytes, row.key.size()));
  if (name.empty()) {
    const std::optional<Timestamp> before = DecodeForgottenBefore(row.value);
    if (before) showings->ForgetBefore(*before);
    return before.has_value();
  }
  std::optional<prompts::CampaignShowings> read = prompts::DecodeShowings(row.value);
  if (!read || name.size() > limits::kEventNameBytes) return false;
  showings->Put(std::move(name), std::move(*read));
  return true;
}

void WriteChanges(const behavior::Behavior& from, const behavior::Behavior& to, StorageBatch* batch) {
  WriteForgottenChange(from, to, BehaviorKey(""), batch);
  WriteNamedChanges(from.series(), to.series(), BehaviorKey, behavior::EncodeSeries, batch);
}

void WriteChanges(const prompts::Showings& from, const prompts::Showings& to, StorageBatch* batch) {
  WriteForgottenChange(from, to, ShowingsKey(""), batch);
  WriteNamedChanges(from.all(), to.all(), ShowingsKey, prompts::EncodeShowings, batch);
}

void Merge(const behavior::Behavior& more, Timestamp since, behavior::Behavior* into) {
  if (more.forgotten_before() > since) into->ForgetBefore(more.forgotten_before());
  for (const auto& entry : more.series()) {
    behavior::Series series = *entry.second;
    const behavior::Series* known = into->Find(entry.first);
    if (series.forgotten_before <= since) {
      series.forgotten_before = known != nullptr ? known->forgotten_before : into->forgotten_before();
    }
    into->Put(entry.first, known != nullptr ? MergeSeries(*known, series) : std::move(series));
  }
}

// Told again step by step; what is known already changes nothing.
void Merge(const prompts::Showings& more, Timestamp since, prompts::Showings* into) {
  if (more.forgotten_before() > since) into->ForgetBefore(more.forgotten_before());
  for (const auto& entry : more.all()) {
    for (const prompts::Showing& showing : entry.second->list) {
      prompts::Step step;
      step.campaign = entry.first;
      step.prompt = showing.prompt;
      step.is_held_out = showing.is_held_out;
      step.when = showing.began;
      into->Fold(step);
      if (showing.was_seen) {
        step.what = prompts::What::kImpression;
        into->Fold(step);
      }
      if (showing.is_open() || showing.is_held_out) continue;
      step.what = showing.end;
      step.when = showing.ended;
      step.snooze = showing.snooze;
      into->Fold(step);
    }
  }
}

}  // namespace guidon::events
