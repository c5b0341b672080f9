// Campaigns to test with, from the members that matter to the case.
#pragma once

#include <map>
#include <string>

#include "sdk/core/prompts/consider.h"
#include "tests/unit/core/rules.h"

namespace guidon::testing {

inline constexpr Duration kSecond{1'000};
inline constexpr Duration kHour{3'600'000};
inline constexpr Duration kDay{24 * 3'600'000};

// A campaign that anybody may see whenever "message_sent" happens, with these members put in or replaced, and those
// with an empty text left out.
inline std::string CampaignJson(const std::map<std::string, std::string>& members = {}) {
  std::map<std::string, std::string> all = {{"iteration", "1"},
                                            {"status", R"("running")"},
                                            {"unit", R"("device")"},
                                            {"salt", R"("c.1")"},
                                            {"holdout", "0"},
                                            {"trigger", R"({"event":"message_sent"})"},
                                            {"caps", R"([{"count":1,"per":"7d"},{"count":3}])"},
                                            {"show", R"({"kind":"modal","title":"Drop the file in"})"}};
  for (const auto& [name, json] : members) all[name] = json;
  std::string text;
  for (const auto& [name, json] : all) {
    if (!json.empty()) text += (text.empty() ? "\"" : ",\"") + name + "\":" + json;
  }
  return "{" + text + "}";
}

// A ruleset with that one campaign, "c".
inline Rules CampaignRules(const std::map<std::string, std::string>& members = {}) {
  return LoadRules(R"("campaigns":{"c":)" + CampaignJson(members) + "}");
}

inline prompts::Step StepOf(prompts::What what, std::string prompt, Timestamp when, Duration snooze = Duration(0),
                            std::string campaign = "c") {
  prompts::Step step;
  step.what = what;
  step.campaign = std::move(campaign);
  step.prompt = std::move(prompt);
  step.when = when;
  step.snooze = snooze;
  return step;
}

}  // namespace guidon::testing
