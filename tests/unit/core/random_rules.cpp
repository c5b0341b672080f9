#include "tests/unit/core/random_rules.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace guidon::testing {
namespace {

const char* const kAttributes[] = {"plan", "app.version", "seats", "born", "tester", "deep.er", "roles"};
const char* const kUnits[] = {"device", "account"};
constexpr int kFlagCount = 6;
constexpr int kExperimentCount = 5;

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }
std::string Number(std::size_t number) { return std::to_string(number); }

std::string Constant(Dice* dice) {
  static const char* const kConstants[] = {R"("pro")", R"("free")", "3", "4", "2.5", "true", "false"};
  return dice->Pick(kConstants);
}

// What may be asked for without leading back: flags and experiments below that number.
std::string Prerequisite(Dice* dice, std::size_t below) {
  const std::string name = Number(dice->Below(below));
  static const char* const kOps[] = {"==", "!=", "<", ">="};
  static const char* const kValues[] = {"0", "3", "10", "20", "99"};
  if (dice->Chance(50)) {
    return R"({"op":")" + std::string(dice->Pick(kOps)) + R"(","flag":"f)" + name + R"(","value":)" +
           dice->Pick(kValues) + "}";
  }
  if (dice->Chance(30)) return R"({"op":"in","variant":"e)" + name + R"(","values":["v0"]})";
  return R"({"op":")" + std::string(dice->Chance(50) ? "==" : "!=") + R"(","variant":"e)" + name + R"(","value":"v0"})";
}

std::string Leaf(Dice* dice, std::size_t below) {
  if (below > 0 && dice->Chance(20)) return Prerequisite(dice, below);
  const std::string attribute =
      R"(,"attribute":)" + Quoted(dice->Pick(kAttributes)) + (dice->Chance(10) ? R"(,"kind":"team")" : "");
  static const char* const kOrders[] = {"<", "<=", ">", ">="};
  static const char* const kTextOps[] = {"contains", "starts_with", "ends_with", "matches_glob"};
  static const char* const kDates[] = {"2026-11-01", "2026-11-18T11:06:40Z", "2026-12-24"};
  static const char* const kVersions[] = {"4.2.0", "4", "5.0.0-beta.1"};
  static const char* const kBehavior[] = {R"("count":"open")", R"("active_days":"open")", R"("count":"share")"};
  static const char* const kWindows[] = {"", R"(,"window":"36h")", R"(,"window":"7d")", R"(,"window":"7cd")",
                                         R"(,"window":"400d")"};
  static const char* const kListOps[] = {"contains_any", "contains_all", "contains_none"};
  static const char* const kTypes[] = {"missing", "null", "int", "string", "list"};
  static const char* const kElapsed[] = {R"({"op":"since_last","event":"open")",
                                         R"({"op":"since_first","event":"open")",
                                         R"({"op":"since_last","event":"share")"};
  static const char* const kDurations[] = {"90m", "1d", "7d", "3650d"};
  switch (dice->Below(15)) {
    case 14:
      return std::string(dice->Pick(kElapsed)) + R"(,"comparison":)" + Quoted(dice->Pick(kOrders)) + R"(,"duration":)" +
             Quoted(dice->Pick(kDurations)) + "}";
    case 12: return R"({"op":"in")" + attribute + R"(,"lower":true,"values":["pro","free"]})";
    case 13:
      return R"({"op":")" + std::string(dice->Chance(50) ? "==" : "!=") + "\"" + attribute + R"(,"type":)" +
             Quoted(dice->Pick(kTypes)) + "}";
    case 10:
      return R"({"op":")" + std::string(dice->Pick(kListOps)) + "\"" + attribute + R"(,"values":[)" + Constant(dice) +
             "," + Constant(dice) + "]}";
    case 11:
      return R"({"op":")" + std::string(dice->Pick(kOrders)) + "\"" + attribute + R"(,"size":)" +
             Number(dice->Below(3)) + "}";
    case 9:
      return R"({"op":")" + std::string(dice->Chance(50) ? dice->Pick(kOrders) : "==") + "\"," + dice->Pick(kBehavior) +
             dice->Pick(kWindows) + R"(,"value":)" + Number(dice->Below(6)) + "}";
    case 0:
      return R"({"op":")" + std::string(dice->Chance(50) ? "==" : "!=") + "\"" + attribute + R"(,"value":)" +
             Constant(dice) + "}";
    case 1:
      return R"({"op":")" + std::string(dice->Pick(kOrders)) + "\"" + attribute + R"(,"value":)" +
             Number(dice->Below(6)) + "}";
    case 2:
      return R"({"op":")" + std::string(dice->Pick(kOrders)) + "\"" + attribute + R"(,"version":)" +
             Quoted(dice->Pick(kVersions)) + "}";
    case 3:
      return R"({"op":")" + std::string(dice->Pick(kOrders)) + "\"" + attribute + R"(,"date":)" +
             Quoted(dice->Pick(kDates)) + "}";
    case 4: return R"({"op":"in")" + attribute + R"(,"values":[)" + Constant(dice) + "," + Constant(dice) + "]}";
    case 5: return R"({"op":")" + std::string(dice->Pick(kTextOps)) + "\"" + attribute + R"(,"value":"r"})";
    case 6: return R"({"op":"exists")" + attribute + "}";
    case 7: return R"({"op":"segment","segment":"s)" + Number(dice->Below(3)) + "\"}";
    default:
      return R"({"op":")" + std::string(dice->Chance(50) ? "since" : "before") + R"(","date":)" +
             Quoted(dice->Pick(kDates)) + "}";
  }
}

std::string Condition(Dice* dice, std::size_t depth, std::size_t below) {
  if (depth >= 3 || dice->Chance(60)) return Leaf(dice, below);
  if (dice->Chance(30)) return R"({"op":"not","of":[)" + Condition(dice, depth + 1, below) + "]}";
  std::string of = Condition(dice, depth + 1, below);
  for (std::size_t i = dice->Below(3); i > 0; --i) of += "," + Condition(dice, depth + 1, below);
  return R"({"op":")" + std::string(dice->Chance(50) ? "and" : "or") + R"(","of":[)" + of + "]}";
}

std::string MaybeWhen(Dice* dice, std::size_t percent, std::size_t below) {
  return dice->Chance(percent) ? R"("when":)" + Condition(dice, 0, below) + "," : "";
}

// The slots 0 to 1,000,000 shared out among `owners`; the last one, when not all are wanted, owns what is left over.
std::vector<std::string> Share(Dice* dice, std::size_t owners) {
  std::vector<std::string> slots(owners);
  std::size_t at = 0;
  while (at < 1'000'000) {
    const std::size_t end = std::min<std::size_t>(1'000'000, at + 1 + dice->Below(400'000));
    std::string& own = slots[dice->Below(owners)];
    own += (own.empty() ? "[" : ",[") + Number(at) + "," + Number(end) + "]";
    at = end;
  }
  return slots;
}

std::string Moment(Dice* dice, const std::string& member, const std::string& time) {
  if (!dice->Chance(30)) return "";
  return Quoted(member) + (dice->Chance(50) ? ":" + Quoted(time + "Z") : R"(:{"local":)" + Quoted(time) + "}") + ",";
}

std::string Audiences(Dice* dice, std::size_t index, std::size_t variants, const std::string& slots) {
  if (!dice->Chance(40)) return "";
  std::string list;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::vector<std::string> split = Share(dice, variants);
    std::string shares;
    for (std::size_t v = 0; v < variants; ++v) {
      shares += (v > 0 ? ",\"v" : "\"v") + Number(v) + "\":[" + split[v] + "]";
    }
    list += (i > 0 ? R"(,{"name":"a)" : R"({"name":"a)") + Number(i) + R"(",)" + MaybeWhen(dice, 100, index) +
            R"("slots":[)" + (dice->Chance(70) ? slots : "") + R"(],"variants":{)" + shares + "}}";
  }
  return R"("audiences":[)" + list + "],";
}

std::string Ship(Dice* dice) {
  return R"("ship":{"variant":"v0","slots":[[0,)" + Number(1 + dice->Below(600'000)) + "]]},";
}

std::string Experiment(Dice* dice, std::size_t index, const std::string& slots) {
  static const char* const kStatus[] = {"running", "running", "running", "running", "paused", "ended"};
  const std::string layer = index < 3 ? "device" : "account";
  const std::string status = dice->Pick(kStatus);
  std::string variants;
  const std::vector<std::string> split = Share(dice, 1 + dice->Below(3));
  for (std::size_t v = 0; v < split.size(); ++v) {
    variants += (v > 0 ? ",\"v" : "\"v") + Number(v) + R"(":{"slots":[)" + split[v] + R"(],"flags":{"f)" +
                Number(index) + R"(":)" + Number(10 + v) + R"(,"f5":)" + Number(20 + v) + "}}";
  }
  // Its audiences may have slots of its region that it has not.
  const std::string own = dice->Chance(30) ? slots.substr(0, slots.find(']') + 1) : slots;
  return R"("e)" + Number(index) + R"(":{"iteration":1,"status":")" + status + R"(","layer":")" + layer +
         R"(","slots":[)" + own + R"(],"salt":"e)" + Number(index) + R"(",)" + MaybeWhen(dice, 50, index) +
         (dice->Chance(40) ? R"("sticky":"exposed",)" : "") + Audiences(dice, index, split.size(), slots) +
         (status == "ended" && dice->Chance(70) ? Ship(dice) : "") + Moment(dice, "starts_at", "2026-11-18T12:00:00") +
         Moment(dice, "ends_at", "2026-12-18T12:00:00") + R"("variants":{)" + variants + "}}";
}

std::string Rule(Dice* dice, std::size_t flag, std::size_t index) {
  const std::string head =
      R"({"id":"r)" + Number(index) + R"(",)" + MaybeWhen(dice, 60, std::min<std::size_t>(flag, kExperimentCount));
  const std::size_t kind = dice->Below(3);
  if (kind == 0) return head + R"("serve":)" + Number(dice->Below(9)) + "}";
  if (kind == 1) {
    const std::vector<std::string> parts = Share(dice, 3);
    return head + R"("rollout":{"unit":")" + dice->Pick(kUnits) + R"(","salt":"r)" + Number(dice->Below(4)) +
           R"(","split":[{"slots":[)" + parts[0] + R"(],"serve":31},{"slots":[)" + parts[1] + R"(],"serve":32}]}})";
  }
  const std::size_t experiment = flag < 5 ? flag : dice->Below(kExperimentCount);
  return head + R"("experiment":"e)" + Number(experiment) + "\"}";
}

}  // namespace

std::string RandomMembers(Dice* dice) {
  std::string text = R"("layers":{"device":{"unit":"device","salt":"l.d"},"account":{"unit":"account","salt":"l.a"}},)";
  text += R"("holdouts":{"h0":{"unit":"device","salt":"h0","size":)" + Number(1 + dice->Below(300'000)) +
          R"(,"experiments":"*"},"h1":{"unit":"account","salt":"h1","size":)" + Number(1 + dice->Below(300'000)) +
          R"(,"experiments":["e3"]}},)";
  text += R"("segments":{"s0":{"op":"==","attribute":"tester","value":true},)";
  text += R"("s1":{"op":"not","of":[{"op":"segment","segment":"s0"}]},"s2":{"op":"before","date":"2026-12-01"}},)";
  const std::vector<std::string> device = Share(dice, 4);
  const std::vector<std::string> account = Share(dice, 3);
  text += R"("experiments":{)";
  for (std::size_t i = 0; i < kExperimentCount; ++i) {
    text += (i > 0 ? "," : "") + Experiment(dice, i, i < 3 ? device[i] : account[i - 3]);
  }
  text += R"(},"flags":{)";
  for (std::size_t flag = 0; flag < kFlagCount; ++flag) {
    text += (flag > 0 ? ",\"f" : "\"f") + Number(flag) + R"(":{"type":"int","default":0,)" +
            (dice->Chance(5) ? R"("kill":true,)" : "") + (dice->Chance(20) ? R"("when_expired":"default",)" : "") +
            R"("rules":[)";
    const std::size_t rules = dice->Below(5);
    for (std::size_t rule = 0; rule < rules; ++rule) text += (rule > 0 ? "," : "") + Rule(dice, flag, rule);
    text += "]}";
  }
  return text + "}";
}

behavior::Behavior RandomBehavior(Dice* dice) {
  behavior::Behavior behavior;
  const auto ago = [&] { return kNow - Duration(static_cast<std::int64_t>(dice->Next() % (20u * 86'400'000u))); };
  if (dice->Chance(30)) behavior.ForgetBefore(ago());
  const Duration offset(static_cast<std::int64_t>(dice->Below(48)) * 1'800'000 - 12 * 3'600'000);
  for (const char* event : {"open", "share"}) {
    for (std::size_t i = dice->Below(10); i > 0; --i)
      behavior.Add(event, ago() + Duration(dice->Chance(5) ? 2'000'000'000 : 0), offset);
  }
  return behavior;
}

enrollment::Enrollments RandomEnrollments(const ruleset::Ruleset& rules, const Context& context, Dice* dice) {
  enrollment::Enrollments enrollments;
  for (const ruleset::Experiment& experiment : rules.experiments) {
    const std::string& kind = rules.unit_kinds[experiment.unit];
    const std::string* id = context.FindUnit(kind);
    if (id == nullptr || !dice->Chance(50)) continue;
    enrollment::Enrollment met;
    met.iteration = dice->Chance(85) ? 1 : 2;
    met.variant = "v" + Number(dice->Below(3));  // which may be gone
    met.audience = dice->Chance(50) ? "a" + Number(dice->Below(3)) : "";
    met.first = met.last = kNow - Duration(1'000);
    enrollments.Add(kind, *id, experiment.key, met);
  }
  return enrollments;
}

std::function<Duration(Timestamp)> RandomOffset(Dice* dice) {
  if (dice->Chance(20)) return nullptr;
  const auto minutes = [&] { return Duration((static_cast<std::int64_t>(dice->Below(1'500)) - 720) * 60'000); };
  const Timestamp changes = kNow + Duration(static_cast<std::int64_t>(dice->Below(200'000'000)) - 100'000'000);
  return [changes, before = minutes(), after = minutes()](Timestamp at) { return at < changes ? before : after; };
}

Context RandomContext(Dice* dice) {
  const Value kValues[] = {
      Value("pro"),
      Value("free"),
      Value("4.2.0"),
      Value("5.0.0-beta.1"),
      Value("2026-11-20"),
      Value(3),
      Value(4),
      Value(2.5),
      Value(true),
      Value(false),
      Value(),
      Value(List()),
      Value(""),
      Value(1'795'000'000'000),
  };
  Context context;
  for (const char* name : {"plan", "app.version", "seats", "born", "tester"}) {
    if (dice->Chance(70)) context.Set(name, dice->Pick(kValues));
    if (dice->Chance(10)) context.SetFor("team", name, dice->Pick(kValues));
  }
  if (dice->Chance(50)) context.Set("deep", Object{{"er", dice->Pick(kValues)}});
  if (dice->Chance(70)) context.Set("roles", List{dice->Pick(kValues), dice->Pick(kValues), dice->Pick(kValues)});
  if (dice->Chance(90)) context.Unit("device", "d-" + Number(dice->Below(1'000)));
  if (dice->Chance(80)) context.Unit("account", "a-" + Number(dice->Below(1'000)));
  if (dice->Chance(3)) context.Unit("account", dice->Chance(50) ? "" : "\xFF");
  return context;
}

evaluation::Forced RandomForced(const ruleset::Ruleset& rules, Dice* dice) {
  evaluation::Forced forced;
  for (std::uint32_t flag = 0; flag < rules.flags.size(); ++flag) {
    if (!dice->Chance(10)) continue;
    ruleset::FlagValue value;
    ruleset::FromValue(Value(99), ruleset::ValueType::kInt, &value);
    forced.flags.push_back({flag, value});
  }
  for (std::uint32_t experiment = 0; experiment < rules.experiments.size(); ++experiment) {
    if (!dice->Chance(20)) continue;
    const std::size_t variants = rules.experiments[experiment].variants.size();
    const std::size_t choice = dice->Below(variants + 2);
    auto to = static_cast<std::uint32_t>(choice);
    if (choice >= variants) to = choice == variants ? evaluation::Forced::kOff : evaluation::Forced::kUnassigned;
    forced.experiments.push_back({experiment, to});
  }
  for (std::uint32_t holdout = 0; holdout < rules.holdouts.size(); ++holdout) {
    if (dice->Chance(20)) forced.holdouts.push_back({holdout, dice->Chance(50)});
  }
  return forced;
}

}  // namespace guidon::testing
