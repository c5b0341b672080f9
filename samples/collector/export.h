// What an audit needs to decide and count exposures again, without any code of the collector's: `guidon audit DIR
// --exposures FILE` reads it. A JSON object a line, described in docs/guide/collector.md: first what the results say of
// each iteration of an experiment, then each exposure, and each event that leaves a unit out because it was forced.
#pragma once

#include <functional>
#include <string_view>

#include "guidon/status.h"
#include "samples/collector/database.h"

namespace guidon::collector {

// Of one moment, also while a collector goes on writing. `write` gets whole lines and says whether it took them.
Status Export(Database* database, const std::function<bool(std::string_view lines)>& write);

}  // namespace guidon::collector
