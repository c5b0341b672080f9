#include "tests/conformance/growthbook_results.h"

#include <algorithm>

#include "guidon/platform_parts.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/json_writer.h"
#include "sdk/core/dialects/growthbook/bucketing.h"
#include "sdk/core/dialects/growthbook/url_targeting.h"
#include "sdk/core/evaluation/targeting.h"

namespace guidon::conformance::growthbook {
namespace {

using dialects::growthbook::BucketOf;
using dialects::growthbook::EqualWeights;
using dialects::growthbook::IsUrlTargeted;
using dialects::growthbook::QueryOverride;
using evaluation::Forced;
using evaluation::StepResult;

std::string TextOr(json::Node node, std::string fallback) {
  const Value value = node.ToValue();
  return javascript::IsTruthy(value) ? javascript::ToText(value) : fallback;
}

Value Sorted(const Value& value) {
  if (const List* list = value.AsList()) {
    List sorted;
    for (const Value& item : *list) sorted.push_back(Sorted(item));
    return Value(std::move(sorted));
  }
  const Object* object = value.AsObject();
  if (object == nullptr) return value;
  Object sorted;
  for (const Member& member : *object) sorted.push_back({member.name, Sorted(member.value)});
  std::sort(sorted.begin(), sorted.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
  return Value(std::move(sorted));
}

json::Node At(json::Node list, std::size_t index) {
  json::Node node = list.is(json::Type::kArray) ? list.First() : json::Node();
  for (; index > 0; --index) node = node.Next();
  return node;
}

std::string PayloadOf(json::Node context, json::Node experiment) {
  std::string payload = "{";
  for (const char* name : {"features", "savedGroups", "contextualBandits", "experiments"}) {
    const json::Node member = context.Find(name);
    const bool is_given = experiment.exists() && std::string_view(name) == "experiments";
    if (!member.exists() && !is_given) continue;
    payload += (payload.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":";
    payload += is_given ? "[" + experiment.ToText() + "]" : member.ToText();
  }
  return payload + "}";
}

const Value* Find(const Object& object, std::string_view name) {
  const auto at = std::find_if(object.begin(), object.end(), [&](const Member& each) { return each.name == name; });
  return at == object.end() ? nullptr : &at->value;
}

}  // namespace

std::string Canonical(const Value& value) { return javascript::ToJson(Sorted(value)); }

Context ContextOf(json::Node attributes) {
  Context context;
  for (const json::Node attribute : attributes) context.Set(std::string(attribute.name()), attribute.ToValue());
  return context;
}

World::World(json::Node context, json::Node experiment, bool is_sticky)
    : context_json_(context),
      is_sticky_(is_sticky),
      patterns_(Re2Patterns()),
      context_(ContextOf(context.Find("attributes"))) {
  const std::string payload = PayloadOf(context, experiment);
  json::Limits limits;
  limits.is_lenient = true;
  payload_ = json::Document::Parse(payload, nullptr, limits);
  loaded_ = dialects::growthbook::Load(payload, {patterns_.get(), is_sticky});
  for (const json::Node document : context.Find("stickyBucketAssignmentDocs")) AddSticky(document);
}

// Settings of the SDK, in terms of what may be forced: where a rule comes to it, and not before.
Forced World::ForcedNow() const {
  Forced forced;
  forced.is_in_place = true;
  const ruleset::Ruleset& rules = *loaded_.rules;
  for (const json::Node value : context_json_.Find("forcedFeatureValues")) {
    const ruleset::Flag* flag = rules.FindFlag(value.name());
    ruleset::FlagValue json;
    if (flag != nullptr && ruleset::FromValue(value.ToValue(), ruleset::ValueType::kJson, &json)) {
      forced.flags.emplace_back(rules.IndexOf(*flag), std::move(json));
    }
  }
  const std::string url = TextOr(context_json_.Find("url"), "");
  const bool is_enabled = context_json_.Find("enabled").AsBool().value_or(true);
  const bool is_qa = context_json_.Find("qaMode").AsBool().value_or(false);
  const std::size_t own = payload_->root().Find("experiments").size();
  for (std::uint32_t i = 0; i < rules.experiments.size(); ++i) {
    const ruleset::Experiment& experiment = rules.experiments[i];
    const std::size_t at = i + own - rules.experiments.size();
    const bool is_own = experiment.flags.empty();
    const json::Node source = is_own ? At(payload_->root().Find("experiments"), at) : json::Node();
    const json::Node targets = source.Find("urlPatterns");
    const auto count = static_cast<std::int64_t>(experiment.variants.size());
    const json::Node variation = context_json_.Find("forcedVariations").Find(experiment.key);
    const auto query = QueryOverride(experiment.key, url, count);
    std::optional<std::uint32_t> to;
    if (!is_enabled || (targets.exists() && !IsUrlTargeted(url, targets, patterns_.get()))) {
      to = Forced::kUnassigned;
    } else if (query) {
      to = static_cast<std::uint32_t>(*query);
    } else if (const auto number = variation.AsInt()) {
      to = *number >= 0 && *number < count ? static_cast<std::uint32_t>(*number) : Forced::kUnassigned;
    } else if (is_qa && !source.Find("force").exists()) {
      to = Forced::kUnassigned;
    }
    if (to) forced.experiments.emplace_back(i, *to);
  }
  return forced;
}

World::Result World::EvaluateFeature(const std::string& key) {
  Result result;
  if (loaded_.rules == nullptr) return result.error = "the payload cannot be used", result;
  for (const Problem& problem : loaded_.problems) result.error += problem.pointer + " " + problem.reason;
  const enrollment::Enrollments enrolled = Enrolled();
  evaluation::Surroundings surroundings;
  surroundings.enrollments = &enrolled;
  const evaluation::PreparedContext prepared(*loaded_.rules, context_, surroundings);
  const Forced forced = ForcedNow();
  evaluation::Outcome outcome;
  evaluation::Trace trace;
  if (const ruleset::Flag* flag = loaded_.rules->FindFlag(key)) {
    outcome = evaluation::Evaluate(*loaded_.rules, *flag, prepared, Timestamp(), &forced, &trace);
  } else if (context_json_.Find("forcedFeatureValues").Find(key).exists()) {
    outcome.reason = Reason::kForced;
  }
  const Value feature = FeatureResult(key, outcome, trace);
  result.feature = Canonical(feature);
  const Value* experiment = feature.Find("experimentResult");
  result.experiment = experiment == nullptr ? "null" : Canonical(*experiment);
  return result;
}

World::Result World::RunExperiment(std::size_t position) {
  Result result;
  if (loaded_.rules == nullptr) return result.error = "the payload cannot be used", result;
  for (const Problem& problem : loaded_.problems) result.error += problem.pointer + " " + problem.reason;
  const json::Node source = At(payload_->root().Find("experiments"), position);
  const ruleset::Ruleset& rules = *loaded_.rules;
  const std::size_t own = payload_->root().Find("experiments").size();
  const std::size_t index = rules.experiments.size() + position - own;
  if (index >= rules.experiments.size()) return result;
  const enrollment::Enrollments enrolled = Enrolled();
  evaluation::Surroundings surroundings;
  surroundings.enrollments = &enrolled;
  const evaluation::PreparedContext prepared(rules, context_, surroundings);
  const Forced forced = ForcedNow();
  evaluation::Outcome outcome;
  evaluation::DecideVariant({rules, prepared, Timestamp(), &forced}, rules.experiments[index], nullptr, nullptr,
                            &outcome);
  result.is_in = outcome.variant != ruleset::kNone;
  result.variation = result.is_in ? outcome.variant : 0;
  result.is_hash_used = result.is_in && outcome.reason != Reason::kForced && !source.Find("force").exists();
  result.value = At(source.Find("variations"), result.variation).ToValue();
  return result;
}

Value World::FeatureResult(const std::string& key, const evaluation::Outcome& outcome, const evaluation::Trace& trace) {
  const json::Node rule = outcome.rule == ruleset::kNone
                              ? json::Node()
                              : At(payload_->root().Find("features").Find(key).Find("rules"), outcome.rule);
  const char* source = "defaultValue";
  Value value = outcome.value == nullptr ? Value() : ruleset::ToValue(*outcome.value);
  const bool is_experiment = outcome.experiment != ruleset::kNone;
  switch (outcome.reason) {
    case Reason::kRule: source = "force"; break;
    case Reason::kExperiment: source = "experiment"; break;
    case Reason::kForced: source = is_experiment ? "experiment" : "override"; break;
    case Reason::kFlagNotFound: source = "unknownFeature"; break;
    case Reason::kPrerequisite: source = "prerequisite"; break;
    case Reason::kCircular: source = "cyclicPrerequisite"; break;
    default: break;
  }
  if (outcome.reason == Reason::kForced && !is_experiment) {
    value = context_json_.Find("forcedFeatureValues").Find(key).ToValue();
  }
  const bool has_rule = outcome.reason == Reason::kRule || is_experiment;
  const bool is_on = javascript::IsTruthy(value);
  Object result{{"value", value},
                {"on", is_on},
                {"off", !is_on},
                {"source", source},
                {"ruleId", has_rule ? TextOr(rule.Find("id"), "") : std::string()}};
  if (!is_experiment) return Value(std::move(result));
  Met met{rule, outcome.experiment, outcome.variant, true, outcome.reason == Reason::kForced};
  met.is_sticky = std::any_of(trace.begin(), trace.end(), [&](const evaluation::TraceStep& step) {
    return step.result == StepResult::kEnrolled && step.step->object == outcome.experiment;
  });
  result.push_back({"experiment", Experiment(met, key)});
  const Object experiment = ExperimentResult(met, key);
  result.push_back({"experimentResult", Value(experiment)});
  if (is_sticky_) KeepSticky(met, experiment);
  return Value(std::move(result));
}

// The context of the bandit whose condition holds, whatever was forced.
std::optional<Object> World::BanditOf(const Met& met) {
  const std::string name = TextOr(met.rule.Find("contextualBanditRef"), "");
  const json::Node bandit = payload_->root().Find("contextualBandits").Find(name);
  if (name.empty() || !bandit.exists()) return std::nullopt;
  const ruleset::Ruleset& rules = *loaded_.rules;
  const ruleset::Experiment& experiment = rules.experiments[met.experiment];
  const evaluation::PreparedContext prepared(rules, context_);
  evaluation::Targeting targeting(rules, prepared, Timestamp());
  Value leaf(-1);
  Value weights = met.rule.Find("weights").ToValue();
  if (weights.is_null()) {
    List equal;
    for (const double weight : EqualWeights(static_cast<std::int64_t>(experiment.variants.size()))) {
      equal.emplace_back(weight);
    }
    weights = Value(std::move(equal));
  }
  for (std::size_t i = 0; i < experiment.audiences.size(); ++i) {
    if (targeting.Evaluate(experiment.audiences[i].condition) != evaluation::Truth::kTrue) continue;
    const json::Node context = At(bandit.Find("contexts"), i);
    leaf = context.Find("leafId").ToValue();
    weights = context.Find("weights").ToValue();
    break;
  }
  Object result{{"leafId", leaf}, {"variationWeights", weights}};
  if (bandit.Find("banditVersion").exists()) {
    result.push_back({"banditVersion", bandit.Find("banditVersion").ToValue()});
  }
  return result;
}

Value World::Experiment(const Met& met, const std::string& feature) {
  Object experiment{{"key", TextOr(met.rule.Find("key"), feature)}};
  const json::Node contextual = met.rule.Find("contextualVariations");
  const json::Node variations = contextual.exists() ? contextual : met.rule.Find("variations");
  experiment.push_back({"variations", variations.ToValue()});
  const auto bandit = BanditOf(met);
  for (const char* name : {"coverage", "weights", "hashAttribute", "fallbackAttribute", "disableStickyBucketing",
                           "bucketVersion", "minBucketVersion", "namespace", "meta", "ranges", "name", "phase", "seed",
                           "hashVersion", "filters", "condition"}) {
    const json::Node member = met.rule.Find(name);
    if (bandit && std::string_view(name) == "weights") {
      experiment.push_back({name, *Find(*bandit, "variationWeights")});
    } else if (member.exists()) {
      experiment.push_back({name, member.ToValue()});
    }
  }
  if (bandit && met.is_in && !met.is_forced) experiment.push_back({"contextualBandit", Value(*bandit)});
  return Value(std::move(experiment));
}

// The name and the value of the attribute that is hashed.
std::pair<std::string, Value> World::HashedAttribute(json::Node rule) const {
  const std::string name = TextOr(rule.Find("hashAttribute"), "id");
  const json::Node attributes = context_json_.Find("attributes");
  const Value value = attributes.Find(name).ToValue();
  const std::string fallback = TextOr(rule.Find("fallbackAttribute"), "");
  const bool may_fall_back = is_sticky_ && !javascript::IsTruthy(rule.Find("disableStickyBucketing").ToValue());
  if (javascript::IsTruthy(value) || !may_fall_back || fallback.empty()) return {name, value};
  return {fallback, attributes.Find(fallback).ToValue()};
}

Object World::ExperimentResult(const Met& met, const std::string& feature) {
  const auto [attribute, hashed] = HashedAttribute(met.rule);
  const json::Node meta = At(met.rule.Find("meta"), met.variant);
  const json::Node contextual = met.rule.Find("contextualVariations");
  const json::Node variations = contextual.exists() ? contextual : met.rule.Find("variations");
  const bool is_hashed = !met.is_forced;
  Object result{{"key", TextOr(meta.Find("key"), std::to_string(met.variant))},
                {"featureId", feature},
                {"inExperiment", met.is_in},
                {"hashUsed", is_hashed},
                {"variationId", static_cast<std::int64_t>(met.variant)},
                {"value", At(variations, met.variant).ToValue()},
                {"hashAttribute", attribute},
                {"hashValue", javascript::IsTruthy(hashed) ? hashed : Value("")},
                {"stickyBucketUsed", met.is_sticky}};
  if (meta.Find("name").exists()) result.push_back({"name", meta.Find("name").ToValue()});
  if (javascript::IsTruthy(meta.Find("passthrough").ToValue())) result.push_back({"passthrough", true});
  if (!is_hashed) return result;
  const json::Node version = met.rule.Find("hashVersion");
  const std::string key = TextOr(met.rule.Find("key"), feature);
  const auto bucket = BucketOf(TextOr(met.rule.Find("seed"), key), javascript::ToText(hashed),
                               javascript::IsTruthy(version.ToValue()) ? version.AsInt().value_or(-1) : 1);
  if (bucket) result.push_back({"bucket", bucket->share()});
  if (const auto bandit = BanditOf(met)) {
    for (const Member& member : *bandit) result.push_back(member);
  }
  return result;
}

void World::AddStored(json::Node document) {
  const std::string name = TextOr(document.Find("attributeName"), "");
  const auto& kinds = loaded_.rules->unit_kinds;
  const json::Node value = context_json_.Find("attributes").Find(name);
  const bool is_asked_for = std::find(kinds.begin(), kinds.end(), name) != kinds.end() && value.exists() &&
                            javascript::ToText(value.ToValue()) == TextOr(document.Find("attributeValue"), "");
  if (is_asked_for) AddSticky(document);
}

void World::AddSticky(json::Node document) {
  const std::string name = TextOr(document.Find("attributeName"), "");
  const Value value = document.Find("attributeValue").ToValue();
  const std::string text = value.AsString() != nullptr ? *value.AsString() : javascript::ToJson(value);
  const std::string key = name + "||" + text;
  for (Member& known : documents_) {
    if (known.name == key) return;
  }
  documents_.push_back({key, document.ToValue()});
}

// What a sticky bucket service is given to keep.
void World::KeepSticky(const Met& met, const Object& result) {
  if (met.is_forced || javascript::IsTruthy(met.rule.Find("disableStickyBucketing").ToValue())) return;
  const std::string name = *Find(result, "hashAttribute")->AsString();
  const Value& hashed = *Find(result, "hashValue");
  const std::string text = hashed.AsString() != nullptr ? *hashed.AsString() : javascript::ToJson(hashed);
  const std::string experiment = TextOr(met.rule.Find("key"), *Find(result, "featureId")->AsString()) + "__" +
                                 std::to_string(met.rule.Find("bucketVersion").AsInt().value_or(0));
  const std::string key = name + "||" + text;
  Object assignments;
  for (const Member& known : documents_) {
    if (known.name == key) assignments = *known.value.Find("assignments")->AsObject();
  }
  assignments.erase(std::remove_if(assignments.begin(), assignments.end(),
                                   [&](const Member& each) { return each.name == experiment; }),
                    assignments.end());
  assignments.push_back({experiment, *Find(result, "key")});
  documents_.erase(
      std::remove_if(documents_.begin(), documents_.end(), [&](const Member& each) { return each.name == key; }),
      documents_.end());
  documents_.push_back(
      {key, Value(Object{
                {"attributeName", name}, {"attributeValue", text}, {"assignments", Value(std::move(assignments))}})});
}

enrollment::Enrollments World::Enrolled() const {
  enrollment::Enrollments enrolled;
  for (const Member& document : documents_) {
    const std::string unit = javascript::ToText(*document.value.Find("attributeName"));
    const std::string id = javascript::ToText(*document.value.Find("attributeValue"));
    const Value* assignments = document.value.Find("assignments");
    if (assignments == nullptr || assignments->AsObject() == nullptr) continue;
    for (const Member& assignment : *assignments->AsObject()) {
      const std::size_t at = assignment.name.rfind("__");
      if (at == std::string::npos) continue;
      enrollment::Enrollment met;
      met.iteration = std::atoll(assignment.name.c_str() + at + 2);
      met.variant = javascript::ToText(assignment.value);
      enrolled.Add(unit, id, assignment.name.substr(0, at), met);
    }
  }
  return enrolled;
}

}  // namespace guidon::conformance::growthbook
