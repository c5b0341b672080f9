#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "guidon/guidon.h"
#include "tests/support/memory_journal.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::minutes;

struct Moment {
  const char* name;
  void (*happens)(World&);
};

const Moment kMoments[] = {
    {"nobody is here", [](World&) {}},
    {"somebody logs in",
     [](World& world) {
       world.client().Identify(Context().Unit("account", "u-1").Set("plan", "pro").Set("salary", 7));
     }},
    {"an experiment is forced",
     [](World& world) { REQUIRE(world.client().overrides().ForceExperiment("attach-button", "labelled").ok()); }},
    {"an attribute is one that may not travel",
     [](World& world) { world.client().Identify(Context().Unit("account", "u-1").Set("plan", "\xFF")); }},
    {"a unit id is none", [](World& world) { world.client().Identify(Context().Unit("account", "")); }},
    {"nothing is forced any more", [](World& world) { world.client().overrides().ClearAll(); }},
    {"another datafile lets nothing out",
     [](World& world) {
       world.client().Identify(Context().Unit("account", "u-2").Set("plan", "free"));
       world.published = DatafileText(2, "");
       world.Pass(minutes(10), minutes(1));
       REQUIRE(world.client().status().datafile_version == 2);
     }},
};

// All that is told in a life, by number, without its ids.
std::vector<std::map<std::string, std::string>> Life(const std::shared_ptr<Journal>& journal) {
  World world;
  world.journal = journal;
  world.options.bundled_datafile = NotesDatafile(1);
  Client& client = world.Open();
  world.Settle();
  CHECK(client.status().journal.ok() == (journal != nullptr));
  for (const Moment& moment : kMoments) {
    moment.happens(world);
    client.Track("plain", {{"n", 1}, {"text", "ä"}, {"none", Value()}, {"share", 0.5}, {"yes", true}});
    client.Track("valued", -2.5);
    client.Track("", {{"n", 1}});
    client.Track("odd", {{"n", 1}, {"list", List{1}}, {"", 2}});
    client.Track("long", {{"text", std::string(4'000, 'x')}});
    world.Pass(minutes(1));
  }
  const Ledger ledger = client.status().ledger;
  CHECK(ledger.pending == 0);
  REQUIRE(ledger.refused.size() == 2);
  for (const auto& [cause, count] : ledger.refused) {
    CAPTURE(cause);
    CHECK(count >= std::size(kMoments));
  }
  std::vector<std::map<std::string, std::string>> told;
  for (Received& received : world.CollectedOf("guidon.event")) {
    received.attributes.erase("log.record.uid");
    told.push_back(std::move(received.attributes));
  }
  std::sort(told.begin(), told.end(),
            [](const auto& a, const auto& b) { return std::stoi(a.at("guidon.seq")) < std::stoi(b.at("guidon.seq")); });
  return told;
}

TEST_CASE("an event says the same whether it is encoded as it is told, or where there is no journal to take it") {
  const auto direct = Life(std::make_shared<MemoryJournal>());
  const auto slow = Life(nullptr);
  REQUIRE(direct.size() == 4 * std::size(kMoments));
  REQUIRE(slow.size() == direct.size());
  for (std::size_t i = 0; i < direct.size(); ++i) {
    CAPTURE(kMoments[i / 4].name);
    CAPTURE(direct[i].at("guidon.event.name"));
    CHECK(direct[i] == slow[i]);
  }
  CHECK(direct[4].at("guidon.context.plan") == "pro");
  CHECK(direct[8].at("guidon.forced") == "true");
}

}  // namespace
}  // namespace guidon::test
