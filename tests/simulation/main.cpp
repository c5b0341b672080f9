// guidon-simulation: lives of many devices from a seed, and what is wrong with them.
//
//   guidon-simulation --seed 1 --device-days 10000      stories of seed 1, 2, 3… until they are so long together
//   guidon-simulation --seed 4711 --device-days 1 --shrink     one story, made as short as it fails

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/simulation/world.h"

namespace guidon::simulation {
namespace {

constexpr int kShrinkRuns = 3'000;
constexpr std::uint64_t kRealCollectorIn = 25;

struct Arguments {
  std::uint64_t seed = 1;
  std::int64_t device_days = 10'000;
  bool shrinks = false;
  bool tells = false;
  int most_failures = 1;
};

bool Parse(int count, char** given, Arguments* arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = given[i];
    if (name == "--shrink" || name == "--story") {
      (name == "--shrink" ? arguments->shrinks : arguments->tells) = true;
      continue;
    }
    if (i + 1 == count) return false;
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(given[++i], &end, 10);
    if (*end != '\0' || end == given[i]) return false;
    if (name == "--seed") {
      arguments->seed = value;
    } else if (name == "--device-days") {
      arguments->device_days = static_cast<std::int64_t>(value);
    } else if (name == "--failures") {
      arguments->most_failures = static_cast<int>(value);
    } else {
      return false;
    }
  }
  return true;
}

void ShrinkAndTell(const Story& story, const Outcome& outcome, const RunOptions& options) {
  const Story shrunk = Shrink(story, outcome.finding->check, kShrinkRuns, options);
  const Outcome again = Run(shrunk, options);
  std::printf("  shrunk to %zu steps: %s: %s\n%s", shrunk.steps.size(), again.finding->check.c_str(),
              again.finding->detail.c_str(), Tell(shrunk).c_str());
}

int Main(const Arguments& arguments) {
  RunOptions options;
  options.real_collector_in = kRealCollectorIn;
  const auto began = std::chrono::steady_clock::now();
  auto told = began;
  const auto seconds_since = [](auto when) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - when).count();
  };
  std::int64_t days = 0;
  int failures = 0;
  Device::Totals totals;
  std::uint64_t seed = arguments.seed;
  for (; days < arguments.device_days && failures < arguments.most_failures; ++seed) {
    const Story story = MakeStory(seed);
    if (arguments.tells) std::printf("%s", Tell(story).c_str());
    const Outcome outcome = Run(story, options);
    days += story.device_days();
    totals += outcome.totals;
    if (outcome.finding) {
      ++failures;
      std::printf("%s", Report(story, outcome).c_str());
      if (arguments.shrinks) ShrinkAndTell(story, outcome, options);
      std::fflush(stdout);
    }
    if (seconds_since(told) > 60) {
      told = std::chrono::steady_clock::now();
      std::printf("%lld device-days, seeds %llu to %llu, %.0f s\n", static_cast<long long>(days),
                  static_cast<unsigned long long>(arguments.seed), static_cast<unsigned long long>(seed),
                  seconds_since(began));
      std::fflush(stdout);
    }
  }
  std::printf("seeds %llu to %llu: %lld device-days in %.1f s, %d failed\n",
              static_cast<unsigned long long>(arguments.seed), static_cast<unsigned long long>(seed - 1),
              static_cast<long long>(days), seconds_since(began), failures);
  const auto number = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
  std::printf(
      "%llu starts, %llu of them ended by death; %llu events tracked, %llu received of all kinds, %llu prompts seen, "
      "%llu requests, %llu commits, %llu idle minutes\n",
      number(totals.starts), number(totals.deaths), number(totals.tracked), number(totals.received),
      number(totals.shown), number(totals.requests), number(totals.commits), number(totals.idle_minutes));
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace guidon::simulation

int main(int count, char** given) {
  guidon::simulation::Arguments arguments;
  if (!guidon::simulation::Parse(count, given, &arguments)) {
    std::fprintf(stderr,
                 "usage: guidon-simulation [--seed N] [--device-days N] [--failures N] [--shrink] [--story]\n"
                 "  --failures N  goes on until so many stories have failed (1)\n"
                 "  --shrink      makes a story that fails as short as it fails\n"
                 "  --story       prints every step of every story\n");
    return 2;
  }
  return guidon::simulation::Main(arguments);
}
