// Every bound of a datafile: it loads at the bound, and one above is refused where the bound belongs.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/dialects/native/load.h"
#include "tests/unit/core/rules.h"

using namespace guidon;
using namespace guidon::testing;

namespace {

// `count` parts with commas between them.
std::string Several(std::size_t count, const std::function<std::string(std::string)>& part) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + part(std::to_string(i));
  return text;
}

std::string FlagWithRules(const std::string& rules) {
  return R"("flags":{"f":{"type":"bool","default":false,"rules":[)" + rules + "]}}";
}

std::string FlagWhen(const std::string& condition) {
  return FlagWithRules(R"({"id":"r","when":)" + condition + R"(,"serve":true})");
}

std::string Rollout(const std::string& slots) {
  return FlagWithRules(R"({"id":"r","rollout":{"unit":"device","salt":"s","split":[{"slots":)" + slots +
                       R"(,"serve":true}]}})");
}

std::string Nested(std::size_t depth) {
  std::string text = R"({"op":"exists","attribute":"a"})";
  for (std::size_t i = 0; i < depth; ++i) text = R"({"op":"not","of":[)" + text + "]}";
  return text;
}

std::string Experiments(std::size_t count) {
  return R"("layers":{"l":{"unit":"device","salt":"l"}},"experiments":{)" +
         Several(count,
                 [](const std::string& i) {
                   return "\"e" + i +
                          R"(":{"iteration":1,"status":"ended","layer":"l","slots":[],"salt":"s","variants":)"
                          R"({"a":{"slots":[[0,1000000]],"flags":{"f":true}}}})";
                 }) +
         R"(},"flags":{"f":{"type":"bool","default":false}})";
}

std::string Variants(std::size_t count) {
  const std::string variants = Several(count, [&](const std::string& i) {
    const bool is_first = i == "0";
    return "\"v" + i + R"(":{"slots":)" + (is_first ? "[[0,1000000]]" : "[]") + R"(,"flags":{"f":true}})";
  });
  return R"("layers":{"l":{"unit":"device","salt":"l"}},"experiments":{"e":{"iteration":1,"status":"running",)"
         R"("layer":"l","slots":[],"salt":"s","variants":{)" +
         variants + "}}}," + FlagWithRules(R"({"id":"r","experiment":"e"})");
}

std::string GovernedBy(std::size_t count) {
  return R"("holdouts":{)" +
         Several(count,
                 [](const std::string& i) {
                   return "\"h" + i + R"(":{"unit":"device","salt":"h","size":1,"experiments":["e"]})";
                 }) +
         "}," + Variants(1);
}

std::string Audiences(std::size_t count) {
  return R"("layers":{"l":{"unit":"device","salt":"l"}},"experiments":{"e":{"iteration":1,"status":"running",)"
         R"("layer":"l","slots":[],"salt":"s","audiences":[)" +
         Several(count,
                 [](const std::string& i) {
                   return R"({"name":"a)" + i +
                          R"(","when":{"op":"exists","attribute":"a"},"slots":[],"variants":{"v":[[0,1000000]]}})";
                 }) +
         R"(],"variants":{"v":{"slots":[[0,1000000]],"flags":{"f":true}}}}},)" +
         FlagWithRules(R"({"id":"r","experiment":"e"})");
}

// Each asks for the one before it.
std::string ChainOfFlags(std::size_t count) {
  return R"("flags":{"f0":{"type":"bool","default":false})" +
         Several(count,
                 [](const std::string& i) {
                   if (i == "0") return std::string();
                   return "\"f" + i +
                          R"(":{"type":"bool","default":false,"rules":[{"id":"r","when":{"op":"==","flag":"f)" +
                          std::to_string(std::stoul(i) - 1) + R"(","value":true},"serve":true}]})";
                 }) +
         "}";
}

}  // namespace

TEST_CASE("bounds of one object cost that object, bounds of the whole the file") {
  const struct {
    std::string name;
    std::function<std::string(std::size_t)> members;
    std::size_t most;
    const char* problem;
    bool is_whole;
  } rows[] = {
      {"flags",
       [](std::size_t n) {
         return R"("flags":{)" +
                Several(n, [](const std::string& i) { return "\"f" + i + R"(":{"type":"bool","default":false})"; }) +
                "}";
       },
       limits::kFlags, "/flags: has 5001 flags; at most 5000 are allowed", true},
      {"experiments", Experiments, limits::kExperiments, "/experiments: has 1001 experiments; at most 1000", true},
      {"layers",
       [](std::size_t n) {
         return R"("layers":{)" +
                Several(n, [](const std::string& i) { return "\"l" + i + R"(":{"unit":"device","salt":"l"})"; }) + "}";
       },
       limits::kLayers, "/layers: has 257 layers; at most 256", true},
      {"holdouts",
       [](std::size_t n) {
         return R"("holdouts":{)" +
                Several(n,
                        [](const std::string& i) {
                          return "\"h" + i + R"(":{"unit":"device","salt":"h","size":1,"experiments":[]})";
                        }) +
                "}";
       },
       limits::kHoldouts, "/holdouts: has 33 holdouts; at most 32", true},
      {"segments",
       [](std::size_t n) {
         return R"("segments":{)" +
                Several(n, [](const std::string& i) { return "\"s" + i + R"(":{"op":"exists","attribute":"a"})"; }) +
                "}";
       },
       limits::kSegments, "/segments: has 1001 segments; at most 1000", true},
      {"event attributes",
       [](std::size_t n) {
         return R"("event_attributes":[)" + Several(n, [](const std::string& i) { return "\"a" + i + "\""; }) + "]";
       },
       64, "/event_attributes: has 65 event_attributes; at most 64", true},
      {"JSON depth", [](std::size_t n) { return "\"x\":" + std::string(n - 1, '[') + std::string(n - 1, ']'); },
       limits::kJsonDepth, "/x", true},
      {"rules of a flag",
       [](std::size_t n) {
         return FlagWithRules(
             Several(n, [](const std::string& i) { return R"({"id":"r)" + i + R"(","serve":true})"; }));
       },
       limits::kRulesPerFlag, "/flags/f/rules: has 65 rules; at most 64", false},
      {"variants", Variants, limits::kVariants, "/experiments/e/variants: has 33 variants; at most 32", false},
      {"parts of a rollout",
       [](std::size_t n) {
         return FlagWithRules(R"({"id":"r","rollout":{"unit":"device","salt":"s","split":[)" +
                              Several(n, [](const std::string&) { return R"({"slots":[],"serve":true})"; }) + "]}}");
       },
       limits::kVariants, "/flags/f/rules/0/rollout/split: has 33 parts; at most 32", false},
      {"comparisons of a condition",
       [](std::size_t n) {
         return FlagWhen(
             R"({"op":"or","of":[)" +
             Several(n, [](const std::string& i) { return R"({"op":"exists","attribute":"a)" + i + "\"}"; }) + "]}");
       },
       limits::kConditionsPerRule, "/flags/f/rules/0/when/of/64: is one of more than 64 comparisons in one condition",
       false},
      {"depth of a condition", [](std::size_t n) { return FlagWhen(Nested(n)); }, limits::kConditionDepth,
       "/flags/f/rules/0/when/of/0/of/0/of/0/of/0/of/0/of/0/of/0/of/0/of/0: is nested deeper than 8 levels", false},
      {"values of a list",
       [](std::size_t n) {
         return FlagWhen(R"({"op":"in","attribute":"a","values":[)" +
                         Several(n, [](const std::string& i) { return i; }) + "]}");
       },
       limits::kListValues, "/flags/f/rules/0/when/values/10000: ", true},
      {"bytes of a name",
       [](std::size_t n) { return "\"flags\":{\"" + std::string(n, 'x') + R"(":{"type":"bool","default":false}})"; },
       limits::kKeyBytes, "/flags/", false},
      {"bytes of a salt",
       [](std::size_t n) {
         return FlagWithRules(R"({"id":"r","rollout":{"unit":"device","salt":")" + std::string(n, 's') +
                              R"(","split":[]}})");
       },
       64, "/flags/f/rules/0/rollout/salt: must be 1 to 64", false},
      {"bytes of an attribute's name",
       [](std::size_t n) { return FlagWhen(R"({"op":"exists","attribute":")" + std::string(n, 'a') + "\"}"); },
       limits::kAttributeNameBytes, "/flags/f/rules/0/when/attribute: must be 1 to 256 bytes long", false},
      {"holdouts that govern one experiment", GovernedBy, limits::kHoldoutsPerExperiment,
       "/holdouts/h4/experiments: makes a fifth holdout that governs \"e\"; four are the most", false},
      {"kinds of unit",
       [](std::size_t n) {
         return FlagWithRules(Several(n, [](const std::string& i) {
           return R"({"id":"r)" + i + R"(","rollout":{"unit":"u)" + i + R"(","salt":"s","split":[]}})";
         }));
       },
       64, "", false},
      {"audiences", Audiences, limits::kAudiences, "/experiments/e/audiences: has 17 audiences; at most 16", false},
      {"flags that lead to one another", ChainOfFlags, limits::kPrerequisiteDepth,
       "/flags/f16: leads through more than 16 flags, experiments and segments", false},
      {"networks",
       [](std::size_t n) {
         return FlagWhen(R"({"op":"cidr","attribute":"ip","values":[)" +
                         Several(n, [](const std::string&) { return R"("10.0.0.0/8")"; }) + "]}");
       },
       limits::kNetworks, "/flags/f/rules/0/when/values: has 257 networks; at most 256", false},
      {"bytes of a glob",
       [](std::size_t n) {
         return FlagWhen(R"({"op":"matches_glob","attribute":"a","value":")" + std::string(n, 'x') + "\"}");
       },
       limits::kGlobBytes, "/flags/f/rules/0/when/value: ", false},
      {"values that a list has all of",
       [](std::size_t n) {
         return FlagWhen(R"({"op":"contains_all","attribute":"a","values":[)" +
                         Several(n, [](const std::string& i) { return i; }) + "]}");
       },
       limits::kAttributeElements, "/flags/f/rules/0/when/values: has more values than a list may have elements: 256",
       false},
      {"bytes of a member's name", [](std::size_t n) { return "\"" + std::string(n, 'x') + "\":1"; },
       limits::kJsonKeyBytes, "", true},
      {"bytes of a text", [](std::size_t n) { return "\"x\":\"" + std::string(n, 'x') + "\""; },
       limits::kJsonStringBytes, "/x", true},
      {"items of a list",
       [](std::size_t n) { return "\"x\":[" + Several(n, [](const std::string&) { return "1"; }) + "]"; },
       limits::kJsonItems, "/x", true},
      {"the greatest whole number of a list",
       [](std::size_t n) {
         return FlagWhen(R"({"op":"in","attribute":"a","values":[)" +
                         std::to_string((std::int64_t{1} << 53) - 1'000 + static_cast<std::int64_t>(n)) + "]}");
       },
       1'000, "/flags/f/rules/0/when/values/0: whole numbers in a list go from -2^53 to 2^53", false},
      {"slots of a holdout",
       [](std::size_t n) {
         return R"("holdouts":{"h":{"unit":"device","salt":"h","experiments":"*","size":)" + std::to_string(n) + "}}";
       },
       500'000, "/holdouts/h/size: must be from 1 to 500000, not 500001", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto fits = dialects::LoadNative(Datafile(row.members(row.most)));
    REQUIRE(fits.rules.get() != nullptr);
    CHECK(ToText(fits.problems) == "");
    const auto below = dialects::LoadNative(Datafile(row.members(row.most - 1)));
    CHECK(ToText(below.problems) == "");
    const auto above = dialects::LoadNative(Datafile(row.members(row.most + 1)));
    CHECK((above.rules.get() == nullptr) == row.is_whole);
    const std::string problems = ToText(above.problems);
    CHECK(problems != "");
    CHECK_MESSAGE(problems.find(row.problem) == 0, problems.substr(0, 300));
  }
}

TEST_CASE("versions and epochs go to 2^53 - 1") {
  const auto problems = [](const std::string& version) {
    return ToText(dialects::LoadNative(R"({"format":"guidon/1","project":"p","environment":"e","epoch":)" + version +
                                       R"(,"version":)" + version + R"(,"issued_at":"2026-11-18T10:00:00Z"})")
                      .problems);
  };
  CHECK(problems("9007199254740990") == "");
  CHECK(problems("9007199254740991") == "");
  CHECK(problems("9007199254740992").find("/epoch: must be from 1 to 9007199254740991") == 0);
  CHECK(problems("0").find("/epoch: must be from 1") == 0);
}

TEST_CASE("numbers that are none, or too great, or no slots, are refused where they stand") {
  const struct {
    std::string name;
    std::string members;
    const char* problem;
    bool is_whole;
  } rows[] = {
      {"beyond doubles", FlagWhen(R"({"op":"<","attribute":"a","value":1e400})"),
       "/flags/f/rules/0/when/value: ", true},
      {"beyond int64", FlagWhen(R"({"op":"<","attribute":"a","value":9223372036854775808})"),
       "/flags/f/rules/0/when/value: ", true},
      {"NaN", FlagWhen(R"({"op":"<","attribute":"a","value":NaN})"), "/flags/f/rules/0/when", true},
      {"-0 as a slot", Rollout("[[-0,5]]"), "", false},
      {"-0.0 as a slot", Rollout("[[-0.0,5]]"), "/flags/f/rules/0/rollout/split/0/slots/0: must be", false},
      {"-1 as a slot", Rollout("[[-1,5]]"), "/flags/f/rules/0/rollout/split/0/slots/0: must be", false},
      {"a slot beyond the last", Rollout("[[0,1000001]]"), "/flags/f/rules/0/rollout/split/0/slots/0: must be", false},
      {"a range of nothing", Rollout("[[5,5]]"), "/flags/f/rules/0/rollout/split/0/slots/0: must be", false},
      {"ranges that overlap", Rollout("[[0,6],[5,9]]"), "/flags/f/rules/0/rollout/split/0/slots/1: begins", false},
      {"all slots", Rollout("[[0,1000000]]"), "", false},
      {"a zero byte in a name", R"("flags":{"a\u0000b":{"type":"bool","default":false}})",
       "/flags: line 1, column 136 (/flags): a member name with U+0000", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(Datafile(row.members));
    const std::string problems = ToText(loaded.problems);
    CAPTURE(problems);
    CHECK((loaded.rules.get() == nullptr) == row.is_whole);
    if (*row.problem == '\0') {
      CHECK(problems == "");
    } else {
      CHECK(problems.find(row.problem) != std::string::npos);
    }
  }
}

TEST_CASE("input 22: slots and shares that cannot be cost the experiment that has them, and nobody else") {
  const auto with = [](const std::string& slots, const std::string& a, const std::string& b) {
    return Datafile(
        R"("layers":{"l":{"unit":"device","salt":"l"}},"experiments":{"e":{"iteration":1,"status":"running",)"
        R"("layer":"l","salt":"s","slots":)" +
        slots + R"(,"variants":{"a":{"slots":)" + a + R"(,"flags":{"tested":true}},"b":{"slots":)" + b +
        R"(,"flags":{"tested":false}}}}},"flags":{"tested":{"type":"bool","default":false,)"
        R"("rules":[{"id":"r","experiment":"e"}]},)"
        R"("fine":{"type":"bool","default":false,"rules":[{"id":"r","serve":true}]}})");
  };
  const std::string all = "[[0,1000000]]";
  const struct {
    std::string name;
    std::string payload;
    const char* problem;  // empty: it is good
  } rows[] = {
      {"good", with(all, "[[0,500000]]", "[[500000,1000000]]"), ""},
      {"-1", with("[[-1,5]]", all, "[]"), "/experiments/e/slots/0: must be [first, behind the last]"},
      {"beyond the last", with("[[0,1000001]]", all, "[]"), "/experiments/e/slots/0: must be [first, behind the last]"},
      {"that overlap", with("[[0,6],[5,9]]", all, "[]"), "/experiments/e/slots/1: begins before the range ahead"},
      {"not sorted", with("[[5,9],[0,2]]", all, "[]"), "/experiments/e/slots/1: begins before the range ahead"},
      {"shares of 999,999", with(all, "[[0,500000]]", "[[500000,999999]]"),
       "/experiments/e/variants: do not share out the slots 0 to 1000000 exactly: slot 999999"},
      {"shares of 1,000,001", with(all, "[[0,500001]]", "[[500000,1000000]]"),
       "/experiments/e/variants: do not share out the slots 0 to 1000000 exactly: slot 500001"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto loaded = dialects::LoadNative(row.payload);
    REQUIRE(loaded.rules.get() != nullptr);
    CHECK_MESSAGE(ToText(loaded.problems).find(row.problem) == 0, ToText(loaded.problems));
    const bool is_good = *row.problem == '\0';
    const Context somebody = Context().Unit("device", "d-1");
    CHECK(Decide(loaded.rules, "tested", somebody).reason == (is_good ? Reason::kExperiment : Reason::kInvalidFlag));
    CHECK(ValueOf(Decide(loaded.rules, "fine", somebody)) == Value(true));
  }
  // No number at all is no JSON, and so no datafile.
  CHECK(dialects::LoadNative(with("[[0,1e400]]", all, "[]")).rules.get() == nullptr);
}

TEST_CASE("all lists together hold a hundred thousand values") {
  const std::string list = Several(10'000, [](const std::string& i) { return i; });
  const auto lists = [&](std::size_t count, const std::string& last) {
    return FlagWithRules(Several(count, [&](const std::string& i) {
      return R"({"id":"r)" + i + R"(","when":{"op":"in","attribute":"a","values":[)" +
             (i == std::to_string(count - 1) ? last : list) + R"(]},"serve":true})";
    }));
  };
  CHECK(ToText(dialects::LoadNative(Datafile(lists(10, list.substr(0, list.rfind(','))))).problems) == "");
  CHECK(ToText(dialects::LoadNative(Datafile(lists(10, list))).problems) == "");
  const auto above = dialects::LoadNative(Datafile(lists(11, "1")));
  REQUIRE(above.rules.get() != nullptr);
  CHECK(ToText(above.problems) == "/flags/f/rules/10/when/values: brings the values of all lists above 100000\n");
}

TEST_CASE("a datafile of more than 4 MiB is refused before it is read") {
  const std::string good = Datafile("");
  const std::string most = good + std::string(limits::kDatafileBytes - good.size(), ' ');
  CHECK(dialects::LoadNative(most.substr(0, most.size() - 1)).rules.get() != nullptr);
  CHECK(dialects::LoadNative(most).rules.get() != nullptr);
  const auto above = dialects::LoadNative(most + " ");
  CHECK(above.rules.get() == nullptr);
  CHECK(ToText(above.problems) == ": is larger than 4194304 bytes\n");
}

TEST_CASE("a hundred problems are told, further ones counted") {
  const auto flags = [](std::size_t count) {
    return R"("flags":{)" + Several(count, [](const std::string& i) { return "\"f" + i + R"(":{"type":"none"})"; }) +
           "}";
  };
  for (const std::size_t count :
       {limits::kProblems - 1, limits::kProblems, limits::kProblems + 1, limits::kProblems + 3}) {
    CAPTURE(count);
    const auto loaded = dialects::LoadNative(Datafile(flags(count)));
    CHECK(loaded.problems.size() == std::min(count, limits::kProblems));
    CHECK(loaded.more_problems == count - loaded.problems.size());
  }
}

TEST_CASE("experiments of thousands of ranges in one layer are compared in time") {
  // Every second slot: no two share one, and comparing each range with each other would be billions of steps.
  std::string experiments;
  for (int e = 0; e < 10; ++e) {
    std::string slots;
    for (int i = 0; i < 4'000; ++i) {
      const int begin = i * 20 + e * 2;
      slots += (i > 0 ? ",[" : "[") + std::to_string(begin) + "," + std::to_string(begin + 1) + "]";
    }
    experiments += (e > 0 ? ",\"e" : "\"e") + std::to_string(e) +
                   R"(":{"iteration":1,"status":"running","layer":"l","slots":[)" + slots +
                   R"(],"salt":"s","variants":{"a":{"slots":[[0,1000000]],"flags":{"f":true}}}})";
  }
  LoadRules(R"("layers":{"l":{"unit":"device","salt":"l"}},"experiments":{)" + experiments +
            R"(},"flags":{"f":{"type":"bool","default":false}})");
}
