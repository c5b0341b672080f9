// What the device remembers besides events that wait, as rows of the store: behavior under h/, showings under c/
// (docs/formats/storage.md). Both are values that share what does not change, so what two of them differ in is found by
// comparing pointers.
#pragma once

#include <string>
#include <string_view>

#include "guidon/ports/storage.h"
#include "guidon/time.h"
#include "sdk/core/behavior/behavior.h"
#include "sdk/core/prompts/showings.h"

namespace guidon::events {

// All rows of this installation, of one kind. Other scopes than this one are not looked at.
StorageBatch::Range BehaviorRows();
StorageBatch::Range ShowingsRows();
// The name empty: the row that says what is forgotten.
std::string BehaviorKey(std::string_view event);
std::string ShowingsKey(std::string_view campaign);
std::string EncodeForgottenBefore(Timestamp before);

// False when the row cannot be decoded.
bool ReadRow(const Row& row, behavior::Behavior* behavior);
bool ReadRow(const Row& row, prompts::Showings* showings);

// Makes the rows of `from` those of `to`.
void WriteChanges(const behavior::Behavior& from, const behavior::Behavior& to, StorageBatch* batch);
void WriteChanges(const prompts::Showings& from, const prompts::Showings& to, StorageBatch* batch);

// Adds what happened while the store could not be read to what it held. `since`: what `more` was told to have forgotten
// at its beginning, which is no loss once the store has been read.
void Merge(const behavior::Behavior& more, Timestamp since, behavior::Behavior* into);
void Merge(const prompts::Showings& more, Timestamp since, prompts::Showings* into);

}  // namespace guidon::events
