#include <cmath>
#include <utility>

#include "guidon/limits.h"
#include "sdk/tools/source_reader.h"

namespace guidon::tools {
namespace {

constexpr std::string_view kTypes[] = {"bool", "int", "double", "string", "json"};

std::string TypeOf(const Located& at) {
  if (at.is_out_of_range) return "int";
  switch (at.type) {
    case json::Type::kNull: return "";
    case json::Type::kBool: return "bool";
    case json::Type::kInt: return "int";
    case json::Type::kDouble: return "double";
    case json::Type::kString: return "string";
    case json::Type::kArray:
    case json::Type::kObject: return "json";
  }
  return "";
}

class FlagReader {
 public:
  FlagReader(const Members& members, const Located& at) : members_(members), at_(at) {}

  SourceFlag Run() {
    flag_.name = at_.name;
    flag_.at = &at_;
    members_.CheckName(at_.name, at_, true, "flag");
    if (!members_.Want(at_, json::Type::kObject, "{ \"default\": false }")) return std::move(flag_);
    members_.CheckKnown(at_, {"about", "type", "default", "kill", "protected", "hold", "when_expired", "rules"},
                        "a flag",
                        {{"sticky", "write \"hold\": \"session\"; experiments have \"sticky\""},
                         {"pin", "write \"hold\": \"session\""},
                         {"pinned", "write \"hold\": \"session\""}});
    members_.Text(at_, "about");
    ReadDefault();
    flag_.kill = members_.Bool(at_, "kill").value_or(false);
    flag_.is_protected = members_.Bool(at_, "protected").value_or(false);
    ReadHold();
    ReadExpiry();
    if (const Located* rules = at_.Find("rules")) ReadRules(*rules);
    return std::move(flag_);
  }

 private:
  Problems& problems() const { return members_.problems(); }

  void ReadDefault() {
    const Located* value = at_.Find("default");
    const Located* type = at_.Find("type");
    if (type != nullptr) {
      for (std::string_view known : kTypes) {
        if (type->Text() == known) flag_.type = std::string(known);
      }
      if (flag_.type.empty()) {
        problems().Error("unknown-type", *type, "there is no flag type " + Shown(type->ToValue()),
                         Suggest(type->Text(), {std::begin(kTypes), std::end(kTypes)}, ""));
      }
    }
    if (value == nullptr) {
      problems().ErrorAtName("missing-default", at_, "the flag has no default",
                             "write \"default\": what it is when no rule applies, such as false or \"icon\"");
      return;
    }
    if (value->is(json::Type::kNull) && !value->is_out_of_range && flag_.type != "json") {
      problems().Error("missing-default", *value, "null is no default",
                       "write a value; a json flag needs \"type\": \"json\"");
      return;
    }
    if (flag_.type.empty()) flag_.type = TypeOf(*value);
    const std::optional<Value> converted = AsFlagValue(*value, flag_.type);
    if (converted) {
      flag_.default_value = *converted;
    } else {
      ReportFlagValue(members_, *value, flag_);
    }
  }

  void ReadExpiry() {
    const Located* at = at_.Find("when_expired");
    if (at == nullptr) return;
    flag_.ends_with_datafile = at->Text() == "default";
    if (flag_.ends_with_datafile) return;
    problems().Error("unknown-expiry", *at, "no flag can be " + Describe(*at) + " once the datafile has expired",
                     "write \"default\", or leave \"when_expired\" out: its rules go on then");
  }

  void ReadHold() {
    const Located* hold = at_.Find("hold");
    if (hold == nullptr) return;
    flag_.holds_session = hold->Text() == "session";
    if (flag_.holds_session) return;
    problems().Error("unknown-hold", *hold, "a flag cannot hold still for " + Describe(*hold),
                     "write \"session\", which is as long as the app runs, or leave \"hold\" out");
  }

  void ReadRules(const Located& rules) {
    if (!members_.Want(rules, json::Type::kArray, "[ { \"when\": \"plan == 'pro'\", \"serve\": true } ]")) return;
    if (rules.items.size() > limits::kRulesPerFlag) {
      problems().Error("too-many", rules, std::to_string(rules.items.size()) + " rules, and at most 64 are allowed",
                       "join some with || or segments");
    }
    for (const Located& item : rules.items) {
      if (!members_.Want(item, json::Type::kObject, "{ \"when\": \"plan == 'pro'\", \"serve\": true }")) continue;
      SourceRule rule;
      if (ReadRule(item, &rule)) flag_.rules.push_back(std::move(rule));
    }
  }

  bool ReadRule(const Located& item, SourceRule* rule) {
    members_.CheckKnown(item, {"about", "id", "when", "serve", "percent", "split", "experiment", "unit"}, "a rule");
    rule->at = &item;
    members_.Text(item, "about");
    if (const std::optional<std::string> id = members_.Text(item, "id")) {
      if (members_.CheckName(*id, *item.Find("id"), false, "rule")) rule->id = *id;
    }
    if (const Located* when = item.Find("when")) {
      rule->has_when = true;
      rule->when = members_.Condition(*when);
    }
    rule->unit = members_.Unit(item).value_or("device");
    const Located* serve = item.Find("serve");
    const Located* percent = item.Find("percent");
    const Located* split = item.Find("split");
    const Located* experiment = item.Find("experiment");
    const int kinds =
        (serve != nullptr || percent != nullptr ? 1 : 0) + (split != nullptr ? 1 : 0) + (experiment != nullptr ? 1 : 0);
    if (kinds == 0) {
      problems().Error("empty-rule", item, "this rule says nothing about what the flag becomes",
                       "write \"serve\", \"percent\" and \"serve\", \"split\" or \"experiment\"");
      return false;
    }
    if (kinds > 1) {
      problems().Error("rule-with-two-effects", item, "this rule has more than one of serve, split and experiment",
                       "make it two rules, one below the other");
      return false;
    }
    if (item.Find("unit") != nullptr && percent == nullptr && split == nullptr) {
      problems().Warning("unit-without-percent", *item.Find("unit"), "the unit means nothing in this rule",
                         experiment != nullptr ? "the layer of the experiment says its unit"
                                               : "only \"percent\" and \"split\" draw units");
    }
    if (experiment != nullptr) {
      rule->kind = RuleKind::kExperiment;
      if (!members_.Want(*experiment, json::Type::kString, "an experiment's name in quotes")) return false;
      rule->experiment = std::string(experiment->Text());
      return true;
    }
    if (split != nullptr) return ReadSplit(*split, rule);
    if (percent == nullptr) return ReadServe(*serve, &rule->serve);
    rule->kind = RuleKind::kRollout;
    return ReadPart(item, rule);
  }

  bool ReadServe(const Located& serve, Value* out) {
    if (flag_.type.empty()) return false;  // the flag's own fault is reported already
    const std::optional<Value> value = AsFlagValue(serve, flag_.type);
    if (!value) {
      ReportFlagValue(members_, serve, flag_);
      return false;
    }
    *out = *value;
    return true;
  }

  // An object with percent and serve.
  bool ReadPart(const Located& item, SourceRule* rule) {
    const Located* percent = item.Find("percent");
    const Located* serve = item.Find("serve");
    for (const char* member : {"percent", "serve"}) {
      if (item.Find(member) != nullptr) continue;
      problems().Error("missing-member", item, std::string("\"") + member + "\" is missing",
                       "a rollout has both: \"percent\": 10, \"serve\": true");
    }
    const std::optional<std::int64_t> size = percent != nullptr ? members_.Percent(*percent) : std::nullopt;
    SourcePart part;
    const bool served = serve != nullptr && ReadServe(*serve, &part.serve);
    if (!size || !served) return false;
    part.size = *size;
    for (const SourcePart& other : rule->parts) {
      if (other.serve == part.serve) {
        problems().Error("split-value-twice", *serve, Shown(part.serve) + " stands twice in this split",
                         "add the two percentages up");
        return false;
      }
    }
    rule->parts.push_back(std::move(part));
    return true;
  }

  bool ReadSplit(const Located& split, SourceRule* rule) {
    rule->kind = RuleKind::kRollout;
    if (!members_.Want(split, json::Type::kArray,
                       "[ { \"percent\": 10, \"serve\": 512 }, { \"percent\": 5, \"serve\": 1024 } ]"))
      return false;
    if (split.items.empty()) {
      problems().Error("empty-list", split, "the split is empty", "write [ { \"percent\": 10, \"serve\": … } ]");
      return false;
    }
    if (split.items.size() > limits::kVariants) {
      problems().Error("too-many", split, "more than 32 parts", "join some");
      return false;
    }
    bool ok = true;
    std::int64_t sum = 0;
    for (const Located& item : split.items) {
      if (!members_.Want(item, json::Type::kObject, "{ \"percent\": 10, \"serve\": 512 }")) {
        ok = false;
        continue;
      }
      members_.CheckKnown(item, {"percent", "serve"}, "a part of a split");
      ok = ReadPart(item, rule) && ok;
    }
    for (const SourcePart& part : rule->parts) sum += part.size;
    if (sum > kSlots) {
      problems().Error(
          "percent-sum", split,
          "the parts add up to " + Shown(Value(static_cast<double>(sum) / 10'000)) + " %, which is over 100",
          "lower some of them");
      return false;
    }
    return ok;
  }

  const Members& members_;
  const Located& at_;
  SourceFlag flag_;
};

}  // namespace

std::optional<Value> AsFlagValue(const Located& at, std::string_view type) {
  if (at.is_out_of_range) return std::nullopt;
  if (type == "json") return at.ToValue();
  if (type == "double" && at.is(json::Type::kInt)) return Value(at.Number());
  if (TypeOf(at) != type) return std::nullopt;
  return at.value;
}

void ReportFlagValue(const Members& members, const Located& at, const SourceFlag& flag) {
  if (at.is_out_of_range) {
    members.problems().Error("int-out-of-range", at, "the number is too large for 64 bits",
                             "the largest is 9223372036854775807; use a text for longer ones");
    return;
  }
  const Located* type = flag.at->Find("type");
  const std::string why =
      type != nullptr ? "as its \"type\" says" : "as its default " + Shown(flag.default_value) + " says";
  const char* example = flag.type == "bool"     ? "true or false, without quotes"
                        : flag.type == "int"    ? "a whole number, without quotes"
                        : flag.type == "double" ? "a number, without quotes"
                                                : "a text in double quotes";
  const bool fraction = flag.type == "int" && at.is(json::Type::kDouble);
  members.problems().Error(
      "value-of-other-type", at,
      "'" + flag.name + "' is a flag of type " + flag.type + ", " + why + ", and this is " + Describe(at),
      fraction ? "write a whole number, or give the flag \"type\": \"double\"" : std::string("write ") + example);
}

void ReadFlags(const Members& members, const Located& at, Source* out) {
  if (!members.Want(at, json::Type::kObject, "{ \"my-flag\": { \"default\": false } }")) return;
  for (const Located& item : at.items) out->flags.push_back(FlagReader(members, item).Run());
}

}  // namespace guidon::tools
