#include "sdk/tools/witness.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/parser.h"
#include "sdk/core/expression/render.h"
#include "sdk/core/ruleset/version.h"
#include "sdk/tools/context_file.h"
#include "sdk/tools/sample_networks.h"
#include "sdk/tools/sample_numbers.h"
#include "sdk/tools/tool_ports.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;
using expression::Tree;

namespace {

Tree Parsed(const std::string& text) {
  CAPTURE(text);
  expression::Error error;
  std::optional<Tree> tree = expression::Parse(text, &error);
  CAPTURE(error.reason);
  REQUIRE(tree.has_value());
  return *std::move(tree);
}

Conclusion AskFor(const std::string& text, Truths wanted = kTrue, const Source& source = Source()) {
  const Tree tree = Parsed(text);
  Effort effort;
  Prover prover(source, Noon(), &effort);
  const std::optional<std::size_t> condition = prover.Add(tree);
  REQUIRE(condition.has_value());
  return prover.Ask({{*condition, wanted}});
}

// What an attribute may be, for comparing with proofs: not made from the conditions, and more than they name.
struct Grid {
  std::vector<std::optional<Value>> values;
  std::vector<std::vector<HistoryEntry>> histories;
  std::vector<Timestamp> moments;
};

HistoryEntry Happened(const char* at, std::int64_t times) {
  HistoryEntry entry;
  entry.at = *text::ParseTimestamp(at);
  entry.event = "e";
  entry.times = times;
  return entry;
}

Grid MakeGrid() {
  Grid grid;
  grid.values.emplace_back(std::nullopt);
  grid.values.emplace_back(Value());
  for (const bool value : {true, false}) grid.values.emplace_back(Value(value));
  for (int i = -1; i <= 6; ++i) {
    grid.values.emplace_back(Value(i));
    grid.values.emplace_back(Value(i + 0.5));
    grid.values.emplace_back(Value(double(i)));
  }
  for (const char* date : {"2026-01-01", "2026-06-01T12:00:00Z", "2026-12-01", "2027-12-01"}) {
    grid.values.emplace_back(Value(ToMs(*text::ParseTimestamp(date))));
    grid.values.emplace_back(Value(ToMs(*text::ParseTimestamp(date)) - 1));
    grid.values.emplace_back(Value(date));
  }
  for (const char* text :
       {"",         "a",        "b",        "ab",       "ba",       "aab",   "abb",     "bab",     "A",
        "AB",       "aB",       "Ab",       "abc",      "xab",      "x",     "axb",     "a.b",     "1",
        "1.0.0",    "1.1",      "v1.2",     "1.2.3-a",  "1.2.3",    "1.2.4", "2.0.0-0", "2.0.0",   "2.0.0+ab",
        "10.0.0.1", "10.1.2.3", "10.1.2.4", "10.9.9.9", "11.0.0.1", "::1",   "fd00::1", "fe80::1", "::ffff:10.1.2.3",
        "b-a",      "b-ab",     "aaaa",     "bb"}) {
    grid.values.emplace_back(Value(text));
  }
  const std::vector<Value> elements = {"a", "b", 1, 1.0, true, Value(), "c"};
  for (std::size_t set = 0; set < 1u << elements.size(); set += 3) {
    List list;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if ((set >> i & 1) != 0) list.push_back(elements[i]);
    }
    grid.values.emplace_back(Value(list));
  }
  grid.values.emplace_back(Value(List(300, Value("a"))));
  grid.values.emplace_back(Value(Object()));
  grid.values.emplace_back(Value(std::numeric_limits<double>::infinity()));
  grid.values.emplace_back(Value(std::string(20'000, 'a')));
  grid.histories = {{},
                    {Happened("2026-11-21T11:30:00Z", 1)},
                    {Happened("2026-11-21T00:30:00Z", 2)},
                    {Happened("2026-11-20T00:30:00Z", 3), Happened("2026-11-21T11:30:00Z", 1)},
                    {Happened("2026-11-12T00:30:00Z", 1), Happened("2026-11-20T23:30:00Z", 1)},
                    {Happened("2025-01-12T00:30:00Z", 5)},
                    {Happened("2025-01-12T00:30:00Z", 1), Happened("2026-11-10T00:30:00Z", 2)}};
  grid.moments = {Noon(), *text::ParseTimestamp("2026-01-01"), *text::ParseTimestamp("2026-12-01"),
                  *text::ParseTimestamp("2026-11-30T23:59:59Z"), *text::ParseTimestamp("2030-01-01")};
  return grid;
}

// One comparison with the attribute `name`, of few constants, so that they meet often.
std::string RandomComparison(Random* random, const std::string& name) {
  const char* const texts[] = {"a", "b", "ab", "1.0.0", "10.1.2.3", "2026-01-01", ""};
  const char* const lower[] = {"a", "ab", "b"};
  const char* const parts[] = {"a", "b", "ab", "ba", "1"};
  const char* const globs[] = {"a*", "*b", "?b", "a*b", "1.?.*"};
  const char* const numbers[] = {"0", "1", "2", "2.5", "5"};
  const char* const versions[] = {"1.0.0", "1.2.3", "1.2.3-a", "2.0.0-0"};
  const char* const dates[] = {"2026-01-01", "2026-06-01T12:00:00Z", "2026-12-01"};
  const char* const networks[] = {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "::/0", "fd00::/8", "0.0.0.0/0"};
  const char* const types[] = {"missing", "null", "bool", "int", "double", "string", "list", "object"};
  const char* const order[] = {"==", "!=", "<", "<=", ">", ">="};
  const char* const windows[] = {", '1d'", ", '7d'", ", '14d'", ", '14cd'", ", '24h'", ""};
  const char* const elements[] = {"'a'", "'b'", "1", "true", "'c'"};
  const auto of = [&](const auto& list) { return std::string(list[random->Below(std::size(list))]); };
  const auto quoted = [](const std::string& text) { return "'" + text + "'"; };
  const char* const durations[] = {"1h", "6d", "7d", "14d", "365d"};
  switch (random->Below(19)) {
    case 17:
    case 18:
      return std::string(random->Below(2) == 0 ? "since_last" : "since_first") + "('e') " +
             std::string(order[2 + random->Below(4)]) + " duration(" + quoted(of(durations)) + ")";
    case 0: return name + " == " + quoted(of(texts));
    case 1: return name + " != " + quoted(of(texts));
    case 2: return name + " in ['a', 'ab', 1, " + quoted(of(texts)) + "]";
    case 3: return name + ".lowerAscii() == " + quoted(of(lower));
    case 4: return name + ".startsWith(" + quoted(of(parts)) + ")";
    case 5: return name + ".endsWith(" + quoted(of(parts)) + ")";
    case 6: return name + ".contains(" + quoted(of(parts)) + ")";
    case 7: return name + ".matchesGlob(" + quoted(of(globs)) + ")";
    case 8: return name + " " + of(order) + " " + of(numbers);
    case 9: return "version(" + name + ") " + of(order) + " version(" + quoted(of(versions)) + ")";
    case 10:
      return "date(" + name + ") " + std::string(random->Below(2) == 0 ? "<" : ">=") + " date(" + quoted(of(dates)) +
             ")";
    case 11: return "cidr(" + name + ", " + quoted(of(networks)) + ")";
    case 12: return "type(" + name + ") " + (random->Below(2) == 0 ? "==" : "!=") + " " + quoted(of(types));
    case 13: return name + ".contains" + (random->Below(2) == 0 ? "All" : "Any") + "([" + of(elements) + ", 'b'])";
    case 14: return "size(" + name + ") " + of(order) + " " + std::to_string(random->Below(5));
    case 15: return "now " + std::string(random->Below(2) == 0 ? ">=" : "<") + " date(" + quoted(of(dates)) + ")";
    default:
      return std::string(random->Below(2) == 0 ? "count" : "active_days") + "('e'" + of(windows) + ") " + of(order) +
             " " + std::to_string(random->Below(2) + random->Below(2));
  }
}

std::string RandomCondition(Random* random, int depth) {
  if (depth == 0 || random->Below(4) == 0) {
    return RandomComparison(random, random->Below(3) == 0 ? "y" : "x");
  }
  if (random->Below(5) == 0) return "!(" + RandomCondition(random, depth - 1) + ")";
  const std::string sign = random->Below(3) == 0 ? " || " : " && ";
  std::string out = RandomCondition(random, depth - 1);
  for (std::size_t i = random->Below(2) + 1; i > 0; --i) out += sign + RandomCondition(random, depth - 1);
  return "(" + out + ")";
}

}  // namespace

TEST_CASE("what nobody can meet is told from what somebody can") {
  struct Row {
    std::string condition;
    Finding finding;
  };
  constexpr Finding kNever = Finding::kNever;
  constexpr Finding kWitness = Finding::kWitness;
  constexpr Finding kUndecided = Finding::kUndecided;
  const Row rows[] = {
      {"plan == 'pro'", kWitness},
      {"plan == 'pro' && plan == 'free'", kNever},
      {"plan == 'pro' && plan != 'pro'", kNever},
      {"plan != 'pro' && plan != 'free'", kWitness},
      {"plan == 'pro' && !has(plan)", kNever},
      {"!has(plan) && type(plan) == 'null'", kWitness},
      {"plan == 'pro' && plan == 1", kNever},
      {"plan == true && plan == false", kNever},
      {"plan in ['a', 'b'] && plan in ['b', 'c']", kWitness},
      {"plan in ['a', 'b'] && plan in ['c', 'd']", kNever},
      {"plan in ['a', 'b'] && plan != 'a' && plan != 'b'", kNever},
      {"app.version == '1' && app == 'x'", kWitness},
      // Numbers.
      {"seats > 3 && seats < 4", kWitness},
      {"seats > 3 && seats < 4 && type(seats) == 'int'", kNever},
      {"seats >= 3 && seats <= 3", kWitness},
      {"seats > 3 && seats <= 3", kNever},
      {"seats >= 3 && seats <= 3 && seats != 3", kNever},
      {"seats > 9007199254740992 && seats < 9007199254740993", kNever},
      {"seats > 9007199254740992 && seats < 9007199254740994", kWitness},
      {"seats > 1.5 && seats < 1.5000000000000002", kNever},
      {"seats < 5 && seats == 'x'", kNever},
      // Texts.
      {"mail.startsWith('a') && mail.startsWith('b')", kNever},
      {"mail.startsWith('a') && mail.startsWith('ab')", kWitness},
      {"mail.startsWith('ab') && !mail.startsWith('a')", kNever},
      {"mail.startsWith('ab') && mail.endsWith('bc') && mail.contains('x') && !mail.contains('abc')", kWitness},
      {"mail.contains('abc') && !mail.contains('b')", kNever},
      {"mail.contains('a') && mail.contains('b') && !mail.contains('ab')", kWitness},
      {"mail == 'a@x.org' && mail.endsWith('.com')", kNever},
      {"mail == 'A' && mail.lowerAscii() == 'a'", kWitness},
      {"mail == 'B' && mail.lowerAscii() == 'a'", kNever},
      {"mail.lowerAscii() == 'a' && mail != 'a' && mail != 'A'", kNever},
      {"mail.lowerAscii() == 'ab' && mail != 'ab' && mail != 'AB' && mail != 'Ab'", kWitness},
      {"mail.lowerAscii() == '1' && mail != '1'", kNever},
      {"mail == 'docs/x' && mail.matchesGlob('img/*')", kNever},
      {"mail.matchesGlob('docs/*') && mail.matchesGlob('img/*')", kUndecided},
      // Versions, dates, addresses.
      {"version(v) >= version('4.2.0') && version(v) < version('4.2.0')", kNever},
      {"version(v) > version('4.2.0') && version(v) < version('4.2.1')", kWitness},
      {"version(v) > version('4.2.0') && version(v) < version('4.2.1-0')", kNever},
      {"version(v) > version('1.0.0-a') && version(v) < version('1.0.0-a.0')", kNever},
      {"version(v) > version('1.0.0-a') && version(v) < version('1.0.0')", kWitness},
      {"version(v) < version('0.0.0-0')", kNever},
      {"version(v) < version('0.0.0')", kWitness},
      {"version(v) == version('4.2.0') && v != '4.2.0'", kWitness},
      {"date(d) > date('2026-01-01T00:00:00.001Z') && date(d) < date('2026-01-01T00:00:00.002Z')", kNever},
      {"date(d) > date('2026-01-01') && date(d) < date('2026-01-02')", kWitness},
      {"date(d) > date('2026-01-01') && d < 5", kNever},
      {"now >= date('2026-12-01') && now < date('2026-12-01')", kNever},
      {"now >= date('2026-12-01') && now < date('2026-12-02')", kWitness},
      {"now < date('2020-01-01')", kWitness},
      {"cidr(ip, '10.0.0.0/8') && cidr(ip, '10.1.0.0/16')", kWitness},
      {"cidr(ip, '10.0.0.0/8') && cidr(ip, '11.0.0.0/8')", kNever},
      {"cidr(ip, '10.1.0.0/16') && !cidr(ip, '10.0.0.0/8')", kNever},
      {"cidr(ip, '10.0.0.0/8') && !cidr(ip, ['10.0.0.0/9', '10.128.0.0/9'])", kNever},
      {"cidr(ip, '10.0.0.0/8') && !cidr(ip, ['10.0.0.0/9', '10.128.0.0/10'])", kWitness},
      {"cidr(ip, '::/0') && cidr(ip, '0.0.0.0/0')", kNever},
      {"cidr(ip, '10.1.2.3/32') && ip != '10.1.2.3'", kWitness},
      // Lists.
      {"'a' in roles && !roles.containsAny(['a', 'b'])", kNever},
      {"roles.containsAll(['a', 'b']) && size(roles) == 1", kNever},
      {"roles.containsAny(['a', 'b']) && size(roles) == 1", kWitness},
      {"roles.containsNone(['a']) && 'a' in roles", kNever},
      {"1 in roles && roles.containsNone([1.0])", kNever},
      {"size(roles) > 2 && size(roles) < 3", kNever},
      {"size(roles) == 0 && roles.containsNone(['a'])", kWitness},
      {"'a' in roles && roles == 'a'", kNever},
      {"roles.containsAny(['a', 'b', 'c']) && !roles.containsAll(['a', 'b', 'c'])", kWitness},
      // Counts.
      {"count('x', '14d') == 0 && count('x', '7d') >= 1", kNever},
      {"count('x', '7d') == 0 && count('x', '14d') >= 1", kWitness},
      {"count('x', '24h') >= 3 && count('x', '7d') <= 2", kNever},
      {"count('x', '14d') < 5 && active_days('x', '14d') >= 5", kNever},
      {"count('x') >= 5 && count('x', '400d') == 0", kWitness},
      {"count('x', '14d') >= 9 && active_days('x', '14d') == 2 && count('x', '7d') == 0", kWitness},
      {"active_days('x', '36h') >= 4", kNever},
      {"active_days('x', '36h') >= 3", kUndecided},  // noon is not the hour for it
      {"count('x') < 0", kNever},
      {"count('x', '7cd') == 0 && count('x', '14cd') >= 1", kWitness},
      {"count('x', '14cd') == 0 && count('x', '7cd') >= 1", kNever},
      {"count('x', '14cd') == 0 && count('x', '12d') >= 1", kNever},
      {"count('x', '14d') == 0 && count('x', '12cd') >= 1", kNever},
      {"count('x', '14cd') == 0 && count('x', '14d') >= 1", kUndecided},
      {"active_days('x', '7cd') >= 3 && active_days('x', '14d') <= 2", kUndecided},
      {"active_days('x', '7cd') >= 3 && count('x', '14d') <= 2", kNever},
      {"since_last('x') < duration('1d') && count('x', '7cd') == 0", kNever},
      {"count('x', '14d') == 0 && count('y', '7d') >= 1", kWitness},
      {"count('x', '36h') >= 1 && count('x', '1d') == 0", kWitness},
      // How long ago.
      {"since_last('x') >= duration('7d')", kWitness},
      {"since_last('x') > duration('7d') && since_last('x') <= duration('7d')", kNever},
      {"since_last('x') >= duration('7d') && since_last('x') <= duration('7d')", kWitness},
      {"since_last('x') >= duration('7d') && since_first('x') < duration('7d')", kNever},
      {"since_last('x') < duration('1d') && since_first('x') >= duration('30d')", kWitness},
      {"since_last('x') >= duration('1s') && count('x') == 0", kNever},
      {"since_last('x') < duration('6d') && count('x', '7d') == 0", kNever},
      {"since_last('x') <= duration('157h') && count('x', '7d') == 0", kWitness},
      {"since_last('x') >= duration('7d') && count('x', '7d') > 0", kNever},
      {"since_first('x') < duration('6d') && count('x', '7d') == 0", kNever},
      {"since_first('x') >= duration('30d') && count('x', '7d') == 0", kWitness},
      {"since_last('x') < duration('1d') && count('x', '7d') >= 3 && since_first('x') >= duration('60d')", kWitness},
      {"since_last('x') < duration('1d') && since_last('y') >= duration('7d')", kWitness},
      {"!(since_last('x') < duration('7d')) && !(since_last('x') >= duration('7d'))", kNever},
      // Logic.
      {"!(plan == 'a' || plan != 'a')", kNever},
      {"!(plan == 'a' && plan != 'a')", kWitness},
      {"(plan == 'a' || plan == 'b') && (plan == 'c' || seats > 5 && seats < 2)", kNever},
      // What nothing is known of.
      {"flag('f') == 'a' && flag('f') == 'b'", kNever},
      {"flag('f') == 'a' && variant('f') == 'b'", kUndecided},
      {"variant('e') == 'a' && variant('e') in ['b', 'c']", kNever},
      {"variant('e') != 'a'", kUndecided},
      {"mail.matches('^a') && mail.matches('^b')", kUndecided},
      {"mail == 'ab' && !mail.matches('^a')", ToolPatterns() != nullptr ? kNever : kUndecided},
      {"mail == 'ab' && mail.matches('^a')", ToolPatterns() != nullptr ? kWitness : kUndecided},
      {"segment('unknown')", kUndecided},
      {"segment('unknown') && !segment('unknown')", kNever},
      {"segment('unknown') && plan == 'a' && plan == 'b'", kNever},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    CHECK(AskFor(row.condition).finding == row.finding);
  }
}

TEST_CASE("a witness is a context that the commands read, and meets the condition there") {
  struct Row {
    std::string condition;
    std::string context;
  };
  const Row rows[] = {
      {"plan == 'pro' && seats > 3", R"({"attributes":{"plan":"pro","seats":4}})"},
      {"plan != 'pro'", R"({"attributes":{"plan":"other"}})"},
      {"version(app.version) > version('4.2.0')", R"({"attributes":{"app.version":"4.2.1"}})"},
      {"!has(plan)", "{}"},
      {"cidr(ip, '10.0.0.0/8')", R"({"attributes":{"ip":"10.0.0.1"}})"},
      {"mail.startsWith('a') && mail.endsWith('.org')", R"({"attributes":{"mail":"a.org"}})"},
      {"'pro' in roles && size(roles) == 2", R"({"attributes":{"roles":["pro",null]}})"},
      {"now >= date('2026-12-01')", R"({"now":"2026-12-01T00:00:00Z"})"},
      {"count('x', '7d') == 0 && count('x', '14d') >= 2 && plan == 'a'",
       R"({"attributes":{"plan":"a"},"now":"2026-11-21T12:00:00Z","history":[{"at":"2026-11-08T00:00:00Z",)"
       R"("event":"x","times":2}]})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    const Conclusion answer = AskFor(row.condition);
    REQUIRE(answer.finding == Finding::kWitness);
    const std::string context = ContextText(answer.witness);
    CHECK(context == row.context);
    const Result<ContextFile> file = ReadContextFile(context);
    CAPTURE(file.status().message());
    REQUIRE(file.ok());
    Situation situation;
    for (const Context::Attribute& attribute : file->context.attributes()) {
      situation.attributes.emplace_back(attribute.name, attribute.value);
    }
    situation.now = file->now.value_or(Noon());
    situation.history = file->history;
    const Judge judge(Source(), {expression::ToJson(Parsed(row.condition))});
    CHECK(judge.Ask(situation, {0})[0] == kTrue);
  }
}

TEST_CASE("properties of the event and attributes of the person are two things") {
  const Tree tree = Parsed("chars > 5");
  const Tree other = Parsed("chars < 3");
  const Source source;
  Effort effort;
  Prover prover(source, Noon(), &effort);
  const std::size_t where = *prover.Add(tree, true);
  const std::size_t when = *prover.Add(other, false);
  const std::size_t both = *prover.Add(other, true);
  const Conclusion answer = prover.Ask({{where, kTrue}, {when, kTrue}});
  REQUIRE(answer.finding == Finding::kWitness);
  CHECK(ContextText(answer.witness, "message_sent") ==
        R"({"attributes":{"chars":1},"event":{"name":"message_sent","properties":{"chars":6}}})");
  CHECK(prover.Ask({{where, kTrue}, {both, kTrue}}).finding == Finding::kNever);
}

TEST_CASE("from now on only what is still to come counts") {
  const Tree tree = Parsed("now < date('2026-01-01') || plan == 'a' && plan == 'b'");
  const Source source;
  Effort effort;
  Prover prover(source, Noon(), &effort);
  const std::size_t condition = *prover.Add(tree);
  CHECK(prover.Ask({{condition, kTrue}}).finding == Finding::kWitness);
  CHECK(prover.Ask({{condition, kTrue}}, true).finding == Finding::kNever);
}

TEST_CASE("nothing is claimed once the effort is used up") {
  const Tree tree = Parsed("plan == 'a' && plan == 'b'");
  const Source source;
  Effort effort{0};
  Prover prover(source, Noon(), &effort);
  const std::size_t condition = *prover.Add(tree);
  CHECK(prover.Ask({{condition, kTrue}}).finding == Finding::kUndecided);
}

TEST_CASE("long lists and many attributes are decided, or left alone, in bounded time") {
  std::string list;
  for (int i = 0; i < 1'500; ++i) list += (i == 0 ? "'u" : ", 'u") + std::to_string(i) + "'";
  CHECK(AskFor("u in [" + list + "] && u == 'x'").finding == Finding::kNever);
  CHECK(AskFor("u in [" + list + "] && u != 'u7'").finding == Finding::kWitness);
  std::string many;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "a" + std::to_string(i);
    many += (i == 0 ? "(" : " && (") + name + " == 1 || " + name + " == 2)";
  }
  CHECK(AskFor(many).finding == Finding::kWitness);
  CHECK(AskFor(many + " && a29 == 3").finding == Finding::kNever);
  std::string insides;
  for (int i = 0; i < 20; ++i) insides += (i == 0 ? "" : " && ") + ("t.contains('" + std::to_string(i) + "_')");
  CHECK(AskFor(insides).finding != Finding::kNever);
}

TEST_CASE("no number between neighbours is passed over") {
  for (const Value& value :
       {Value(5), Value(2.5), Value(INT64_MAX), Value(INT64_MIN), Value(9007199254740993), Value(-0.0), Value(1e300)}) {
    CAPTURE(json::ToText(value));
    bool is_below = false;
    bool is_equal = false;
    bool is_above = false;
    for (const Value& sample : SampleNumbers({value})) {
      const int order = CompareNumbers(sample, value);
      (order < 0 ? is_below : order > 0 ? is_above : is_equal) = true;
    }
    CHECK(is_below);
    CHECK(is_equal);
    CHECK(is_above);
  }
}

TEST_CASE("each network has an address of its own, unless smaller ones fill it") {
  const auto network = [](const char* text) { return *network::ReadNetwork(text, nullptr); };
  const std::vector<network::Network> networks = {network("10.0.0.0/8"), network("10.0.0.0/9"), network("10.128.0.0/9"),
                                                  network("fd00::/8"), network("fd00::/16")};
  std::vector<bool> is_met(networks.size(), false);
  bool is_v4_met = false;
  bool is_v6_met = false;
  for (const network::Address& address : SampleAddresses(networks)) {
    std::size_t smallest = networks.size();
    for (std::size_t i = 0; i < networks.size(); ++i) {
      const bool is_in = network::Contains(networks[i], address);
      if (is_in && (smallest == networks.size() || networks[i].prefix > networks[smallest].prefix)) smallest = i;
    }
    if (smallest < networks.size()) is_met[smallest] = true;
    if (smallest == networks.size()) (address.is_v4 ? is_v4_met : is_v6_met) = true;
    for (const std::string& spelling : Spellings(address)) {
      CAPTURE(spelling);
      const std::optional<network::Address> read = network::ReadAddress(spelling);
      REQUIRE(read.has_value());
      CHECK(read->bits == address.bits);
      CHECK(read->is_v4 == address.is_v4);
    }
  }
  CHECK(is_met == std::vector<bool>{false, true, true, true, true});
  CHECK(is_v4_met);
  CHECK(is_v6_met);
}

TEST_CASE("random conditions: whoever is found by trying is never proved impossible, and witnesses are confirmed") {
  const Grid grid = MakeGrid();
  const Source source;
  const int rounds = std::getenv("GUIDON_LONG") != nullptr ? 4'000 : 250;
  std::size_t never = 0;
  std::size_t met = 0;
  for (int round = 0; round < rounds; ++round) {
    Random random(static_cast<std::uint64_t>(round) + 1);
    const std::string first_text = RandomCondition(&random, 2);
    const std::string second_text = RandomCondition(&random, 1);
    CAPTURE(round);
    CAPTURE(first_text);
    CAPTURE(second_text);
    const std::optional<Tree> first = expression::Parse(first_text, nullptr);
    const std::optional<Tree> second = expression::Parse(second_text, nullptr);
    if (!first || !second) continue;  // active_days of a day above 1, say
    Effort effort;
    Prover prover(source, Noon(), &effort);
    const std::size_t one = *prover.Add(*first);
    const std::size_t two = *prover.Add(*second);
    // Met by one and not by the other, as a rule below another is.
    const std::vector<std::vector<Goal>> questions = {
        {{one, kTrue}}, {{one, kFalse}}, {{one, kFalse | kUnknown}}, {{one, kTrue}, {two, kFalse | kUnknown}}};
    const Judge judge(source, {expression::ToJson(*first), expression::ToJson(*second)});
    std::vector<Conclusion> answers;
    for (const std::vector<Goal>& goals : questions) {
      answers.push_back(prover.Ask(goals));
      if (answers.back().finding == Finding::kNever) ++never;
      if (answers.back().finding != Finding::kWitness) continue;
      const std::vector<Truths> truths = judge.Ask(answers.back().witness, {0, 1});
      for (const Goal& goal : goals) CHECK((truths[goal.condition == one ? 0 : 1] & ~goal.wanted) == 0);
    }
    const std::size_t tries = 400;
    for (std::size_t i = 0; i < tries; ++i) {
      Situation situation;
      // All values of x first, then both at random.
      const std::optional<Value>& x = grid.values[i < grid.values.size() ? i : random.Below(grid.values.size())];
      const std::optional<Value>& y = grid.values[random.Below(grid.values.size())];
      if (x) situation.attributes.emplace_back("x", *x);
      if (y) situation.attributes.emplace_back("y", *y);
      situation.now = grid.moments[random.Below(grid.moments.size())];
      const std::size_t history = random.Below(grid.histories.size() + 1);
      if (history < grid.histories.size()) situation.history = grid.histories[history];
      const std::vector<Truths> truths = judge.Ask(situation, {0, 1});
      for (std::size_t q = 0; q < questions.size(); ++q) {
        bool is_met = true;
        for (const Goal& goal : questions[q]) is_met &= (truths[goal.condition == one ? 0 : 1] & ~goal.wanted) == 0;
        if (!is_met) continue;
        ++met;
        CAPTURE(q);
        CAPTURE(ContextText(situation));
        CHECK(answers[q].finding != Finding::kNever);
      }
    }
  }
  CAPTURE(met);
  // Neither side is idle.
  CHECK(never > static_cast<std::size_t>(rounds) / 10);
  CHECK(met > static_cast<std::size_t>(rounds) * 20);
}
