// Shares of a crowd for people to read, for programs, and as a picture.
#pragma once

#include <string>

#include "sdk/tools/shares.h"
#include "sdk/tools/terminal.h"

namespace guidon::tools {

std::string ToText(const ruleset::Header& header, const Shares& shares, const Style& style);
std::string ToJson(const ruleset::Header& header, const Shares& shares);
// A bar for each variant, and a mark where it should end.
std::string ToSvg(const ruleset::Header& header, const Shares& shares);

}  // namespace guidon::tools
