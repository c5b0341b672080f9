// The ports a client stands on, handed to `Client::Open`. `DefaultPlatform` (default_platform.h) fills in all of them
// for the system at hand; a host may replace any by its own. Each client needs its own: closing it stops its ports.
#pragma once

#include <memory>
#include <string>

#include "guidon/ports/clock.h"
#include "guidon/ports/codec.h"
#include "guidon/ports/crypto.h"
#include "guidon/ports/entropy.h"
#include "guidon/ports/files.h"
#include "guidon/ports/fork_guard.h"
#include "guidon/ports/http.h"
#include "guidon/ports/journal.h"
#include "guidon/ports/local_overrides.h"
#include "guidon/ports/log.h"
#include "guidon/ports/patterns.h"
#include "guidon/ports/storage.h"
#include "guidon/ports/waker.h"

namespace guidon {

struct Platform {
  std::shared_ptr<Clock> clock;      // needed
  std::shared_ptr<Entropy> entropy;  // needed
  std::shared_ptr<Waker> waker;      // null: the host turns the pump (Client::Pump)
  std::shared_ptr<Http> http;        // null: nothing is fetched or sent
  std::shared_ptr<Storage> storage;  // null: events live in memory only and are lost with the process
  std::shared_ptr<Journal> journal;  // null: what is told is in memory only until its commit, and dies with the process
  std::shared_ptr<Files> files;      // null: no datafile is cached and the install id lasts as long as the client
  std::shared_ptr<Crypto> crypto;    // null: no signature can be checked, so only unsigned datafiles load
  std::shared_ptr<Codec> codec;      // null: bodies are sent as they are
  std::shared_ptr<Log> log;          // null: silent
  std::shared_ptr<Patterns> patterns;               // null: conditions that match a pattern are unknown
  std::shared_ptr<LocalOverrides> local_overrides;  // null: only the API forces anything
  std::string os_name;  // of the device's system, for events: "Linux", "Android", "iOS"; empty: they do not say
  // Null: the app never forks while a client is open, or only to exec at once.
  std::shared_ptr<ForkGuard> fork_guard;
};

}  // namespace guidon
