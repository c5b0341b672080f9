// How `guidon audit` tells what it found in exposures.
#pragma once

#include <string>

#include "sdk/core/base/json_writer.h"
#include "sdk/tools/exposures.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

// Its last line is the verdict.
std::string ToText(const ExposureAudit& audit, const Style& style);
// One object.
void WriteJson(const ExposureAudit& audit, json::Writer* out);

}  // namespace guidon::tools
