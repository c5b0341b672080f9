// The engine's end of a lease: hears exactly one outcome, whatever the host does or forgets to do.
#pragma once

#include <functional>
#include <string>

#include "guidon/prompt.h"

namespace guidon {

enum class PromptOutcome { kPresented, kAction, kDismissed, kSnoozed, kFailed };

// `report` hears kPresented at most once, and then or instead exactly one of the others: the first the host says, or
// kFailed when the lease is dropped. `detail` is the button, the cause or the reason. Called on the host's thread.
struct PromptLease::Rep {
  std::function<void(PromptOutcome outcome, std::string detail)> report;
  bool is_presented = false;
  bool has_ended = false;

  void End(PromptOutcome outcome, std::string_view detail) {
    if (has_ended) return;
    has_ended = true;
    report(outcome, std::string(detail));
  }
};

}  // namespace guidon
