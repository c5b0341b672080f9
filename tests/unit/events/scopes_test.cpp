#include "sdk/events/scopes.h"

#include <doctest/doctest.h>

#include "guidon/limits.h"
#include "sdk/core/base/bytes.h"
#include "sdk/events/remembered.h"

namespace guidon::events {
namespace {

Timestamp At(std::int64_t ms) { return TimestampFromMs(ms); }

Remembered Did(const std::string& event, std::int64_t ms) {
  behavior::Behavior behavior;
  behavior.Add(event, At(ms));
  Remembered remembered;
  remembered.behavior = std::make_shared<const behavior::Behavior>(std::move(behavior));
  return remembered;
}

TEST_CASE("an account's scope never changes, and is never nobody's") {
  CHECK(ScopeOf("") == 0);
  CHECK(ScopeOf("u-42") == 0xe4ab804b393c6fc3u);
  CHECK(ScopeOf("u-43") != ScopeOf("u-42"));
}

TEST_CASE("scopes are used in turn, and this installation's has no turn") {
  Scopes scopes;
  CHECK_FALSE(scopes.Use(0));
  CHECK(scopes.Use(1));
  CHECK_FALSE(scopes.Use(1));
  CHECK(scopes.Use(2));
  CHECK(scopes.Use(3));
  CHECK(scopes.Use(1));
  CHECK(scopes.accounts() == std::vector<std::uint64_t>{2, 3, 1});
  CHECK(scopes.kept().size() == 4);
}

TEST_CASE("copies of scopes share what does not change") {
  Scopes scopes;
  scopes.Use(1);
  scopes.Set(1, Did("a", 5));
  Scopes copy = scopes;
  copy.Use(2);
  copy.Set(2, Did("b", 6));
  CHECK((copy.Of(1).behavior == scopes.Of(1).behavior));
  CHECK((copy.Of(0).behavior == scopes.Of(0).behavior));
  CHECK(scopes.Of(2).behavior->series().empty());
}

TEST_CASE("eight accounts are kept beside this installation, and one more costs the one used longest ago") {
  for (const std::size_t count : {limits::kScopes - 1, limits::kScopes, limits::kScopes + 1}) {
    CAPTURE(count);
    Scopes scopes;
    scopes.Set(kThisInstallation, Did("a", 5));
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t scope = ScopeOf("u" + std::to_string(i));
      scopes.Use(scope);
      scopes.Set(scope, Did("a", 5));
    }
    const bool is_over = count > limits::kScopes;
    CHECK(scopes.accounts().size() == (is_over ? limits::kScopes : count));
    CHECK(scopes.kept().size() == (is_over ? limits::kScopes : count) + 1);
    CHECK((scopes.kept().count(ScopeOf("u0")) == 0) == is_over);
    CHECK(scopes.kept().count(ScopeOf("u1")) == 1);
    CHECK(scopes.Of(kThisInstallation).behavior->Find("a") != nullptr);
  }
}

TEST_CASE("the scope that is moved is not erased for the one it moves to") {
  Scopes scopes;
  for (std::size_t i = 0; i < limits::kScopes; ++i) {
    const std::uint64_t scope = ScopeOf("u" + std::to_string(i));
    scopes.Use(scope);
    scopes.Set(scope, Did("a", 5));
  }
  scopes.Change({"u0", "new", Carry::kPrevious, 1});
  CHECK(scopes.accounts().size() == limits::kScopes);
  CHECK(scopes.Of(ScopeOf("new")).behavior->Find("a") != nullptr);
  CHECK(scopes.forgotten_before() == Timestamp::min());
  scopes.Change({"new", "newer", Carry::kNothing, 2});
  CHECK(scopes.forgotten_before() == At(6));
}

TEST_CASE("what is forgotten of scopes that are not kept never moves back") {
  Scopes scopes;
  scopes.ForgetBefore(At(9));
  scopes.ForgetBefore(At(5));
  CHECK(scopes.forgotten_before() == At(9));
  CHECK(scopes.Of(7).behavior->forgotten_before() == At(9));
  CHECK(scopes.Of(7).showings->forgotten_before() == At(9));
  scopes.Use(7);
  CHECK(scopes.kept().at(7).behavior->forgotten_before() == At(9));
  CHECK(scopes.Of(0).behavior->forgotten_before() == Timestamp::min());
}

TEST_CASE("the list of scopes is a row of known bytes, and reads back or is none") {
  Scopes scopes;
  scopes.ForgetBefore(At(1));
  scopes.Use(2);
  scopes.Use(0xFFFF'FFFF'FFFF'FFFFu);
  const std::string bytes = EncodeScopes(scopes);
  CHECK(bytes == std::string("\x01\x02\x02\0\0\0\0\0\0\0\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 19));
  const auto list = DecodeScopes(bytes);
  REQUIRE(list);
  CHECK(list->forgotten_before == At(1));
  CHECK(list->accounts == scopes.accounts());
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(DecodeScopes(bytes.substr(0, size)));
  CHECK_FALSE(DecodeScopes(bytes + '\0'));
  const auto with = [](std::initializer_list<std::uint64_t> accounts) {
    ByteWriter out;
    out.Byte(1);
    out.Signed(0);
    out.Number(accounts.size());
    for (const std::uint64_t account : accounts) out.Fixed(account);
    return out.Take();
  };
  CHECK(DecodeScopes(with({1, 2})));
  CHECK_FALSE(DecodeScopes(with({1, 1})));
  CHECK_FALSE(DecodeScopes(with({1, 0})));
}

TEST_CASE("the rows of the last scope end where scopes end") {
  const StorageBatch::Range rows = BehaviorRows(0xFFFF'FFFF'FFFF'FFFFu);
  CHECK(rows.from < BehaviorKey("a", 0xFFFF'FFFF'FFFF'FFFFu));
  CHECK(BehaviorKey("a", 0xFFFF'FFFF'FFFF'FFFFu) < rows.to);
  CHECK(rows.to == "h0");
  CHECK(BehaviorRows(4).to == BehaviorRows(5).from);
  CHECK(ShowingsRows(0).to == ShowingsRows(1).from);
}

TEST_CASE("names that one side may have forgotten are at least so often in the sum") {
  behavior::Behavior more, into;
  into.Add("a", At(5));
  into.Add("b", At(5));
  more.ForgetBefore(At(100));
  more.Add("b", At(200));
  Merge(more, Timestamp::min(), &into);
  CHECK(into.Find("a")->forgotten_before == At(100));
  CHECK(into.Find("b")->forgotten_before == At(100));
  CHECK(into.Find("b")->ever == 2);
  CHECK(into.forgotten_before() == At(100));

  behavior::Behavior known;
  known.Add("c", At(7));
  Merge(known, Timestamp::min(), &into);
  CHECK(into.Find("c")->forgotten_before == At(100));  // of the other side
  CHECK(into.Find("a")->ever == 1);
}

TEST_CASE("an account that one side erased is at least so often in the sum, and none is new") {
  for (const bool has_erased : {false, true}) {
    CAPTURE(has_erased);
    Scopes into, more;
    into.Use(1);
    into.Set(1, Did("a", 5));
    more.ForgetBefore(At(has_erased ? 100 : 50));  // 50: what was before the store is read
    more.Use(2);
    more.Set(2, Did("b", 60));
    Merge(more, At(50), &into);
    const Timestamp missing = has_erased ? At(100) : Timestamp::min();
    CHECK(into.forgotten_before() == missing);
    CHECK(into.Of(1).behavior->Find("a")->forgotten_before == missing);
    CHECK(into.Of(2).behavior->Find("b")->forgotten_before == Timestamp::min());
    CHECK(into.Of(3).behavior->forgotten_before() == missing);
    CHECK(into.accounts() == std::vector<std::uint64_t>{1, 2});
  }
}

TEST_CASE("showings of two scopes add up, each once, within the bound and with those that are only counted") {
  using prompts::What;
  const auto shown = [](const std::string& prefix, int count, std::int64_t ms) {
    prompts::Showings showings;
    for (int i = 0; i < count; ++i) {
      prompts::Step step;
      step.campaign = "c";
      step.prompt = prefix + std::to_string(i);
      step.when = At(ms + i);
      showings.Fold(step);
    }
    return showings;
  };
  prompts::Showings into = shown("p", 150, 0);
  const prompts::Showings more = shown("q", 120, 75);
  REQUIRE(into.Of("c")->older == 50);
  Merge(more, Timestamp::min(), &into);
  const auto sum = into.Of("c");
  CHECK(sum->made == 270);
  CHECK(sum->older == 170);
  CHECK(sum->list.size() == limits::kShowings);
  CHECK(sum->list.back().began == At(194));
  CHECK(prompts::DecodeShowings(prompts::EncodeShowings(*sum)));
  for (std::size_t i = 1; i < sum->list.size(); ++i) CHECK(sum->list[i - 1].began <= sum->list[i].began);

  prompts::Showings twice = shown("p", 3, 0);
  prompts::Step end;
  end.what = What::kDismissal;
  end.campaign = "c";
  end.prompt = "p1";
  end.when = At(9);
  prompts::Showings ended = twice;
  REQUIRE(ended.Fold(end));
  for (const bool is_other_way : {false, true}) {
    prompts::Showings joined = is_other_way ? ended : twice;
    Merge(is_other_way ? twice : ended, Timestamp::min(), &joined);
    CHECK(joined.Of("c")->made == 3);
    CHECK(joined.Of("c")->list.size() == 3);
    CHECK(joined.Of("c")->Find("p1")->end == What::kDismissal);
  }
}

}  // namespace
}  // namespace guidon::events
