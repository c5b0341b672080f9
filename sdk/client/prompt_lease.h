// The engine's end of a lease: what the host says goes to the showing, and a lease that is dropped says that it failed.
#pragma once

#include <memory>

#include "guidon/prompt.h"
#include "sdk/client/shown_prompt.h"

namespace guidon {

struct PromptLease::Rep {
  std::shared_ptr<client::ShownPrompt> shown;

  ~Rep() { shown->Failed("lease_dropped"); }  // unless it has ended
};

}  // namespace guidon
