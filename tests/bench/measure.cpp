#include "tests/bench/measure.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "tests/bench/allocations.h"

namespace guidon::bench {
namespace {

using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr double kBatchNs = 1e6;
constexpr int kBatches = 100;  // of one pass

double TimeOnce(const std::function<void(std::uint64_t)>& run, std::uint64_t calls) {
  const auto start = std::chrono::steady_clock::now();
  run(calls);
  return Nanoseconds(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

// A function of its own, which is never inlined: instructions.sh has them counted here and nowhere else.
#if defined(__GNUC__)
__attribute__((noinline))
#endif
void CountedCalls(const std::function<void(std::uint64_t)>& run, std::uint64_t calls) {
  run(calls);
  Keep(calls);
}

Cost Measure(const std::function<void(std::uint64_t)>& run, bool is_timed) {
  Cost cost;
  run(kCountedCalls);
  const std::uint64_t before = Allocations();
  CountedCalls(run, kCountedCalls);
  cost.allocations = static_cast<double>(Allocations() - before) / kCountedCalls;
  if (!is_timed) return cost;

  std::uint64_t calls = kCountedCalls;
  while (TimeOnce(run, calls) < kBatchNs / 2) calls *= 2;
  cost.ns = std::numeric_limits<double>::max();
  for (int pass = 0; pass < 2; ++pass) {
    for (int batch = 0; batch < kBatches; ++batch) {
      cost.ns = std::min(cost.ns, TimeOnce(run, calls) / static_cast<double>(calls));
    }
  }
  return cost;
}

double MeasureLongNs(const std::function<void()>& run, bool is_timed) {
  if (!is_timed) {
    CountedCalls([&](std::uint64_t) { run(); }, 1);
    return 0;
  }
  double fastest = std::numeric_limits<double>::max();
  for (int i = 0; i < 20; ++i) fastest = std::min(fastest, TimeOnce([&](std::uint64_t) { run(); }, 1));
  return fastest;
}

}  // namespace guidon::bench
