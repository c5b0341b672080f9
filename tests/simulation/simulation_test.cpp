// The simulator finds what it is there for: a bug planted in a port makes some story fail, by the check that is meant
// to see it, and the story that is left after shrinking is short enough to read.

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace guidon::simulation {
namespace {

constexpr std::uint64_t kMostSeeds = 400;
constexpr std::size_t kReadable = 40;

bool BeginsWith(const std::string& key, const char* prefix) { return key.rfind(prefix, 0) == 0; }

// Commits lose the rows that begin so.
std::function<void(StorageBatch*)> Losing(const char* prefix) {
  return [prefix](StorageBatch* batch) {
    batch->put.erase(std::remove_if(batch->put.begin(), batch->put.end(),
                                    [prefix](const Row& row) { return BeginsWith(row.key, prefix); }),
                     batch->put.end());
  };
}

// Commits erase no row that begins so.
std::function<void(StorageBatch*)> Keeping(const char* prefix) {
  return [prefix](StorageBatch* batch) {
    batch->erase.erase(
        std::remove_if(batch->erase.begin(), batch->erase.end(),
                       [prefix](const StorageBatch::Range& range) { return BeginsWith(range.from, prefix); }),
        batch->erase.end());
  };
}

struct Bug {
  std::string name;
  Plant plant;
  std::vector<std::string> checks;  // one of which is to find it
};

std::vector<Bug> Bugs() {
  std::vector<Bug> bugs;
  const auto add = [&bugs](std::string name, std::function<void(StorageBatch*)> tamper,
                           std::vector<std::string> checks) {
    Plant plant;
    plant.tamper = std::move(tamper);
    bugs.push_back({std::move(name), plant, std::move(checks)});
  };
  add("journal replay: the cursor is lost, so what was applied is applied again", Losing("a/"),
      {"told_twice", "two_numbers", "twice", "more_than_accepted"});
  add("batch freeze: what was frozen is forgotten", Losing("b/otlp"), {"batch_changed"});
  add("dedupe: exposures that were seen are forgotten", Losing("s/"), {"told_twice", "two_numbers"});
  add("cap commit: what was shown is forgotten", Losing("c/"), {"cap", "day_cap", "gap"});
  add("acknowledgement: what was delivered stays in the outbox", Keeping("o/"),
      {"batch_changed", "ledger", "never_delivered", "stuck"});
  add("counters are not written", Losing("n/counters"), {"ledger_went_back", "one_number", "ledger"});
  Bug syncing{
      "commits are confirmed and not synced", Plant(), {"ledger_went_back", "durable_lost", "one_number", "cap"}};
  syncing.plant.lies_about_syncing = true;
  bugs.push_back(syncing);
  Bug journal{"the journal dies with the process", Plant(), {"accepted_lost"}};
  journal.plant.forgets_journals = true;
  bugs.push_back(journal);
  const auto forget = [&bugs](std::string name, std::string part, std::string check) {
    Plant plant;
    plant.rules_without = std::move(part);
    bugs.push_back({std::move(name), plant, {std::move(check)}});
  };
  forget("a cap is forgotten", R"({"count":2,"per":"24h"},)", "cap");
  forget("the cap per day is forgotten", R"(,{"count":1,"per":"day"})", "day_cap");
  forget("the cap per session is forgotten", R"(,{"count":1,"per":"session"})", "session_cap");
  forget("the hours are forgotten", R"(,{"hours":"08:00-20:00"})", "hours");
  forget("the gap is forgotten", R"(,"gap":"20m")", "gap");
  forget("the quiet hours are forgotten", R"(,"quiet_hours":"23:00-06:00")", "quiet_hours");
  return bugs;
}

TEST_CASE("a bug planted in a port is found, and its story made short") {
  for (const Bug& bug : Bugs()) {
    CAPTURE(bug.name);
    RunOptions options;
    options.plant = &bug.plant;
    bool is_found = false;
    for (std::uint64_t seed = 1; seed <= kMostSeeds && !is_found; ++seed) {
      const Story story = MakeStory(seed);
      const Outcome outcome = Run(story, options);
      if (!outcome.finding) continue;
      is_found = true;
      CAPTURE(Report(story, outcome));
      CHECK(std::find(bug.checks.begin(), bug.checks.end(), outcome.finding->check) != bug.checks.end());
      const Story shrunk = Shrink(story, outcome.finding->check, 500, options);
      const Outcome again = Run(shrunk, options);
      REQUIRE(again.finding);
      CHECK(again.finding->check == outcome.finding->check);
      CHECK(shrunk.steps.size() <= kReadable);
      CHECK(Tell(shrunk).find("device") != std::string::npos);
      CHECK_FALSE(Run(shrunk).finding);
    }
    CHECK(is_found);
  }
}

TEST_CASE("the same seed is the same story, with the same end") {
  for (const std::uint64_t seed : {7u, 8u, 9u}) {
    CAPTURE(seed);
    const Story story = MakeStory(seed);
    CHECK(Tell(story) == Tell(MakeStory(seed)));
    const Outcome one = Run(story);
    const Outcome two = Run(story);
    CHECK(one.totals.received == two.totals.received);
    CHECK(one.totals.commits == two.totals.commits);
    CHECK(one.totals.requests == two.totals.requests);
    CHECK(one.totals.shown == two.totals.shown);
  }
}

}  // namespace
}  // namespace guidon::simulation
