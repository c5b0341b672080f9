// One number for all that bucketing and evaluation come to, to compare machines, compilers and options by.
#pragma once

#include <string>

#include "tests/property/bucketing_under_test.h"

namespace guidon::property {

// Of 100,000 slots: every purpose, salts and ids of many kinds.
std::string SlotsDigest(const BucketingUnderTest& bucketing);

// Of 100,000 decisions by the evaluator: value, reason, variant, slots. Empty when the datafile has a problem.
std::string DecisionsDigest();

// What they have to be, everywhere and for good: another value means that people change variants.
inline constexpr char kSlotsDigest[] = "cb151cd62ae18dee166023f329562128";
inline constexpr char kDecisionsDigest[] = "3ee4fdbb2378b47f6ca76a66d76aee62";

}  // namespace guidon::property
