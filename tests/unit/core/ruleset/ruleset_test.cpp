#include "sdk/core/ruleset/ruleset.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "guidon/flag.h"

using namespace guidon;
using namespace guidon::ruleset;

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

TEST_CASE("a flag takes values of its type; an int is taken for a double") {
  const struct {
    std::string name;
    Value value;
    ValueType type;
    bool taken;
  } rows[] = {
      {"bool", Value(true), ValueType::kBool, true},
      {"int for bool", Value(1), ValueType::kBool, false},
      {"int", Value(1), ValueType::kInt, true},
      {"double for int", Value(1.0), ValueType::kInt, false},
      {"text for int", Value("1"), ValueType::kInt, false},
      {"double", Value(1.5), ValueType::kDouble, true},
      {"int for double", Value(2), ValueType::kDouble, true},
      {"text", Value("x"), ValueType::kString, true},
      {"null for text", Value(), ValueType::kString, false},
      {"object for json", Value(Object{{"a", Value(1)}}), ValueType::kJson, true},
      {"null for json", Value(), ValueType::kJson, true},
      {"bool for json", Value(true), ValueType::kJson, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    FlagValue taken;
    CHECK(FromValue(row.value, row.type, &taken) == row.taken);
    if (!row.taken) continue;
    const bool widened = row.type == ValueType::kDouble && row.value.AsInt() != nullptr;
    CHECK(ToValue(taken) == (widened ? Value(2.0) : row.value));
  }
}

TEST_CASE("the newer of two rulesets has the higher epoch, then the higher version") {
  const std::pair<std::uint64_t, std::uint64_t> ascending[] = {{1, 1}, {1, 9}, {2, 1}, {2, 2}};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      Ruleset a;
      a.header.epoch = ascending[i].first;
      a.header.version = ascending[i].second;
      Ruleset b;
      b.header.epoch = ascending[k].first;
      b.header.version = ascending[k].second;
      CAPTURE(i);
      CAPTURE(k);
      CHECK(a.IsNewerThan(b) == (i > k));
    }
  }
}
