// `guidon-terminal digest`: the collector's results in a few lines that fit a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"

namespace notes {

// One part of /results.json as text of at most 78 columns: "adoption", "lifecycle", "campaigns", "kpis" or "qa".
// Refused when there is no such part, or the text is no results.
guidon::Result<std::string> Digest(std::string_view results_json, std::string_view part);

// The command; the process's exit code.
int RunDigest(const std::vector<std::string>& arguments);

}  // namespace notes
