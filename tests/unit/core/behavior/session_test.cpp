// Counts of the session that goes on.
#include <doctest/doctest.h>

#include <string>

#include "guidon/limits.h"
#include "sdk/core/behavior/behavior.h"

using namespace guidon;
using namespace guidon::behavior;

namespace {

constexpr Timestamp kNow = Timestamp(Duration(1'795'000'000'000));
const Session kThird = {3, kNow - std::chrono::hours(1)};

Total InSession(const Behavior& behavior, const Session& session, std::uint64_t part = 0) {
  Term term;
  term.event = part == 0 ? "sent" : "long";
  term.whole = "sent";
  term.part = part;
  term.window = *ParseWindow("session");
  return behavior.Ask(term, kNow, nullptr, session);
}

TEST_CASE("a session's count is of the events that were of it, whenever they were") {
  Behavior behavior;
  behavior.Add("sent", kNow - std::chrono::hours(2), Duration(0), {}, 2);
  behavior.Add("sent", kNow, Duration(0), {}, 3);
  behavior.Add("sent", kNow, Duration(0), {});  // another process's
  behavior.Add("sent", kNow - std::chrono::hours(30), Duration(0), {}, 3);
  CHECK(InSession(behavior, kThird).value == 2);
  CHECK(InSession(behavior, kThird).is_exact);
  CHECK(InSession(behavior, {4, kNow}).value == 0);
  CHECK(InSession(behavior, {4, kNow}).is_exact);
  CHECK(InSession(Behavior(), kThird).value == 0);
  CHECK(InSession(Behavior(), kThird).is_known);
  CHECK_FALSE(InSession(behavior, Session()).is_known);
}

TEST_CASE("a part has its own count of the session") {
  Behavior behavior;
  behavior.Add("sent", kNow, Duration(0), {{7, true}}, 3);
  behavior.Add("sent", kNow, Duration(0), {{7, false}}, 3);
  CHECK(InSession(behavior, kThird).value == 2);
  CHECK(InSession(behavior, kThird, 7).value == 1);
  CHECK(InSession(behavior, kThird, 7).is_exact);
  behavior.Add("sent", kNow, Duration(0), {}, 3);  // nobody looked
  CHECK(InSession(behavior, kThird, 7).value == 1);
  CHECK_FALSE(InSession(behavior, kThird, 7).is_exact);
}

TEST_CASE("a name that was forgotten in the session has had at least so many, in the next one exactly") {
  Behavior behavior;
  behavior.Add("sent", kNow, Duration(0), {}, 3);
  for (std::size_t i = 0; i < limits::kBehaviorEvents; ++i) {
    behavior.Add("e" + std::to_string(i), kNow + Duration(1), Duration(0), {}, 3);
  }
  REQUIRE(behavior.Find("sent") == nullptr);
  CHECK(InSession(behavior, kThird).value == 0);
  CHECK_FALSE(InSession(behavior, kThird).is_exact);
  CHECK(InSession(behavior, {4, kNow + std::chrono::hours(1)}).is_exact);
}

TEST_CASE("joined, two have had together what each had of the later session") {
  Series a, b;
  AddTo(&a, kNow, Duration(0), {}, 3);
  AddTo(&b, kNow, Duration(0), {}, 3);
  CHECK(Join(a, b).in_session == 2);
  AddTo(&b, kNow, Duration(0), {}, 4);
  CHECK(Join(a, b).session == 4);
  CHECK(Join(a, b).in_session == 1);
}

TEST_CASE("no row has anything of a session, and what is read anew keeps what is known of it") {
  Behavior before;
  before.Add("sent", kNow, Duration(0), {{7, true}}, 3);
  Behavior read;
  read.Put("sent", *DecodeSeries(EncodeSeries(*before.Find("sent"))));
  read.Put("other", *before.Find("sent"));
  CHECK(InSession(read, kThird).value == 0);
  read.KeepSession(before);
  CHECK(InSession(read, kThird).value == 1);
  CHECK(InSession(read, kThird, 7).value == 1);
}

}  // namespace
