#include "sdk/tools/tool_ports.h"

#include "guidon/platform_parts.h"

namespace guidon::tools {

Crypto* ToolCrypto() {
  static const std::shared_ptr<Crypto> crypto = OpenSslCrypto();
  return crypto.get();
}

Patterns* ToolPatterns() {
  static const std::shared_ptr<Patterns> patterns = Re2Patterns();
  return patterns.get();
}

}  // namespace guidon::tools
