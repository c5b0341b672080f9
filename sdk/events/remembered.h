// What the device remembers besides events that wait, as rows of the store: behavior under h/, showings under c/, of
// each scope its own, enrollments under y/ (docs/formats/storage.md). All are values that share what does not change,
// so what two of them differ in is found by comparing pointers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/ports/storage.h"
#include "guidon/time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/prompts/showings.h"
#include "sdk/events/scopes.h"

namespace guidon::events {

// All rows of one kind, of one scope; of scopes from one on, all scopes'.
StorageBatch::Range BehaviorRows(std::uint64_t scope = kThisInstallation);
StorageBatch::Range ShowingsRows(std::uint64_t scope = kThisInstallation);
StorageBatch::Range EnrollmentRows();
// The name empty: the row that says what is forgotten.
std::string BehaviorKey(std::string_view event, std::uint64_t scope = kThisInstallation);
std::string ShowingsKey(std::string_view campaign, std::uint64_t scope = kThisInstallation);
std::string EncodeForgottenBefore(Timestamp before);

// Which scopes have rows.
inline constexpr std::string_view kScopesKey = "m/scopes";
struct ScopeList {
  Timestamp forgotten_before = Timestamp::min();
  std::vector<std::uint64_t> accounts;  // the one used longest ago first
};
std::string EncodeScopes(const Scopes& scopes);
// Nothing when the bytes are not exactly one list of different accounts.
std::optional<ScopeList> DecodeScopes(std::string_view bytes);

// False when the row cannot be decoded.
bool ReadRow(const Row& row, behavior::Behavior* behavior);
bool ReadRow(const Row& row, prompts::Showings* showings);
bool ReadRow(const Row& row, enrollment::Enrollments* enrollments);

// Makes the rows of `from` those of `to`.
void WriteChanges(const Scopes& from, const Scopes& to, StorageBatch* batch);
void WriteChanges(const enrollment::Enrollments& from, const enrollment::Enrollments& to, StorageBatch* batch);

// Adds up what two scopes, or this process and the store, have. Of what `more` was told to have forgotten before
// `since` the other one knows, so that it is no loss; the least time: nothing is.
void Merge(const behavior::Behavior& more, Timestamp since, behavior::Behavior* into);
void Merge(const prompts::Showings& more, Timestamp since, prompts::Showings* into);
void Merge(const Remembered& more, Timestamp since, Remembered* into);
void Merge(const Scopes& more, Timestamp since, Scopes* into);

}  // namespace guidon::events
