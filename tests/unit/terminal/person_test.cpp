#include "samples/terminal/simulate/person.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace notes;
using namespace notes::simulate;

namespace {

constexpr std::uint64_t kSeed = 7;
constexpr int kPeople = 4000;

// Shares on a day within a week of the arrival, as the goal counts it.
bool SharesWithinAWeek(const Person& person, AttachLook look) {
  for (int day : person.active_days()) {
    if (day - person.active_days().front() < 7 && person.Shares(day, look)) return true;
  }
  return false;
}

bool WritesWithinThreeDays(const Person& person, bool checklist) {
  for (int day : person.active_days()) {
    if (day - person.active_days().front() < 3 && person.Writes(day, checklist)) return true;
  }
  return false;
}

// Three standard deviations of a share among kPeople.
double Slack(double chance) { return 3 * std::sqrt(chance * (1 - chance) / kPeople); }

}  // namespace

TEST_CASE("what is planted is what people do") {
  const Behaviour behaviour;
  struct Row {
    AttachLook look;
    double planted;
  };
  for (const Row& row : {Row{AttachLook::kIcon, 0.25}, Row{AttachLook::kLabelled, 0.37}, Row{AttachLook::kNone, 0.0}}) {
    CAPTURE(row.planted);
    CHECK(Person::ShareChance(behaviour, row.look) == doctest::Approx(row.planted));
    int shared = 0;
    for (int number = 1; number <= kPeople; ++number) {
      shared += SharesWithinAWeek(Person(kSeed, number, 21, behaviour), row.look) ? 1 : 0;
    }
    CHECK(std::abs(static_cast<double>(shared) / kPeople - row.planted) <= Slack(row.planted));
  }
}

TEST_CASE("a checklist that adds nothing changes nobody") {
  Behaviour behaviour;
  int changed = 0;
  int wrote = 0;
  for (int number = 1; number <= kPeople; ++number) {
    const Person person(kSeed, number, 21, behaviour);
    wrote += WritesWithinThreeDays(person, false) ? 1 : 0;
    changed += WritesWithinThreeDays(person, true) != WritesWithinThreeDays(person, false) ? 1 : 0;
  }
  CHECK(changed == 0);
  CHECK(std::abs(static_cast<double>(wrote) / kPeople - behaviour.writes) <= Slack(behaviour.writes));
  behaviour.checklist_adds = 0.2;
  for (int number = 1; number <= kPeople; ++number) {
    const Person person(kSeed, number, 21, behaviour);
    changed += WritesWithinThreeDays(person, true) != WritesWithinThreeDays(person, false) ? 1 : 0;
  }
  CHECK(std::abs(static_cast<double>(changed) / kPeople - 0.2) <= Slack(0.2));
}

TEST_CASE("a prompt adds what is planted to those who share with their first long note, and nothing else") {
  const Behaviour behaviour;
  int people = 0, without = 0, with = 0, lost = 0, early = 0, again = 0;
  for (int number = 1; number <= 2 * kPeople; ++number) {
    const Person person(kSeed, number, 21, behaviour);
    int shares = 0, shares_with = 0, long_notes = 0;
    for (int day : person.active_days()) {
      const bool is_long = person.WritesAtLength(day);
      long_notes += is_long ? 1 : 0;
      const bool plain = person.SharesAtLength(day, AttachLook::kIcon, false);
      const bool nudged = person.SharesAtLength(day, AttachLook::kIcon, true);
      CHECK(nudged == person.SharesAtLength(day, AttachLook::kLabelled, true));
      CHECK_FALSE(person.SharesAtLength(day, AttachLook::kNone, true));
      lost += plain && !nudged ? 1 : 0;
      // The week in which the button is measured ends within the eighth day.
      early += (is_long || nudged) && day - person.active_days().front() < 8 ? 1 : 0;
      if (is_long) CHECK_FALSE(person.Writes(day, true));
      shares += plain ? 1 : 0;
      shares_with += nudged ? 1 : 0;
    }
    again += shares_with > 1 ? 1 : 0;
    if (long_notes == 0) continue;
    ++people;
    without += shares;
    with += shares_with;
  }
  CHECK(lost == 0);
  CHECK(early == 0);
  CHECK(again == 0);
  REQUIRE(people > kPeople);
  CHECK(std::abs(static_cast<double>(without) / people - 0.08) <= Slack(0.08));
  CHECK(std::abs(static_cast<double>(with) / people - 0.33) <= Slack(0.33));
}

TEST_CASE("what the numbers count happens once a person, on one of their days") {
  int invited = 0, upgraded = 0, told = 0;
  for (int number = 1; number <= kPeople; ++number) {
    const Person person(kSeed, number, 21, Behaviour());
    int upgrades = 0, feedback = 0;
    for (int day : person.active_days()) {
      invited += person.AcceptsInvite(day) ? 1 : 0;
      if (day != person.active_days().front()) CHECK_FALSE(person.AcceptsInvite(day));
      upgrades += person.Upgrades(day) ? 1 : 0;
      const int stars = person.Feedback(day);
      CHECK(stars >= 0);
      CHECK(stars <= 5);
      feedback += stars > 0 ? 1 : 0;
    }
    CHECK(upgrades <= 1);
    CHECK(feedback <= 1);
    upgraded += upgrades;
    told += feedback;
  }
  CHECK(std::abs(static_cast<double>(invited) / kPeople - 0.15) <= Slack(0.15));
  CHECK(std::abs(static_cast<double>(upgraded) / kPeople - 0.06) <= Slack(0.06));
  CHECK(std::abs(static_cast<double>(told) / kPeople - 0.20) <= Slack(0.20));
}

TEST_CASE("everybody has a whole week before the end, and days in order") {
  for (int days : {1, 3, 8, 21}) {
    for (int number = 1; number <= 300; ++number) {
      CAPTURE(days);
      CAPTURE(number);
      const Person person(kSeed, number, days, Behaviour());
      const std::vector<int>& active = person.active_days();
      REQUIRE_FALSE(active.empty());
      CHECK(active.front() + (days > 7 ? 7 : 0) < days);
      CHECK(active.back() < days);
      for (std::size_t i = 1; i < active.size(); ++i) CHECK(active[i - 1] < active[i]);
      for (int day : active) {
        CHECK(person.opens_at_minute(day) >= 7 * 60);
        CHECK(person.opens_at_minute(day) < 22 * 60);
      }
    }
  }
}

TEST_CASE("a seed stands for one crowd") {
  const Person once(kSeed, 42, 21, Behaviour());
  const Person again(kSeed, 42, 21, Behaviour());
  const Person other(kSeed + 1, 42, 21, Behaviour());
  CHECK(once.name() == "p0042");
  CHECK(once.active_days() == again.active_days());
  CHECK(once.active_days() != other.active_days());
}
