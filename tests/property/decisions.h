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
inline constexpr char kSlotsDigest[] = "b4e46772ecd5da201534c996b3411aaa95234e121725715609d378abf9774795";
inline constexpr char kDecisionsDigest[] = "f7279b7b52f9e1c65d25f967f91a393a8272a7886a9fa04b79114a93b55395c0";

}  // namespace guidon::property
