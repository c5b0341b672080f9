// Prompts across crashes, restarts and clocks that jump: caps hold, and each showing ends once at the collector.

#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guidon/guidon.h"
#include "sdk/core/prompts/showings.h"
#include "tests/support/faulty_storage.h"
#include "tests/unit/client/prompt_world.h"

namespace guidon::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Steps = std::vector<std::string>;

bool IsEnd(const std::string& what) { return what != "exposure" && what != "impression" && what != "viewable"; }

// By prompt id, what the collector has of it.
std::map<std::string, std::multiset<std::string>> ByPrompt(const World& world) {
  std::map<std::string, std::multiset<std::string>> prompts;
  for (const auto& event : world.CollectedOf("guidon.prompt")) {
    prompts[event.attributes.at("guidon.prompt.id")].insert(event.attributes.at("guidon.prompt.what"));
  }
  return prompts;
}

TEST_CASE("a process that ends with a prompt up leaves it used up, and unknown once") {
  struct Row {
    const char* name;
    std::function<void(PromptWorld&)> before_the_kill;
    Steps steps;
    bool is_shown_again;
  };
  const Row rows[] = {
      {"reserved", [](PromptWorld&) {}, {"exposure", "unknown"}, false},
      {"seen", [](PromptWorld& world) { world.host.lease->Presented(); }, {"exposure", "impression", "unknown"}, false},
      {"acted on",
       [](PromptWorld& world) { world.host.lease->Action("b1"); },
       {"exposure", "impression", "action b1"},
       false},
      {"failed",
       [](PromptWorld& world) { world.host.lease->Failed("no anchor"); },
       {"exposure", "failure no anchor"},
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    PromptWorld world;
    world.Write();
    REQUIRE(world.host.lease);
    row.before_the_kill(world);
    world.Pass(Duration(300), Duration(100));
    for (int i = 0; i < 3; ++i) {
      world.Restart();
      world.Pass(minutes(1));
    }
    CHECK(world.PromptSteps() == row.steps);
    world.Write();
    CHECK(world.host.presented.size() == (row.is_shown_again ? 2u : 1u));
  }
}

TEST_CASE("what waits for a busy host ends with the process, and costs nothing") {
  PromptWorld world;
  world.host.admission = Admission::kLater;
  world.Write();
  world.Restart();
  world.host.admission = Admission::kNow;
  world.Pass(minutes(2));
  CHECK(world.host.presented.empty());
  world.Write();
  CHECK(world.host.presented.size() == 1);
}

// Of the campaign, as the store has them.
prompts::CampaignShowings StoredShowings(Storage& storage) {
  prompts::CampaignShowings showings;
  const std::string key = "c/" + std::string(8, '\0') + "try-share";
  storage.Open([](auto) {});
  storage.Read(key, key + '\0', std::size_t{1} << 20, [&](Result<std::vector<Row>> rows) {
    REQUIRE(rows.ok());
    if (!rows->empty()) showings = prompts::DecodeShowings(rows->front().value).value();
  });
  return showings;
}

// Shows, sees and clicks, then a day later is asked for again.
void LiveWithAPrompt(PromptWorld* world) {
  world->Write();
  if (world->host.lease) world->host.lease->Presented();
  world->Pass(Duration(300), Duration(100));
  if (world->host.lease) world->host.lease->Action("b1");
  world->Pass(Duration(300), Duration(100));
  world->Write();
}

TEST_CASE("whichever call to the store is the last, an impression and its event are both there or neither") {
  for (const auto how : {FaultyStorage::Crash::kBefore, FaultyStorage::Crash::kAfter}) {
    std::size_t calls = 1;
    for (std::size_t n = 1; n <= calls; ++n) {
      CAPTURE(n);
      CAPTURE(static_cast<int>(how));
      PromptWorld world;
      const auto inner = world.storage;
      const auto faulty = std::make_shared<FaultyStorage>(inner);
      world.storage = faulty;
      faulty->CrashAt(n, how);
      world.Start();
      LiveWithAPrompt(&world);
      if (faulty->crashed()) calls = n + 1;
      world.storage = inner;
      world.Restart();
      world.Pass(minutes(2));

      CHECK(world.host.presented.size() <= 1);
      std::size_t seen = 0;
      const auto stored = StoredShowings(*world.storage);
      for (const prompts::Showing& showing : stored.list) {
        CHECK_FALSE(showing.is_open());
        if (showing.was_seen) ++seen;
      }
      const auto prompts = ByPrompt(world);
      CHECK(prompts.size() == stored.list.size());
      std::size_t impressions = 0;
      for (const auto& [id, whats] : prompts) {
        CHECK(whats.count("exposure") == 1);
        impressions += whats.count("impression");
        std::size_t ends = 0;
        for (const std::string& what : whats) {
          if (IsEnd(what)) ++ends;
        }
        CHECK(ends == 1);
      }
      CHECK(impressions == seen);
      if (!world.host.presented.empty()) CHECK(prompts.count(world.host.presented[0].id) == 1);
      world.Write();
      // Used up, unless it failed without being seen.
      if (seen > 0) CHECK(world.host.presented.size() == 1);
    }
    CHECK(calls > 5);
  }
}

// One person's life with an app and a device whose clock is set at random, by a seed. What is checked goes by true
// time.
class RandomLife {
 public:
  explicit RandomLife(unsigned seed)
      : random_(seed), world_(Campaigns(), R"("groups":{"all":{"gap":"2h"}})"), has_server_(seed % 4 != 0) {
    Attend();
    if (has_server_) Confirm();
  }

  void Live(int steps) {
    for (int i = 0; i < steps; ++i) Step();
    world_.is_online = true;
    world_.host.lease.reset();
    world_.Restart();
    world_.Pass(minutes(10), seconds(10));
  }

  void CheckCollector() {
    // Between two processes a clock that is weeks ahead makes old what waits to be sent.
    if (!world_.client().status().ledger.lost.empty()) return;
    const auto prompts = ByPrompt(world_);
    for (const auto& [id, whats] : prompts) {
      CAPTURE(id);
      CHECK(whats.count("exposure") == 1);
      CHECK(whats.count("impression") <= 1);
      std::size_t ends = 0;
      for (const std::string& what : whats) {
        if (!IsEnd(what)) continue;
        ++ends;
        const auto said = said_.find(id);
        if (what != "unknown" && what != "failure" && said != said_.end()) CHECK(what == said->second);
      }
      CHECK(ends == 1);
    }
    for (const Shown& shown : shown_) CHECK(prompts.count(shown.id) == 1);
  }

  // Whatever happened to the clock, and whether it is set right, known to be wrong or neither, nobody waits for longer
  // than a cap says.
  void CheckNobodyStarves(bool is_clock_right, bool is_confirmed) {
    if (is_clock_right) world_.clock->SetWall(Truth());
    if (is_confirmed) world_.server_time = [this] { return Truth(); };
    world_.host.admission = Admission::kNow;
    world_.Write();
    world_.Pass(minutes(10), seconds(10));
    if (world_.host.lease) world_.host.lease->Dismissed(DismissCause::kPerson);
    world_.host.lease.reset();
    world_.Pass(hours(8 * 24), hours(6));
    const std::size_t before = shown_.size();
    const bool is_used_up = CountOf("one") >= kEverOne && CountOf("two") >= kEverTwo;
    world_.Write();
    world_.Pass(seconds(5));
    CHECK((is_used_up || shown_.size() > before));
  }
  std::size_t shown() const { return shown_.size(); }

 private:
  struct Shown {
    std::string id, campaign;
    Timestamp when{};
    Timestamp dismissed = Timestamp::min();
    bool has_failed = false;
    bool is_snoozed = false;
  };
  static constexpr std::size_t kEverOne = 12;
  static constexpr std::size_t kEverTwo = 15;

  static std::vector<CampaignSpec> Campaigns() {
    CampaignSpec one, two;
    one.key = "one";
    one.caps = R"([{"count":1,"per":"2d"},{"count":12},{"group":"all"}])";
    two.key = "two";
    two.caps = R"([{"count":2,"per":"7d"},{"count":15},{"group":"all"}])";
    two.dismissal = "1d";
    two.priority = 1;
    return {one, two};
  }

  Timestamp Truth() const { return truth_ + (world_.clock->Monotonic() - booted_); }

  void Attend() {
    world_.host.on_ask = [this] { asked_at_ = Truth(); };
    world_.host.on_present = [this](const Prompt& prompt, PromptLease&) {
      CheckCaps(prompt.campaign);
      shown_.push_back({prompt.id, prompt.campaign, asked_at_});
    };
  }

  std::size_t CountOf(const std::string& campaign) const {
    std::size_t count = 0;
    for (const Shown& shown : shown_) count += shown.campaign == campaign && !shown.has_failed ? 1u : 0u;
    return count;
  }

  void CheckCaps(const std::string& campaign) {
    const bool is_one = campaign == "one";
    const std::size_t window_cap = is_one ? 1 : 2;
    const Duration window = (is_one ? hours(48) : hours(7 * 24)) - corrected_;
    std::size_t within = 0;
    for (const Shown& shown : shown_) {
      if (shown.has_failed) continue;
      if (shown.dismissed != Timestamp::min()) CHECK(shown.dismissed + hours(2) - corrected_ <= asked_at_);
      if (shown.campaign != campaign) continue;
      if (!shown.is_snoozed && shown.when + window > asked_at_) ++within;
      if (shown.is_snoozed) CHECK(shown.when + hours(24) - corrected_ <= asked_at_);
      const bool is_dismissed = !is_one && shown.dismissed != Timestamp::min();
      if (is_dismissed) CHECK(shown.dismissed + hours(24) - corrected_ <= asked_at_);
    }
    CHECK(CountOf(campaign) < (is_one ? kEverOne : kEverTwo));
    CHECK(within < window_cap);
  }

  void Say() {
    if (!world_.host.lease || shown_.empty()) return;
    Shown& last = shown_.back();
    PromptLease& lease = *world_.host.lease;
    switch (Draw(7)) {
      case 0: return lease.Presented();
      case 1: lease.Action("b1"); return (void)said_.emplace(last.id, "action");
      case 2:
      case 3:
        lease.Dismissed(DismissCause::kPerson);
        if (said_.emplace(last.id, "dismissal").second) last.dismissed = Truth();
        return world_.Pass(milliseconds(200), milliseconds(100));  // what is not committed dies with the process
      case 4:
        lease.Action("b2");
        if (said_.emplace(last.id, "snooze").second) last.is_snoozed = true;
        return world_.Pass(milliseconds(200), milliseconds(100));
      default:
        lease.Failed("cannot");
        if (said_.emplace(last.id, "failure").second) last.has_failed = true;
    }
  }

  // The device is off for a while. Then its clock is right, or behind, or as wrong as a server had found it to be.
  // One that is ahead as nobody knew is believed, as is one that comes to be ahead where it was behind and no server
  // ever told the time: that is what prompts go wrong by, and is documented.
  void Reboot() {
    const unsigned how = has_server_ ? Draw(3) : 0;
    if (how == 2) Confirm();
    const Timestamp known = world_.clock->Now() - world_.client().status().clock_ahead;
    world_.Kill();
    const Duration off = minutes(Draw(60 * 48));
    truth_ = Truth() + off;
    world_.clock->Reboot();
    booted_ = world_.clock->Monotonic();
    world_.clock->AdvanceWall(off);
    if (how == 0) world_.clock->SetWall(truth_);
    if (how == 1) world_.clock->SetWall(known - hours(1 + Draw(24 * 90)));
    world_.host.lease.reset();
    world_.Start();
  }

  // A server's date comes, and is kept.
  void Confirm() {
    const bool was_online = std::exchange(world_.is_online, true);
    world_.server_time = [this] { return Truth(); };
    world_.Write();
    world_.Pass(minutes(20), seconds(10));
    world_.Write();
    world_.server_time = nullptr;
    world_.is_online = was_online;
  }

  void Step() {
    switch (Draw(16)) {
      case 0:
      case 1:
      case 2: return world_.Write();
      case 3:
      case 4: return Say();
      case 5: return world_.Pass(hours(1 + Draw(30)), hours(6));
      case 6: return world_.Pass(seconds(1 + Draw(90)), seconds(5));
      case 7: return world_.clock->AdvanceWall(hours(static_cast<int>(Draw(120)) - 60));
      case 8: {
        const Admission all[] = {Admission::kNow, Admission::kNow, Admission::kLater, Admission::kNever};
        world_.host.admission = all[Draw(4)];
        return;
      }
      case 9: return world_.Restart();
      case 10: world_.is_online = Draw(3) != 0; return;
      case 11: return world_.client().OnBackground(), world_.Settle(), world_.client().OnForeground();
      case 12: return world_.clock->AdvanceWall(hours(24) * (static_cast<int>(Draw(81)) - 40));
      case 13: return Reboot();
      case 14: return has_server_ ? Confirm() : world_.Write();
      default: {
        const int by = static_cast<int>(Draw(7)) - 3;  // set right a little, which is followed
        corrected_ += minutes(std::abs(by));
        return world_.clock->AdvanceWall(minutes(by));
      }
    }
  }

  unsigned Draw(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::mt19937 random_;
  PromptWorld world_;
  const bool has_server_;  // that says what time it is, now and then
  std::vector<Shown> shown_;
  std::map<std::string, std::string> said_;
  Timestamp asked_at_{};
  Timestamp truth_ = world_.clock->Now();  // when the boot began
  MonoTime booted_ = world_.clock->Monotonic();
  Duration corrected_ = minutes(1);  // by little steps, both ways; and servers tell whole seconds, of a round trip
};

TEST_CASE("in no life are caps, waits or gaps exceeded, whatever the clock does, and every showing ends once") {
  const unsigned lives = std::getenv("GUIDON_LONG") != nullptr ? 2'000 : 30;
  std::size_t shown = 0;
  for (unsigned seed = 1; seed <= lives; ++seed) {
    CAPTURE(seed);
    RandomLife life(seed);
    life.Live(150);
    life.CheckCollector();
    life.CheckNobodyStarves(seed % 3 == 0, seed % 2 == 0);
    shown += life.shown();
  }
  CHECK(shown > lives * 5);
}

}  // namespace
}  // namespace guidon::test
