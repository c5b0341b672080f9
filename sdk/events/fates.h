// What became of single events, for whoever shows them. The ledger counts without this.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "sdk/core/hash/hash.h"

namespace guidon::events {

// Of an event that a commit ends the waiting of. Nothing is said of each where rows are lost that nobody could read, or
// all that waits is.
struct EventFate {
  enum class What : std::uint8_t {
    kDelivered,
    kDoubtful,  // one of a request of which the collector rejected some, without a word on which
    kLost,
  };
  Hash128 id;
  What what = What::kDelivered;
  std::string_view cause = {};  // kLost: as the ledger names it, a constant
};

using ToldFates = std::function<void(const std::vector<EventFate>&)>;

}  // namespace guidon::events
