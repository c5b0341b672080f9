// Port: an ordered map of byte strings with atomic commits. Where facts become durable. SQLite by default; memory for
// tests; anything that can commit a batch whole will do.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "guidon/status.h"

namespace guidon {

enum class Durability {
  kNone,     // gone with the process
  kProcess,  // survives the process, not the machine
  kMachine,  // survives a power cut once committed
};

// Keys sort as unsigned bytes.
struct Row {
  std::string key;
  std::string value;
};

struct StorageBatch {
  struct Range {
    std::string from;  // included
    std::string to;    // not included
  };
  std::vector<Range> erase;  // done first
  std::vector<Row> put;      // then these, in order; an existing key is replaced
  // Once it returned ok, nothing of what was erased or replaced, by this commit or earlier ones, is left in the file,
  // in logs or in free pages. A failure may leave rows erased and traces of them. Rare, and may take long.
  bool leaves_no_trace = false;
};

struct StorageOpened {
  Durability durability = Durability::kNone;
  // The store that was there could not be read. It was set aside, not deleted, and this one is new.
  bool was_reset = false;
};

// The client makes one call at a time and waits for its `done`, which is called exactly once, inside the call or later,
// from any thread. Calls may block; the client makes them on its disk lane. After `Close` the next call is `Open` or
// none.
class Storage {
 public:
  virtual ~Storage() = default;

  // What is there then is as durable as what `Commit` makes durable, also what a process wrote that was killed in the
  // middle. A failure leaves it closed; the client goes on in memory and tries again later.
  virtual void Open(std::function<void(Result<StorageOpened>)> done) = 0;

  // All of it or none of it. Ok only once the data is as durable as `Open` said. After kCorrupt the client closes and
  // opens it again.
  virtual void Commit(StorageBatch batch, std::function<void(Status)> done) = 0;

  // Rows from `from` (included) to `to` (not included), in order, until they hold more than `most_bytes`; at least one
  // row when there is any.
  virtual void Read(std::string from, std::string to, std::size_t most_bytes,
                    std::function<void(Result<std::vector<Row>>)> done) = 0;

  // Erases everything, content included: no traces in logs or free pages. Open or not, also where it cannot be opened
  // or written, as on a full disk. It is closed afterwards.
  virtual void EraseAll(std::function<void(Status)> done) = 0;

  // Leaves no lock behind. Idempotent.
  virtual void Close(std::function<void()> done) = 0;
};

}  // namespace guidon
