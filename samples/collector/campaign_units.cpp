#include "samples/collector/campaign_units.h"

namespace guidon::collector {
namespace {

// One row a unit that reached an iteration's prompt, with when it did first.
constexpr char kReached[] =
    "WITH reached AS MATERIALIZED (SELECT unit_id, MIN(variant) AS variant, MIN(time_ms) AS first_ms, "
    "COUNT(DISTINCT variant) AS variants, EXISTS(SELECT 1 FROM forced_units AS f WHERE f.unit_kind = ?3 "
    "AND f.unit_id = prompts.unit_id) AS forced "
    "FROM prompts WHERE campaign = ?1 AND iteration = ?2 AND what = 'exposure' GROUP BY unit_id), "
    "analysed AS (SELECT unit_id, variant, first_ms FROM reached WHERE variants = 1 AND NOT forced) ";

}  // namespace

Statement OverCampaignUnits(Database* database, const std::string& campaign, std::int64_t iteration,
                            const std::string& unit_kind, const char* sql) {
  Statement statement = database->Prepare(kReached + std::string(sql));
  statement.Text(campaign).Int(iteration).Text(unit_kind);
  return statement;
}

}  // namespace guidon::collector
