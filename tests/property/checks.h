// What one proof counts, each count with the probability at which it would refute what is true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/property/proof.h"

namespace guidon::property {

class Checks {
 public:
  // How likely one statistic refutes a true statement, were the units drawn anew. Every p-value is held against it.
  static constexpr double kFalseAlarm = 1e-6;

  // Of nothing counted: what holds for each unit. The first that does not stays.
  void Refute(const std::string& why);
  bool holds() const { return refutation_.empty(); }

  // `count` of `total` units for a share of them. Shares of 0 and 1 leave nothing to chance.
  void Share(const std::string& of, std::uint64_t count, std::uint64_t total, double share);
  // Units by part, for parts that should have these weights.
  void Split(const std::string& of, const std::vector<std::uint64_t>& units, const std::vector<double>& weights);
  // Two questions to the same units, answers of one by rows and of the other by columns.
  void Independent(const std::string& of, const std::vector<std::vector<std::uint64_t>>& table);
  // A line of its own. What is indented after it is of the part that its beginning names, up to a colon.
  void Note(const std::string& line);

  Finding finding() const;

 private:
  void Take(const std::string& of, std::uint64_t units, int degrees, double p);
  bool HasEnough(const std::string& of, double least_expected);

  std::string refutation_;
  std::string part_;
  std::string statistics_;
  std::size_t taken_ = 0;
};

}  // namespace guidon::property
