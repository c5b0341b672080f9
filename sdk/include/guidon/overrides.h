// For QA: force a flag's value or an experiment's variant on this device. A forced decision says so (Reason::kForced),
// its exposures are marked, and the collector counts such a unit in no result. Whether local means may override at all
// is decided by the key that signed the datafile in force: a datafile signed by a release key allows it only for flags
// and experiments it does not call `protected`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/export.h"
#include "guidon/status.h"
#include "guidon/value.h"

namespace guidon {

struct Override {
  enum class Kind { kFlag, kExperiment };
  Kind kind = Kind::kFlag;
  std::string key;
  Value value;           // of a flag
  std::string variant;   // of an experiment: a variant's name, or "off"
  bool applied = false;  // false: kept, but the datafile in force has no such object or variant, or protects it
};

// Reached by `Client::overrides()`, and valid as long as the client. Any thread. A change takes effect before the call
// returns, fires the same `OnChange` as a new datafile, and lasts until cleared or the client closes.
class GUIDON_EXPORT Overrides {
 public:
  virtual ~Overrides() = default;

  // Refused with kInvalidArgument when the datafile in force has the flag with another type, and with kPermissionDenied
  // when it protects it. A flag that it does not have is forced all the same.
  virtual Status ForceFlag(std::string_view flag, Value value) = 0;

  // `variant` is one of the experiment's, or "off": as if there were no such experiment. Every flag the variant sets
  // follows. Refused with kNotFound when the datafile in force has no such experiment or variant.
  virtual Status ForceExperiment(std::string_view experiment, std::string_view variant) = 0;

  virtual void ClearFlag(std::string_view flag) = 0;
  virtual void ClearExperiment(std::string_view experiment) = 0;
  virtual void ClearAll() = 0;

  virtual std::vector<Override> List() const = 0;
};

}  // namespace guidon
