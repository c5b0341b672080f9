#include "samples/collector/brought.h"

#include <algorithm>
#include <optional>

#include "guidon/limits.h"
#include "samples/collector/campaign_units.h"
#include "sdk/core/base/json.h"

namespace guidon::collector {

std::string BroughtBy(std::string_view properties) {
  if (properties.find("\"prompt\"") == std::string_view::npos) return {};
  const std::optional<json::Document> document = json::Document::Parse(properties, nullptr);
  const std::string_view id = document ? document->root()["prompt"].AsString().value_or("") : std::string_view();
  return std::string(id.size() <= limits::kKeyBytes ? id : std::string_view());
}

BroughtResult ComputeBrought(Database* database, const std::string& campaign, std::int64_t iteration,
                             const std::string& unit_kind, const PublishedGoal& goal, std::int64_t end_ms) {
  BroughtResult result;
  result.event = goal.event;
  result.within = goal.within;
  Statement arms = OverCampaignUnits(
      database, campaign, iteration, unit_kind,
      ", shown AS (SELECT prompt_id, MIN(unit_id) AS unit_id, MIN(variant) AS variant, MIN(time_ms) AS shown_ms "
      "FROM prompts WHERE campaign = ?1 AND iteration = ?2 AND what = 'exposure' AND variant <> 'held_out' "
      "AND unit_id IN (SELECT unit_id FROM analysed) GROUP BY prompt_id), "
      "counted AS (SELECT shown.*, (SELECT COUNT(DISTINCT b.id) FROM brought AS b WHERE b.prompt_id = shown.prompt_id "
      "AND b.name = ?4 AND b.unit_kind = ?3 AND b.unit_id <> shown.unit_id AND b.time_ms >= shown.shown_ms "
      "AND (?5 = 0 OR b.time_ms < shown.shown_ms + ?5) AND NOT EXISTS(SELECT 1 FROM forced_units AS f "
      "WHERE f.unit_kind = ?3 AND f.unit_id = b.unit_id)) AS n FROM shown) "
      "SELECT variant, COUNT(*), SUM(n), SUM(n > 0), COUNT(DISTINCT CASE WHEN n > 0 THEN unit_id END), "
      "SUM(?5 > 0 AND shown_ms + ?5 > ?6) FROM counted GROUP BY variant ORDER BY variant");
  arms.Text(goal.event).Int(goal.window_ms).Int(end_ms);
  while (arms.Row()) {
    BroughtArm& arm = result.arms.emplace_back();
    const auto count = [&arms](int column) { return static_cast<std::uint64_t>(arms.ColumnInt(column)); };
    arm.variant = arms.ColumnText(0);
    arm.showings = count(1);
    arm.events = count(2);
    arm.showings_with = count(3);
    arm.units_with = count(4);
    result.open_showings += count(5);
  }
  return result;
}

}  // namespace guidon::collector
