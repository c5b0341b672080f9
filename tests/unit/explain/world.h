// A datafile loaded and contexts written as JSON, for tests of explanations.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "guidon/context.h"
#include "sdk/core/base/json.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/evaluation/explain.h"
#include "sdk/core/evaluation/prepared_context.h"

namespace guidon::explain_test {

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline std::shared_ptr<const ruleset::Ruleset> LoadGolden() {
  return dialects::LoadNative(ReadFile(std::string(GUIDON_GOLDEN_DIR) + "/datafile.json")).rules;
}

// {"units": {"device": "d-1"}, "attributes": {"plan": "pro", "team:size": 12}}: a colon ends the kind.
inline Context ParseContext(std::string_view text) {
  Context context;
  json::Error error;
  const auto document = json::Document::Parse(text, &error);
  REQUIRE_MESSAGE(document, error.ToText());
  for (const json::Node unit : document->root()["units"]) {
    context.Unit(std::string(unit.name()), std::string(unit.AsString().value_or("")));
  }
  for (const json::Node attribute : document->root()["attributes"]) {
    const std::string name(attribute.name());
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos) {
      context.Set(name, attribute.ToValue());
    } else {
      context.SetFor(name.substr(0, colon), name.substr(colon + 1), attribute.ToValue());
    }
  }
  return context;
}

inline Timestamp ParseTime(std::string_view text) {
  const auto time = text::ParseTimestamp(text);
  REQUIRE(time);
  return *time;
}

inline void ForceVariant(const ruleset::Ruleset& rules, std::string_view key, std::string_view variant,
                         evaluation::Forced* forced) {
  const ruleset::Experiment* experiment = rules.FindExperiment(key);
  REQUIRE(experiment != nullptr);
  std::uint32_t index = variant == "off" ? evaluation::Forced::kOff : evaluation::Forced::kUnassigned;
  for (std::uint32_t i = 0; i < experiment->variants.size(); ++i) {
    if (experiment->variants[i].name == variant) index = i;
  }
  forced->experiments.emplace_back(static_cast<std::uint32_t>(experiment - rules.experiments.data()), index);
}

inline void ForceText(const ruleset::Ruleset& rules, std::string_view key, std::string_view text,
                      evaluation::Forced* forced) {
  ruleset::FlagValue value;
  REQUIRE(ruleset::FromValue(Value(text), ruleset::ValueType::kString, &value));
  forced->flags.emplace_back(rules.IndexOf(*rules.FindFlag(key)), value);
}

}  // namespace guidon::explain_test
