#include "sdk/core/expression/parser.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "guidon/limits.h"
#include "sdk/core/expression/render.h"

using namespace guidon;
using namespace guidon::expression;

namespace {

std::string Publish(std::string_view text) {
  Error error;
  const std::optional<Tree> tree = Parse(text, &error);
  return tree ? ToJson(*tree) : "error at " + std::to_string(error.offset) + ": " + error.reason;
}

}  // namespace

TEST_CASE("every form of condition is published as the format says") {
  const struct {
    const char* text;
    const char* published;
  } rows[] = {
      {"plan == 'pro'", R"({"op":"==","attribute":"plan","value":"pro"})"},
      {"plan != \"pro\"", R"({"op":"!=","attribute":"plan","value":"pro"})"},
      {"seats < 5", R"({"op":"<","attribute":"seats","value":5})"},
      {"seats >= -2.5", R"({"op":">=","attribute":"seats","value":-2.5})"},
      {"5 < seats", R"({"op":">","attribute":"seats","value":5})"},
      {"'pro' == plan", R"({"op":"==","attribute":"plan","value":"pro"})"},
      {"tester == true", R"({"op":"==","attribute":"tester","value":true})"},
      {"size == 9223372036854775807", R"({"op":"==","attribute":"size","value":9223372036854775807})"},
      {"upload-speed > 3", R"({"op":">","attribute":"upload-speed","value":3})"},
      {"version(app.version) >= version('4.2.0')", R"({"op":">=","attribute":"app.version","version":"4.2.0"})"},
      {"version(app.version) != '4.2'", R"({"op":"!=","attribute":"app.version","version":"4.2.0"})"},
      {"version('4') <= version(v)", R"({"op":">=","attribute":"v","version":"4.0.0"})"},
      {"version(v) == '4.2.0-beta.1+7'", R"({"op":"==","attribute":"v","version":"4.2.0-beta.1+7"})"},
      {"date(born) < date('2026-12-01')", R"({"op":"<","attribute":"born","date":"2026-12-01T00:00:00Z"})"},
      {"date(born) > '2026-12-01T10:00:00+02:00'", R"({"op":">","attribute":"born","date":"2026-12-01T08:00:00Z"})"},
      {"now >= date('2026-12-01')", R"({"op":"since","date":"2026-12-01T00:00:00Z"})"},
      {"now < date('2026-12-01T12:00:00.5Z')", R"({"op":"before","date":"2026-12-01T12:00:00.500Z"})"},
      {"date('2026-12-01') <= now", R"({"op":"since","date":"2026-12-01T00:00:00Z"})"},
      {"plan in ['pro', 3, true,]", R"({"op":"in","attribute":"plan","values":["pro",3,true]})"},
      {"mail.contains('@')", R"({"op":"contains","attribute":"mail","value":"@"})"},
      {"a.b.startsWith('x')", R"({"op":"starts_with","attribute":"a.b","value":"x"})"},
      {"mail.endsWith('.org')", R"({"op":"ends_with","attribute":"mail","value":".org"})"},
      {"has(app.version)", R"({"op":"exists","attribute":"app.version"})"},
      {"segment('beta')", R"({"op":"segment","segment":"beta"})"},
      {"'pro' in roles", R"({"op":"contains_any","attribute":"roles","values":["pro"]})"},
      {"3 in app.levels", R"({"op":"contains_any","attribute":"app.levels","values":[3]})"},
      {"roles.containsAny(['a', 3, true])", R"({"op":"contains_any","attribute":"roles","values":["a",3,true]})"},
      {"a.b.containsAll(['a','b',])", R"({"op":"contains_all","attribute":"a.b","values":["a","b"]})"},
      {"roles.containsNone([\"a\"])", R"({"op":"contains_none","attribute":"roles","values":["a"]})"},
      {"size(roles) >= 2", R"({"op":">=","attribute":"roles","size":2})"},
      {"0 != size(app.roles)", R"({"op":"!=","attribute":"app.roles","size":0})"},
      {"plan.lowerAscii() == 'pro'", R"({"op":"==","attribute":"plan","lower":true,"value":"pro"})"},
      {"'pro' != a.plan.lowerAscii()", R"({"op":"!=","attribute":"a.plan","lower":true,"value":"pro"})"},
      {"plan.lowerAscii() in ['pro']", R"({"op":"in","attribute":"plan","lower":true,"values":["pro"]})"},
      {"mail.lowerAscii().endsWith('.org')", R"({"op":"ends_with","attribute":"mail","lower":true,"value":".org"})"},
      {"path.matchesGlob('/docs/*/edit?')", R"({"op":"matches_glob","attribute":"path","value":"/docs/*/edit?"})"},
      {"path.matchesGlob('a\\\\*')", R"({"op":"matches_glob","attribute":"path","value":"a\\*"})"},
      {"cidr(ip, '10.0.0.0/8')", R"({"op":"cidr","attribute":"ip","values":["10.0.0.0/8"]})"},
      {"cidr(a.ip,['10.0.0.0/8', 'fd00::/8',])",
       R"({"op":"cidr","attribute":"a.ip","values":["10.0.0.0/8","fd00::/8"]})"},
      {"name.matches('^a.*z$')", R"({"op":"matches","attribute":"name","value":"^a.*z$"})"},
      {"name.matches('\\\\d+')", R"({"op":"matches","attribute":"name","value":"\\d+"})"},
      {"flag('composer') == 'icon'", R"({"op":"==","flag":"composer","value":"icon"})"},
      {"5 < flag('chunk-kb')", R"({"op":">","flag":"chunk-kb","value":5})"},
      {"flag('beta')", R"({"op":"==","flag":"beta","value":true})"},
      {"flag('beta') != true", R"({"op":"!=","flag":"beta","value":true})"},
      {"!flag('beta') || flag('a')&&(flag('b'))",
       R"({"op":"or","of":[{"op":"not","of":[{"op":"==","flag":"beta","value":true}]},)"
       R"({"op":"and","of":[{"op":"==","flag":"a","value":true},{"op":"==","flag":"b","value":true}]}]})"},
      {"flag == 'icon'", R"({"op":"==","attribute":"flag","value":"icon"})"},
      {"variant('attach-button') == 'labelled'", R"({"op":"==","variant":"attach-button","value":"labelled"})"},
      {"'labelled' != variant('e')", R"({"op":"!=","variant":"e","value":"labelled"})"},
      {"variant('e') in ['a','b',]", R"({"op":"in","variant":"e","values":["a","b"]})"},
      {"type(x.y) == 'string'", R"({"op":"==","attribute":"x.y","type":"string"})"},
      {"'missing' != type(x)", R"({"op":"!=","attribute":"x","type":"missing"})"},
      {"count('open', '14d') >= 5", R"({"op":">=","count":"open","window":"14d","value":5})"},
      {"count(\"open\",'2w') == 0", R"({"op":"==","count":"open","window":"14d","value":0})"},
      {"count('open', 'session') >= 5", R"({"op":">=","count":"open","window":"session","value":5})"},
      {"active_days('open', '014cd') >= 5", R"({"op":">=","active_days":"open","window":"14cd","value":5})"},
      {"count('app open') != 3", R"({"op":"!=","count":"app open","value":3})"},
      {"count('open', 'ever') < 3", R"({"op":"<","count":"open","value":3})"},
      {"5 <= active_days('open', '36h')", R"({"op":">=","active_days":"open","window":"36h","value":5})"},
      {"active_days('open', '7d') > 7", R"({"op":">","active_days":"open","window":"7d","value":7})"},
      {"active_days('open') <= 400", R"({"op":"<=","active_days":"open","value":400})"},
      {"since_last('open') >= duration('2w')",
       R"({"op":"since_last","event":"open","comparison":">=","duration":"14d"})"},
      {"duration('90m') > since_first('open')",
       R"({"op":"since_first","event":"open","comparison":"<","duration":"90m"})"},
      {"since_last('open') <= duration('24h') || since_last > 3",
       R"({"op":"or","of":[{"op":"since_last","event":"open","comparison":"<=","duration":"1d"},)"
       R"({"op":">","attribute":"since_last","value":3}]})"},
      {"count > 3 && active_days == 2", R"({"op":"and","of":[{"op":">","attribute":"count","value":3},)"
                                        R"({"op":"==","attribute":"active_days","value":2}]})"},
      {"!has(a)", R"({"op":"not","of":[{"op":"exists","attribute":"a"}]})"},
      {"has(a)&&has(b)||has(c)",
       R"({"op":"or","of":[{"op":"and","of":[{"op":"exists","attribute":"a"},{"op":"exists","attribute":"b"}]},)"
       R"({"op":"exists","attribute":"c"}]})"},
      {"has(a) && (has(b) && has(c))",
       R"({"op":"and","of":[{"op":"exists","attribute":"a"},{"op":"exists","attribute":"b"},)"
       R"({"op":"exists","attribute":"c"}]})"},
      {"name == 'it\\'s \\u00e9\\n'", "{\"op\":\"==\",\"attribute\":\"name\",\"value\":\"it's \xc3\xa9\\n\"}"},
      {"name == 'Größe'", R"({"op":"==","attribute":"name","value":"Größe"})"},
      {"\n ( plan\t== 'a' ) ", R"({"op":"==","attribute":"plan","value":"a"})"},
      {"now.playing == 'x'", R"({"op":"==","attribute":"now.playing","value":"x"})"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(Publish(row.text) == row.published);
  }
}

TEST_CASE("a mistake is answered with its place, what was found and what would be right") {
  const struct {
    const char* text;
    std::size_t offset;
    const char* reason;
    const char* advice;
  } rows[] = {
      {"", 0, "is empty", "leave `when` out"},
      {"plan == 'pro", 8, "expected a closing '", "where the text ends"},
      {"plan = 'pro'", 5, "'=' is not known", "=="},
      {"plan === 'pro'", 5, "'===' is not known", "write =="},
      {"a == 1 and b == 2", 7, "'and' is not known", "write &&"},
      {"a == 1 or b == 2", 7, "'or' is not known", "write ||"},
      {"not (a == 1)", 0, "'not' is not known", "write !"},
      {"a == 1 & b == 2", 7, "'&' is not known", "write &&"},
      {"a => 1", 2, "'=>' is not known", "write >="},
      {"a <> 1", 2, "'<>' is not known", "write !="},
      {"plan == \u2018pro\u2019", 8, "word processors", "write '"},
      {"a \u2265 3", 2, "word processors", "write >="},
      {"versoin(app) >= '1'", 0, "unknown function 'versoin'", "did you mean version?"},
      {"frobnicate(app)", 0, "unknown function 'frobnicate'", "there are version(x)"},
      {"since_last('open') > 3", 21, "how long ago something was is compared with a duration", "duration('7d')"},
      {"since_last('open') > '36h'", 21, "is compared with a duration", "write duration('36h')"},
      {"since_last('open') > '3y'", 21, "is compared with a duration", "write duration('7d')"},
      {"since_last('open') == duration('7d')", 19,
       "durations are compared with <, <=, > and >=", "since_last('open') >= duration('7d')"},
      {"since_last('a') < since_first('a')", 18, "two durations cannot be compared", ">= duration('7d')"},
      {"since_last('open', '7d') < duration('7d')", 17, "since_last() asks how long ago it was, and takes no window",
       "since_last('open') < duration('7d')"},
      {"since_first(open) > duration('7d')", 12, "since_first() needs the event's name in quotes", "'open'"},
      {"since_first('open')", 19, "expected a comparison with a duration, found the end", ">= duration('7d')"},
      {"plan > since_last('open')", 0, "how long ago something was is compared with a duration", "duration('7d')"},
      {"since_last('open') < duration('7 days')", 30, "'7 days' is no time, from 1s to 3650d", "duration('36h')"},
      {"since_last('open') < duration('0d')", 30, "'0d' is no time", "duration('36h')"},
      {"since_last('open') < duration('3651d')", 30, "'3651d' is no time", ""},
      {"since_last('open') < duration(7)", 30, "duration() needs a time in quotes, found '7'", "duration('7d')"},
      {"since_last('open') < duration('7d'", 34, "expected ')' to close duration(", ""},
      {"seats < duration('7d')", 8, "a duration is compared with how long ago something was",
       "since_last('app_open') < duration('7d')"},
      {"count('a') > duration('7d')", 13, "a count is compared with a whole number", "count('a') >= 5"},
      {"version(v) > duration('7d')", 13, "a version cannot be compared with this", ""},
      {"date(d) > duration('7d')", 10, "a date cannot be compared with this", ""},
      {"duration('7d') > duration('6d')", 0, "both sides are constants", ""},
      {"sinceLast('open') > duration('7d')", 0, "unknown function 'sinceLast'", "did you mean since_last?"},
      {"cuont('open') > 3", 0, "unknown function 'cuont'", "did you mean count?"},
      {"activeDays('open') > 3", 0, "unknown function 'activeDays'", "did you mean active_days?"},
      {"count(open) > 3", 6, "count() needs the event's name in quotes, found 'open'", "write count('open')"},
      {"active_days() > 3", 12, "active_days() needs the event's name in quotes, found ')'", "('app_open')"},
      {"count('') > 3", 6, "the event's name is empty", "app_open"},
      {"count('open', '2 weeks') > 3", 14, "'2 weeks' is no window", "write '2w'"},
      {"count('open', '3 Days') > 3", 14, "'3 Days' is no window", "write '3d'"},
      {"count('open', '14D') > 3", 14, "'14D' is no window", "write '14d'"},
      {"count('open', '500d') > 3", 14, "'500d' is too long a window", "at most 400d"},
      {"count('open', '58w') > 3", 14, "'58w' is too long a window", "at most 400d"},
      {"count('open', '100h') > 3", 14, "'100h' is too long a window", "hours go up to 72h"},
      {"count('open', '90m') > 3", 14, "'90m' is no window: its unit is not hours",
       "'36h', '14d', '2w', '14cd' or 'session'"},
      {"count('open', '1 month') > 3", 14, "'1 month' is no window: its unit", "'14d'"},
      {"count('open', '500cd') > 3", 14, "'500cd' is too long a window", "at most 400d"},
      {"count('open', '7CD') > 3", 14, "'7CD' is no window", "write '7cd'"},
      {"count('open', '0cd') > 3", 14, "'0cd' is no window", "the shortest"},
      {"active_days('open', '7cd') >= 8", 30, "'7cd' has fewer days than that", "count() counts events"},
      {"count('open', '0d') > 3", 14, "'0d' is no window", "the shortest"},
      {"count('open', '14') > 3", 14, "'14' has no unit", "write '14d' for days"},
      {"count('open', '-7d') > 3", 14, "'-7d' is no window", "leave it out to mean ever"},
      {"count('open', 'sessions') > 3", 14, "'sessions' is no window", "or 'session', or leave it out to mean ever"},
      {"active_days('open', 'session') > 3", 20, "a session has no days to count", "write count('open', 'session')"},
      {"count('open', '') > 3", 14, "'' is no window", "'14d'"},
      {"count('open', 14d) > 3", 14, "a window is written in quotes", "write '14d'"},
      {"count('open', 14) > 3", 14, "expected a window in quotes, found '14'", "'14d'"},
      {"count('open', ) > 3", 14, "expected a window in quotes, found ')'", "'14d'"},
      {"count('open', #) > 3", 14, "'#' is not known", ""},
      {"count('open', '14d' > 3", 20, "expected ')' to close count(, found '>'", ""},
      {"count('open' '14d') > 3", 13, "expected ')' to close count(", ""},
      {"count('open', '7d')", 19, "expected a comparison with a number, found the end",
       "write count('open', '7d') >= 1"},
      {"chars > '1500'", 8, "> compares numbers, and this is a text", "write chars > 1500, without quotes"},
      {"count('open') > -1", 16, "a count is never negative", "count('open') >= 5"},
      {"count('open') > 2.5", 16, "a count is compared with a whole number, and this is none", "count('open') >= 5"},
      {"count('open') > 9007199254740992", 16, "no count gets there", ""},
      {"count('open') > '5'", 16, "and this is a text", "without quotes"},
      {"'5' < count('open')", 0, "and this is a text", "without quotes"},
      {"count('open') == true", 17, "and this is a yes/no", "count('open') >= 5"},
      {"count('open') > limit", 16, "a count is compared with a whole number", "count('open') >= 5"},
      {"limit < count('open')", 0, "a count is compared with a whole number", "count('open') >= 5"},
      {"count('a') > count('b')", 13, "two counts cannot be compared", "count('a') >= 5"},
      {"active_days('open', '7d') >= 8", 29, "'7d' has fewer days than that", "count() counts events"},
      {"version(v) >= count('a')", 14, "a version cannot be compared with this", ""},
      {"count('a') in [1, 2]", 0, "`in` needs an attribute before it", ""},
      {"flag(x) == true", 5, "flag() needs the flag's name in quotes, found 'x'", "write flag('x')"},
      {"flag() == true", 5, "flag() needs the flag's name in quotes, found ')'", "flag('composer')"},
      {"flag('') == true", 5, "the flag's name is empty", ""},
      {"flag('x' == true", 9, "expected ')' to close flag(", ""},
      {"flag('x') is 'a'", 10, "expected a comparison of flag('x'), found 'is'", "flag('x') alone"},
      {"flag('x') in ['a']", 10, "a flag is compared with one value", "flag('x') == 'a' || flag('x') == 'b'"},
      {"flag('x') < 'a'", 12, "< compares numbers, and this is a text", "=="},
      {"flag('x') < true", 12, "and this is a yes/no", "=="},
      {"flag('x') == plan", 13, "a flag is compared with a value of its type", "flag('x') == 'text'"},
      {"plan == flag('x')", 0, "a flag is compared with a value of its type", "in quotes if 'plan'"},
      {"flag('x') == flag('y')", 13, "two flags cannot be compared", "flag('x')"},
      {"falg('x')", 0, "unknown function 'falg'", "did you mean flag?"},
      {"version(v) == flag('x')", 14, "a version cannot be compared with this", ""},
      {"variant(e) == 'a'", 8, "variant() needs the experiment's name in quotes", "variant('e')"},
      {"variant('e')", 12, "expected a comparison of variant('e'), found the end", "variant('e') == 'control'"},
      {"variant('e') == a", 16, "a variant is compared with its name in quotes", "variant('e') == 'control'"},
      {"variant('e') == 3", 16, "a variant is compared with its name in quotes", ""},
      {"variant('e') > 'a'", 13, "variants have no order", "=="},
      {"plan == variant('e')", 0, "a variant is compared with its name in quotes", "variant('e') == 'control'"},
      {"variant('e') in []", 13, "the list is empty", "variants"},
      {"variant('e') in ['a', 3]", 16, "variants have names in quotes", "['a', 'b']"},
      {"variant('e') in 'a'", 16, "expected '[' behind `in`", "['a', 'b']"},
      {"answer('q') == 1", 0, "answer() is not supported", ""},
      {"a.startswith('x')", 2, "unknown method 'startswith'", "did you mean startsWith?"},
      {"a.matches('')", 10, "the pattern is empty", "'^a'"},
      {"a.matches(b)", 10, "matches needs a text in quotes", "a.matches('text')"},
      {"a.matches('b', 'c')", 13, "expected ')' behind the pattern", ""},
      {"matches(a, 'b')", 0, "matches needs an attribute before it", "x.matches('text')"},
      {"a.mathces('b')", 2, "unknown method 'mathces'", "did you mean matches?"},
      {"a.lowerAscii().matches('b')", 15, "a pattern folds capitals itself", "a.matches('(?i)...')"},
      {"contains(a, 'x')", 0, "contains needs an attribute before it", "x.contains('text')"},
      {"a.contains(b)", 11, "contains needs a text in quotes", "a.contains('text')"},
      {"plan.lowerAscii() == 'Pro'", 21, "lowerAscii() leaves no capitals", "write 'pro'"},
      {"plan.lowerAscii() == 3", 21, "lowerAscii() gives a text", "quotes"},
      {"plan.lowerAscii() < 3", 18, "texts have no order", "=="},
      {"plan.lowerAscii() in ['a', 'B']", 18, "lowerAscii() leaves no capitals", "write 'b'"},
      {"plan.lowerAscii() in ['a', 1]", 18, "lowerAscii() gives a text", ""},
      {"plan.lowerAscii().endsWith('O')", 27, "lowerAscii() leaves no capitals", "write 'o'"},
      {"plan.lowerAscii().endsWith(o)", 27, "endsWith needs a text in quotes", "plan.lowerAscii().endsWith('text')"},
      {"plan.lowerAscii().endswith('o')", 18, "unknown method 'endswith'", "did you mean endsWith?"},
      {"plan.lowerAscii().3", 17, "", ""},
      {"plan.lowerAscii().size", 22, "expected '(' behind size", ""},
      {"plan.lowerAscii('a') == 'a'", 16, "expected ')' to close lowerAscii(", ""},
      {"plan.lowerAscii()", 17, "expected a comparison of 'plan'", ""},
      {"plan.lower() == 'a'", 5, "unknown method 'lower'", ""},
      {"roles.lowerAscii().containsAny(['a'])", 19, "lowerAscii() is for texts", "roles.containsAny"},
      {"a.matchesGlob('')", 14, "the pattern is empty", ""},
      {"a.matchesGlob('*')", 14, "the pattern matches every text", "one"},
      {"a.matchesGlob('a\\\\')", 14, "before nothing", ""},
      {"type(x) == 'text'", 11, "there is no type 'text'", "there are missing"},
      {"type(x) == 'strng'", 11, "there is no type 'strng'", "did you mean 'string'?"},
      {"type(x) < 'string'", 8, "types have no order", "=="},
      {"type(x) == string", 11, "a type is compared with its name in quotes", "type(x) == 'string'"},
      {"x == type(y)", 0, "a type is compared with its name in quotes", "type(y)"},
      {"type('x') == 'int'", 5, "type() needs an attribute", ""},
      {"cidr(ip, '10.1.2.3/8')", 9, "has bits behind the prefix: write 10.0.0.0/8", "cidr(ip"},
      {"cidr(ip, ['10.0.0.0/8', 5])", 9, "5 is no text", ""},
      {"cidr(ip, [])", 9, "the list is empty", ""},
      {"cidr(ip, net)", 9, "needs a network in quotes", "cidr(ip, '10.0.0.0/8')"},
      {"cidr('10.0.0.0/8', ip)", 5, "cidr() needs an attribute", ""},
      {"cidr(ip)", 7, "expected ',' behind the attribute", ""},
      {"cidr(ip, '::/0'", 15, "expected ')' to close cidr(", ""},
      {"true == cidr(ip, '::/0')", 8, "a condition stands where a value is expected", "by itself"},
      {"plan in roles", 0, "two attributes cannot be compared", "write 'plan' in roles"},
      {"'a' in ['a', 'b']", 0, "both sides are constants", "plan in"},
      {"'a' in 'abc'", 7, "expected an attribute that is a list, found ''abc''", "'pro' in roles"},
      {"'a' in true", 7, "expected an attribute that is a list", "'pro' in roles"},
      {"roles.containsAny('a')", 18, "containsAny needs a list", "roles.containsAny(['a', 'b'])"},
      {"roles.containsAll([])", 18, "the list is empty", "put values in it"},
      {"roles.containsNone(['a'", 23, "expected , or ]", "commas"},
      {"roles.containsNone(['a']", 24, "expected ')' behind the list, found the end", ""},
      {"roles.containsany(['a'])", 6, "unknown method 'containsany'", "did you mean containsAny?"},
      {"containsAll(roles, 'a')", 0, "containsAll needs an attribute before it", "x.containsAll(['a', 'b'])"},
      {"size('roles') > 1", 5, "size() needs an attribute", "size(roles) >= 2"},
      {"size(roles)", 11, "expected a comparison", ""},
      {"size(roles) > '2'", 14, "a size is compared with a whole number", "size(roles) >= 2"},
      {"size(roles) > 1.5", 14, "a size is compared with a whole number", ""},
      {"size(roles) >= -1", 15, "a size is never negative", ""},
      {"size(roles) >= 257", 15, "no list gets there", "more than 256 elements"},
      {"size(a) == size(b)", 11, "a size is compared with a whole number", ""},
      {"limit < size(a)", 0, "a size is compared with a whole number", "size(a) >= 2"},
      {"size(a) in [1]", 0, "`in` needs an attribute before it", ""},
      {"version(app) >= 4", 16, "a version cannot be compared with a number", "version('4')"},
      {"version(app) >= 4.2", 16, "a version cannot be compared with a number", "version('4.2')"},
      {"version(app) >= 4.2.0", 16, "'4.2.0' is not a number", "version('4.2.0')"},
      {"version(app) >= 'v4'", 16, "'v4' is not a version", "without a leading v"},
      {"version(app) >= '4.2.0-01'", 16, "'4.2.0-01' is not a version", "4.2.0-beta.1"},
      {"version(app) >= '4.2.0+a+b'", 16, "'4.2.0+a+b' is not a version", "4.2.0-beta.1"},
      {"version(app) >= '4.2.0.1'", 16, "'4.2.0.1' is not a version", "4.2.0-beta.1"},
      {"version(app) >= '4.2.0-a..b'", 16, "'4.2.0-a..b' is not a version", "4.2.0-beta.1"},
      {"version(app) >= version('4.x')", 24, "'4.x' is not a version", "4.2.0"},
      {"version(a) >= version(b)", 14, "two attributes cannot be compared", "version('4.2.0')"},
      {"app >= version('4')", 0, "a version is compared with something else", "version(app)"},
      {"app < '4.2'", 6, "< compares numbers, and this is a text", "version(app) < version('4.2.0')"},
      {"app < true", 6, "and this is a yes/no", "=="},
      {"date(a) < date('soon')", 15, "'soon' is not a date", "2026-12-01"},
      {"date(a) < date('2026-02-30')", 15, "'2026-02-30' is not a date", "2026-12-01"},
      {"date(a) == date('2026-12-01')", 8, "dates are compared with <", "one day"},
      {"now > date('2026-12-01')", 4, "with now, > is not known", "now >="},
      {"plan == pro", 8, "two attributes cannot be compared", "put the text in quotes"},
      {"'a' == 'b'", 0, "both sides are constants", "compare an attribute"},
      {"plan == null", 8, "null cannot be compared", "has(x)"},
      {"plan", 4, "expected a comparison of 'plan', found the end", "has(plan)"},
      {"plan is 'pro'", 5, "'is' is not known", "write =="},
      {"plan not in ['a']", 5, "'not' is not known", "!(plan in [...])"},
      {"plan in ('a', 'b')", 8, "expected '[' behind `in`", "plan in ['a', 'b']"},
      {"plan in []", 5, "the list is empty", "put values in it"},
      {"plan in ['a' 'b']", 13, "expected , or ] in the list", "commas"},
      {"plan in ['a',", 13, "this list is not closed", "]"},
      {"plan in [pro]", 9, "expected a value in the list", "quotes"},
      {"(a == 1", 0, "this ( is not closed", "put a )"},
      {"a == 1)", 6, "this ) closes nothing", "remove it"},
      {"1 < x < 5", 6, "one comparison follows another", "1 < x && x < 5"},
      {"a == 1 &&", 9, "expected an attribute or a value, found the end", "missing at the end"},
      {"a == 1 b == 2", 7, "expected && or || or the end", "join"},
      {"has('plan')", 4, "has() needs an attribute", "without quotes"},
      {"segment(beta)", 8, "segment() needs a segment's name in quotes", "segment('beta')"},
      {"has(a) == true", 7, "one comparison follows another", ""},
      {"true == has(a)", 8, "a condition stands where a value is expected", "by itself"},
      {"a == 99999999999999999999", 5, "too large", "5, -3 or 2.5"},
      {"a == 'x\\q'", 7, "a backslash", "\\\\"},
      {"a. == 1", 1, "the name ends with a dot", "app.version"},
      {"a + 1 == 2", 2, "'+' is not known", "do not calculate"},
      {"a == 1 # note", 7, "'#' is not known", ""},
      {"gr\u00f6\u00dfe == 1", 2, "cannot stand outside quotes", "attribute names"},
      {"a == \xff", 5, "not UTF-8", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    Error error;
    REQUIRE_FALSE(Parse(row.text, &error));
    CAPTURE(error.reason);
    CAPTURE(error.advice);
    CHECK(error.offset == row.offset);
    CHECK(error.reason.find(row.reason) != std::string::npos);
    CHECK(error.advice.find(row.advice) != std::string::npos);
  }
}

TEST_CASE("the caret stands below what is wrong") {
  Error error;
  const std::string text = "größe == 1";
  REQUIRE_FALSE(Parse(text, &error));
  CHECK(PointAt(text, error) == "größe == 1\n  ^");
  const std::string word = "plan == 'a' && versoin(x) > '1'";
  REQUIRE_FALSE(Parse(word, &error));
  CHECK(PointAt(word, error) == word + "\n               ^~~~~~~");
  const std::string distant = std::string(200, ' ') + "= 3" + std::string(200, ' ');
  REQUIRE_FALSE(Parse(distant, &error));
  const std::string drawn = PointAt(distant, error);
  const std::size_t line = drawn.find('\n');
  CHECK(drawn[drawn.find('^') - line - 1] == '=');
  CHECK(drawn.size() < 160);
}

TEST_CASE("what is over a bound is refused, what is at it is taken") {
  const auto chain = [](std::size_t count) {
    std::string text = "has(a)";
    for (std::size_t i = 1; i < count; ++i) text += " && has(a)";
    return text;
  };
  CHECK(Parse(chain(limits::kConditionsPerRule), nullptr));
  CHECK_FALSE(Parse(chain(limits::kConditionsPerRule + 1), nullptr));

  const auto nots = [](std::size_t count) { return std::string(count, '!') + "has(a)"; };
  CHECK(Parse(nots(limits::kConditionDepth), nullptr));
  CHECK_FALSE(Parse(nots(limits::kConditionDepth + 1), nullptr));

  // Plain brackets nest nothing.
  CHECK(Parse(std::string(40, '(') + "has(a)" + std::string(40, ')'), nullptr));
  Error error;
  CHECK_FALSE(Parse(std::string(16'000, '('), &error));
  CHECK(error.reason == "nested too deeply");
  CHECK_FALSE(Parse(std::string(16'000, '!'), &error));
  CHECK(error.reason == "nested too deeply");
  CHECK_FALSE(Parse("a == '" + std::string(limits::kJsonStringBytes, 'x') + "'", &error));
  CHECK(error.reason == "the condition has more than 16 KiB");

  const std::string name(limits::kAttributeNameBytes, 'n');
  CHECK(Parse("has(" + name + ")", nullptr));
  CHECK_FALSE(Parse("has(" + name + "n)", nullptr));

  const std::string event(limits::kEventNameBytes, 'e');
  CHECK(Parse("count('" + event + "') > 1", nullptr));
  CHECK_FALSE(Parse("count('" + event + "e') > 1", &error));
  CHECK(error.reason == "the event's name has more than 128 bytes");
}

TEST_CASE("a pattern that does not compile is an error at the pattern") {
  class NoDigits final : public Patterns {
   public:
    Result<std::shared_ptr<const Pattern>> Compile(std::string_view pattern) noexcept override {
      const bool is_bad = pattern.find_first_of("0123456789") != std::string_view::npos;
      return is_bad ? Status(StatusCode::kInvalidArgument, "it has a digit") : Status();
    }
  } patterns;
  Error error;
  const char* bad = "has(b) && a.matches('x1')";
  CHECK(Parse("a.matches('x')", &error, &patterns));
  CHECK(Parse(bad, &error));
  REQUIRE_FALSE(Parse(bad, &error, &patterns));
  CHECK(error.reason == "this is no pattern: it has a digit");
  CHECK(PointAt(bad, error) == std::string(bad) + "\n                    ^~~~");
}

TEST_CASE("names of flags, lists of variants and patterns are bounded") {
  Error error;
  const std::string key(limits::kKeyBytes, 'k');
  CHECK(Parse("flag('" + key + "')", nullptr));
  CHECK_FALSE(Parse("flag('" + key + "k')", &error));
  CHECK(error.reason == "the flag's name has more than 128 bytes");
  CHECK_FALSE(Parse("variant('" + key + "k') == 'a'", &error));
  CHECK(error.reason == "the experiment's name has more than 128 bytes");

  const std::string pattern(limits::kPatternBytes, 'p');
  CHECK(Parse("a.matches('" + pattern + "')", nullptr));
  CHECK_FALSE(Parse("a.matches('" + pattern + "p')", &error));
  CHECK(error.reason == "the pattern has more than 256 bytes");

  std::string variants;
  for (std::size_t i = 0; i < limits::kVariants; ++i) variants += "'v" + std::to_string(i) + "',";
  CHECK(Parse("variant('e') in [" + variants + "]", nullptr));
  CHECK_FALSE(Parse("variant('e') in [" + variants + "'w']", &error));
  CHECK(error.reason == "no experiment has more than 32 variants");
}

TEST_CASE("any bytes end in a tree or an error that points into the text") {
  const char* pieces[] = {"plan",
                          " ",
                          "==",
                          "&&",
                          "||",
                          "!",
                          "(",
                          ")",
                          "[",
                          "]",
                          "'a'",
                          "'",
                          "\"",
                          "5",
                          "-",
                          "1.2.3",
                          ",",
                          "in",
                          "now",
                          "has(",
                          "version(",
                          "date(",
                          "\\u00",
                          "\xc3",
                          "\u2019",
                          ".",
                          "segment(",
                          "contains(",
                          "x.contains(",
                          "x.containsAny(",
                          "size(",
                          "cidr(x,'::/0')",
                          "x.lowerAscii()",
                          "type(",
                          "x.matchesGlob(",
                          "1e999",
                          "\n",
                          "not",
                          "=",
                          "true",
                          "null",
                          "\xf0\x9f"};
  constexpr std::size_t kPieces = sizeof pieces / sizeof *pieces;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    std::uint64_t state = seed * 0x9E3779B97F4A7C15u;
    std::string text;
    const std::size_t count = 1 + seed % 17;
    for (std::size_t i = 0; i < count; ++i) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      text += pieces[state % kPieces];
    }
    CAPTURE(text);
    Error error;
    const std::optional<Tree> tree = Parse(text, &error);
    if (tree) {
      const std::optional<Tree> again = Parse(ToText(*tree), &error);
      REQUIRE(again);
      REQUIRE(*again == *tree);
    } else {
      REQUIRE(error.offset <= text.size());
      REQUIRE(error.offset + error.size <= text.size());
      REQUIRE_FALSE(error.reason.empty());
      REQUIRE_FALSE(PointAt(text, error).empty());
    }
  }
}

TEST_CASE("an empty text to look for is refused: every text would have it, and no device takes it") {
  for (const std::string method : {"contains", "startsWith", "endsWith"}) {
    CAPTURE(method);
    Error error;
    CHECK_FALSE(Parse("mail." + method + "('')", &error));
    CHECK(error.reason == "the text is empty, so every text would match");
    CHECK(error.advice == "has(mail) asks whether there is one");
    CHECK_FALSE(Parse("mail.lowerAscii()." + method + "('')", &error));
  }
}

TEST_CASE("the longest version that devices read is 256 bytes long, missing parts included") {
  const auto parses = [](const std::string& version) {
    return Parse("version(v) >= version('" + version + "')", nullptr).has_value();
  };
  CHECK(parses("1-" + std::string(249, 'a')));
  CHECK(parses("1-" + std::string(250, 'a')));
  CHECK_FALSE(parses("1-" + std::string(251, 'a')));
}
