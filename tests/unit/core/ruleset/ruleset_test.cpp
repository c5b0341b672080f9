#include "sdk/core/ruleset/ruleset.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace guidon;
using namespace guidon::ruleset;

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
