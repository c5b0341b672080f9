#include "sdk/tools/finder.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "sdk/core/base/json.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/evaluation/bucketing.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/expression/spelling.h"
#include "sdk/tools/arms.h"

namespace guidon::tools {
namespace {

using ruleset::kNone;
using ruleset::Ruleset;

constexpr std::uint64_t kTellEvery = 4096;
constexpr std::string_view kInNone = "none";
constexpr std::size_t kNamesShown = 8;

Status BadWish(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }

std::string Listed(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    out += (i == 0 ? "'" : ", '") + std::string(names[i]) + "'";
  }
  return out + (names.size() > kNamesShown ? ", …" : "");
}

Status NoSuch(const std::string& what, std::string_view name, const std::vector<std::string_view>& names) {
  const std::string_view meant = expression::Closest(name, names);
  std::string message = "there is no " + what + " '" + std::string(name) + "'";
  if (!meant.empty()) return BadWish(message + ", did you mean '" + std::string(meant) + "'?");
  return BadWish(message + (names.empty() ? "" : "; there is " + Listed(names)));
}

template <class T>
std::optional<std::uint32_t> IndexOf(const std::vector<T>& items, std::string_view key) {
  const auto at = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.key == key; });
  if (at == items.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - items.begin());
}

template <class T>
void AddKeys(const std::vector<T>& items, std::vector<std::string_view>* keys) {
  for (const T& item : items) keys->push_back(item.key);
}

// The variant of that name, for an experiment or a campaign.
template <class T>
Status ReadArm(const T& object, const std::string& what, std::string_view name, Want* want) {
  std::vector<std::string_view> names;
  for (const auto& variant : object.variants) names.push_back(variant.name);
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) {
    names.push_back(what == "arm" ? ruleset::kHeldOutArm : kInNone);
    return NoSuch(what, name, names);
  }
  want->arm = static_cast<std::uint32_t>(at - names.begin());
  return Status();
}

// As the flag's type has it; texts need no quotes.
Status ReadValue(const ruleset::Flag& flag, std::string_view text, Want* want) {
  const auto wrong = [&](const char* example) {
    return BadWish("'" + std::string(text) + "' is no value of '" + flag.key + "', which is of type " +
                   std::string(ruleset::ValueTypeName(flag.type)) + ": write " + flag.key + "=" + example);
  };
  if (flag.type == ruleset::ValueType::kString) {
    want->value = json::ToText(Value(text));
    return Status();
  }
  if (flag.type == ruleset::ValueType::kBool) {
    const bool is_on = text == "true" || text == "on";
    if (!is_on && text != "false" && text != "off") return wrong("true");
    want->value = is_on ? "true" : "false";
    return Status();
  }
  const auto document = json::Document::Parse(text, nullptr);
  const bool is_int = flag.type == ruleset::ValueType::kInt;
  const bool fits = document && (is_int ? document->root().AsInt().has_value()
                                        : flag.type == ruleset::ValueType::kJson || document->root().AsNumber());
  if (!fits) return wrong(is_int ? "42" : flag.type == ruleset::ValueType::kJson ? "'{\"a\": 1}'" : "0.5");
  const bool is_double = flag.type == ruleset::ValueType::kDouble;
  want->value = json::ToText(is_double ? Value(*document->root().AsNumber()) : document->root().ToValue());
  return Status();
}

bool IsHeldOut(const Ruleset& rules, const evaluation::PreparedContext& prepared) {
  return std::any_of(rules.holdouts.begin(), rules.holdouts.end(), [&](const ruleset::Holdout& holdout) {
    const std::string_view id = prepared.unit(holdout.unit).id;
    const auto purpose = static_cast<char>(evaluation::Purpose::kHoldout);
    return !id.empty() && evaluation::Slot(purpose, holdout.salt, id) < holdout.size;
  });
}

// As one of its flags is decided by it; kNone: none is, so nobody there is exposed to it.
std::uint32_t VariantOf(const Ruleset& rules, std::uint32_t experiment, const evaluation::PreparedContext& prepared,
                        Timestamp now) {
  for (const std::uint32_t flag : rules.experiments[experiment].flags) {
    const evaluation::Outcome outcome = evaluation::Evaluate(rules, rules.flags[flag], prepared, now);
    if (outcome.experiment == experiment && outcome.reason == Reason::kExperiment) return outcome.variant;
  }
  return kNone;
}

bool IsMet(const Ruleset& rules, const Want& want, const evaluation::PreparedContext& prepared, Timestamp now) {
  switch (want.of) {
    case Want::Of::kFlag: {
      const evaluation::Outcome outcome = evaluation::Evaluate(rules, rules.flags[want.index], prepared, now);
      return outcome.value != nullptr && json::ToText(ruleset::ToValue(*outcome.value)) == want.value;
    }
    case Want::Of::kExperiment: return VariantOf(rules, want.index, prepared, now) == want.arm;
    case Want::Of::kCampaign: return ArmOf(rules, &rules.campaigns[want.index], prepared, now) == want.arm;
    case Want::Of::kNotHeldOut: return !IsHeldOut(rules, prepared);
  }
  return false;
}

}  // namespace

Result<Want> ReadWant(const Ruleset& rules, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return BadWish("--want says what and how: KEY=VALUE, such as attach-button=labelled");
  }
  std::string_view key = text.substr(0, equals);
  const std::string_view value = text.substr(equals + 1);
  const std::size_t colon = key.find(':');
  const std::string_view kind = colon == std::string_view::npos ? std::string_view() : key.substr(0, colon);
  if (!kind.empty()) key.remove_prefix(colon + 1);
  if (!kind.empty() && kind != "flag" && kind != "experiment" && kind != "campaign") {
    return BadWish("'" + std::string(kind) + ":' is none of flag:, experiment: and campaign:");
  }
  const auto find = [&](const auto& items, std::string_view of) {
    return kind.empty() || kind == of ? IndexOf(items, key) : std::nullopt;
  };
  const auto flag = find(rules.flags, "flag");
  const auto experiment = find(rules.experiments, "experiment");
  const auto campaign = find(rules.campaigns, "campaign");
  if ((flag ? 1 : 0) + (experiment ? 1 : 0) + (campaign ? 1 : 0) > 1) {
    return BadWish("'" + std::string(key) + "' is the key of several things: write " +
                   (flag ? "flag:" : "experiment:") + std::string(key) + " or " +
                   (campaign ? "campaign:" : "experiment:") + std::string(key));
  }
  Want want;
  want.key = std::string(key);
  want.value = std::string(value);
  if (flag) {
    want.index = *flag;
    Status status = ReadValue(rules.flags[*flag], value, &want);
    return status.ok() ? Result<Want>(std::move(want)) : status;
  }
  if (experiment) {
    want.of = Want::Of::kExperiment;
    want.index = *experiment;
    if (value == kInNone) return want;
    Status status = ReadArm(rules.experiments[*experiment], "variant", value, &want);
    return status.ok() ? Result<Want>(std::move(want)) : status;
  }
  if (campaign) {
    want.of = Want::Of::kCampaign;
    want.index = *campaign;
    want.arm = kHeldOutOfCampaign;
    if (value == ruleset::kHeldOutArm) return want;
    Status status = ReadArm(rules.campaigns[*campaign], "arm", value, &want);
    return status.ok() ? Result<Want>(std::move(want)) : status;
  }
  std::vector<std::string_view> keys;
  if (kind.empty() || kind == "flag") AddKeys(rules.flags, &keys);
  if (kind.empty() || kind == "experiment") AddKeys(rules.experiments, &keys);
  if (kind.empty() || kind == "campaign") AddKeys(rules.campaigns, &keys);
  return NoSuch(kind.empty() ? "flag, experiment or campaign" : std::string(kind), key, keys);
}

Want NotHeldOut() {
  Want want;
  want.of = Want::Of::kNotHeldOut;
  want.key = "in no holdout";
  return want;
}

std::string TriedId(const std::string& prefix, std::uint64_t number) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%06llu", static_cast<unsigned long long>(number));
  return prefix + digits;
}

Found Find(const Ruleset& rules, const Search& search, const std::function<void(std::uint64_t)>& progress) {
  Found found;
  found.met.assign(search.wants.size(), 0);
  Context context = search.context;
  while (found.tried < search.most_tries && found.ids.size() < search.count) {
    const std::string id = TriedId(search.prefix, ++found.tried);
    for (const std::string& kind : search.unit_kinds) context.Unit(kind, id);
    const evaluation::PreparedContext prepared(rules, context, search.surroundings, search.now,
                                               evaluation::Preparation::kAsAsked);
    bool is_found = true;
    for (std::size_t i = 0; i < search.wants.size(); ++i) {
      const bool is_met = IsMet(rules, search.wants[i], prepared, search.now);
      found.met[i] += is_met ? 1u : 0u;
      is_found = is_found && is_met;
    }
    if (is_found) found.ids.push_back(id);
    if (progress && found.tried % kTellEvery == 0) progress(found.tried);
  }
  return found;
}

}  // namespace guidon::tools
