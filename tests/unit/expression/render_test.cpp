#include "sdk/core/expression/render.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "sdk/core/expression/parser.h"

using namespace guidon;
using namespace guidon::expression;

namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  std::size_t Below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::size_t>(state_ >> 16) % bound;
  }

 private:
  std::uint64_t state_;
};

Tree RandomLeaf(Random* random) {
  Tree leaf;
  const char* names[] = {"plan", "app.version", "up-load", "_x.y9"};
  const char* texts[] = {"", "it's", "back\\slash", "new\nline", "tab\t\"quoted\"", "gr\xc3\xb6\xc3\x9f", "\x01"};
  const Value values[] = {Value("pro"), Value(5),     Value(-2.5),
                          Value(true),  Value(1e300), Value(texts[random->Below(7)])};
  leaf.name = names[random->Below(4)];
  switch (random->Below(17)) {
    case 16:
      leaf.kind = Kind::kFlag;
      leaf.name = texts[1 + random->Below(6)];
      leaf.value = values[random->Below(6)];
      leaf.op = random->Below(2) == 0 ? Op::kEqual : Op::kNotEqual;
      if (leaf.value.AsInt() != nullptr) leaf.op = static_cast<Op>(random->Below(6));
      break;
    case 15:
      leaf.kind = random->Below(2) == 0 ? Kind::kVariant : Kind::kVariantIn;
      leaf.name = texts[1 + random->Below(6)];
      if (leaf.kind == Kind::kVariant) {
        leaf.op = random->Below(2) == 0 ? Op::kEqual : Op::kNotEqual;
        leaf.value = Value(texts[random->Below(7)]);
      } else {
        for (std::size_t i = random->Below(3) + 1; i > 0; --i) leaf.values.emplace_back(texts[random->Below(7)]);
      }
      break;
    case 14:
      leaf.kind = Kind::kText;
      leaf.op = Op::kMatches;
      leaf.value = Value(texts[1 + random->Below(6)]);
      break;
    case 13:
      leaf.kind = Kind::kCidr;
      leaf.values = {Value("10.0.0.0/8"), Value("fd00::/8")};
      if (random->Below(2) == 0) leaf.values.pop_back();
      break;
    case 12:
      leaf.kind = Kind::kType;
      leaf.op = random->Below(2) == 0 ? Op::kEqual : Op::kNotEqual;
      leaf.value = Value(random->Below(2) == 0 ? "string" : "missing");
      break;
    case 11: {
      const Kind kinds[] = {Kind::kCompare, Kind::kIn, Kind::kText};
      leaf.kind = kinds[random->Below(3)];
      leaf.lower = true;
      if (leaf.kind == Kind::kText)
        leaf.op = static_cast<Op>(static_cast<std::size_t>(Op::kContains) + random->Below(3));
      if (leaf.kind == Kind::kIn) {
        leaf.values = {Value("pro"), Value(texts[random->Below(7)])};
      } else {
        leaf.value = Value(texts[1 + random->Below(6)]);
      }
      break;
    }
    case 10:
      leaf.kind = Kind::kSize;
      leaf.op = static_cast<Op>(random->Below(6));
      leaf.value = Value(random->Below(3));
      break;
    case 9:
      leaf.kind = Kind::kList;
      leaf.op = static_cast<Op>(static_cast<std::size_t>(Op::kContainsAny) + random->Below(3));
      for (std::size_t i = random->Below(3) + 1; i > 0; --i) leaf.values.push_back(values[random->Below(6)]);
      break;
    case 8: {
      const char* windows[] = {"1h", "72h", "14d", "400cd", "ever"};
      leaf.kind = Kind::kBehavior;
      leaf.measure = random->Below(2) == 0 ? behavior::Measure::kCount : behavior::Measure::kActiveDays;
      leaf.window = *behavior::ParseWindow(windows[random->Below(5)]);
      leaf.name = texts[1 + random->Below(6)];
      leaf.op = static_cast<Op>(random->Below(6));
      leaf.value = Value(random->Below(2) == 0 ? 0 : 14);
      if (random->Below(2) == 0) {
        leaf.measure = random->Below(2) == 0 ? behavior::Measure::kSinceLast : behavior::Measure::kSinceFirst;
        leaf.window = behavior::Window();
        leaf.op = static_cast<Op>(2 + random->Below(4));
        leaf.value = Value(random->Below(2) == 0 ? "14d" : "90m");
      }
      break;
    }
    case 0:
      leaf.kind = Kind::kCompare;
      leaf.op = random->Below(2) == 0 ? Op::kEqual : Op::kNotEqual;
      leaf.value = values[random->Below(6)];
      break;
    case 1:
      leaf.kind = Kind::kCompare;
      leaf.op = static_cast<Op>(2 + random->Below(4));
      leaf.value = values[1 + random->Below(2)];
      break;
    case 2:
      leaf.kind = Kind::kVersion;
      leaf.op = static_cast<Op>(random->Below(6));
      leaf.value = Value("4.2.0-rc.1");
      break;
    case 3:
      leaf.kind = Kind::kDate;
      leaf.op = static_cast<Op>(2 + random->Below(4));
      leaf.value = Value("2026-12-01T10:00:00Z");
      break;
    case 4:
      leaf.kind = Kind::kNow;
      leaf.name.clear();
      leaf.op = random->Below(2) == 0 ? Op::kLess : Op::kGreaterEqual;
      leaf.value = Value("2026-12-01T10:00:00.250Z");
      break;
    case 5:
      leaf.kind = Kind::kIn;
      for (std::size_t i = random->Below(3) + 1; i > 0; --i) leaf.values.push_back(values[random->Below(6)]);
      break;
    case 6:
      leaf.kind = Kind::kText;
      leaf.op = static_cast<Op>(6 + random->Below(3));
      leaf.value = Value(texts[1 + random->Below(6)]);
      break;
    default: leaf.kind = random->Below(2) == 0 ? Kind::kExists : Kind::kSegment; break;
  }
  return leaf;
}

Tree RandomTree(Random* random, int depth, Kind parent) {
  if (depth == 0 || random->Below(3) == 0) return RandomLeaf(random);
  Tree tree;
  tree.kind = static_cast<Kind>(random->Below(3));
  if (tree.kind == parent && parent != Kind::kNot) return RandomLeaf(random);  // parsed trees are flat
  const std::size_t parts = tree.kind == Kind::kNot ? 1 : 2 + random->Below(2);
  for (std::size_t i = 0; i < parts; ++i) tree.of.push_back(RandomTree(random, depth - 1, tree.kind));
  return tree;
}

}  // namespace

TEST_CASE("trees that differ in what they count, or in which window, are not the same") {
  const char* texts[] = {"count('a', '14d') > 3",
                         "count('b', '14d') > 3",
                         "count('a', '14h') > 3",
                         "count('a', '15d') > 3",
                         "count('a', '14cd') > 3",
                         "count('a', 'session') > 3",
                         "count('a') > 3",
                         "count('a', '14d') > 4",
                         "active_days('a', '14d') > 3",
                         "since_last('a') > duration('7d')",
                         "since_first('a') > duration('7d')",
                         "since_last('a') > duration('8d')",
                         "a > 3",
                         "count('a', '14d') >= 3",
                         "a == 'b'",
                         "a.lowerAscii() == 'b'",
                         "flag('a') == 'b'",
                         "variant('a') == 'b'",
                         "variant('a') in ['b']",
                         "a.matches('b')"};
  for (const char* a : texts) {
    for (const char* b : texts) {
      CAPTURE(a);
      CAPTURE(b);
      CHECK((*Parse(a, nullptr) == *Parse(b, nullptr)) == (std::string(a) == b));
    }
  }
}

TEST_CASE("a tree comes back whole from its expression and from its published form") {
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Tree tree = RandomTree(&random, 3, Kind::kExists);
    const std::string text = ToText(tree);
    CAPTURE(text);
    Error error;
    const std::optional<Tree> parsed = Parse(text, &error);
    CAPTURE(error.reason);
    REQUIRE(parsed);
    REQUIRE(*parsed == tree);
    const std::string published = ToJson(tree);
    CAPTURE(published);
    const std::optional<json::Document> document = json::Document::Parse(published, nullptr);
    REQUIRE(document);
    const std::optional<Tree> read = FromJson(document->root());
    REQUIRE(read);
    REQUIRE(*read == tree);
  }
}

TEST_CASE("expressions are written one way, with the brackets that are needed and no others") {
  const struct {
    const char* text;
    const char* canonical;
  } rows[] = {
      {"((a==1)||b==\"x\")&&!(has(c))", "(a == 1 || b == 'x') && !has(c)"},
      {"(a == 1 && b == 2) || c == 3", "a == 1 && b == 2 || c == 3"},
      {"!(plan in ['a'])", "!(plan in ['a'])"},
      {"!(a == 1 || b == 2)", "!(a == 1 || b == 2)"},
      {"version(v)>='4'", "version(v) >= version('4.0.0')"},
      {"'x' == name", "name == 'x'"},
      {"5<count(\"app_open\",'2w')", "count('app_open', '14d') > 5"},
      {"roles.containsAny(['a'])", "'a' in roles"},
      {"!('a' in roles)", "!('a' in roles)"},
      {"!(roles.containsAny(['a','b']))", "!roles.containsAny(['a', 'b'])"},
      {"'a'==plan.lowerAscii()", "plan.lowerAscii() == 'a'"},
      {"!(plan.lowerAscii().contains('a'))", "!plan.lowerAscii().contains('a')"},
      {"!(plan.matchesGlob('a*'))", "!plan.matchesGlob('a*')"},
      {"!(cidr(ip,['10.0.0.0/8']))", "!cidr(ip, '10.0.0.0/8')"},
      {"cidr(ip,['::1/128','::2/128'])", "cidr(ip, ['::1/128', '::2/128'])"},
      {"'int'!=type(x)", "type(x) != 'int'"},
      {"2<=size(roles)", "size(roles) >= 2"},
      {"!(active_days('app_open','ever')==0)", "!(active_days('app_open') == 0)"},
      {"!(duration('48h')<since_last(\"a\"))", "!(since_last('a') > duration('2d'))"},
      {"flag('a')==true", "flag('a')"},
      {"!(flag(\"a\"))", "!flag('a')"},
      {"!(flag('a')==false)", "!(flag('a') == false)"},
      {"3>=flag('a')", "flag('a') <= 3"},
      {"!('b'==variant('a'))", "!(variant('a') == 'b')"},
      {"variant('a')in['b']", "variant('a') in ['b']"},
      {"!(x.matches('^a'))", "!x.matches('^a')"},
      {"now<'2026-12-01'", "now < date('2026-12-01T00:00:00Z')"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const std::optional<Tree> tree = Parse(row.text, nullptr);
    REQUIRE(tree);
    CHECK(ToText(*tree) == row.canonical);
  }
}

TEST_CASE("a published condition that expressions cannot say is not shown as another") {
  const char* rows[] = {R"({"op":"==","attribute":"size","kind":"team","value":3})",
                        R"({"op":"near","attribute":"place","value":3})",
                        R"({"op":"==","value":3})",
                        R"({"op":"==","attribute":"a","value":[1]})",
                        R"({"op":"not","of":[]})",
                        R"({"op":">","count":"a","attribute":"b","value":3})",
                        R"({"op":">","count":"a","active_days":"a","value":3})",
                        R"({"op":">","count":"a","window":"2 weeks","value":3})",
                        R"({"op":">","count":"a","window":7,"value":3})",
                        R"({"op":">","count":7,"value":3})",
                        R"({"op":">","count":"a","value":-3})",
                        R"({"op":">","count":"a","size":3})",
                        R"({"op":">","attribute":"a","size":-3})",
                        R"({"op":">","attribute":"a","size":"3"})",
                        R"({"op":">","attribute":"a","type":"int"})",
                        R"({"op":"==","attribute":"a","type":3})",
                        R"({"op":"==","attribute":"a","lower":true,"version":"4.2.0"})",
                        R"({"op":"contains_any","attribute":"a","lower":true,"values":["x"]})",
                        R"({"op":"contains","attribute":"a","size":3})",
                        R"({"op":"contains_any","attribute":"a","value":"x"})",
                        R"({"op":">","count":"a"})",
                        R"({"op":"in","count":"a","values":[1]})",
                        R"({"op":"contains","count":"a","value":3})",
                        R"({"op":">","attribute":"a","window":"14d","value":3})",
                        R"({"op":"==","flag":"a","variant":"b","value":"c"})",
                        R"({"op":"==","flag":"a","attribute":"b","value":"c"})",
                        R"({"op":"==","flag":"a","value":null})",
                        R"({"op":"==","flag":3,"value":3})",
                        R"({"op":"in","flag":"a","values":["c"]})",
                        R"({"op":"contains","flag":"a","value":"c"})",
                        R"({"op":"<","variant":"a","value":"c"})",
                        R"({"op":"==","variant":"a","value":3})",
                        R"({"op":"in","variant":"a","value":"c"})",
                        R"({"op":"matches","attribute":"a","lower":true,"value":"c"})",
                        R"({"op":"in","unit":"account","values":["c"]})",
                        R"({"op":"in","attribute":"a","hashed":"0123456789abcdef","values":["c"]})",
                        R"([])",
                        R"({"op":"and","of":[{"op":"cidr"}]})"};
  for (const char* row : rows) {
    CAPTURE(row);
    const std::optional<json::Document> document = json::Document::Parse(row, nullptr);
    REQUIRE(document);
    CHECK_FALSE(FromJson(document->root()));
  }
}
