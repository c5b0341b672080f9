#include "tests/property/decisions.h"

#include <chrono>
#include <cstring>
#include <utility>

#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/hash/hash.h"
#include "sdk/tools/replayed.h"
#include "tests/property/line.h"
#include "tests/unit/core/dice.h"

namespace guidon::property {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kUnits = 6'000;
constexpr Timestamp kNow = TimestampFromMs(1'795'000'000'000);  // 2026-11-18T11:06:40Z

// Flags that between them have every way to decide and every kind of condition. Published text, so that no other part
// has a say in it. Hashed lists and patterns are left out: they are what the ports make of them.
constexpr char kDatafile[] = R"({"format":"guidon/1","project":"p","environment":"e","epoch":1,"version":1,
  "issued_at":"2026-11-18T10:00:00Z",
  "layers":{"composer":{"unit":"device","salt":"composer.1"},"billing":{"unit":"account","salt":"billing.3"},
            "side":{"unit":"device","salt":"side.1"}},
  "holdouts":{"2026q4":{"unit":"device","salt":"2026q4","size":20000,"experiments":["attach","tone"]},
              "money":{"unit":"account","salt":"money","size":50000,"experiments":["price"]}},
  "segments":{"heavy":{"op":"or","of":[{"op":">=","attribute":"score","value":8.25},
                                       {"op":"==","attribute":"plan","value":"team"}]}},
  "experiments":{
    "attach":{"iteration":1,"status":"running","layer":"composer","slots":[[0,300000],[650000,700000]],
      "salt":"attach.1","when":{"op":">=","attribute":"app.version","version":"4.2.0"},
      "variants":{"control":{"slots":[[0,500000]],"flags":{"attach":"icon"}},
                  "text":{"slots":[[500000,800000]],"flags":{"attach":"text"}},
                  "both":{"slots":[[800000,1000000]],"flags":{"attach":"both"}}}},
    "tone":{"iteration":4,"status":"running","layer":"composer","slots":[[300000,650000]],"salt":"tone.4",
      "variants":{"control":{"slots":[[0,333333]],"flags":{"tone":1,"volume":0.1}},
                  "b":{"slots":[[333333,666667]],"flags":{"tone":2,"volume":0.3}},
                  "c":{"slots":[[666667,1000000]],"flags":{"tone":3,"volume":0.7}}}},
    "price":{"iteration":2,"status":"running","layer":"billing","slots":[[0,1000000]],"salt":"price.2",
      "when":{"op":"in","attribute":"plan","values":["pro","team"]},"ends_at":"2027-01-01T00:00:00Z",
      "variants":{"control":{"slots":[[0,990000]],"flags":{"price":9.99}},
                  "less":{"slots":[[990000,1000000]],"flags":{"price":7.49}}}},
    "menu":{"iteration":3,"status":"running","sticky":"exposed","layer":"side","slots":[[0,400000]],"salt":"menu.3",
      "when":{"op":"==","attribute":"plan","value":"pro","lower":true},
      "starts_at":{"local":"2026-11-18T12:00:00"},"ends_at":{"local":"2026-11-18T14:00:00"},
      "audiences":[
        {"name":"heavy","when":{"op":"segment","segment":"heavy"},"slots":[[0,350000]],
         "variants":{"control":[[0,200000]],"grid":[[200000,1000000]]}},
        {"name":"many","when":{"op":">=","attribute":"roles","size":2},"slots":[[0,100000]],
         "variants":{"control":[[0,700000]],"grid":[[700000,1000000]]}}],
      "variants":{"control":{"slots":[[0,500000]],"flags":{"menu":1}},"grid":{"slots":[[500000,1000000]],"flags":{"menu":2}}}},
    "draft":{"iteration":2,"status":"paused","layer":"side","slots":[[400000,700000]],"salt":"draft.2",
      "variants":{"control":{"slots":[[0,500000]],"flags":{"draft":"a"}},"new":{"slots":[[500000,1000000]],"flags":{"draft":"b"}}}},
    "reply":{"iteration":1,"status":"ended","layer":"side","slots":[[700000,1000000]],"salt":"reply.1",
      "ship":{"variant":"quick","slots":[[0,250000]]},
      "variants":{"control":{"slots":[[0,500000]],"flags":{"reply":0.25}},"quick":{"slots":[[500000,1000000]],"flags":{"reply":0.75}}}}},
  "flags":{
    "menu":{"type":"int","default":0,"rules":[{"id":"r1","experiment":"menu"}]},
    "draft":{"type":"string","default":"","rules":[{"id":"r1","experiment":"draft"}]},
    "reply":{"type":"double","default":0,"rules":[{"id":"r1","experiment":"reply"}]},
    "after":{"type":"int","default":0,"rules":[
      {"id":"r1","when":{"op":"and","of":[{"op":"==","flag":"ten","value":true},{"op":">=","flag":"menu","value":1}]},"serve":1},
      {"id":"r2","when":{"op":"in","variant":"tone","values":["b","c"]},"serve":2},
      {"id":"r3","when":{"op":"!=","variant":"attach","value":"control"},"serve":3}]},
    "lists":{"type":"int","default":0,"rules":[
      {"id":"r1","when":{"op":"contains_all","attribute":"roles","values":["admin",7]},"serve":1},
      {"id":"r2","when":{"op":"contains_none","attribute":"roles","values":["guest","admin"]},"serve":2},
      {"id":"r3","when":{"op":"contains_any","attribute":"roles","values":[2.5,true]},"serve":3},
      {"id":"r4","when":{"op":"!=","attribute":"roles","type":"missing"},"serve":4}]},
    "places":{"type":"int","default":0,"rules":[
      {"id":"r1","when":{"op":"cidr","attribute":"ip","values":["10.0.0.0/9","fd00::/8"]},"serve":1},
      {"id":"r2","when":{"op":"matches_glob","attribute":"app.version","value":"4.?.*-*"},"serve":2},
      {"id":"r3","when":{"op":"starts_with","attribute":"ip","value":"192."},"serve":3},
      {"id":"r4","when":{"op":"ends_with","attribute":"plan","value":"o","lower":true},"serve":4}]},
    "habits":{"type":"int","default":0,"rules":[
      {"id":"r1","when":{"op":">=","count":"open","window":"36h","value":3},"serve":1},
      {"id":"r2","when":{"op":">","active_days":"open","window":"14d","value":2},"serve":2},
      {"id":"r3","when":{"op":"==","count":"share","value":0},"serve":3}]},
    "attach":{"type":"string","default":"icon","rules":[{"id":"r1","experiment":"attach"}]},
    "tone":{"type":"int","default":0,"rules":[{"id":"r1","experiment":"tone"}]},
    "volume":{"type":"double","default":0.5,"rules":[
      {"id":"r1","when":{"op":"<","attribute":"score","value":0.4285714285714286},"serve":0.05},
      {"id":"r2","experiment":"tone"}]},
    "price":{"type":"double","default":9.99,"rules":[{"id":"r1","experiment":"price"}]},
    "ten":{"type":"bool","default":false,"rules":[{"id":"r1","rollout":{"unit":"device","salt":"ten.1",
      "split":[{"slots":[[0,100000]],"serve":true}]}}]},
    "chunk":{"type":"int","default":256,"rules":[
      {"id":"r1","when":{"op":"segment","segment":"heavy"},"serve":1024},
      {"id":"r2","rollout":{"unit":"account","salt":"chunk.2",
        "split":[{"slots":[[0,1],[500,250000]],"serve":512},{"slots":[[250000,400000],[900000,1000000]],"serve":128}]}}]},
    "theme":{"type":"string","default":"light","rules":[
      {"id":"r1","when":{"op":"not","of":[{"op":"<","attribute":"born","date":"2000-01-01T00:00:00Z"}]},"serve":"dark"},
      {"id":"r2","when":{"op":"contains","attribute":"app.version","value":"beta"},"serve":"sepia"}]},
    "layout":{"type":"json","default":{"columns":1},"rules":[
      {"id":"r1","when":{"op":"and","of":[{"op":">","attribute":"seats","value":12},
        {"op":"exists","attribute":"score"}]},"serve":{"columns":3,"gap":1.5}}]},
    "legacy":{"type":"bool","default":true,"kill":true,"rules":[{"id":"r1","serve":false}]},
    "since":{"type":"int","default":0,"rules":[
      {"id":"r1","when":{"op":"before","date":"2026-11-18T00:00:00Z"},"serve":1},
      {"id":"r2","when":{"op":"<","attribute":"score","value":3},"rollout":{"unit":"device","salt":"since.1",
        "split":[{"slots":[[0,500000]],"serve":2},{"slots":[[500000,1000000]],"serve":3}]}}]}}})";

std::string IdOf(testing::Dice* dice, std::size_t i) {
  switch (dice->Below(5)) {
    case 0: return std::to_string(i);
    case 1: return "user" + std::to_string(i) + "@example.com";
    case 2: return "Zo\xC3\xAB " + std::to_string(dice->Next());
    case 3: return std::string(1 + dice->Below(256), static_cast<char>('a' + i % 26));
    default: return "\xF0\x9F\x98\x80\x1F" + std::to_string(dice->Next());
  }
}

Context ContextOf(testing::Dice* dice, std::size_t i) {
  Context context;
  context.Unit("device", IdOf(dice, i));
  const std::size_t account = dice->Below(10);
  if (account == 0) context.Unit("account", "");
  if (account > 1) context.Unit("account", IdOf(dice, i));
  if (dice->Chance(90)) context.Set("plan", dice->Pick({"free", "pro", "Pro", "team"}));
  if (dice->Chance(80)) context.Set("seats", static_cast<std::int64_t>(dice->Below(25)));
  if (dice->Chance(90)) context.Set("score", static_cast<double>(dice->Below(70)) / 7);
  if (dice->Chance(95)) context.Set("app.version", dice->Pick({"4.1.9", "4.2.0-beta.2", "4.2.0", "4.10.1", "five"}));
  if (dice->Chance(70)) context.Set("born", dice->Pick({"1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "young"}));
  if (dice->Chance(90)) {
    List roles;
    if (dice->Chance(50)) roles.push_back("admin");
    if (dice->Chance(50)) roles.push_back(7);
    if (dice->Chance(50)) roles.push_back(2.5);
    if (dice->Chance(20)) roles.push_back("guest");
    context.Set("roles", std::move(roles));
  }
  if (dice->Chance(90)) {
    context.Set("ip", dice->Pick({"10.1.2.3", "10.200.0.1", "::ffff:10.5.0.1", "fd00::7", "192.168.0.1", "10.01.0.1"}));
  }
  return context;
}

behavior::Behavior BehaviorOf(testing::Dice* dice) {
  constexpr std::size_t kTwentyDays = 20u * 24 * 60;  // in minutes
  const auto ago = [&] { return kNow - std::chrono::minutes(dice->Below(kTwentyDays)); };
  behavior::Behavior behavior;
  if (dice->Chance(20)) behavior.ForgetBefore(ago());
  for (std::size_t i = dice->Below(8); i > 0; --i) behavior.Add("open", ago());
  for (std::size_t i = dice->Below(2); i > 0; --i) behavior.Add("share", ago());
  return behavior;
}

// Some were in a variant that their slots would not give them, some in an iteration that is over.
enrollment::Enrollments EnrollmentsOf(testing::Dice* dice, const Context& context) {
  enrollment::Enrollments enrollments;
  const std::string& device = *context.FindUnit("device");
  enrollment::Enrollment met;
  met.first = met.last = kNow - std::chrono::hours(24);
  if (dice->Chance(30)) {
    met.iteration = dice->Chance(80) ? 3 : 2;
    met.variant = dice->Pick({"control", "grid", "gone"});
    met.audience = dice->Pick({"", "heavy"});
    enrollments.Add("device", device, "menu", met);
  }
  met.audience.clear();
  if (dice->Chance(30)) {
    met.iteration = 2;
    met.variant = dice->Pick({"control", "new"});
    enrollments.Add("device", device, "draft", met);
  }
  if (dice->Chance(30)) {
    met.iteration = 1;
    met.variant = dice->Pick({"control", "quick"});
    enrollments.Add("device", device, "reply", met);
  }
  return enrollments;
}

// The hash as a number, high half first: the same digits whatever the byte order.
std::string DigestOf(const std::string& text) {
  const Hash128 hash = HashBytes128(text);
  return Line("%016llx%016llx", static_cast<unsigned long long>(hash.high), static_cast<unsigned long long>(hash.low));
}

// Doubles by their bits: a digest of rounded ones could hide a difference.
std::string TextOf(const ruleset::FlagValue* value) {
  if (value == nullptr) return "fallback";
  switch (value->type) {
    case ruleset::ValueType::kBool: return value->boolean ? "true" : "false";
    case ruleset::ValueType::kInt: return std::to_string(value->integer);
    case ruleset::ValueType::kDouble: {
      std::uint64_t bits = 0;
      static_assert(sizeof bits == sizeof value->number);
      std::memcpy(&bits, &value->number, sizeof bits);
      return std::to_string(bits);
    }
    case ruleset::ValueType::kString:
    case ruleset::ValueType::kJson: return value->text;
  }
  return "";
}

std::string TextOf(const ruleset::Ruleset& rules, const ruleset::Flag& flag, const evaluation::Outcome& outcome) {
  std::string text = flag.key + " " + TextOf(outcome.value) + " " + std::string(ReasonName(outcome.reason));
  for (std::uint32_t i = 0; i < outcome.exposure_count; ++i) {
    const evaluation::Exposure& exposure = outcome.exposures[i];
    text += exposure.is_holdout ? " " + rules.holdouts[exposure.object].key + "/"
                                : " " + rules.experiments[exposure.object].key + "/";
    text += std::to_string(exposure.variant) + "/" + std::to_string(exposure.layer_slot) + "/" +
            std::to_string(exposure.slot) + "/" + std::to_string(exposure.audience) + (exposure.is_sticky ? "s" : "");
  }
  return text + "\n";
}

// As docs/formats/trace.md describes it.
void AppendState(std::size_t number, const Context& context, const enrollment::Enrollments& enrollments,
                 Duration utc_offset, std::string* out) {
  json::Writer line(out);
  line.BeginObject().Key("state").Uint(number).Key("datafile").BeginObject().Key("hash").String("00").End();
  line.Key("context").BeginObject().Key("units").BeginObject();
  for (const Context::UnitId& unit : context.units()) line.Key(unit.kind).String(unit.id);
  line.End().Key("attributes").BeginObject();
  for (const Context::Attribute& attribute : context.attributes()) line.Key(attribute.name).Any(attribute.value);
  line.End().End().Key("utc_offset_ms").Int(utc_offset.count()).Key("enrolled").BeginArray();
  for (const char* experiment : {"menu", "draft", "reply"}) {
    const enrollment::Enrollment* met = enrollments.Find("device", *context.FindUnit("device"), experiment);
    if (met == nullptr) continue;
    line.BeginObject().Key("experiment").String(experiment).Key("unit").String("device");
    line.Key("iteration").Int(met->iteration).Key("variant").String(met->variant);
    line.Key("audience").String(met->audience).End();
  }
  line.End().End();
  *out += "\n";
}

void AppendDecision(std::size_t state, const ruleset::Ruleset& rules, const ruleset::Flag& flag,
                    const evaluation::Outcome& outcome, std::string* out) {
  json::Writer line(out);
  line.BeginObject().Key("at").Int(ToMs(kNow)).Key("state").Uint(state).Key("flag").String(flag.key);
  if (outcome.value != nullptr) line.Key("value").Any(ruleset::ToValue(*outcome.value));
  const std::string_view variant = evaluation::VariantName(rules, flag, outcome);
  if (outcome.value != nullptr && !variant.empty()) line.Key("variant").String(variant);
  line.Key("reason").String(ReasonName(outcome.reason)).End();
  *out += "\n";
}

}  // namespace

std::string SlotsDigest(const BucketingUnderTest& bucketing) {
  static constexpr char kPurposes[] = {'h', 'l', 's', 'r', 'c', 't'};
  testing::Dice dice(kSeed);
  std::string text;
  for (std::size_t i = 0; i < 100'000; ++i) {
    const char purpose = dice.Pick(kPurposes);
    // One throw a statement: within one, compilers may choose the order.
    std::string salt = "x" + std::to_string(dice.Below(50));
    salt += "." + std::to_string(1 + dice.Below(3));
    text += std::to_string(bucketing.Slot(purpose, salt, IdOf(&dice, i))) + "\n";
  }
  return DigestOf(text);
}

std::string ReplayDigest() {
  const dialects::Loaded loaded = dialects::LoadNative(kDatafile);
  if (loaded.rules == nullptr || !loaded.problems.empty()) return "";
  testing::Dice dice(kSeed);
  std::string trace = "{\"guidon_trace\":1}\n";
  for (std::size_t i = 0; i < kUnits; ++i) {
    const Context context = ContextOf(&dice, i);
    const enrollment::Enrollments enrollments = EnrollmentsOf(&dice, context);
    evaluation::Surroundings surroundings;
    surroundings.enrollments = &enrollments;
    const std::chrono::hours ahead(static_cast<int>(dice.Below(5)));
    surroundings.utc_offset = [ahead](Timestamp) -> Duration { return ahead; };
    const evaluation::PreparedContext prepared(*loaded.rules, context, surroundings, kNow);
    AppendState(i, context, enrollments, ahead, &trace);
    for (const ruleset::Flag& flag : loaded.rules->flags) {
      AppendDecision(i, *loaded.rules, flag, evaluation::Evaluate(*loaded.rules, flag, prepared, kNow), &trace);
    }
  }
  std::string results;
  const Result<tools::Replayed> replayed = tools::Replay(*loaded.rules, 0, trace, nullptr, &results);
  if (!replayed.ok() || !replayed->is_same() || replayed->decisions != kUnits * loaded.rules->flags.size()) return "";
  return DigestOf(results);
}

std::string DecisionsDigest() {
  const dialects::Loaded loaded = dialects::LoadNative(kDatafile);
  if (loaded.rules == nullptr || !loaded.problems.empty()) return "";
  testing::Dice dice(kSeed);
  std::string text;
  for (std::size_t i = 0; i < kUnits; ++i) {
    const Context context = ContextOf(&dice, i);
    const behavior::Behavior behavior = BehaviorOf(&dice);
    const enrollment::Enrollments enrollments = EnrollmentsOf(&dice, context);
    evaluation::Surroundings surroundings;
    surroundings.behavior = &behavior;
    surroundings.enrollments = &enrollments;
    const std::chrono::hours ahead(static_cast<int>(dice.Below(5)));
    surroundings.utc_offset = [ahead](Timestamp) -> Duration { return ahead; };
    const evaluation::PreparedContext prepared(*loaded.rules, context, surroundings, kNow);
    for (const ruleset::Flag& flag : loaded.rules->flags)
      text += TextOf(*loaded.rules, flag, evaluation::Evaluate(*loaded.rules, flag, prepared, kNow));
  }
  return DigestOf(text);
}

}  // namespace guidon::property
