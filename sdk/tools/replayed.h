// A trace (docs/formats/trace.md) decided again, by the evaluator that devices use. Pure: all that decisions rest on is
// in the trace.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/ports/crypto.h"
#include "guidon/status.h"
#include "sdk/core/ruleset/ruleset.h"

namespace guidon::tools {

// More kinds of difference than that are counted and not listed.
inline constexpr std::size_t kMostDifferences = 1'000;

// Decisions of one flag that were one thing and are another.
struct Difference {
  std::string flag;
  std::string from;  // "256 (rule)", "\"icon\" (variant control, experiment)", "fallback (flag_not_found)"
  std::string to;
  std::uint64_t count = 0;
  std::uint64_t line = 0;  // of the trace, the first one
};

struct Replayed {
  std::uint64_t decisions = 0;  // that could be made again
  std::uint64_t different = 0;
  std::vector<Difference> differences;          // the most frequent first
  std::map<std::string, std::uint64_t> cannot;  // be made again: how many, by the reason
  std::uint64_t lost = 0;                       // that the recording had no room for
  std::uint64_t unreadable = 0;                 // lines
  std::string first_unreadable;                 // "line 7: …"
  bool is_same_datafile = true;                 // the very one that all decisions came from

  bool is_same() const { return different == 0 && unreadable == 0; }
};

// `payload_hash`: HashBytes64 of the payload that `rules` are. `crypto`: for hashed lists; null: what they say is
// unknown. `results`, when given, gets a line for each decision, the same bytes on every machine. An error when the
// text is no trace.
Result<Replayed> Replay(const ruleset::Ruleset& rules, std::uint64_t payload_hash, std::string_view trace,
                        Crypto* crypto = nullptr, std::string* results = nullptr);

}  // namespace guidon::tools
