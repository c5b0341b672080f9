// The ports of DefaultPlatform one by one, for hosts that bring some of their own. Each returned object but Re2Patterns' is never
// null and belongs to whoever holds it; it may outlive all others.
//
// POSIX systems only for now.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "guidon/export.h"
#include "guidon/ports/clock.h"
#include "guidon/ports/codec.h"
#include "guidon/ports/crypto.h"
#include "guidon/ports/entropy.h"
#include "guidon/ports/files.h"
#include "guidon/ports/fork_guard.h"
#include "guidon/ports/http.h"
#include "guidon/ports/journal.h"
#include "guidon/ports/local_overrides.h"
#include "guidon/ports/patterns.h"
#include "guidon/ports/storage.h"
#include "guidon/ports/waker.h"

namespace guidon {

// The system's clocks. Monotonic time counts sleep on Linux, Android and Apple's systems.
GUIDON_EXPORT std::shared_ptr<Clock> SystemClock();

// The system's random bytes.
GUIDON_EXPORT std::shared_ptr<Entropy> OsEntropy();

// zlib.
GUIDON_EXPORT std::shared_ptr<Codec> ZlibCodec();

// Tells the process from its copies, by a page that fork wipes (Linux 4.14 and later), else by the process's number.
GUIDON_EXPORT std::shared_ptr<ForkGuard> SystemForkGuard();

// OpenSSL. Answers inside the call.
GUIDON_EXPORT std::shared_ptr<Crypto> OpenSslCrypto();

// Files in `folder`, which must exist by the time of the first call; readable by their owner alone.
GUIDON_EXPORT std::shared_ptr<Files> DiskFiles(std::string folder);

// One SQLite database at `path`, with its -wal and -shm beside it while it is open. Durable on the machine once
// committed. Answers inside the calls. A file that cannot be read as a database is renamed to
// `path`.corrupt-<milliseconds since 1970> and a new one begun; one that belongs to another program, or to a newer
// version, is refused and left as it is. EraseAll removes the files, a newer version's too, and what was set aside; not
// another program's.
GUIDON_EXPORT std::shared_ptr<Storage> SqliteStorage(std::string path);

// Files in `folder` mapped into memory, and locks that are files beside them. The folder is made with the first of them,
// and is for its owner alone. File systems over a network are refused with kUnsupported: stores to what is mapped would
// be seen late there, or fail.
GUIDON_EXPORT std::shared_ptr<Journal> MappedJournal(std::string folder);

// For hosts without a disk. What it holds lives as long as the object, also while closed.
GUIDON_EXPORT std::shared_ptr<Storage> MemoryStorage();

// For networks of one's own; most apps need none of it.
struct CurlOptions {
  // PEM of those who may vouch for a server, or for a proxy spoken to by https; nobody else may then. Empty: whom the
  // system trusts. With a file that cannot be read, every https request fails.
  std::string ca_file;
  // As curl takes it: "http://proxy.example:3128", "socks5h://…". All requests but those to this device go through it.
  // Empty: as the environment says.
  std::string proxy;
  // By host, the public keys of which its certificate must have one, on top of being good: "sha256//" and the SHA-256 of
  // the key's SubjectPublicKeyInfo in base64. List the next key beside the one in use. Once there is any, https requests
  // to hosts without one are refused; with any that is misspelled all requests are (kInvalidArgument); and where curl
  // cannot check keys, those that need it (kUnsupported). Another key ends a request with kUntrusted.
  std::map<std::string, std::vector<std::string>> pinned_keys;
};

// libcurl. Its one thread exists only while requests are under way; connections are kept for the next. The server's
// certificate and name are always verified; nothing turns that off. Asks for gzip and takes no other content encoding.
// Redirects are followed to the same scheme, host and port only, and with another method than GET or HEAD only where
// the method stays; one that leads elsewhere ends the request with kUntrusted. What is started after Stop is dropped
// without a call to its sink. Deadlines are on `clock`; null: SystemClock().
GUIDON_EXPORT std::shared_ptr<Http> CurlHttp(std::shared_ptr<Clock> clock = nullptr, CurlOptions options = {});

// What GUIDON_FORCE and the file that GUIDON_OVERRIDES_FILE names force; nothing of either when GUIDON_NO_OVERRIDES is
// set, to anything but 0. The environment is read in this call, and never again.
GUIDON_EXPORT std::shared_ptr<LocalOverrides> EnvironmentOverrides();

// RE2, with 64 KiB of memory for each pattern (limits::kPatternMemory). Null where the library was built without it
// (GUIDON_RE2=OFF).
GUIDON_EXPORT std::shared_ptr<Patterns> Re2Patterns();

// One thread that turns the pump. Times are on `clock`; null: SystemClock().
GUIDON_EXPORT std::shared_ptr<Waker> WorkerThread(std::shared_ptr<Clock> clock = nullptr);

}  // namespace guidon
