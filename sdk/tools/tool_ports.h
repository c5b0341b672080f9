// The ports that the command stands on, as an app on the default platform would.
#pragma once

#include "guidon/ports/crypto.h"
#include "guidon/ports/patterns.h"

namespace guidon::tools {

// Never null.
Crypto* ToolCrypto();
// Null where the command was built without RE2.
Patterns* ToolPatterns();

}  // namespace guidon::tools
