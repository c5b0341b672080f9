// Numbers, times and names as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "samples/collector/statistics.h"

namespace guidon::collector {

// For HTML text and quoted attributes: & < > " ' are written as references.
std::string Escape(std::string_view text);

std::string Thousands(std::uint64_t n);                   // 12,345
std::string Percent(double share, int decimals = 1);      // 31.2 %
std::string Points(double difference, int decimals = 1);  // +6.1, of percentage points
std::string PValue(double p);                             // 0.43, 1.8e-06
std::string Minute(std::int64_t ms);                      // 2026-11-21 10:00 UTC
std::string Date(std::int64_t ms);                        // 2026-11-21
std::string Plain(double value);                          // 1,234.5, with what digits it needs, at most two
std::string Plural(std::uint64_t n, const char* one, const char* many);  // 1 person, 2 people

// How many decimals, so that the ends of an interval still differ: 1 to 3.
int DecimalsFor(const Interval& interval);

}  // namespace guidon::collector
