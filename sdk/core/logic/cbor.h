// A value as deterministic CBOR: RFC 8949, section 4.2.1. Whole numbers are integers, others the shortest float that
// keeps them.
#pragma once

#include <string>

#include "guidon/value.h"

namespace guidon::logic {

std::string ToCbor(const Value& value);

}  // namespace guidon::logic
