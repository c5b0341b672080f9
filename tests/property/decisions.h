// One number for all that bucketing and evaluation come to, to compare machines, compilers and options by.
#pragma once

#include <string>

#include "tests/property/bucketing_under_test.h"

namespace guidon::property {

// Of 100,000 slots: every purpose, salts and ids of many kinds.
std::string SlotsDigest(const BucketingUnderTest& bucketing);

// Of 102,000 decisions by the evaluator: value, reason, exposures with variant, slots, audience.  Empty when the
// datafile has a problem.
std::string DecisionsDigest();

// Of the results of a trace of 102,000 decisions, made again by `guidon replay`'s own code. Empty when one of them is
// another than was recorded.
std::string ReplayDigest();

// What they have to be, everywhere and for good: another value means that people change variants.
inline constexpr char kSlotsDigest[] = "cb151cd62ae18dee166023f329562128";
inline constexpr char kDecisionsDigest[] = "bf2e29df815d3441d412fcd02350f582";
inline constexpr char kReplayDigest[] = "1d8e77453ba4350d4a2ce685ff5fe3f6";

}  // namespace guidon::property
