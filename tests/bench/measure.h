// How long one call takes: the fastest batch of about a millisecond in two passes. The fastest, since whatever else the
// machine does can only make it slower.
#pragma once

#include <cstdint>
#include <functional>

namespace guidon::bench {

// The compiler must believe that `value` is used.
template <class T>
inline void Keep(const T& value) {
#if defined(__GNUC__)
  asm volatile("" : : "g"(&value) : "memory");
#else
  static const volatile void* sink;
  sink = &value;
#endif
}

struct Cost {
  double ns = 0;           // of one call; 0 when it was not timed
  double allocations = 0;  // of one call
};

// In how many calls allocations are counted, and by instructions.sh instructions.
inline constexpr std::uint64_t kCountedCalls = 1'024;

// `run(n)` makes n calls. Warm before it is measured.
Cost Measure(const std::function<void(std::uint64_t)>& run, bool is_timed);

// Of something that takes milliseconds by itself: the fastest of twenty. Not timed, it is run once.
double MeasureLongNs(const std::function<void()>& run, bool is_timed);

}  // namespace guidon::bench
