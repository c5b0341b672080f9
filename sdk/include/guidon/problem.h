// One thing that is wrong with a datafile: where, and why.
#pragma once

#include <string>

namespace guidon {

struct Problem {
  std::string pointer;  // RFC 6901, such as "/flags/composer/rules/0/when/op"; empty: the file as a whole
  std::string reason;
  bool is_error = true;  // false: a warning, nothing was left out because of it
};

}  // namespace guidon
