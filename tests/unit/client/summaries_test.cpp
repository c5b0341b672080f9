// Summaries of what was evaluated: what is in them, when they come, and when there are none.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "guidon/limits.h"
#include "sdk/core/base/json.h"
#include "tests/unit/client/world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

constexpr Flag<bool> kSharing{"file-sharing", false};
constexpr Flag<std::int64_t> kChunk{"chunk-kb", 64};
constexpr Flag<std::string> kComposer{"composer", "fallback"};
constexpr Flag<bool> kGone{"gone", false};
constexpr Flag<std::int64_t> kSharingAsInt{"file-sharing", 1};

struct SummaryWorld : World {
  explicit SummaryWorld(std::string plan = "free") {
    options.datafile_url.clear();
    options.bundled_datafile = NotesDatafile(1);
    options.context.Set("plan", plan);
    Open();
    Settle();
  }
  // Of each summary that arrived, in order, "flag variant reason" of each entry, sorted.
  std::vector<Lines> Summaries() const {
    std::map<std::uint64_t, Lines> by_number;
    for (const Received& received : CollectedOf("guidon.evaluation_summary")) {
      const auto document = json::Document::Parse(received.attributes.at("guidon.evaluations"), nullptr);
      REQUIRE(document);
      Lines lines;
      for (const json::Node entry : document->root()["values"]) {
        std::string line;
        for (const json::Node member : entry["kvlistValue"]["values"]) {
          line += (line.empty() ? "" : " ") + std::string(*member["value"]["stringValue"].AsString());
        }
        lines.push_back(line);
      }
      std::sort(lines.begin(), lines.end());
      by_number[std::stoull(received.attributes.at("guidon.seq"))] = lines;
    }
    std::vector<Lines> summaries;
    for (auto& entry : by_number) summaries.push_back(std::move(entry.second));
    return summaries;
  }
  void PassAnHour() { Pass(minutes(62), minutes(1)); }
};

TEST_CASE("within the hour a device says which flags were evaluated and what they gave, each once") {
  SummaryWorld world("pro");
  for (int i = 0; i < 3; ++i) {
    (void)world.client().Get(kSharing);
    (void)world.client().Get(kChunk);
    (void)world.client().Get(kComposer);
    (void)world.client().Get(kGone);
    (void)world.client().Get(kSharingAsInt);
    (void)world.client().Decide(kChunk).value();
    world.Pass(minutes(5), minutes(1));
  }
  CHECK(world.Summaries().empty());
  world.PassAnHour();
  REQUIRE(world.Summaries().size() == 1);
  const Lines lines = world.Summaries()[0];
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "chunk-kb rule pro");
  CHECK((lines[1] == "composer experiment control" || lines[1] == "composer experiment labelled"));
  CHECK(lines[2] == "file-sharing static default");
  CHECK(lines[3] == "file-sharing type_mismatch");
  CHECK(lines[4] == "gone flag_not_found");
  const Received summary = world.CollectedOf("guidon.evaluation_summary")[0];
  for (const auto& attribute : summary.attributes) {
    CAPTURE(attribute.first);
    CHECK(attribute.first.find("guidon.unit.") == std::string::npos);
    CHECK(attribute.first.find("guidon.context.") == std::string::npos);
  }
}

TEST_CASE("what is evaluated in another hour is told again, and an hour in which nothing was has no summary") {
  SummaryWorld world;
  (void)world.client().Get(kSharing);
  world.PassAnHour();
  CHECK(world.Summaries().size() == 1);
  world.Pass(hours(5), minutes(1));
  CHECK(world.Summaries().size() == 1);
  (void)world.client().Get(kSharing);
  world.PassAnHour();
  CHECK(world.Summaries() == std::vector<Lines>{{"file-sharing static default"}, {"file-sharing static default"}});
}

TEST_CASE("what changes within the hour is told with both") {
  SummaryWorld world;
  (void)world.client().Get(kChunk);
  world.client().Identify(Context().Set("plan", "pro"));
  world.Settle();
  (void)world.client().Get(kChunk);
  (void)world.client().Get(kChunk);
  world.PassAnHour();
  CHECK(world.Summaries() == std::vector<Lines>{{"chunk-kb default default", "chunk-kb rule pro"}});
}

TEST_CASE(
    "in the background, at Flush and at the end what was evaluated is told at once, and what was told once is not "
    "again") {
  SummaryWorld world;
  (void)world.client().Get(kSharing);
  world.client().OnBackground();
  world.Settle();
  world.client().OnForeground();
  (void)world.client().Get(kSharing);
  (void)world.client().Get(kGone);
  world.client().OnBackground();
  world.Settle();
  world.client().OnForeground();
  (void)world.client().Get(kSharing);
  world.client().OnBackground();
  world.Settle();
  world.client().OnForeground();
  world.Pass(minutes(1));
  CHECK(world.Summaries() == std::vector<Lines>{{"file-sharing static default"}, {"gone flag_not_found"}});
  (void)world.client().Get(kSharingAsInt);
  (void)world.client().Flush(Duration(0));
  world.Pass(minutes(1));
  REQUIRE(world.Summaries().size() == 3);
  CHECK(world.Summaries()[2] == Lines{"file-sharing type_mismatch"});
  (void)world.client().Get(kChunk);
  world.client().Track("going");
  (void)world.client().Close(Duration(0));
  world.Open();
  world.Pass(minutes(1));
  REQUIRE(world.Summaries().size() == 4);
  CHECK(world.Summaries()[3] == Lines{"chunk-kb default default"});
}

TEST_CASE("Close does not wait for the network for a summary alone: it goes along, or is kept") {
  struct Row {
    bool has_more;
    std::uint64_t delivered, kept;
  };
  for (const Row& row : {Row{false, 0, 1}, Row{true, 2, 0}}) {
    CAPTURE(row.has_more);
    SummaryWorld world;
    (void)world.client().Get(kSharing);
    if (row.has_more) world.client().Track("going");
    std::atomic<bool> is_over{false};
    std::thread network([&] {
      while (!is_over) {
        if (row.has_more) world.http->Deliver();  // else it answers nothing
        std::this_thread::yield();
      }
    });
    const FlushReport report = world.client().Close(hours(1));
    is_over = true;
    network.join();
    CHECK(report.in_time);
    CHECK(report.delivered == row.delivered);
    CHECK(report.kept == row.kept);
  }
}

TEST_CASE("DecideAll, Explain and a decision for another context are in no summary") {
  SummaryWorld world;
  (void)world.client().Decide(kChunk, Context().Set("plan", "pro"));
  (void)world.client().DecideAll();
  (void)world.client().Explain("composer");
  world.PassAnHour();
  CHECK(world.Summaries().empty());
}

TEST_CASE("without consent to analytics, with anything forced, or turned off, nothing is noted") {
  struct Row {
    std::string name;
    bool has_consent, is_forced, is_on;
    std::size_t summaries;
  };
  for (const Row& row : {Row{"all there", true, false, true, 1}, Row{"no consent", false, false, true, 0},
                         Row{"forced", true, true, true, 0}, Row{"off", true, false, false, 0}}) {
    CAPTURE(row.name);
    World world;
    world.options.bundled_datafile = NotesDatafile(1);
    world.options.evaluation_summaries = row.is_on;
    Client& client = world.Open();
    world.Settle();
    if (!row.has_consent) client.SetConsent(Purpose::kAnalytics, Consent::kUnknown);
    if (row.is_forced) REQUIRE(client.overrides().ForceFlag("chunk-kb", 7).ok());
    (void)client.Get(kSharing);
    // What was noted without is not made up for later.
    client.SetConsent(Consent::kGranted);
    client.overrides().ClearAll();
    world.Pass(minutes(62), minutes(1));
    CHECK(world.CollectedOf("guidon.evaluation_summary").size() == row.summaries);
  }
}

TEST_CASE("what was noted goes when consent to analytics does, and nothing of it comes later") {
  for (const Consent consent : {Consent::kUnknown, Consent::kDenied}) {
    SummaryWorld world;
    (void)world.client().Get(kSharing);
    world.client().SetConsent(Purpose::kAnalytics, consent);
    world.client().SetConsent(Purpose::kAnalytics, Consent::kGranted);
    world.PassAnHour();
    CHECK(world.Summaries().empty());
    (void)world.client().Get(kChunk);
    world.PassAnHour();
    CHECK(world.Summaries() == std::vector<Lines>{{"chunk-kb default default"}});
  }
}

TEST_CASE("an hour ends when it is over, and not before because consent came and went within it") {
  SummaryWorld world;
  (void)world.client().Get(kSharing);
  world.Pass(minutes(30), minutes(1));
  world.client().SetConsent(Purpose::kAnalytics, Consent::kUnknown);
  world.client().SetConsent(Purpose::kAnalytics, Consent::kGranted);
  (void)world.client().Get(kSharing);
  world.Pass(minutes(32), minutes(1));
  CHECK(world.Summaries().size() == 1);
  (void)world.client().Get(kChunk);
  world.Pass(minutes(55), minutes(1));
  CHECK(world.Summaries().size() == 1);
  world.Pass(minutes(10), minutes(1));
  CHECK(world.Summaries().size() == 2);
}

TEST_CASE("an hour has at most 512 entries, of keys that may travel, in events of 64") {
  SummaryWorld world;
  (void)world.client().Decide("\xFF", false);
  (void)world.client().Decide("", false);
  const std::string too_long(limits::kKeyBytes + 1, 'k');
  (void)world.client().Decide(too_long, false);
  for (int i = 0; i < 1'000; ++i) (void)world.client().Decide("flag-" + std::to_string(i), false);
  world.PassAnHour();
  const std::vector<Lines> summaries = world.Summaries();
  REQUIRE(summaries.size() == 8);
  std::size_t entries = 0;
  for (const Lines& lines : summaries) {
    CHECK(lines.size() <= 64);
    entries += lines.size();
  }
  CHECK(entries == 512 - 3);
  CHECK(world.client().status().ledger.lost.empty());
}

}  // namespace
}  // namespace guidon::test
