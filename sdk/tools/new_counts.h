// Counts begin when devices have the datafile that names them; what asks for a longer past reaches nobody until then.
#pragma once

#include "guidon/time.h"
#include "sdk/tools/previous.h"
#include "sdk/tools/problems.h"
#include "sdk/tools/source.h"

namespace guidon::tools {

// Notes each condition that hangs on a count which `previous` (null: there is none) did not have, with the day from
// which it can be true for everybody whom it means. Published at `now`.
void CheckNewCounts(const Source& source, const Previous* previous, Timestamp now, Problems* problems);

}  // namespace guidon::tools
