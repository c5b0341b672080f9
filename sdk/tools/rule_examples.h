// Of every rule somebody who comes to it, as contexts to try rules out with: what `guidon lint --explain-rules` prints.
#pragma once

#include <string>

#include "guidon/time.h"
#include "sdk/tools/source.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

// The source has no errors.
std::string RuleExamples(const Source& source, Timestamp now, const Style& style);

}  // namespace guidon::tools
