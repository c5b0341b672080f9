// The public keys that servers have to prove, as an app lists them by host.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "guidon/status.h"

namespace guidon {

class PinnedKeys {
 public:
  // Not ok when any host or key is misspelled; the message names it.
  static Result<PinnedKeys> Read(const std::map<std::string, std::vector<std::string>>& listed);

  bool empty() const noexcept { return by_host_.empty(); }
  // As curl takes them; null when the host, in lower case, is not listed.
  const std::string* Of(const std::string& host) const;

 private:
  std::map<std::string, std::string> by_host_;
};

}  // namespace guidon
