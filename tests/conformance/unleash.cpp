// Unleash's cases: the files of its client specification, each a payload with what is asked of it.
#include <chrono>
#include <filesystem>

#include "guidon/platform_parts.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/json.h"
#include "sdk/core/dialects/unleash/load.h"
#include "sdk/core/evaluation/evaluate.h"
#include "tests/conformance/growthbook_results.h"
#include "tests/conformance/suite.h"
#include "tests/conformance/text_file.h"

namespace guidon::conformance {
namespace {

using growthbook::Canonical;

// Fields, and the properties beside them.
Context ContextOf(json::Node fields) {
  Context context;
  for (const json::Node field : fields) {
    if (field.name() != "properties") context.Set(std::string(field.name()), field.ToValue());
  }
  for (const json::Node property : fields.Find("properties")) {
    context.Set(std::string(property.name()), property.ToValue());
  }
  return context;
}

// What the flag is; null where there is none, or it has an error.
Value Ask(const ruleset::Ruleset& rules, const std::string& key, const Context& context) {
  const ruleset::Flag* flag = rules.FindFlag(key);
  if (flag == nullptr) return Value();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const evaluation::PreparedContext prepared(rules, context);
  const auto outcome =
      evaluation::Evaluate(rules, *flag, prepared, Timestamp(std::chrono::duration_cast<Duration>(now)));
  return outcome.value == nullptr ? Value() : ruleset::ToValue(*outcome.value);
}

void RunFile(json::Node file, Outcome* out) {
  const auto patterns = Re2Patterns();
  const auto loaded = dialects::unleash::Load(file.Find("state").ToText(), {patterns.get()});
  const std::string title = javascript::ToText(file.Find("name").ToValue());
  const auto run = [&](json::Node test, bool is_variant) {
    const std::string name = title + ": " + javascript::ToText(test.Find("description").ToValue());
    const std::string expected = Canonical(test.Find("expectedResult").ToValue());
    if (loaded.rules == nullptr) return out->Compare(name, expected, loaded.problems[0].reason);
    const std::string key = javascript::ToText(test.Find("toggleName").ToValue());
    const Context context = ContextOf(test.Find("context"));
    const bool is_on = Ask(*loaded.rules, key, context) == Value(true);
    if (!is_variant) return out->Compare(name, expected, Canonical(Value(is_on)));
    Value variant = Ask(*loaded.rules, dialects::unleash::VariantFlag(key), context);
    if (variant.is_null()) {
      variant = Value(Object{{"name", "disabled"}, {"enabled", false}, {"feature_enabled", is_on}});
    }
    out->Compare(name, expected, Canonical(variant));
  };
  for (const json::Node test : file.Find("tests")) run(test, false);
  for (const json::Node test : file.Find("variantTests")) run(test, true);
}

}  // namespace

Outcome RunUnleash(const std::string& folder) {
  Outcome out;
  const std::string specifications = folder + "/specifications";
  const auto index = ReadJson(specifications + "/index.json", &out.unreadable);
  if (!index) return out;
  for (const json::Node name : index->root()) {
    const auto file = ReadJson(specifications + "/" + javascript::ToText(name.ToValue()), &out.unreadable);
    if (!file) return out;
    RunFile(file->root(), &out);
  }
  return out;
}

}  // namespace guidon::conformance
