#include "sdk/core/expression/spelling.h"

#include <algorithm>
#include <cstddef>

#include "sdk/core/base/ascii.h"

namespace guidon::expression {
namespace {

constexpr std::size_t kLongest = 64;

using text::LowerAscii;

// Inserted, left out, replaced and swapped letters (optimal string alignment). Both at most kLongest bytes.
std::size_t Slips(std::string_view a, std::string_view b) {
  std::size_t rows[3][kLongest + 1];
  std::size_t* before = rows[0];
  std::size_t* above = rows[1];
  std::size_t* row = rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = LowerAscii(a[i - 1]) == LowerAscii(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && LowerAscii(a[i - 1]) == LowerAscii(b[j - 2]) &&
          LowerAscii(a[i - 2]) == LowerAscii(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::size_t* next = before;
    before = above;
    above = row;
    row = next;
  }
  return above[b.size()];
}

}  // namespace

std::string_view Closest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  if (word.size() > kLongest) return best;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const std::size_t slips = Slips(word, candidate);
    if (slips < fewest) {
      fewest = slips;
      best = candidate;
    }
  }
  return best;
}

}  // namespace guidon::expression
