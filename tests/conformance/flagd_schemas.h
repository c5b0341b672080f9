#pragma once

#include <string>

#include "tests/conformance/suite.h"

namespace guidon::conformance {

// The examples in `folder`/test, each against the schema it names: those under "positive" are valid, those under
// "negative" are not.
void RunSchemas(const std::string& folder, Outcome* out);

}  // namespace guidon::conformance
