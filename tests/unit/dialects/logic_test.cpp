// What the case list of jsonlogic.com and flagd's testbed (tests/conformance) leave open.
#include "sdk/core/logic/run.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "sdk/core/base/javascript.h"
#include "sdk/core/hash/murmur3.h"
#include "sdk/core/logic/cbor.h"
#include "sdk/core/logic/compile.h"

namespace guidon::logic {
namespace {

json::Limits Wide() {
  json::Limits limits;
  limits.depth = 512;
  limits.string_bytes = limits.items = limits.nodes = 4u << 20;
  return limits;
}

Value Parsed(const std::string& text) {
  const auto document = json::Document::Parse(text, nullptr, Wide());
  REQUIRE(document);
  return document->root().ToValue();
}

Result<Program> Compiled(const std::string& rule) {
  const auto document = json::Document::Parse(rule, nullptr, Wide());
  REQUIRE(document);
  return Compile(document->root());
}

// The result as JSON; "over budget" where it is.
std::string Apply(const std::string& rule, const Value& data) {
  const Result<Program> program = Compiled(rule);
  if (!program.ok()) return program.status().message();
  Input input;
  input.root = &data;
  Run run(*program, input);
  const Value result = ToValue(run.Result());
  return run.is_over_budget() ? "over budget" : javascript::ToJson(result);
}

std::string Apply(const std::string& rule, const std::string& data = "null") { return Apply(rule, Parsed(data)); }

}  // namespace

TEST_CASE("operators take what JavaScript takes") {
  struct Row {
    const char* rule;
    const char* result;
  };
  const Row rows[] = {
      {R"({"==": [null, false]})", "false"},
      {R"({"==": ["", 0]})", "true"},
      {R"({"==": [[1], "1"]})", "true"},
      {R"({"==": [[], []]})", "false"},
      {R"({"!=": [null, 0]})", "true"},
      {R"({"===": [null, null]})", "true"},
      {R"({"===": [[1], [1]]})", "false"},
      {R"({"!==": [1, true]})", "true"},
      {R"({"<": ["b", "a"]})", "false"},
      {R"({"<": ["10", "9"]})", "true"},
      {R"({"<": ["10", 9]})", "false"},
      {R"({"<": [1, "x"]})", "false"},
      {R"({">=": [1, "x"]})", "false"},
      {R"({">": [1]})", "false"},
      {R"({">=": [null, 0]})", "true"},
      {R"({"<=": [1, 1, 0]})", "false"},
      {"{\"<\": [\"\U0001F600\", \"\uFFFD\"]}", "true"},
      {R"({"+": ["3abc", " 4.5e1x"]})", "48"},
      {R"({"+": []})", "0"},
      {R"({"+": ["x"]})", "null"},
      {R"({"*": ["2x", 3]})", "6"},
      {R"({"-": [null, 1]})", "-1"},
      {R"({"/": [1, 0]})", "null"},
      {R"({"%": [-7, 3]})", "-1"},
      {R"({"%": [5.5, 2]})", "1.5"},
      {R"({"min": []})", "null"},
      {R"({"max": [1, "x"]})", "null"},
      {R"({"max": ["10", 9]})", "10"},
      {R"({"cat": [1.0, null, [2, 3], true]})", R"("12,3true")"},
      {R"({"cat": []})", R"("")"},
      {"{\"substr\": [\"a\U0001F600b\", 3]}", R"("b")"},
      {"{\"substr\": [\"a\U0001F600b\", 0, 3]}", "\"a\U0001F600\""},
      {R"({"substr": ["abc", 9]})", R"("")"},
      {R"({"substr": ["abc", 0, -9]})", R"("")"},
      {R"({"substr": ["abc", 1, 99]})", R"("bc")"},
      {R"({"in": [1, "a1b"]})", "true"},
      {R"({"in": ["", "abc"]})", "true"},
      {R"({"in": ["a", ""]})", "false"},
      {R"({"in": [1, ["1"]]})", "false"},
      {R"({"in": ["a", {"a": 1, "b": 2}]})", "false"},
      {R"({"!": []})", "true"},
      {R"({"!!": [{"a": 1, "b": 2}]})", "true"},
      {R"({"if": [{"==": [1, 1]}, {"a": 1, "b": {"var": "x"}}, 2]})", R"({"a":1,"b":{"var":"x"}})"},
      {R"({"and": []})", "null"},
      {R"({"log": "x"})", R"("x")"},
      {R"({"merge": [[[1]], 2, null]})", "[[1],2,null]"},
      {R"([1, {"+": [1, 1]}, [{"+": [1, 2]}]])", "[1,2,[3]]"},
      {R"({})", "{}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CHECK(Apply(row.rule) == row.result);
  }
}

TEST_CASE("var goes step by step, and lists give their items to what is asked of each") {
  const std::string data = R"({"a": {"b": [10, {"c": "x"}]}, "n": null, "e": "", "l": [1, 2, 3], "t": true})";
  const auto apply = [&data](const std::string& rule) { return Apply(rule, data); };
  CHECK(apply(R"({"var": "a.b.1.c"})") == R"("x")");
  CHECK(apply(R"({"var": "a.b.01"})") == "null");
  CHECK(apply(R"({"var": ["a.x", {"+": [1, 1]}]})") == "2");
  CHECK(apply(R"({"var": ["n", 5]})") == "5");
  CHECK(apply(R"({"var": ["e", 5]})") == R"("")");
  CHECK(apply(R"({"var": {"cat": ["a", ".b.0"]}})") == "10");
  CHECK(apply(R"({"missing": ["a.b", "n", "e", "zz"]})") == R"(["n","e","zz"])");
  CHECK(apply(R"({"missing_some": [1, ["n", "t"]]})") == "[]");
  CHECK(apply(R"({"map": [{"var": "l"}, {"*": [{"var": ""}, 10]}]})") == "[10,20,30]");
  CHECK(apply(R"({"filter": [{"var": "t"}, true]})") == "[]");
  CHECK(apply(R"({"reduce": [{"var": "l"}, {"-": [{"var": "accumulator"}, {"var": "current"}]}, 10]})") == "4");
  CHECK(apply(R"({"reduce": [{"var": "t"}, 1, 7]})") == "7");
  CHECK(apply(R"({"some": [{"var": "a.b"}, {"==": [{"var": "c"}, "x"]}]})") == "true");
  CHECK(apply(R"({"none": [{"var": "n"}, true]})") == "true");
  CHECK(apply(R"({"all": [{"var": "l"}, {">": [{"var": ""}, 0]}]})") == "true");
}

TEST_CASE("what is no operator, or too much, is refused with its place") {
  CHECK(Apply(R"({"if": [true, {"what": 1}]})") == "/if/1/what is no operator");
  CHECK(Apply(R"({"and": [{"$ref": "x"}]})") == "/and/0/$ref is no operator");
  std::string deep = "1";
  for (int i = 0; i < 70; ++i) deep = "{\"!\":[" + deep + "]}";
  CHECK(Apply(deep).find(" is nested too deeply") != std::string::npos);
  std::string many;
  for (int i = 0; i < 6'000; ++i) many += (i == 0 ? "" : ",") + std::string("{\"!\":1}");
  CHECK(Apply("{\"or\":[" + many + "]}").find(" has too many parts") != std::string::npos);
}

TEST_CASE("a run that would take for ever, or all memory, is cut short") {
  const Value list(List(200, Value(List(200, Value(1)))));
  CHECK(Apply(R"({"all": [{"var": ""}, {"all": [{"var": ""}, {"==": [{"var": ""}, 1]}]}]})", list) == "over budget");
  CHECK(Apply(R"({"reduce": [{"var": ""}, {"cat": [{"var": "accumulator"}, {"var": "accumulator"}, "x"]}, "y"]})",
              list) == "over budget");
  const Value texts(List(1'000, Value(std::string(16'000, 'a'))));
  CHECK(Apply(R"({"map": [{"var": ""}, {"cat": [{"var": ""}, "b"]}]})", texts) == "over budget");
  CHECK(Apply(R"({"none": [{"var": ""}, {"in": [")" + std::string(8'000, 'a') + R"(b", {"var": ""}]}]})", texts) ==
        "over budget");
}

TEST_CASE("MurmurHash3, also in pieces") {
  CHECK(Murmur3Of("") == 0);
  CHECK(Murmur3Of("hello") == 0x248bfa47);
  CHECK(Murmur3Of("hello, world") == 0x149bbb7f);
  CHECK(Murmur3Of("test", 0x9747b28c) == 0x704b81dc);
  CHECK(Murmur3Of("gr1:123") == 0x2017a7b4);
  const std::string text = "The quick brown fox\0 jumps";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Murmur3 pieces;
    pieces.Add(std::string_view(text).substr(0, cut));
    pieces.Add(std::string_view(text).substr(cut));
    CHECK(pieces.Hash() == Murmur3Of(text));
  }
}

TEST_CASE("CBOR is the shortest there is") {
  const auto hex = [](const std::string& json) {
    std::string digits;
    for (const char c : ToCbor(Parsed(json))) {
      const auto byte = static_cast<unsigned char>(c);
      digits += "0123456789abcdef"[byte >> 4];
      digits += "0123456789abcdef"[byte & 15];
    }
    return digits;
  };
  // RFC 8949, appendix A.
  const std::pair<const char*, const char*> rows[] = {{"0", "00"},
                                                      {"23", "17"},
                                                      {"24", "1818"},
                                                      {"1000", "1903e8"},
                                                      {"1000000000000", "1b000000e8d4a51000"},
                                                      {"-1", "20"},
                                                      {"-1000", "3903e7"},
                                                      {"-0.0", "00"},
                                                      {"1.1", "fb3ff199999999999a"},
                                                      {"1.5", "f93e00"},
                                                      {"65504.5", "fa477fe080"},
                                                      {"5.960464477539063e-8", "f90001"},
                                                      {"0.00006103515625", "f90400"},
                                                      {"3.4028234663852886e+38", "fa7f7fffff"},
                                                      {"1e300", "fb7e37e43c8800759c"},
                                                      {"-4.1", "fbc010666666666666"},
                                                      {"null", "f6"},
                                                      {"true", "f5"},
                                                      {R"("IETF")", "6449455446"},
                                                      {R"("ü")", "62c3bc"},
                                                      {"[1, [2, 3]]", "8201820203"},
                                                      {R"({"b": 1, "a": [null, "x"]})", "a2616182f66178616201"},
                                                      {R"({"aa": 1, "z": 2})", "a2617a0262616101"}};
  for (const auto& [json, digits] : rows) {
    CAPTURE(json);
    CHECK(hex(json) == digits);
  }
}

TEST_CASE("versions compare as semver.org says, a little lenient") {
  const auto compares = [](const std::string& a, const std::string& op, const std::string& b) {
    return Apply("{\"sem_ver\": [" + a + ", \"" + op + "\", " + b + "]}");
  };
  CHECK(compares(R"("1.2.3")", "=", R"("v1.2.3")") == "true");
  CHECK(compares(R"("1.2")", "=", R"("1.2.0")") == "true");
  CHECK(compares("1.2", "=", R"("1.2.0")") == "true");
  CHECK(compares("2", ">", R"("1.99.99")") == "true");
  CHECK(compares(R"("1.0.0-alpha.1")", "<", R"("1.0.0-alpha.beta")") == "true");
  CHECK(compares(R"("1.0.0-2")", "<", R"("1.0.0-10")") == "true");
  CHECK(compares(R"("1.0.0-rc.1")", "<", R"("1.0.0")") == "true");
  CHECK(compares(R"("1.0.0+a")", "=", R"("1.0.0+b")") == "true");
  CHECK(compares(R"("1.5.9")", "^", R"("1.0.0")") == "true");
  CHECK(compares(R"("1.5.9")", "~", R"("1.6.0")") == "false");
  CHECK(compares(R"("99999999999999999999.0.0")", ">", R"("1.0.0")") == "true");
  for (const char* bad : {R"("")", R"("x")", R"("01.0.0")", R"("1.0.0.0")", R"("1.2-rc")", R"("1.0.0-")",
                          R"("1.0.0-01")", R"("1..0")", "true", "null", "[1]"}) {
    CAPTURE(bad);
    CHECK(compares(bad, "=", R"("1.0.0")") == "null");
  }
  CHECK(compares(R"("1.0.0")", "==", R"("1.0.0")") == "null");
  CHECK(Apply(R"({"sem_ver": ["1.0.0", "="]})") == "null");
}

TEST_CASE("a fraction is null where its arguments are not as they should be") {
  const auto share = [](const std::string& arguments) { return Apply("{\"fractional\": [" + arguments + "]}"); };
  CHECK(share(R"("u", ["a", 1])") == R"("a")");
  CHECK(share(R"("u", ["a"])") == R"("a")");
  CHECK(share(R"("u", ["a", 0], ["b", 1])") == R"("b")");
  CHECK(share(R"("u", ["a", -5], ["b", 1])") == R"("b")");
  CHECK(share(R"("u", [true, 1])") == "true");
  CHECK(share(R"("u", ["a", {"+": [1, 1]}])") == R"("a")");
  for (const char* bad : {"", R"("u")", R"("u", ["a", 0])", R"("u", ["a", 1.5])", R"("u", ["a", "1"])", R"("u", [])",
                          R"("u", ["a", 1, 2])", R"("u", [["a"], 1])", R"("u", "a")", R"("u", ["a", 2147483648])",
                          R"(["a", 1])", R"(5, ["a", 1])"}) {
    CAPTURE(bad);
    CHECK(share(bad) == "null");
  }
}

TEST_CASE("each version of the fraction shares out to its weights") {
  for (const Fractional version : {Fractional::kV1, Fractional::kV2, Fractional::kV3}) {
    Result<Program> program = Compiled(R"({"fractional": [["a", 10], ["b", 30], ["c", 60]]})");
    REQUIRE(program.ok());
    program->fractional = version;
    int counts[3] = {};
    for (int i = 0; i < 20'000; ++i) {
      const Context context = Context().Unit("targetingKey", "user-" + std::to_string(i));
      Input input;
      input.context = &context;
      input.flag = "flag";
      Run run(*program, input);
      const Term term = run.Result();
      REQUIRE(term.kind == Term::Kind::kText);
      ++counts[term.text[0] - 'a'];
    }
    CHECK(std::abs(counts[0] - 2'000) < 300);
    CHECK(std::abs(counts[1] - 6'000) < 400);
    CHECK(std::abs(counts[2] - 12'000) < 400);
  }
}

}  // namespace guidon::logic
