// Scenarios of .feature files: https://cucumber.io/docs/gherkin/reference. Outlines come with each of their rows put
// in.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace guidon::conformance {

struct Step {
  std::string text;  // without "Given", "When", …
  std::vector<std::vector<std::string>> table;

  // What stands between double quotes, in order.
  std::vector<std::string> Quoted() const;
  bool Has(const std::string& words) const { return text.find(words) != std::string::npos; }
};

struct Scenario {
  std::string name;
  std::set<std::string> tags;  // "@deprecated"; its own, the feature's and those of its examples
  std::vector<Step> steps;     // the background's first
};

std::vector<Scenario> ParseFeature(const std::string& text);

}  // namespace guidon::conformance
