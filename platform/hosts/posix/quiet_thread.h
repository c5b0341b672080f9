// Threads of the platform leave the host's signals to the host.
#pragma once

#include <pthread.h>
#include <signal.h>

namespace guidon {

// Called first in a thread of ours: from now on the system delivers no signal to it but those that tell of its own
// faults. SIGPIPE is among the blocked, so a connection that breaks under a write is an error code.
inline void BlockSignals() noexcept {
  sigset_t signals;
  sigfillset(&signals);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&signals, fault);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace guidon
