// What a run found wrong. The first finding is the one that counts: whatever follows may follow from it.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace guidon::simulation {

struct Finding {
  std::string check;   // a short name; shrinking keeps to it
  std::string detail;  // for a person
  int device = -1;
};

class Findings {
 public:
  void Report(int device, std::string check, std::string detail) {
    if (!first_) first_ = Finding{std::move(check), std::move(detail), device};
  }
  const std::optional<Finding>& first() const { return first_; }

 private:
  std::optional<Finding> first_;
};

}  // namespace guidon::simulation
