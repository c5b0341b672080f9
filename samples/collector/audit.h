// Facts counted against what devices wrote down themselves. A ledger is a text file of lines `id SP kind SP key`: the
// id of an event that the client reported durable, and a key that is unique per thing that really happened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "guidon/status.h"
#include "samples/collector/database.h"

namespace guidon::collector {

struct AuditReport {
  struct Kind {
    std::uint64_t facts = 0;  // ids in ledgers
    std::uint64_t stored = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t lost = 0;  // neither
  };
  std::uint64_t ledgers = 0;
  std::map<std::string, Kind> kinds;   // as the ledgers name them
  std::uint64_t unreadable_lines = 0;  // without an id, a kind and a key
  std::uint64_t unnamed = 0;     // stored, in no ledger: taken right before a kill, or of somebody without a ledger
  std::uint64_t duplicates = 0;  // stored events that state what another stored event states
  std::uint64_t lost = 0;
  std::vector<std::string> lost_ids;       // the first 20
  std::vector<std::string> duplicate_ids;  // the first 20
};

Result<AuditReport> Audit(Database* database, const std::string& ledger_folder);

// A table for people; its last line is "duplicates D, lost L".
std::string AuditText(const AuditReport& report);
std::string AuditJson(const AuditReport& report);

}  // namespace guidon::collector
