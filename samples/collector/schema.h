// The tables of the collector's database.
#pragma once

#include "guidon/status.h"
#include "samples/collector/database.h"

namespace guidon::collector {

// Counts one more of an experiment's iteration, within a transaction of the caller's.
inline constexpr char kUpsertMismatch[] = "INSERT INTO mismatches VALUES(?,?,1) ON CONFLICT DO UPDATE SET n = n + 1";

// Of a tracked event that names a showing: which, and its own name, id, one of its units, and when.
inline constexpr char kInsertBrought[] = "INSERT OR IGNORE INTO brought VALUES(?,?,?,?,?,?)";

// Creates the tables in an empty database and brings one of an earlier version up to date, in one transaction.
// kUnsupported when a later version wrote it.
Status CreateTables(Database* database);

}  // namespace guidon::collector
