// Is what an exposure states what the datafile it names would have decided? The collector computes the slots again, so
// a broken, outdated or dishonest client shows up in the quarantine and not in the results.
#pragma once

#include "samples/collector/datafile_reader.h"
#include "sdk/collector/record.h"

namespace guidon::collector {

// Rejects `record`, an exposure or a prompt event, unless `published` agrees; null when no such version was ever
// served. Forced exposures need to name an arm that exists, no more.
void CheckExposure(const Published* published, Record* record);

// Was it rejected because it states another assignment to an experiment than the salts give?
bool IsMismatch(const Record& record);

}  // namespace guidon::collector
