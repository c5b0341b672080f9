// How a series is kept: rows that come back whole, and any bytes at all.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/behavior/behavior.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::behavior;

namespace {

constexpr std::int64_t kNow = 1'795'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

Series SeriesOf(const std::vector<std::int64_t>& times) {
  Behavior behavior;
  for (const std::int64_t ms : times) behavior.Add("x", TimestampFromMs(ms));
  return *behavior.Find("x");
}

std::string Text(const std::vector<Series::Bucket>& buckets) {
  std::string text;
  for (const Series::Bucket& bucket : buckets) {
    text += std::to_string(bucket.number) + "*" + std::to_string(bucket.count) + " ";
  }
  return text;
}

std::string Hex(const std::string& bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

void CheckSame(const Tally& a, const Tally& b) {
  CHECK(a.ever == b.ever);
  CHECK(a.ever_days == b.ever_days);
  CHECK(a.first == b.first);
  CHECK(a.last == b.last);
  CHECK(a.forgotten_before == b.forgotten_before);
  CHECK(Text(a.hours) == Text(b.hours));
  CHECK(Text(a.days) == Text(b.days));
  CHECK(Text(a.local_days) == Text(b.local_days));
}

void CheckSame(const Series& a, const Series& b) {
  CheckSame(static_cast<const Tally&>(a), static_cast<const Tally&>(b));
  REQUIRE(a.parts.size() == b.parts.size());
  for (const auto& [key, part] : a.parts) {
    CAPTURE(key);
    REQUIRE(b.parts.count(key) == 1);
    CHECK(part.seen == b.parts.at(key).seen);
    CheckSame(static_cast<const Tally&>(part), static_cast<const Tally&>(b.parts.at(key)));
  }
}

std::vector<Series> Examples() {
  std::vector<std::int64_t> many;
  for (int i = 0; i < 500; ++i) many.push_back(kNow + i * kDay);
  std::vector<Series> all = {Series(), SeriesOf({kNow}), SeriesOf({-1, 0, -5 * kDay, kNow}), SeriesOf(many)};
  Series after_loss = SeriesOf({kNow, kNow + 1});
  after_loss.forgotten_before = TimestampFromMs(kNow - 1);
  all.push_back(after_loss);
  Behavior far_east;
  for (const std::int64_t day : {0, 1, 1, 9}) {
    far_east.Add("x", TimestampFromMs(kNow + day * kDay), Duration(14 * 3'600'000));
  }
  all.push_back(*far_east.Find("x"));
  Behavior parts;
  for (const std::int64_t day : {0, 1, 1, 9}) {
    const std::vector<Look> looks = {{1, false}, {static_cast<std::uint64_t>(2 + day), true}};
    parts.Add("x", TimestampFromMs(kNow + day * kDay), Duration(0), looks);
  }
  all.push_back(*parts.Find("x"));
  return all;
}

// Whatever was read can be asked, added to and kept.
void CheckUsable(const Series& series) {
  const std::string bytes = EncodeSeries(series);
  const auto again = DecodeSeries(bytes);
  REQUIRE(again);
  CHECK(EncodeSeries(*again) == bytes);
  Behavior behavior;
  behavior.Put("x", series);
  behavior.Add("x", TimestampFromMs(kNow));
  for (const char* window : {"72h", "400d", "400cd", "ever"}) {
    for (const Measure measure : {Measure::kCount, Measure::kActiveDays}) {
      const Total total = behavior.Ask({measure, "x", *ParseWindow(window)}, TimestampFromMs(kNow));
      CHECK(total.value >= 0);
      CHECK(total.valid_until > TimestampFromMs(kNow));
    }
  }
}

}  // namespace

TEST_CASE("a series comes back from its bytes as it was") {
  for (const Series& series : Examples()) {
    const auto read = DecodeSeries(EncodeSeries(series));
    REQUIRE(read);
    CheckSame(*read, series);
  }
}

TEST_CASE("the bytes of a series are for good") {
  // Version; ever, ever_days; first, last; nothing forgotten; hours 0, 1 and 25; days 0 (twice) and 1.
  CHECK(Hex(EncodeSeries(SeriesOf({0, 3'600'000, 90'000'000}))) == "0103020080aaea5501030001020130010200020201");
  // Version; likewise, hours 0 and 11; day 0 (twice); by a clock 14 hours ahead days 0 and 1.
  Behavior ahead;
  for (const std::int64_t hour : {0, 11}) ahead.Add("x", TimestampFromMs(hour * 3'600'000), std::chrono::hours(14));
  CHECK(Hex(EncodeSeries(*ahead.Find("x"))) == "0202010080fee1250102000116010100020200010201");
  // Version of parts; one event in hour 0, which is of the part 7 and not of the part 8: their keys, how many were
  // seen, and what is of them.
  Behavior parts;
  parts.Add("x", TimestampFromMs(0), Duration(0), {{7, true}, {8, false}});
  CHECK(Hex(EncodeSeries(*parts.Find("x"))) ==
        "03"
        "0101010000010100010100"
        "01"
        "02"
        "0000000000000007"
        "01"
        "0101010000010100010100"
        "01"
        "0000000000000008"
        "01"
        "0100000000010000");
}

TEST_CASE("a series cut short or with more behind it is none") {
  for (const Series& series : Examples()) {
    const std::string bytes = EncodeSeries(series);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(DecodeSeries(std::string_view(bytes).substr(0, size)).has_value());
    }
    CHECK_FALSE(DecodeSeries(bytes + '\0').has_value());
  }
}

TEST_CASE("with any bit flipped it is none, or one that can be used") {
  for (const Series& series : Examples()) {
    const std::string bytes = EncodeSeries(series);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      CAPTURE(bit);
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      if (const auto read = DecodeSeries(flipped)) CheckUsable(*read);
    }
  }
}

TEST_CASE("any bytes are none, or a series that can be used") {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    testing::Dice dice(seed);
    std::string bytes(1, '\1');
    for (std::size_t left = dice.Below(24); left > 0; --left) {
      bytes.push_back(static_cast<char>(dice.Chance(60) ? dice.Below(4) : dice.Below(256)));
    }
    CAPTURE(seed);
    if (const auto read = DecodeSeries(bytes)) CheckUsable(*read);
  }
}

TEST_CASE("numbers that no events lead to are refused") {
  const struct {
    std::string name;
    void (*spoil)(Series* series);
  } rows[] = {
      {"fewer ever than in days", [](Series* s) { s->ever = 1; }},
      {"fewer days ever than days", [](Series* s) { s->ever_days = 0; }},
      {"more days than events", [](Series* s) { s->ever_days = 9; }},
      {"the last before the first", [](Series* s) { s->last = s->first - Duration(1); }},
      {"a time that is none", [](Series* s) { s->last = Timestamp::max(); }},
      {"forgotten beyond all times", [](Series* s) { s->forgotten_before = Timestamp::max(); }},
      {"an hour beyond all times", [](Series* s) { s->hours[0].number = std::numeric_limits<std::int64_t>::min(); }},
      {"a day beyond all times", [](Series* s) { s->days.back().number = std::numeric_limits<std::int64_t>::max(); }},
      {"an hour without events", [](Series* s) { s->hours[0].count = 0; }},
      {"hours that do not rise", [](Series* s) { s->hours[1].number = s->hours[0].number; }},
      {"too many hours",
       [](Series* s) {
         s->ever = 100;
         for (int i = 1; i <= 80; ++i) s->hours.push_back({s->hours.back().number + 1, 1});
       }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    Series series = SeriesOf({kNow, kNow + kDay});
    CHECK(DecodeSeries(EncodeSeries(series)).has_value());
    row.spoil(&series);
    CHECK_FALSE(DecodeSeries(EncodeSeries(series)).has_value());
  }
  const struct {
    std::string name;
    void (*spoil)(Series* series, Series::Part* part);
  } part_rows[] = {
      {"more of it than were seen", [](Series*, Series::Part* p) { p->seen = p->ever - 1; }},
      {"more seen than there are", [](Series* s, Series::Part* p) { p->seen = s->ever + 1; }},
      {"earlier than the first", [](Series* s, Series::Part* p) { p->first = s->first - Duration(1); }},
      {"later than the last", [](Series* s, Series::Part* p) { p->last = s->last + Duration(1); }},
      {"fewer than in days", [](Series*, Series::Part* p) { p->ever = 1; }},
      {"a part without a key", [](Series* s, Series::Part*) { s->parts[0]; }},
  };
  for (const auto& row : part_rows) {
    CAPTURE(row.name);
    Behavior behavior;
    for (const std::int64_t day : {0, 1})
      behavior.Add("x", TimestampFromMs(kNow + day * kDay), Duration(0), {{5, true}});
    Series series = *behavior.Find("x");
    CHECK(DecodeSeries(EncodeSeries(series)).has_value());
    row.spoil(&series, &series.parts[5]);
    CHECK_FALSE(DecodeSeries(EncodeSeries(series)).has_value());
  }
  std::string later = EncodeSeries(SeriesOf({kNow}));
  later[0] = '\2';
  CHECK_FALSE(DecodeSeries(later).has_value());
}
