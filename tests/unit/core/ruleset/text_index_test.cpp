#include "sdk/core/ruleset/text_index.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "guidon/flag.h"
#include "sdk/core/hash/hash.h"
#include "tests/unit/core/colliding_keys.h"
#include "tests/unit/core/dice.h"

using namespace guidon;
using namespace guidon::ruleset;
using namespace guidon::testing;

namespace {

std::vector<std::string_view> ViewsOf(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

}  // namespace

TEST_CASE("a text index finds what is in it and nothing else") {
  for (const std::size_t count : {0u, 1u, 2u, 3u, 100u, 5'000u}) {
    CAPTURE(count);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back("key-" + std::to_string(i));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    TextIndex index;
    index.Build(views);
    for (std::size_t i = 0; i < count; ++i) CHECK(index.Find("key-" + std::to_string(i)) == i);
    CHECK(index.Find("key-" + std::to_string(count)) == kNone);
    CHECK(index.Find("") == kNone);
  }
  CHECK(TextIndex().Find("anything") == kNone);
}

TEST_CASE("keys that share a hash are told apart") {
  const std::vector<std::string_view> texts = {"a", "b"};
  TextIndex index;
  index.Build(texts);
  CHECK(index.Find("c", TextIndex::Hash("a")) == kNone);
}

TEST_CASE("the hash a flag carries, made by the compiler, is the one the index looks up by at run time") {
  constexpr guidon::Flag<bool> flag{"a-key-of-some-length", false};
  static_assert(flag.hash != 0);
  CHECK(TextIndex::Hash(std::string(flag.key)) == flag.hash);
}

TEST_CASE("keys that differ in a digit have hashes that differ in their low bits") {
  std::set<std::uint64_t> low;
  for (int i = 0; i < 1'000; ++i) low.insert(HashKey("flag-number-" + std::to_string(i)) % 4'096);
  CHECK(low.size() > 850);  // 886 of 4,096 places are expected for 1,000 random numbers
}

TEST_CASE("finding keys that were chosen to collide takes at most twice the looks that random keys take") {
  constexpr std::size_t kCount = 100'000;
  const std::vector<std::string> colliding = CollidingKeys(kCount);
  REQUIRE(std::set<std::string>(colliding.begin(), colliding.end()).size() == kCount);
  CHECK(HashKey(colliding.front()) == HashKey(colliding[kCount / 2]));
  CHECK(HashKey(colliding.front()) == HashKey(colliding.back()));
  std::vector<std::string> random;
  Dice dice(1);
  for (std::size_t i = 0; i < kCount; ++i) random.push_back(std::to_string(dice.Next()));

  TextIndex of_random;
  const auto random_views = ViewsOf(random);
  of_random.Build(random_views);
  TextIndex of_colliding;
  const auto colliding_views = ViewsOf(colliding);
  of_colliding.Build(colliding_views);
  CHECK(of_random.looks() >= kCount);
  CHECK(of_colliding.looks() <= 2 * of_random.looks());
  std::size_t found = 0;
  for (std::size_t i = 0; i < kCount; ++i) found += of_colliding.Find(colliding[i]) == i ? 1u : 0u;
  CHECK(found == kCount);
  CHECK(of_colliding.Find(colliding.front().substr(1) + "x") == kNone);
  CHECK(of_colliding.Find("x") == kNone);
}

TEST_CASE("texts that meet in one place by both hashes are still found, in as many looks as halving takes") {
  // Eight of 512 places are where all of them belong, by either hash.
  std::vector<std::string> texts;
  for (int n = 0; texts.size() < 256; ++n) {
    std::string text = "n" + std::to_string(n);
    if (TextIndex::Hash(text) % 512 < 8 && HashBytes128(text).low % 512 < 8) texts.push_back(std::move(text));
  }
  TextIndex index;
  const auto views = ViewsOf(texts);
  index.Build(views);
  CHECK(index.looks() == 9 * 256);
  for (std::size_t i = 0; i < texts.size(); ++i) CHECK(index.Find(texts[i]) == i);
  CHECK(index.Find("n") == kNone);
  CHECK(index.Find("") == kNone);
}
