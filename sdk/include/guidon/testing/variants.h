// A test body for every variant of an experiment, and for every pair of variants of several.
//
//   ForEachVariant(notes, "attach-button", [](TestClient& test) {
//     Composer composer(test.client());
//     CHECK(composer.CanAttach());          // what fails names the variant (guidon/testing/framework.h)
//   });
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "guidon/testing/test_client.h"

namespace guidon::testing {

// Calls `body` once for each variant, with a client of its own in which everybody is in that variant.
void ForEachVariant(const Datafile& datafile, const std::string& experiment,
                    const std::function<void(TestClient&)>& body);

// Calls `body` so often that any two variants of two of the experiments have met at least once: of five experiments
// with three variants each 14 times, where all combinations are 243.
void ForAllPairs(const Datafile& datafile, const std::vector<std::string>& experiments,
                 const std::function<void(TestClient&)>& body);

// The rows by which ForAllPairs goes: `row[i]` is below `sizes[i]`, and for any two columns each pair of values is in a
// row. The same for the same sizes. One column: a row for each value.
std::vector<std::vector<std::size_t>> PairRows(const std::vector<std::size_t>& sizes);

}  // namespace guidon::testing
