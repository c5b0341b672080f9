#include "guidon/platform_parts.h"

namespace guidon {

std::shared_ptr<Patterns> Re2Patterns() { return nullptr; }

}  // namespace guidon
