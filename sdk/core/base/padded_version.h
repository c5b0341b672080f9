// Versions as texts that compare by their bytes: the parts between "." and "-", those of digits alone padded to five
// places, a release above its pre-releases by a last part "~". Some vendors' SDKs compare them so: docs/dialects.md.
#pragma once

#include <string>

#include "guidon/value.h"

namespace guidon {

// A number counts as its JavaScript text, what is neither that nor a text, and an empty one, as "0".
std::string PaddedVersion(const Value& value);

}  // namespace guidon
