// For QA: force a flag's value, an experiment's variant or a prompt on this device. A forced decision says so
// (Reason::kForced), and everything told while anything is forced is marked, so that the collector counts it in no
// result. Whether local means may override at all is decided by the key that signed the datafile in force: a datafile
// signed by a release key allows it only for objects it does not call `protected`.
//
// Three sources, in the order in which one wins over another for the same object: this API, the overrides file, the
// environment (ports/local_overrides.h). Between a flag and an experiment that sets it, the flag's override wins. Of
// two experiments that set one flag, the one whose rule comes first in that flag.
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
  enum class Kind { kFlag, kExperiment, kPrompt };
  enum class Source { kApi, kFile, kEnvironment };  // the first that forces an object wins

  Kind kind = Kind::kFlag;
  std::string key;      // of the flag, experiment or campaign
  Value value;          // of a flag
  std::string variant;  // of an experiment: a variant's name, "off" or "unassigned"; of a prompt: "show" or "off"
  Source source = Source::kApi;
  // False: kept, but without effect. The datafile in force has no such object or variant, or protects it, or a source
  // that comes first forces the same object.
  bool applied = false;

  // In `List` alone: what it would be without any override, for the current context.
  std::string natural_variant;  // of an experiment; empty: in none
  Value natural_value;          // of a flag; null: the caller's fallback
};

// "api", "file", "environment".
GUIDON_EXPORT const char* OverrideSourceName(Override::Source source) noexcept;

// Reached by `Client::overrides()`, and valid as long as the client. Any thread. A change takes effect before the call
// returns, fires the same `OnChange` as a new datafile, and lasts until cleared or the client closes. Here one changes
// what the API forces; what the file and the environment force is theirs.
class GUIDON_EXPORT Overrides {
 public:
  virtual ~Overrides() = default;

  // Refused with kInvalidArgument when the datafile in force has the flag with another type, and with kPermissionDenied
  // when it protects it. A flag that it does not have is forced all the same.
  virtual Status ForceFlag(std::string_view flag, Value value) = 0;

  // `variant` is one of the experiment's: every flag it sets follows, whatever else the flag's rules say. Or "off": the
  // experiment's flags are their defaults, as for a unit that is held out. Or "unassigned": as if the unit were not in
  // the experiment, so the flag's next rule is asked. Refused with kNotFound when the datafile in force has no such
  // experiment or variant, and with kPermissionDenied when it protects it. A kill switch is stronger.
  virtual Status ForceExperiment(std::string_view experiment, std::string_view variant) = 0;

  // Shows the campaign's prompt as soon as the host admits it, past audience, holdout, caps and waits; every call shows
  // it once more. With `show` false it is never shown instead. Refused as ForceExperiment is.
  virtual Status ForcePrompt(std::string_view campaign, bool show = true) = 0;

  virtual void ClearFlag(std::string_view flag) = 0;
  virtual void ClearExperiment(std::string_view experiment) = 0;
  virtual void ClearPrompt(std::string_view campaign) = 0;
  virtual void ClearAll() = 0;

  // Of all sources: the API's in the order they were made, then the file's, then the environment's.
  virtual std::vector<Override> List() const = 0;
};

}  // namespace guidon
