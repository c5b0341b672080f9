// A vendor's published cases, run against the dialect that reads its payloads.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace guidon::conformance {

struct Failure {
  std::string name;  // "hash 3: …"
  std::string expected;
  std::string actual;
};

struct Outcome {
  std::size_t passed = 0;
  std::vector<Failure> failures;
  std::map<std::string, std::vector<std::string>> skipped;  // names of cases, by the reason
  std::string unreadable;                                   // why there is nothing to run; empty: there is

  // The same texts: passed.
  void Compare(const std::string& name, const std::string& expected, const std::string& actual);
  void Skip(const std::string& name, const std::string& reason) { skipped[reason].push_back(name); }
  std::size_t skipped_count() const;
};

// Nobody knows a case by its name here: another folder of the same form has to do as well.
Outcome RunGrowthBook(const std::string& folder);
Outcome RunFlagd(const std::string& folder);
Outcome RunUnleash(const std::string& folder);

}  // namespace guidon::conformance
