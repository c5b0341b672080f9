// Port: tells the process in which a client was opened from copies that fork makes of it. In a copy there is nobody who
// turns the pump, and locks may be held by threads that are not there; so a client does nothing there.
#pragma once

#include <atomic>
#include <cstdint>

namespace guidon {

class ForkGuard {
 public:
  virtual ~ForkGuard() = default;

  // False in the process that made this object, true in every copy of it. Any thread; takes no lock.
  virtual bool IsCopy() const noexcept = 0;

  // Where the system has such memory: a word that is not 0 in the process that made this object, and 0 in every copy
  // from its first moment; so that asking is a load. Lives as long as this object. Else null.
  virtual const std::atomic<std::uint32_t>* word() const noexcept { return nullptr; }
};

}  // namespace guidon
