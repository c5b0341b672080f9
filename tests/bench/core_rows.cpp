#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/prompts/consider.h"
#include "sdk/core/prompts/triggered.h"
#include "tests/bench/allocations.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tests/bench/workloads.h"

namespace guidon::bench {
namespace {

using evaluation::PreparedContext;
using Rules = std::shared_ptr<const ruleset::Ruleset>;

constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);

struct Workload {
  std::string name;
  std::vector<std::string> keys;  // asked in turn
  double prepared_ns;
  double resolved_ns;
};

std::vector<Workload> Workloads() {
  return {
      {"W1 no rules", {FlagKey(400)}, 30, 130},  {"W2 five rules", {FlagKey(401)}, 100, 180},
      {"W3 split", {FlagKey(402)}, 45, 140},     {"W4 targeted split", {FlagKey(403)}, 90, 160},
      {"W5 any flag", ShuffledKeys(), 150, 350}, {"one experiment", {"experiment"}, 0, 0},
  };
}

// As an app's flag has them: the key and its hash.
struct Key {
  std::string_view text;
  std::uint64_t hash;
};

std::vector<Key> KeysOf(const Workload& workload) {
  std::vector<Key> keys;
  for (const std::string& key : workload.keys) keys.push_back({key, ruleset::TextIndex::Hash(key)});
  return keys;
}

std::optional<double> Budget(double ns) { return ns > 0 ? std::optional(ns) : std::nullopt; }

Row EvaluatePrepared(const Workload& workload, const Rules& rules, const std::vector<Context>& people,
                     const Wish& wish) {
  std::vector<std::unique_ptr<PreparedContext>> prepared;
  for (const Context& person : people) prepared.push_back(std::make_unique<PreparedContext>(*rules, person));
  const std::vector<Key> keys = KeysOf(workload);
  std::size_t person = 0;
  std::size_t key = 0;
  const Cost cost = Measure(
      [&](std::uint64_t calls) {
        for (std::uint64_t i = 0; i < calls; ++i) {
          if (++key >= keys.size()) key = 0;
          person = (person + 1) % kPeople;
          const ruleset::Flag& flag = rules->flags[rules->flag_index.Find(keys[key].text, keys[key].hash)];
          Keep(evaluation::Evaluate(*rules, flag, *prepared[person], kNow).value);
        }
      },
      wish.is_timed);
  return {"", cost.ns, "ns", cost.allocations, Budget(workload.prepared_ns), 0.0};
}

Row EvaluateResolved(const Workload& workload, const Rules& rules, const std::vector<Context>& people,
                     const Wish& wish) {
  const std::vector<Key> keys = KeysOf(workload);
  std::size_t person = 0;
  std::size_t key = 0;
  const Cost cost = Measure(
      [&](std::uint64_t calls) {
        for (std::uint64_t i = 0; i < calls; ++i) {
          if (++key >= keys.size()) key = 0;
          person = (person + 1) % kPeople;
          const PreparedContext prepared(*rules, people[person], {}, kNow, evaluation::Preparation::kAsAsked);
          const ruleset::Flag& flag = rules->flags[rules->flag_index.Find(keys[key].text, keys[key].hash)];
          Keep(evaluation::Evaluate(*rules, flag, prepared, kNow).value);
        }
      },
      wish.is_timed);
  return {"", cost.ns, "ns", cost.allocations, Budget(workload.resolved_ns), 0.0};
}

Row FindByText(const Rules& rules, const Wish& wish) {
  const std::vector<std::string> keys = ShuffledKeys();
  std::size_t key = 0;
  const Cost cost = Measure(
      [&](std::uint64_t calls) {
        for (std::uint64_t i = 0; i < calls; ++i) {
          if (++key >= keys.size()) key = 0;
          Keep(rules->FindFlag(keys[key]));
        }
      },
      wish.is_timed);
  return {"", cost.ns, "ns", cost.allocations, std::nullopt, 0.0};
}

// One event among people for whom all of the campaigns are open but for a cap, their own or their group's: every
// campaign is considered, as the client does when none may be shown.
Row ConsiderCampaigns(const Wish& wish, bool is_in_groups) {
  const auto loaded = dialects::LoadNative(CampaignDatafile(is_in_groups));
  if (loaded.rules == nullptr || !loaded.problems.empty()) {
    std::fprintf(stderr, "the campaigns do not load\n");
    std::exit(2);
  }
  behavior::Behavior behavior;
  for (int i = 0; i < 20; ++i) behavior.Add("app_open", kNow);
  prompts::Showings showings;
  for (const ruleset::Campaign& campaign : loaded.rules->campaigns) {
    prompts::Step step;
    step.campaign = campaign.key;
    step.prompt = "p";
    step.when = kNow;
    showings.Fold(step);
  }
  const Context person = Context().Unit("device", "d-1").Set("plan", "free").Set("app.version", "4.2.0");
  const std::vector<std::pair<std::string, Value>> properties = {{"chars", Value(1812)}, {"kind", Value("reply")}};
  const std::vector<prompts::GroupShowings> groups = prompts::ShowingsByGroup(*loaded.rules, showings);
  const evaluation::LocalClock clock{Duration(0)};
  prompts::TriggerWatch watch;
  watch.TakeRules(*loaded.rules);
  std::vector<prompts::Fired> fired;
  MonoTime mono(Duration(0));
  const Timestamp now = kNow + std::chrono::minutes(5);
  const prompts::Why expected = is_in_groups ? prompts::Why::kGroupCapped : prompts::Why::kCapped;
  std::size_t capped = 0;
  const Cost cost = Measure(
      [&](std::uint64_t calls) {
        for (std::uint64_t i = 0; i < calls; ++i) {
          const Context context = prompts::WithEvent(person, properties);
          const PreparedContext prepared(*loaded.rules, context, {&behavior}, now);
          capped = 0;
          for (const std::uint32_t index : prompts::TriggeredBy(*loaded.rules, prepared, "message_sent")) {
            const ruleset::Campaign& campaign = loaded.rules->campaigns[index];
            const auto shown = showings.Of(campaign.key);
            const prompts::Verdict verdict = prompts::Consider({*loaded.rules, campaign, prepared, "message_sent",
                                                                *shown, now, nullptr, false, nullptr, &groups, &clock});
            capped += verdict.why == expected ? 1u : 0u;
          }
          fired.clear();
          mono += std::chrono::milliseconds(1);
          watch.OnEvent(
              *loaded.rules, "message_sent", mono, [](std::uint32_t) { return true; }, &fired);
          Keep(&capped);
        }
      },
      wish.is_timed);
  if (capped != kCampaignCount) {
    std::fprintf(stderr, "not every campaign got as far as its caps\n");
    std::exit(2);
  }
  return {"", cost.ns, "ns", cost.allocations, 50'000.0, 30.0};
}

// The workloads must be what their names say, or their times mean nothing.
void CheckWorkloads(const Rules& rules, const std::vector<Context>& people) {
  for (const Context& person : people) {
    const PreparedContext prepared(*rules, person);
    const Reason expected[] = {Reason::kStatic, Reason::kRule, Reason::kRollout, Reason::kRollout};
    for (std::size_t i = 0; i < 4; ++i) {
      if (evaluation::Evaluate(*rules, *rules->FindFlag(FlagKey(400 + i)), prepared, kNow).reason == expected[i])
        continue;
      std::fprintf(stderr, "W%zu is not what it should be\n", i + 1);
      std::exit(2);
    }
  }
}

}  // namespace

std::vector<Row> CoreRows(const Wish& wish) {
  const std::string datafile = Datafile();
  const auto loaded = dialects::LoadNative(datafile);
  if (loaded.rules == nullptr || !loaded.problems.empty()) {
    std::fprintf(stderr, "the workloads do not load\n");
    std::exit(2);
  }
  const std::vector<Context> people = People();
  CheckWorkloads(loaded.rules, people);
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const auto& measure) {
    if (!wish.wanted(name)) return;
    Row row = measure();
    row.name = name;
    if (!wish.is_timed) row.value.reset();
    rows.push_back(std::move(row));
  };
  for (const Workload& workload : Workloads()) {
    add("evaluate, context prepared: " + workload.name,
        [&] { return EvaluatePrepared(workload, loaded.rules, people, wish); });
  }
  for (const Workload& workload : Workloads()) {
    add("evaluate, context resolved in the call: " + workload.name,
        [&] { return EvaluateResolved(workload, loaded.rules, people, wish); });
  }
  add("find a flag by its key among 1,000", [&] { return FindByText(loaded.rules, wish); });
  add("consider 100 campaigns at one event", [&] { return ConsiderCampaigns(wish, false); });
  add("consider 100 campaigns in groups, with sequences", [&] { return ConsiderCampaigns(wish, true); });
  return rows;
}

}  // namespace guidon::bench
