// Locks by name in a folder. A lock is flock's on a file: it belongs to what was opened and not to the process, so two
// clients of one process see each other, and the system lets go of it when the process dies.
//
// What fork copies is the trouble: a copy of the process has the lock's file open, too, so that the system keeps the
// lock as long as the copy lives. So the file says whose lock it is. Where that process has ended its lock is nobody's,
// and the file is replaced. And a copy of a process that held a lock is never given it: what the lock guards (a
// database that is open) was copied with it, in whatever state it was.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon {

// `folder` is there. The name is checked already.
Result<std::shared_ptr<void>> TryFolderLock(const std::string& folder, std::string_view name);

}  // namespace guidon
