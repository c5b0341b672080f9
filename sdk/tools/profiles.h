// People made of numbers, as commands are told of them: how many, and what is known of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/arguments.h"
#include "sdk/tools/moves.h"

namespace guidon::tools {

// --units and --prefix. Empty, or what is wrong with them.
std::string ReadCrowd(const Arguments& arguments, const char* units, Crowd* out);

// One context over any number of lines, or one a line. `at`: as of when all of them are decided; nothing: each as it
// says itself, or else as of `clock`. What a history says is counted as by each of `rules`.
Status ReadProfiles(const std::string& path, const std::optional<Timestamp>& at, Timestamp clock,
                    const std::vector<const ruleset::Ruleset*>& rules, Crowd* out);

}  // namespace guidon::tools
