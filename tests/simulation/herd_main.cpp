// guidon-herd: whether a million apps that share an outage come back all at once.
//
//   guidon-herd                                     a million; takes a minute or two and 600 MiB
//   guidon-herd --apps 20000 --retry-after 120      the failing server asks to be left alone for two minutes
//   guidon-herd --apps 20000 --names-the-end        it says when it will be back
//   guidon-herd --apps 20000 --at-once              all of them start in the same moment

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/simulation/herd.h"

int main(int count, char** given) {
  using namespace guidon::simulation;
  HerdSettings settings;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = given[i];
    if (name == "--at-once") {
      settings.starts_within = guidon::Duration(0);
    } else if (name == "--names-the-end") {
      settings.names_the_end = true;
    } else if (name == "--one-id") {
      settings.has_one_id = true;
    } else if (i + 1 < count && name == "--apps") {
      settings.apps = std::strtoull(given[++i], nullptr, 10);
    } else if (i + 1 < count && name == "--retry-after") {
      settings.retry_after = std::chrono::seconds(std::strtoull(given[++i], nullptr, 10));
    } else {
      settings.apps = 0;
    }
  }
  if (settings.apps == 0) {
    std::fputs("guidon-herd [--apps N] [--retry-after SECONDS | --names-the-end] [--at-once] [--one-id]\n", stderr);
    return 2;
  }
  const Herd herd = RunHerd(settings);
  std::printf("%llu apps, each asks once in %lld minutes; the server fails from minute %lld to %lld%s\n\n",
              static_cast<unsigned long long>(settings.apps),
              static_cast<long long>(settings.poll_interval / std::chrono::minutes(1)),
              static_cast<long long>(settings.outage_begins / std::chrono::minutes(1)),
              static_cast<long long>(settings.outage_ends / std::chrono::minutes(1)),
              settings.retry_after > guidon::Duration(0) ? " and asks to be left alone" : "");
  std::fputs(Histogram(herd).c_str(), stdout);
  const std::string faults = FaultsOf(herd);
  std::printf("\nsteady %.0f a second; most while it fails and after %u\n%s", herd.steady(),
              herd.Most(settings.outage_begins + std::chrono::seconds(10), settings.ends),
              faults.empty() ? "nobody comes at once\n" : faults.c_str());
  return faults.empty() ? 0 : 1;
}
