// A Log for tools and samples: one line a message on standard error.
#pragma once

#include <memory>

#include "guidon/export.h"
#include "guidon/ports/log.h"

namespace guidon {

// "guidon warning: …". Lines of several threads do not mix. Levels are the client's business (`Options::log_level`).
GUIDON_EXPORT std::shared_ptr<Log> StderrLog();

}  // namespace guidon
