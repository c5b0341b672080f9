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
#include "sdk/events/state.h"

namespace guidon::events {
namespace {

constexpr std::size_t kMostScopes = 1'000;  // that a later version may keep
constexpr std::size_t kEnrollmentPrefixBytes = 2;
constexpr std::size_t kScopeBytes = 10;  // of a key: what is stored, and for whom

std::string ScopeKey(std::string_view prefix, std::uint64_t scope) {
  ByteWriter key;
  key.Raw(prefix);
  key.Fixed(scope);
  return key.Take();
}

// Ends of a prefix such as "h/" sort before "h0".
StorageBatch::Range ScopeRows(std::string_view prefix, std::uint64_t scope) {
  const bool is_last = scope == std::numeric_limits<std::uint64_t>::max();
  return {ScopeKey(prefix, scope), is_last ? std::string(1, prefix[0]) + '0' : ScopeKey(prefix, scope + 1)};
}

std::optional<Timestamp> DecodeForgottenBefore(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kRowVersion) return std::nullopt;
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

void WriteScopeChanges(std::uint64_t scope, const Remembered& from, const Remembered& to, StorageBatch* batch) {
  if (from.behavior != to.behavior) {
    const auto key = [scope](std::string_view event) { return BehaviorKey(event, scope); };
    WriteForgottenChange(*from.behavior, *to.behavior, key(""), batch);
    WriteNamedChanges(from.behavior->series(), to.behavior->series(), key, behavior::EncodeSeries, batch);
  }
  if (from.showings != to.showings) {
    const auto key = [scope](std::string_view campaign) { return ShowingsKey(campaign, scope); };
    WriteForgottenChange(*from.showings, *to.showings, key(""), batch);
    WriteNamedChanges(from.showings->all(), to.showings->all(), key, prompts::EncodeShowings, batch);
  }
}

}  // namespace

StorageBatch::Range BehaviorRows(std::uint64_t scope) { return ScopeRows("h/", scope); }
StorageBatch::Range ShowingsRows(std::uint64_t scope) { return ScopeRows("c/", scope); }
StorageBatch::Range EnrollmentRows() { return {"y/", "y0"}; }

std::string BehaviorKey(std::string_view event, std::uint64_t scope) { return ScopeKey("h/", scope).append(event); }
std::string ShowingsKey(std::string_view campaign, std::uint64_t scope) {
  return ScopeKey("c/", scope).append(campaign);
}

std::string EncodeForgottenBefore(Timestamp before) {
  ByteWriter out;
  out.Byte(kRowVersion);
  out.Signed(ToMs(before));
  return out.Take();
}

std::string EncodeScopes(const Scopes& scopes) {
  ByteWriter out;
  out.Byte(kRowVersion);
  out.Signed(ToMs(scopes.forgotten_before()));
  out.Number(scopes.accounts().size());
  for (const std::uint64_t scope : scopes.accounts()) out.Fixed(scope);
  return out.Take();
}

std::optional<ScopeList> DecodeScopes(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kRowVersion) return std::nullopt;
  ScopeList list;
  list.forgotten_before = TimestampFromMs(in.Signed());
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    const std::uint64_t scope = in.Fixed();
    const bool is_known = std::find(list.accounts.begin(), list.accounts.end(), scope) != list.accounts.end();
    if (scope == kThisInstallation || is_known || list.accounts.size() == kMostScopes) return std::nullopt;
    list.accounts.push_back(scope);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return list;
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

bool ReadRow(const Row& row, enrollment::Enrollments* enrollments) {
  std::optional<enrollment::Enrollment> read = enrollment::DecodeEnrollment(row.value);
  return read && enrollments->Put(row.key.substr(std::min(kEnrollmentPrefixBytes, row.key.size())), std::move(*read));
}

void WriteChanges(const Scopes& from, const Scopes& to, StorageBatch* batch) {
  for (const auto& entry : from.kept()) {
    if (to.kept().count(entry.first) != 0) continue;
    batch->erase.push_back(BehaviorRows(entry.first));
    batch->erase.push_back(ShowingsRows(entry.first));
  }
  const Remembered none;
  for (const auto& entry : to.kept()) {
    const auto known = from.kept().find(entry.first);
    WriteScopeChanges(entry.first, known == from.kept().end() ? none : known->second, entry.second, batch);
  }
  if (from.accounts() == to.accounts() && from.forgotten_before() == to.forgotten_before()) return;
  batch->put.push_back({std::string(kScopesKey), EncodeScopes(to)});
}

void WriteChanges(const enrollment::Enrollments& from, const enrollment::Enrollments& to, StorageBatch* batch) {
  const auto key = [](std::string_view name) { return std::string(EnrollmentRows().from).append(name); };
  WriteNamedChanges(from.all(), to.all(), key, enrollment::EncodeEnrollment, batch);
}

// What `more` may have been told and forgotten is missing from names that it does not have.
void Merge(const behavior::Behavior& more, Timestamp since, behavior::Behavior* into) {
  if (more.forgotten_before() > since) {
    const behavior::Behavior before = *into;
    for (const auto& entry : before.series()) {
      if (more.Find(entry.first) != nullptr) continue;
      behavior::Series series = *entry.second;
      series.forgotten_before = std::max(series.forgotten_before, more.forgotten_before());
      into->Put(entry.first, std::move(series));
    }
  }
  for (const auto& entry : more.series()) {
    behavior::Series series = *entry.second;
    const behavior::Series* known = into->Find(entry.first);
    const Timestamp missing_before = known != nullptr ? known->forgotten_before : into->forgotten_before();
    series.forgotten_before =
        series.forgotten_before <= since ? missing_before : std::max(series.forgotten_before, missing_before);
    into->Put(entry.first, known != nullptr ? behavior::Join(*known, series) : std::move(series));
  }
  if (more.forgotten_before() > since) into->ForgetBefore(more.forgotten_before());
}

void Merge(const prompts::Showings& more, Timestamp since, prompts::Showings* into) {
  if (more.forgotten_before() > since) {
    const prompts::Showings before = *into;
    for (const auto& entry : before.all()) {
      if (more.all().count(entry.first) != 0) continue;
      prompts::CampaignShowings showings = *entry.second;
      showings.forgotten_before = std::max(showings.forgotten_before, more.forgotten_before());
      into->Put(entry.first, std::move(showings));
    }
  }
  for (const auto& entry : more.all()) {
    prompts::CampaignShowings showings = *entry.second;
    const std::shared_ptr<const prompts::CampaignShowings> known = into->Of(entry.first);
    if (showings.forgotten_before <= since) showings.forgotten_before = known->forgotten_before;
    into->Put(entry.first, prompts::Join(*known, showings));
  }
  if (more.forgotten_before() > since) into->ForgetBefore(more.forgotten_before());
}

void Merge(const Remembered& more, Timestamp since, Remembered* into) {
  if (!more.behavior->series().empty() || more.behavior->forgotten_before() > since) {
    auto behavior = std::make_shared<behavior::Behavior>(*into->behavior);
    Merge(*more.behavior, since, behavior.get());
    into->behavior = std::move(behavior);
  }
  if (!more.showings->all().empty() || more.showings->forgotten_before() > since) {
    auto showings = std::make_shared<prompts::Showings>(*into->showings);
    Merge(*more.showings, since, showings.get());
    into->showings = std::move(showings);
  }
}

void Merge(const Scopes& more, Timestamp since, Scopes* into) {
  const Remembered erased = more.fresh();
  for (const std::uint64_t scope : into->accounts()) {
    if (more.kept().count(scope) != 0) continue;
    Remembered joined = into->Of(scope);
    Merge(erased, since, &joined);
    into->Set(scope, std::move(joined));
  }
  const auto add = [&](std::uint64_t scope) {
    into->Use(scope);
    Remembered joined = into->Of(scope);
    Merge(more.Of(scope), since, &joined);
    into->Set(scope, std::move(joined));
  };
  add(kThisInstallation);
  for (const std::uint64_t scope : more.accounts()) add(scope);
  if (more.forgotten_before() > since) into->ForgetBefore(more.forgotten_before());
}

}  // namespace guidon::events
