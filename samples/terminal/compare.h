// `guidon-terminal compare`: the collector's numbers beside the truth that the simulation planted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guidon/status.h"

namespace notes {

// The comparison as text of at most 80 columns, from the report of `simulate` and the collector's /results.json.
guidon::Result<std::string> Compare(std::string_view report_json, std::string_view results_json);

// The command; the process's exit code.
int RunCompare(const std::vector<std::string>& arguments);

}  // namespace notes
