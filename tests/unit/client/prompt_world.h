// A world with a host, on a datafile of campaigns.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/client/world.h"

namespace guidon::test {

struct PromptWorld : World {
  explicit PromptWorld(const std::vector<CampaignSpec>& campaigns = {CampaignSpec()}, const std::string& more = {},
                       const std::string& device = "d-1", const std::string& url = "https://rules.example/notes") {
    options.datafile_url = url;
    options.bundled_datafile = CampaignsDatafile(1, campaigns, more);
    options.context.Unit("device", device);
    Start();
  }
  void Start() {
    Open();
    client().SetPromptHost(&host);
    Settle();
  }
  // The process is gone, and another one begins.
  void Restart() {
    Kill();
    host.lease.reset();
    Start();
  }
  // A message of that length, and time for what it leads to.
  void Write(int chars = 1812) {
    client().Track("message_sent", {{"chars", chars}});
    Pass(Duration(200), Duration(100));
  }
  // Another datafile with these campaigns, in force.
  void PublishCampaigns(int version, const std::vector<CampaignSpec>& campaigns) {
    published = CampaignsDatafile(version, campaigns);
    client().OnForeground();
    Pass(std::chrono::minutes(6), std::chrono::seconds(30));
  }

  TestHost host;
};

}  // namespace guidon::test
