#include "tests/simulation/datafiles.h"

#include "sdk/core/evaluation/bucketing.h"

namespace guidon::simulation {
namespace {

std::string HourText(int hour) { return (hour < 10 ? "0" : "") + std::to_string(hour) + ":00"; }

std::string MoreCaps(const CampaignRules& campaign) {
  std::string text;
  if (campaign.is_once_per_day) text += R"(,{"count":1,"per":"day"})";
  if (campaign.is_once_per_session) text += R"(,{"count":1,"per":"session"})";
  if (campaign.closes_at - campaign.opens_at < 24) {
    text += R"(,{"hours":")" + HourText(campaign.opens_at) + "-" + HourText(campaign.closes_at) + R"("})";
  }
  return text;
}

std::string CampaignText(const CampaignRules& campaign, bool is_paused) {
  const std::string key(campaign.key);
  return "\"" + key + R"(":{"iteration":1,"status":")" + (is_paused ? "paused" : "running") +
         R"(","unit":"device","salt":")" + std::string(campaign.salt) + R"(","holdout":)" +
         std::to_string(campaign.holdout) + R"(,"trigger":{"event":")" + std::string(campaign.trigger) +
         R"("},"valid_for":"5m","caps":[{"count":)" + std::to_string(campaign.most_within) + R"(,"per":")" +
         std::to_string(std::chrono::duration_cast<std::chrono::hours>(campaign.window).count()) + R"(h"},{"count":)" +
         std::to_string(campaign.most_ever) + "}" + MoreCaps(campaign) +
         R"(,{"group":"all"}],"waits":{"dismissal":"0s","action":"0s"},"show":{"kind":"banner","title":"Try it","buttons":[)"
         R"({"id":"b1","label":"Do","do":"app://do","primary":true},{"id":"b2","label":"Later","snooze":"1h"},)"
         R"({"id":"b3","label":"No"}]}})";
}

}  // namespace

const std::vector<CampaignRules>& Campaigns() {
  static const std::vector<CampaignRules> campaigns = {
      {"try-share", "message_sent", "try-share.1", 200'000, 9, 2, std::chrono::hours(24), false, true},
      {"rate-us", "file_opened", "rate-us.1", 100'000, 6, 2, std::chrono::hours(72), false, false, 8, 20},
      {"invite", "searched", "invite.1", 50'000, 20, 5, std::chrono::hours(96), true},
  };
  return campaigns;
}

const CampaignRules* FindCampaign(std::string_view key) {
  for (const CampaignRules& campaign : Campaigns()) {
    if (campaign.key == key) return &campaign;
  }
  return nullptr;
}

bool IsSharingKilled(std::int64_t version) { return version % 3 == 0; }

namespace {

std::string WholeDatafile(std::int64_t version) {
  std::string campaigns;
  for (const CampaignRules& campaign : Campaigns()) {
    const bool is_paused = &campaign == &Campaigns().front() && version % 5 == 4;
    campaigns += (campaigns.empty() ? "" : ",") + CampaignText(campaign, is_paused);
  }
  return R"({"format":"guidon/1","project":"notes","environment":"test","epoch":1,"version":)" +
         std::to_string(version) +
         R"(,"issued_at":"2026-01-01T00:00:00Z","event_attributes":["plan"],)"
         R"("layers":{"default":{"unit":"device","salt":"default.1"}},"holdouts":{"quiet":{"unit":"device","salt":")" +
         std::string(kHoldoutSalt) + R"(","size":)" + std::to_string(kHoldoutSize) +
         R"(,"experiments":"*"}},"experiments":{")" + std::string(kExperiment) +
         R"(":{"iteration":1,"status":"running","layer":"default","slots":[[0,1000000]],"salt":"attach-button.1",)"
         R"("variants":{"control":{"slots":[[0,500000]],"flags":{"composer":"icon"}},"labelled":{"slots":)"
         R"([[500000,1000000]],"flags":{"composer":"icon-and-text"}}}}},"groups":{"all":{"caps":[{"count":)" +
         std::to_string(kMostOfAll) + R"(,"per":")" +
         std::to_string(std::chrono::duration_cast<std::chrono::hours>(kWindowOfAll).count()) + R"(h"}],"gap":")" +
         std::to_string(std::chrono::duration_cast<std::chrono::minutes>(kGapOfAll).count()) + R"(m","quiet_hours":")" +
         HourText(kQuietFrom) + "-" + HourText(kQuietUntil) + R"("}},"campaigns":{)" + campaigns +
         R"(},"flags":{"composer":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":")" +
         std::string(kExperiment) + R"("}]},"sharing":{"type":"bool","default":false,)" +
         (IsSharingKilled(version) ? R"("kill":true,)" : "") +
         R"("rules":[{"id":"r1","serve":true}]},"chunk-kb":{"type":"int","default":256,"rules":[{"id":"r1","when":)"
         R"({"op":">=","count":"message_sent","window":"7d","value":3},"serve":)" +
         std::to_string(512 + version) + "}]}}}";
}

}  // namespace

std::string DatafileText(std::int64_t version, std::string_view without) {
  std::string text = WholeDatafile(version);
  std::size_t at = 0;
  while (!without.empty() && (at = text.find(without)) != std::string::npos) text.erase(at, without.size());
  return text;
}

bool IsHeldOutOfExperiments(std::string_view device) {
  return evaluation::Slot('h', kHoldoutSalt, device) < kHoldoutSize;
}

bool IsHeldOutOf(const CampaignRules& campaign, std::string_view device) {
  return evaluation::Slot('c', campaign.salt, device) < campaign.holdout;
}

}  // namespace guidon::simulation
