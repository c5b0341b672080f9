// What becomes of a database file that cannot be read: it is renamed, so that somebody may still look at it.
#pragma once

#include <string>

#include "guidon/status.h"

namespace guidon {

// The part of `path` behind the last slash.
std::string FileName(const std::string& path);

// Renames the database at `path` to `path`.corrupt-<now_ms>, and its -wal and -shm likewise, so that the three still
// belong together. A name that is taken makes way for the next millisecond's.
Status SetDatabaseAside(const std::string& path, long long now_ms);

// Erases the database at `path`, content included, with its -wal and -shm.
Status EraseDatabase(const std::string& path);

// Erases, content included, every file that was ever set aside for `path`.
Status EraseSetAside(const std::string& path);

}  // namespace guidon
