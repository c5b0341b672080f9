#include "tests/unit/events/faulty_collector.h"

#include <doctest/doctest.h>

namespace guidon::events::test {

std::vector<std::string> IdsOf(const HttpRequest& request) {
  std::vector<std::string> ids;
  for (Received& event : Collector::Read(request)) ids.push_back(event["log.record.uid"]);
  return ids;
}

FaultyCollector::FaultyCollector(int install) {
  world.settings.install_id += std::to_string(install);
  world.answer = [this](const HttpRequest& request) {
    sent.push_back(
        {world.clock.Monotonic(), Header(request, "Idempotency-Key"), request.body, Collector::Read(request).size()});
    return answer ? answer(request) : Keep(request);
  };
}

void FaultyCollector::Begin() {
  world.Begin();
  world.Run();
}

ScriptedAnswer FaultyCollector::Keep(const HttpRequest& request, const std::set<std::string>& but) {
  std::vector<std::string> kept;
  for (const std::string& id : IdsOf(request)) {
    if (but.count(id) == 0) kept.push_back(id);
  }
  audit.Received(kept);
  return ScriptedAnswer::Of(200, "{}", {{"content-type", "application/json"}});
}

ScriptedAnswer FaultyCollector::KeepUnheard(const HttpRequest& request, ScriptedAnswer end) {
  audit.Received(IdsOf(request), FactsAudit::Reply::kLost);
  return end;
}

void FaultyCollector::Check() {
  for (; audited_ < world.accepted.size(); ++audited_) audit.Accepted(world.accepted[audited_].id);
  audit.Check(world.delivery->ledger(), [this] {
    answer = [](const HttpRequest&) { return ScriptedAnswer::Failed(); };
    world.Restart();
    world.Run();
    CHECK(world.delivery->store_status().ok());
    return world.delivery->ledger();
  });
  answer = nullptr;
}

}  // namespace guidon::events::test
