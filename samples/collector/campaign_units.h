// Which units a campaign's results are of, for SQL that goes over them.
#pragma once

#include <cstdint>
#include <string>

#include "samples/collector/database.h"

namespace guidon::collector {

// `sql` behind the tables reached (unit_id, variant, first_ms, variants, forced: every unit that reached the
// iteration's prompt, with when it did first) and analysed (unit_id, variant, first_ms: those that are not left out).
// ?1 is the campaign, ?2 the iteration, ?3 the unit's kind; what else it has is bound behind these.
Statement OverCampaignUnits(Database* database, const std::string& campaign, std::int64_t iteration,
                            const std::string& unit_kind, const char* sql);

}  // namespace guidon::collector
