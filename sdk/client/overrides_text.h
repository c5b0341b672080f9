// What QA writes outside the app, read: the text of GUIDON_FORCE and the overrides file. docs/guide/qa.md says how they
// look to people.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/client/overrides_held.h"

namespace guidon::client {

inline constexpr Duration kMostShift = std::chrono::hours(24 * 366);

// `flag:file-sharing=true; experiment:attach-button=labelled; prompt:try-file-share`. An entry that is wrong costs
// itself alone; `problems` name it by the character it begins at.
std::vector<HeldOverride> ReadEnvironment(std::string_view text, std::vector<Status>* problems);

// One entry of it.
std::string EntryText(const Override& override);

// How far a clock is moved: "+3d". Not 0, and at most kMostShift either way. Nothing when the text is not that.
std::optional<Duration> ParseShift(std::string_view text);
std::string ShiftText(Duration shift);
// A time that a clock is to show becomes how far that is from `now`. Anything else stays.
void SettleShift(Timestamp now, HeldOverride* held);

// {"flags": {"file-sharing": true}, "experiments": {"attach-button": "labelled"}, "prompts": {"try-file-share":
// "show"}}. All or nothing: the failure names line and column, or the place as a JSON pointer.
Result<std::vector<HeldOverride>> ReadOverridesFile(std::string_view text);

}  // namespace guidon::client
