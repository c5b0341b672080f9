// What a flag's rules may ask for, whoever it is: with those of the segments, flags and experiments they rest on.
#pragma once

#include <set>
#include <string>

#include "sdk/core/ruleset/ruleset.h"

namespace guidon::tools {

struct Asked {
  bool behavior = false;
  std::set<std::string> attributes;  // as rules name them: "plan", "app.version"

  // Or something within it.
  bool HasAttribute(const std::string& name) const;
};

Asked AskedBy(const ruleset::Ruleset& rules, const ruleset::Flag& flag);

}  // namespace guidon::tools
