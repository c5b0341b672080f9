// Makes QA tokens: from what a tester is to be able to do, checked against the datafile that devices have.
#pragma once

#include <string>
#include <vector>

#include "guidon/overrides.h"
#include "guidon/status.h"
#include "guidon/time.h"
#include "sdk/core/ruleset/ruleset.h"
#include "sdk/tools/keys.h"

namespace guidon::tools {

struct QaWish {
  std::string id;  // empty: one that follows from the rest
  std::string issuer;
  std::string device;              // a code, or "*"
  std::vector<std::string> allow;  // empty: what `force` names
  std::string force;
  std::string note;
  bool allows_local = false;
  Timestamp not_before{};
  Duration lasts{0};
};

// The text of the token, signed. Not ok: what no device would take, or what the datafile does not have, with what there
// is instead.
Result<std::string> MakeToken(const QaWish& wish, const ruleset::Ruleset& rules, const KeyPair& key);

}  // namespace guidon::tools
