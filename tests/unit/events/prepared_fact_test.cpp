#include "sdk/events/prepared_fact.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "guidon/limits.h"
#include "sdk/events/event.h"

namespace guidon::events {
namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t Below(std::size_t most) { return random_() % most; }
  bool OneIn(std::size_t chances) { return Below(chances) == 0; }

  std::string PlainText() { return std::string(1 + Below(40), static_cast<char>('a' + Below(26))) + "ä€😀"; }

  // Mostly such as an app would give, and now and then one that may not travel.
  std::string Text(std::size_t most_bytes) {
    if (!OneIn(12)) return PlainText();
    switch (Below(9)) {
      case 0: return std::string();
      case 1: return std::string("a\0b", 3);
      case 2: return "\xC3";
      case 3: return "ends in half a letter \xE2\x82";
      case 4: return "\xED\xA0\x80";
      case 5: return std::string(most_bytes, 'x');
      case 6: return std::string(most_bytes + 1, 'x');
      case 7: return "line\nand \"quotes\"";
      default: return std::string(300, 'y');
    }
  }

  Value Scalar() {
    constexpr std::int64_t kInts[] = {0, 1, -1, 63, 64, -64, -65, 8'191, 8'192, INT64_MAX, INT64_MIN};
    constexpr double kDoubles[] = {0.0, -0.0, 0.1, 1e300, -5e-324, 3.0};
    switch (Below(6)) {
      case 0: return Value();
      case 1: return OneIn(2);
      case 2: return kInts[Below(std::size(kInts))];
      case 3: return static_cast<std::int64_t>(random_()) - 2'000'000'000;
      case 4: return kDoubles[Below(std::size(kDoubles))];
      default: return Text(limits::kEventPropertyBytes);
    }
  }

  // Of a property or an attribute.
  Value Any() {
    if (!OneIn(12)) return Scalar();
    switch (Below(4)) {
      case 0: return std::numeric_limits<double>::quiet_NaN();
      case 1: return -std::numeric_limits<double>::infinity();
      case 2: return List{Scalar(), List{}, Object{{PlainText(), Scalar()}}};
      default: return Object{{Text(limits::kAttributeNameBytes), List{Scalar()}}};
    }
  }

 private:
  std::mt19937 random_;
};

// What the facts of a State have in common: units and attributes, who is here, and what is forced.
Fact Common(Dice* dice) {
  Fact fact;
  fact.scope = dice->OneIn(2) ? 0 : dice->Below(SIZE_MAX);
  fact.boot = dice->OneIn(3) ? 0 : dice->Below(SIZE_MAX);
  fact.session = dice->OneIn(20) ? dice->Text(4 * limits::kKeyBytes) : "5b1f0c1e-93d4-4c55-8a4e-0f2f7a3d9b66";
  for (std::size_t i = dice->Below(4); i > 0; --i) {
    fact.units.push_back({dice->Text(limits::kKeyBytes), dice->Text(limits::kUnitIdBytes)});
  }
  if (dice->OneIn(10)) fact.units.resize(limits::kContextUnits + 1, {"kind", "id"});
  for (std::size_t i = dice->Below(4); i > 0; --i) {
    fact.attributes.emplace_back(dice->Text(limits::kAttributeNameBytes), dice->Any());
  }
  if (dice->OneIn(3)) {
    fact.forced = !dice->OneIn(4);
    fact.forced_by = dice->Text(limits::kKeyBytes);
    fact.overrides = dice->Text(kOverridesBytes);
    if (dice->OneIn(3)) fact.natural_variant = dice->Text(limits::kKeyBytes);
  }
  return fact;
}

template <std::size_t... kIndexes>
bool Write(const PreparedFact& prepared, const Fact& fact, PreparedFact::Record* record,
           std::index_sequence<kIndexes...>) {
  const auto property = [&fact](std::size_t i) {
    return Property{fact.properties[i].first, fact.properties[i].second};
  };
  (void)property;  // of none
  return prepared.Write(fact.wall, fact.mono, fact.name, fact.value, {property(kIndexes)...}, fact.looks,
                        fact.is_conversion, record);
}

// With as many properties as the fact has; their list has to be written out.
bool Write(const PreparedFact& prepared, const Fact& fact, PreparedFact::Record* record) {
  switch (fact.properties.size()) {
    case 0: return Write(prepared, fact, record, std::make_index_sequence<0>());
    case 1: return Write(prepared, fact, record, std::make_index_sequence<1>());
    case 2: return Write(prepared, fact, record, std::make_index_sequence<2>());
    case 3: return Write(prepared, fact, record, std::make_index_sequence<3>());
    case 20: return Write(prepared, fact, record, std::make_index_sequence<20>());
    case limits::kEventProperties:
      return Write(prepared, fact, record, std::make_index_sequence<limits::kEventProperties>());
    default: return Write(prepared, fact, record, std::make_index_sequence<limits::kEventProperties + 1>());
  }
}

void GiveDetails(Dice* dice, Fact* fact) {
  constexpr std::size_t kCounts[] = {
      0, 1, 2, 3, 0, 1, 2, 3, 20, limits::kEventProperties, limits::kEventProperties + 1};
  fact->wall = TimestampFromMs(static_cast<std::int64_t>(dice->Below(1u << 31)) * (dice->OneIn(9) ? -1 : 1'000));
  fact->mono = MonoTime(Duration(dice->Below(1u << 31)));
  fact->name = dice->Text(limits::kEventNameBytes);
  fact->value.reset();
  fact->is_conversion = dice->OneIn(3);
  if (dice->OneIn(2)) fact->value = dice->OneIn(9) ? std::numeric_limits<double>::infinity() : -0.25;
  fact->looks.clear();
  for (std::size_t i = dice->OneIn(2) ? dice->Below(4) : 0; i > 0; --i) {
    fact->looks.push_back({std::uint64_t{10} - i, dice->OneIn(2)});
  }
  fact->properties.clear();
  const std::size_t count = kCounts[dice->Below(std::size(kCounts))];
  for (std::size_t i = 0; i < count; ++i) {
    fact->properties.emplace_back(dice->Text(limits::kAttributeNameBytes), count > 3 ? dice->Scalar() : dice->Any());
  }
}

TEST_CASE("what is written between what was prepared is what the slow way would write, or nothing is") {
  const unsigned seeds = std::getenv("GUIDON_LONG") != nullptr ? 20'000 : 400;
  std::size_t written = 0, left = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Fact fact = Common(&dice);
    const PreparedFact prepared(fact);
    for (int i = 0; i < 20; ++i) {
      GiveDetails(&dice, &fact);
      PreparedFact::Record record;
      const bool is_written = Write(prepared, fact, &record);

      Fact checked = fact;
      std::size_t dropped = 0;
      const bool is_whole = CheckFact(&checked, &dropped) && dropped == 0;
      const std::string expected = is_whole ? EncodeFact(checked) : std::string();
      const bool is_plain = is_whole && expected.size() <= PreparedFact::kRecordBytes;
      if (is_written != is_plain) FAIL_CHECK(fact.name << ": " << is_written << " for " << expected.size());
      if (is_written && record.bytes().view() != expected) FAIL_CHECK(fact.name << ": other bytes");
      ++(is_written ? written : left);
    }
  }
  CHECK(written > seeds * 4);
  CHECK(left > seeds * 4);
}

TEST_CASE("what was never prepared writes nothing") {
  PreparedFact::Record record;
  CHECK_FALSE(PreparedFact().Write(Timestamp(), MonoTime(), "a", std::nullopt, {}, {}, false, &record));
  CHECK(record.bytes().view().empty());
  CHECK(PreparedFact(Fact()).Write(Timestamp(), MonoTime(), "a", std::nullopt, {}, {}, false, &record));
}

}  // namespace
}  // namespace guidon::events
