#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace guidon {

// What stands between the dots: at least one step, which may be empty.
inline std::vector<std::string> PathSteps(std::string_view path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.') {
      steps.emplace_back();
    } else {
      steps.back() += c;
    }
  }
  return steps;
}

}  // namespace guidon
