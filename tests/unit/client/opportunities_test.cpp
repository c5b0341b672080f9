#include "sdk/client/opportunities.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "guidon/limits.h"

namespace guidon::client {
namespace {

Opportunity Of(std::string campaign, std::int32_t priority, std::string event = "message_sent") {
  Opportunity opportunity;
  opportunity.campaign = std::move(campaign);
  opportunity.priority = priority;
  opportunity.event = std::move(event);
  return opportunity;
}

TEST_CASE("opportunities are offered forced ones first, then by priority, then in the order they came") {
  Opportunities opportunities;
  (void)opportunities.Add(Of("low", -3));
  (void)opportunities.Add(Of("early", 5));
  (void)opportunities.Add(Of("late", 5));
  (void)opportunities.Add(Of("forced", 0, ""));
  std::vector<std::string> order;
  while (const Opportunity* next = opportunities.NextAt(MonoTime())) {
    order.push_back(next->campaign);
    opportunities.Remove(order.back(), next->is_forced());
  }
  CHECK(order == std::vector<std::string>{"forced", "early", "late", "low"});
}

TEST_CASE("a campaign has one opportunity, the newest, beside one that QA forces") {
  Opportunities opportunities;
  (void)opportunities.Add(Of("a", 0, "first"));
  (void)opportunities.Add(Of("a", 0, ""));
  (void)opportunities.Add(Of("a", 0, "second"));
  CHECK(opportunities.Find("a", false)->event == "second");
  CHECK(opportunities.Find("a", true) != nullptr);
  opportunities.Remove("a", false);
  CHECK(opportunities.Find("a", false) == nullptr);
  CHECK(opportunities.Find("a", true) != nullptr);
}

TEST_CASE("beyond the bound the least important one goes and is named") {
  Opportunities opportunities;
  for (std::size_t i = 0; i < limits::kOpportunities; ++i) {
    CHECK(opportunities.Add(Of("c" + std::to_string(i), 1)).empty());
  }
  CHECK(opportunities.Add(Of("major", 2)) == "c" + std::to_string(limits::kOpportunities - 1));
  CHECK(opportunities.Add(Of("minor", 0)) == "minor");
  CHECK(opportunities.Find("major", false) != nullptr);
}

TEST_CASE("the next moment is the first at which one is to be asked or is timely no more") {
  const auto at = [](int ms) { return MonoTime(Duration(ms)); };
  Opportunities opportunities;
  CHECK(opportunities.NextMoment(at(0)) == MonoTime::max());
  Opportunity one = Of("one", 0);
  one.until = at(60);
  one.ask_at = at(10);
  (void)opportunities.Add(one);
  CHECK(opportunities.NextMoment(at(0)) == at(10));
  CHECK(opportunities.NextAt(at(9)) == nullptr);
  CHECK(opportunities.NextAt(at(10)) != nullptr);
  CHECK(opportunities.NextMoment(at(10)) == at(60));
}

}  // namespace
}  // namespace guidon::client
