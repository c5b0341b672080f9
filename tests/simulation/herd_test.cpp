#include "tests/simulation/herd.h"

#include <doctest/doctest.h>

#include <string>

using namespace guidon;
using namespace guidon::simulation;

namespace {

constexpr std::uint64_t kApps = 6'000;

HerdSettings Settings(Duration retry_after = Duration(0), Duration starts_within = std::chrono::minutes(5)) {
  HerdSettings settings;
  settings.apps = kApps;
  settings.retry_after = retry_after;
  settings.starts_within = starts_within;
  return settings;
}

}  // namespace

TEST_CASE("after an outage that all apps share they come as evenly as before") {
  for (const Duration retry_after : {Duration(0), Duration(std::chrono::seconds(120))}) {
    CAPTURE(retry_after.count());
    const Herd herd = RunHerd(Settings(retry_after));
    CHECK(FaultsOf(herd) == "");
    const double before = herd.Mean(std::chrono::minutes(10), std::chrono::minutes(20));
    CHECK(before > 0.95 * herd.steady());
    CHECK(before < 1.05 * herd.steady());
    CHECK(herd.served > kApps * 8);
  }
}

TEST_CASE("apps that all start in one moment have spread before the hour is over") {
  CHECK(FaultsOf(RunHerd(Settings(Duration(0), Duration(0)))) == "");
}

TEST_CASE("a herd without jitter of its own is found out") {
  HerdSettings settings = Settings(Duration(0), Duration(0));
  settings.has_one_id = true;
  const std::string faults = FaultsOf(RunHerd(settings));
  CHECK(faults.find("6000 come in one second, of a server that otherwise has 20") != std::string::npos);
  CHECK(faults.find("long after the outage 6000 come in one second") != std::string::npos);
}
