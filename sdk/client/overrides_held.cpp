#include "sdk/client/overrides_held.h"

#include <algorithm>
#include <optional>
#include <set>

#include "sdk/client/overrides_text.h"
#include "sdk/client/state.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/events/fact.h"

namespace guidon {

const char* OverrideSourceName(Override::Source source) noexcept {
  switch (source) {
    case Override::Source::kApi: return "api";
    case Override::Source::kToken: return "token";
    case Override::Source::kPanel: return "panel";
    case Override::Source::kFile: return "file";
    case Override::Source::kEnvironment: return "environment";
  }
  return "api";
}

namespace client {
namespace {

using evaluation::Forced;
using ruleset::Experiment;
using ruleset::FlagValue;
using ruleset::Ruleset;

constexpr std::size_t kMostProblems = 10;  // in one report
constexpr std::size_t kNamesListed = 8;

FlagValue UntypedValue(const Value& value) {
  ruleset::ValueType type = ruleset::ValueType::kJson;
  if (value.AsBool() != nullptr) type = ruleset::ValueType::kBool;
  if (value.AsInt() != nullptr) type = ruleset::ValueType::kInt;
  if (value.AsDouble() != nullptr) type = ruleset::ValueType::kDouble;
  if (value.AsString() != nullptr) type = ruleset::ValueType::kString;
  FlagValue result;
  (void)ruleset::FromValue(value, type, &result);  // cannot fail: the type is the value's own
  return result;
}

// False when the flag is of another type.
bool ConvertValue(const ruleset::Flag& flag, const HeldOverride& override, FlagValue* out) {
  if (!flag.is_valid) {
    *out = UntypedValue(override.what.value);
    return true;
  }
  if (ruleset::FromValue(override.what.value, flag.type, out)) return true;
  const bool is_text = flag.type == ruleset::ValueType::kString && !override.bare.empty();
  return is_text && ruleset::FromValue(Value(override.bare), flag.type, out);
}

std::optional<std::uint32_t> FindVariant(const Experiment& experiment, std::string_view name) {
  if (name == "off") return Forced::kOff;
  if (name == "unassigned") return Forced::kUnassigned;
  const auto at = std::find_if(experiment.variants.begin(), experiment.variants.end(),
                               [&](const ruleset::Variant& variant) { return variant.name == name; });
  if (at == experiment.variants.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - experiment.variants.begin());
}

std::string Quoted(std::string_view kind, std::string_view key) {
  return std::string(kind) + " \"" + std::string(key) + "\"";
}

// "; did you mean "a"?", or what there is.
template <class T>
std::string Instead(std::string_view key, const std::vector<T>& there) {
  std::vector<std::string_view> keys;
  keys.reserve(there.size());
  for (const T& each : there) keys.push_back(each.key);
  const std::string_view closest = expression::Closest(key, keys);
  if (!closest.empty()) return "; did you mean \"" + std::string(closest) + "\"?";
  if (keys.empty()) return "; it has none";
  std::string text = "; it has ";
  for (std::size_t i = 0; i < keys.size() && i < kNamesListed; ++i) {
    if (i > 0) text += ", ";
    text += keys[i];
  }
  if (keys.size() > kNamesListed) text += " and " + std::to_string(keys.size() - kNamesListed) + " more";
  return text;
}

Status NotInDatafile(std::string_view kind, const HeldOverride& override, const std::string& instead) {
  return Status(StatusCode::kNotFound, Quoted(kind, override.what.key) + " is not in the datafile" + instead);
}

Status Invalid(std::string_view kind, const HeldOverride& override) {
  return Status(StatusCode::kNotFound, "the datafile has an error in the " + Quoted(kind, override.what.key));
}

Status MayForce(const Entitlement& entitlement, std::string_view kind, const HeldOverride& override,
                bool is_protected) {
  const Status status = entitlement.MayForce(override.what, is_protected);
  if (status.ok()) return status;
  return Status(status.code(), Quoted(kind, override.what.key) + " cannot be forced: " + status.message());
}

Status CheckClock(const Entitlement& entitlement, const HeldOverride& override) {
  if (!ParseShift(override.what.variant)) {
    return Status(StatusCode::kInvalidArgument,
                  "the clock is moved by up to 366 days, not to \"" + override.what.variant.substr(0, 40) + "\"");
  }
  const Status status = entitlement.MayForce(override.what, false);
  return status.ok() ? status : Status(status.code(), "the clock cannot be forced: " + status.message());
}

// A flag that the datafile does not have is forced all the same.
Status CheckFlag(const Datafile* datafile, const Entitlement& entitlement, const HeldOverride& override) {
  const ruleset::Flag* flag = datafile == nullptr ? nullptr : datafile->rules->FindFlag(override.what.key);
  FlagValue value;
  if (flag == nullptr) return MayForce(entitlement, "flag", override, false);
  if (!ConvertValue(*flag, override, &value)) {
    return Status(StatusCode::kInvalidArgument, "the " + Quoted("flag", override.what.key) + " is of type " +
                                                    std::string(ruleset::ValueTypeName(flag->type)));
  }
  return MayForce(entitlement, "flag", override, flag->is_protected);
}

Status CheckExperiment(const Datafile& datafile, const Entitlement& entitlement, const HeldOverride& override) {
  const Experiment* experiment = datafile.rules->FindExperiment(override.what.key);
  if (experiment == nullptr) {
    return NotInDatafile("experiment", override, Instead(override.what.key, datafile.rules->experiments));
  }
  if (!experiment->is_valid) return Invalid("experiment", override);
  if (!FindVariant(*experiment, override.what.variant)) {
    std::string names;
    for (const ruleset::Variant& variant : experiment->variants) names += variant.name + ", ";
    return Status(StatusCode::kNotFound, Quoted("experiment", override.what.key) + " has no variant \"" +
                                             override.what.variant + "\"; it has " + names + "off and unassigned");
  }
  return MayForce(entitlement, "experiment", override, experiment->is_protected);
}

Status CheckPrompt(const Datafile& datafile, const Entitlement& entitlement, const HeldOverride& override) {
  const ruleset::Campaign* campaign = datafile.rules->FindCampaign(override.what.key);
  if (campaign == nullptr) {
    return NotInDatafile("campaign", override, Instead(override.what.key, datafile.rules->campaigns));
  }
  if (!campaign->is_valid) return Invalid("campaign", override);
  return MayForce(entitlement, "campaign", override, campaign->is_protected);
}

Status CheckHoldout(const Datafile& datafile, const Entitlement& entitlement, const HeldOverride& override) {
  const auto& holdouts = datafile.rules->holdouts;
  const bool is_there = std::any_of(holdouts.begin(), holdouts.end(),
                                    [&](const ruleset::Holdout& holdout) { return holdout.key == override.what.key; });
  if (!is_there) return NotInDatafile("holdout", override, Instead(override.what.key, holdouts));
  return MayForce(entitlement, "holdout", override, false);
}

// False when the datafile does not let it take hold. Asks no more than it must: it runs whenever a State is made.
bool Apply(const Datafile* datafile, const Entitlement& entitlement, const HeldOverride& override,
           AppliedOverrides* out) {
  const Override& what = override.what;
  const auto may_force = [&](bool is_protected) { return entitlement.MayForce(what, is_protected).ok(); };
  const Ruleset* rules = datafile == nullptr ? nullptr : datafile->rules.get();
  if (what.kind == Override::Kind::kFlag) {
    const ruleset::Flag* flag = rules == nullptr ? nullptr : rules->FindFlag(what.key);
    if (flag == nullptr) {
      if (!may_force(false)) return false;
      out->unknown_flags.emplace_back(what.key, UntypedValue(what.value));
      return true;
    }
    FlagValue value;
    if (!may_force(flag->is_protected) || !ConvertValue(*flag, override, &value)) return false;
    out->forced.flags.emplace_back(rules->IndexOf(*flag), std::move(value));
    return true;
  }
  if (what.kind == Override::Kind::kAttribute) {
    if (!may_force(false)) return false;
    out->attributes.emplace_back(what.key, what.value);
    return true;
  }
  if (what.kind == Override::Kind::kClock) {
    const std::optional<Duration> shift = ParseShift(what.variant);
    if (!shift || !may_force(false)) return false;
    out->shift = *shift;
    return true;
  }
  if (rules == nullptr) return false;
  if (what.kind == Override::Kind::kExperiment) {
    const Experiment* experiment = rules->FindExperiment(what.key);
    if (experiment == nullptr || !experiment->is_valid || !may_force(experiment->is_protected)) return false;
    const auto variant = FindVariant(*experiment, what.variant);
    if (!variant) return false;
    const auto index = static_cast<std::uint32_t>(experiment - rules->experiments.data());
    out->forced.experiments.emplace_back(index, *variant);
    return true;
  }
  if (what.kind == Override::Kind::kHoldout) {
    for (std::size_t i = 0; i < rules->holdouts.size(); ++i) {
      if (rules->holdouts[i].key != what.key || !may_force(false)) continue;
      out->forced.holdouts.emplace_back(static_cast<std::uint32_t>(i), what.variant == "in");
      return true;
    }
    return false;
  }
  const ruleset::Campaign* campaign = rules->FindCampaign(what.key);
  if (campaign == nullptr || !campaign->is_valid || !may_force(campaign->is_protected)) return false;
  const auto index = static_cast<std::uint32_t>(campaign - rules->campaigns.data());
  out->prompts.push_back({index, what.variant != "off", what.variant == "within_caps", override.serial, what.source});
  return true;
}

using ObjectKey = std::pair<Override::Kind, std::string_view>;

}  // namespace

bool IsPromptForce(std::string_view variant) noexcept {
  return variant == "show" || variant == "within_caps" || variant == "off";
}

evaluation::Forced AppliedOverrides::Unforced() const {
  evaluation::Forced unforced;
  unforced.killed = forced.killed;
  return unforced;
}

const ForcedPrompt* AppliedOverrides::FindPrompt(std::uint32_t campaign) const noexcept {
  for (const ForcedPrompt& prompt : prompts) {
    if (prompt.campaign == campaign) return &prompt;
  }
  return nullptr;
}

AppliedOverrides ApplyOverrides(const Datafile* datafile, const Entitlement& entitlement,
                                std::vector<HeldOverride>* list) {
  AppliedOverrides out;
  std::set<ObjectKey> forced;
  std::set<std::string> sources;
  for (HeldOverride& each : *list) {
    const bool is_first = forced.insert({each.what.kind, each.what.key}).second;
    each.what.applied = is_first && Apply(datafile, entitlement, each, &out);
    if (!each.what.applied) continue;
    sources.insert(OverrideSourceName(each.what.source));
    // Of an attribute the name alone: its value may be one that does not leave the device.
    const bool is_attribute = each.what.kind == Override::Kind::kAttribute;
    const std::string entry = is_attribute ? "attribute:" + each.what.key : EntryText(each.what);
    if (out.text.size() + 2 + entry.size() > events::kOverridesBytes) continue;
    out.text += (out.text.empty() ? "" : "; ") + entry;
  }
  // Names the token also where it forces something itself.
  const QaToken* token = entitlement.token();
  if (token != nullptr && !sources.empty()) {
    sources.erase("token");
    sources.insert("token " + token->id);
  }
  for (const std::string& source : sources) out.sources += (out.sources.empty() ? "" : ",") + source;
  return out;
}

Timestamp EndOf(const HeldOverride& held, const QaInputs& qa, Timestamp now) noexcept {
  if (!held.what.until) return Timestamp::max();
  return qa.least_now > now ? *held.what.until - (qa.least_now - now) : *held.what.until;
}

Status CheckOverride(const Datafile* datafile, const Entitlement& entitlement, const HeldOverride& override) {
  if (override.what.kind == Override::Kind::kFlag) return CheckFlag(datafile, entitlement, override);
  if (override.what.kind == Override::Kind::kAttribute) return MayForce(entitlement, "attribute", override, false);
  if (override.what.kind == Override::Kind::kClock) return CheckClock(entitlement, override);
  if (datafile == nullptr) return Status(StatusCode::kNotFound, "no datafile is in force");
  if (override.what.kind == Override::Kind::kExperiment) return CheckExperiment(*datafile, entitlement, override);
  if (override.what.kind == Override::Kind::kHoldout) return CheckHoldout(*datafile, entitlement, override);
  return CheckPrompt(*datafile, entitlement, override);
}

std::vector<Status> OverrideProblems(const Datafile* datafile, const Entitlement& entitlement,
                                     const std::vector<HeldOverride>& list) {
  std::vector<Status> problems;
  if (datafile == nullptr) return problems;  // what the first one lacks is said when it is there
  for (const HeldOverride& each : list) {
    if (problems.size() == kMostProblems) break;
    Status status;
    const bool is_text = each.what.source != Override::Source::kApi && each.what.source != Override::Source::kPanel;
    if (!each.what.applied) {
      status = CheckOverride(datafile, entitlement, each);  // ok when another source comes first
    } else if (is_text && each.what.kind == Override::Kind::kFlag && !datafile->rules->FindFlag(each.what.key)) {
      // It is forced, but nobody was there to be told of a slip of the pen.
      status = NotInDatafile("flag", each, Instead(each.what.key, datafile->rules->flags));
    }
    if (status.ok()) continue;
    problems.emplace_back(status.code(), OverrideSourceName(each.what.source) + (": " + status.message()));
  }
  return problems;
}

std::string NaturalVariant(const Ruleset& rules, const Experiment& experiment,
                           const evaluation::PreparedContext& prepared, Timestamp now,
                           const evaluation::Forced& unforced) {
  const auto index = static_cast<std::uint32_t>(&experiment - rules.experiments.data());
  for (const std::uint32_t flag : experiment.flags) {
    const evaluation::Outcome outcome = evaluation::Evaluate(rules, rules.flags[flag], prepared, now, &unforced);
    if (outcome.experiment == index) return experiment.variants[outcome.variant].name;
  }
  return std::string();
}

}  // namespace client
}  // namespace guidon
