// Lists that a datafile carries without naming anybody: devices compare salted digests. Whoever knows a value can still
// tell whether it is listed, as devices have to; short and guessable ones are not hidden by this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace guidon::tools {

// By project and segment, so that lists of two segments cannot be compared. 16 hex digits.
std::string SegmentSalt(std::string_view project, std::string_view segment);

// 32 hex digits each, sorted, none twice.
std::vector<std::string> HashValues(std::string_view salt, const std::vector<std::string>& values);

}  // namespace guidon::tools
