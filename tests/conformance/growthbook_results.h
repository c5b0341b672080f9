// What GrowthBook's SDKs answer, made of what our evaluator decided: results of features and experiments as JSON.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "guidon/context.h"
#include "guidon/ports/patterns.h"
#include "sdk/core/base/json.h"
#include "sdk/core/dialects/growthbook/load.h"
#include "sdk/core/enrollment/enrollments.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/prerequisites.h"

namespace guidon::conformance::growthbook {

// The same JSON for the same value: members by name, numbers as JavaScript writes them.
std::string Canonical(const Value& value);

// A case's context: attributes, payload, and the settings of the SDK.
class World {
 public:
  // Of a context with the features, and `experiment` as the only one of the payload's own, if there is one.
  World(json::Node context, json::Node experiment, bool is_sticky);

  struct Result {
    std::string feature;     // a FeatureResult; of an experiment empty
    std::string experiment;  // an ExperimentResult, or "null"
    Value value;             // of the experiment
    std::size_t variation = 0;
    bool is_in = false;
    bool is_hash_used = false;
    std::string error;  // why there is none
  };
  Result EvaluateFeature(const std::string& key);
  // The first of the payload's own experiments, or the one at `position`.
  Result RunExperiment(std::size_t position = 0);

  // What a sticky bucket service has stored. It is asked for the documents of this context's attributes alone.
  void AddStored(json::Node document);
  // By their key.
  Value StickyDocuments() const { return Value(documents_); }

 private:
  struct Met {
    json::Node rule;  // or experiment
    std::uint32_t experiment = 0;
    std::uint32_t variant = 0;
    bool is_in = false;
    bool is_forced = false;
    bool is_sticky = false;
  };
  evaluation::Forced ForcedNow() const;
  Value FeatureResult(const std::string& key, const evaluation::Outcome& outcome, const evaluation::Trace& trace);
  void AddSticky(json::Node document);
  Object ExperimentResult(const Met& met, const std::string& feature);
  Value Experiment(const Met& met, const std::string& feature);
  std::optional<Object> BanditOf(const Met& met);
  std::pair<std::string, Value> HashedAttribute(json::Node rule) const;
  void KeepSticky(const Met& met, const Object& result);
  enrollment::Enrollments Enrolled() const;

  json::Node context_json_;
  const bool is_sticky_;
  std::optional<json::Document> payload_;
  std::shared_ptr<Patterns> patterns_;
  dialects::Loaded loaded_;
  Context context_;
  Object documents_;
};

Context ContextOf(json::Node attributes);

}  // namespace guidon::conformance::growthbook
