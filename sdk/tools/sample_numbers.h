// Numbers that stand for all others as far as comparisons with given ones can tell them apart.
#pragma once

#include <vector>

#include "guidon/value.h"

namespace guidon::tools {

// Of each constant, and of what lies between neighbours and beyond the outermost: a whole number and one with a
// fraction, where there are such. `constants` are ints and doubles.
std::vector<Value> SampleNumbers(const std::vector<Value>& constants);

// Exact, also where an int64 has no double.
int CompareNumbers(const Value& a, const Value& b);

}  // namespace guidon::tools
