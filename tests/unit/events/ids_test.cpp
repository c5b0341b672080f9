// Ids whatever the clock does: drawn histories of clocks that lie.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "sdk/core/hash/hash.h"
#include "sdk/events/apply.h"

namespace guidon::events {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

// The next reading of a clock that jumps a year ahead, a day back, to 1970, before it, beyond what ids can say, stands
// still, or goes on.
std::int64_t Read(std::uint64_t dice, std::int64_t last) {
  switch (dice % 16) {
    case 0: return last + 365 * kDay;
    case 1: return last - kDay;
    case 2: return 0;
    case 3: return -5;
    case 4: return std::int64_t{1} << 50;
    case 5: return kNow;
    case 6: return INT64_MIN / 2;
    default: return last + static_cast<std::int64_t>(dice >> 8 & 3) - 1;
  }
}

bool IsVersion7(const std::string& id) {
  return id.size() == 36 && id[14] == '7' && (id[19] == '8' || id[19] == '9' || id[19] == 'a' || id[19] == 'b');
}

TEST_CASE("fault 17: ids are unique and in order while the clock steps, over restarts, and in 1970") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::set<std::string> seen;
    std::string last;
    std::uint64_t last_ms = 0;
    std::int64_t clock = kNow;
    for (int run = 0; run < 10; ++run) {
      IdMaker maker("run " + std::to_string(run), last_ms);
      for (int i = 0; i < 500; ++i) {
        clock = Read(HashBytes64(std::to_string(seed) + "." + std::to_string(run) + "." + std::to_string(i)), clock);
        const std::string id = IdText(maker.Next(TimestampFromMs(clock)));
        // At the end of what 48 bits of time can say there is no later one.
        const bool is_later = id > last || maker.last_ms() == (std::uint64_t{1} << 48) - 1;
        if (IsVersion7(id) && seen.insert(id).second && is_later) {
          last = id;
          continue;
        }
        FAIL(id << " after " << last);
      }
      last_ms = maker.last_ms();
    }
  }
}

TEST_CASE("fault 17: of a place in a journal there is one id, the same at every replay, unlike any other place's") {
  std::set<std::string> seen;
  for (const std::int64_t clock : {kNow, kNow + 365 * kDay, kNow - kDay, std::int64_t{0}, std::int64_t{-1},
                                   std::int64_t{1} << 50, INT64_MIN / 2}) {
    for (std::uint64_t journal = 1; journal <= 20; ++journal) {
      for (std::uint64_t place = 131'080; place < 131'180; ++place) {
        const std::string id = IdText(JournalId(journal, place, IdTime(TimestampFromMs(clock))));
        if (!IsVersion7(id) || id != IdText(JournalId(journal, place, IdTime(TimestampFromMs(clock))))) FAIL(id);
        seen.insert(id);
      }
    }
  }
  // 0, -1 and INT64_MIN / 2 are one time in an id.
  CHECK(seen.size() == 5 * 20 * 100);
}

}  // namespace
}  // namespace guidon::events
