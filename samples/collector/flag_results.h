// Flags: who gets what, by what devices say they evaluated, and the flags that nobody needs any more.
//
// A device is an installation. Its summaries say what it got for a flag at least once in an hour, never how often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samples/collector/database.h"
#include "samples/collector/datafile_reader.h"
#include "samples/collector/people.h"

namespace guidon::collector {

// What there is to do about a flag, the most urgent first.
enum class FlagVerdict {
  kNotInDatafile,  // devices ask for it, and the newest datafile lacks it
  kOtherType,      // devices ask for another type than it has
  kNobodyAsked,    // it is in the datafile, and no device asked for it in 28 days
  kOneValue,       // all devices get the same: it may go from the code
  kNone
};
std::string_view FlagVerdictName(FlagVerdict verdict);

struct FlagDecision {
  std::string variant;  // empty: the fallback in the code
  std::string reason;
  std::uint64_t devices = 0;  // in the last seven days
  std::int64_t last_ms = 0;
};

struct FlagResult {
  std::string key;
  bool is_in_datafile = false;          // the newest
  std::uint64_t devices = 0;            // in the last seven days, each once
  std::optional<std::int64_t> last_ms;  // when any device asked for it; none: never
  FlagVerdict verdict = FlagVerdict::kNone;
  std::string sentence;                 // of the verdict
  std::vector<FlagDecision> decisions;  // the most devices first
  std::uint64_t decisions_left_out = 0;
};

struct FlagResults {
  static constexpr std::int64_t kDays = 7;
  static constexpr std::int64_t kStaleDays = 28;
  static constexpr std::size_t kMostFlags = 200;
  static constexpr std::size_t kMostDecisions = 20;  // of a flag
  // How many devices it takes to say that all get the same. Where no rule stands between, two will do; else few devices
  // may all be on one side by chance: of these many, and all alike, at most a tenth of all others is not (95 %).
  static constexpr std::uint64_t kFewestDevices = 2;
  static constexpr std::uint64_t kFewestDevicesByRule = 30;

  std::int64_t now_ms = 0;               // of the last event or evaluation that counts
  std::uint64_t devices = 0;             // that told anything in the last seven days
  std::optional<std::int64_t> first_ms;  // of all that any device told; none: nothing was told
  std::vector<FlagResult> flags;         // by verdict, then the most devices first
  std::uint64_t flags_left_out = 0;
};

// The flags of `newest`, which may be null, and all that were ever evaluated. Devices on which somebody was ever forced
// are left out.
FlagResults ComputeFlags(Database* database, const Published* newest, const People& people);

}  // namespace guidon::collector
