// Pairs are covered greedily: each row begins with a pair that no row has yet, and takes for every other column the
// value that completes most pairs with what the row has. Five columns of three take 14 rows so, where 11 are the least
// there are.
#include "guidon/testing/variants.h"

#include <map>
#include <set>
#include <utility>

#include "guidon/testing/framework.h"

namespace guidon::testing {
namespace {

struct Cell {
  std::size_t column = 0;
  std::size_t value = 0;
  bool operator<(const Cell& other) const {
    return column != other.column ? column < other.column : value < other.value;
  }
};
using Pair = std::pair<Cell, Cell>;  // the one of the lower column first

Pair PairOf(Cell a, Cell b) { return a.column < b.column ? Pair{a, b} : Pair{b, a}; }

constexpr std::size_t kOpen = static_cast<std::size_t>(-1);

// The value of `column` that completes most open pairs with what the row has; the first of several.
std::size_t BestValue(const std::vector<std::size_t>& row, std::size_t column, std::size_t size,
                      const std::set<Pair>& open) {
  std::size_t best = 0;
  std::size_t most = 0;
  for (std::size_t value = 0; value < size; ++value) {
    std::size_t completes = 0;
    for (std::size_t other = 0; other < row.size(); ++other) {
      if (other == column || row[other] == kOpen) continue;
      completes += open.count(PairOf({column, value}, {other, row[other]}));
    }
    if (completes > most) {
      most = completes;
      best = value;
    }
  }
  return best;
}

}  // namespace

std::vector<std::vector<std::size_t>> PairRows(const std::vector<std::size_t>& sizes) {
  std::vector<std::vector<std::size_t>> rows;
  for (const std::size_t size : sizes) {
    if (size == 0) return rows;
  }
  if (sizes.size() == 1) {
    for (std::size_t value = 0; value < sizes.front(); ++value) rows.push_back({value});
    return rows;
  }
  std::set<Pair> open;
  for (std::size_t a = 0; a < sizes.size(); ++a) {
    for (std::size_t b = a + 1; b < sizes.size(); ++b) {
      for (std::size_t i = 0; i < sizes[a]; ++i) {
        for (std::size_t j = 0; j < sizes[b]; ++j) open.insert({{a, i}, {b, j}});
      }
    }
  }
  while (!open.empty()) {
    std::vector<std::size_t> row(sizes.size(), kOpen);
    const auto [left, right] = *open.begin();
    row[left.column] = left.value;
    row[right.column] = right.value;
    for (std::size_t column = 0; column < sizes.size(); ++column) {
      if (row[column] == kOpen) row[column] = BestValue(row, column, sizes[column], open);
    }
    for (std::size_t a = 0; a < row.size(); ++a) {
      for (std::size_t b = a + 1; b < row.size(); ++b) open.erase({{a, row[a]}, {b, row[b]}});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void ForEachVariant(const Datafile& datafile, const std::string& experiment,
                    const std::function<void(TestClient&)>& body) {
  ForAllPairs(datafile, {experiment}, body);
}

void ForAllPairs(const Datafile& datafile, const std::vector<std::string>& experiments,
                 const std::function<void(TestClient&)>& body) {
  std::vector<std::vector<std::string>> variants;
  std::vector<std::size_t> sizes;
  for (const std::string& experiment : experiments) {
    variants.push_back(datafile.VariantsOf(experiment));
    sizes.push_back(variants.back().size());
    if (variants.back().empty()) return Fail("there is no experiment \"" + experiment + "\" to try the variants of");
  }
  for (const std::vector<std::size_t>& row : PairRows(sizes)) {
    std::string name;
    TestClient test(datafile);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string& variant = variants[i][row[i]];
      name += (name.empty() ? "" : ", ") + experiments[i] + ": " + variant;
      test.Variant(experiments[i], variant);
    }
    test.SetName(name);
    Within(name, [&] { body(test); });
  }
}

}  // namespace guidon::testing
