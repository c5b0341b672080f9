#include "sdk/core/dialects/flagd/load.h"

#include <algorithm>
#include <map>
#include <utility>

#include "guidon/decision.h"
#include "guidon/limits.h"
#include "sdk/core/base/json.h"
#include "sdk/core/dialects/reader.h"
#include "sdk/core/dialects/values.h"
#include "sdk/core/logic/compile.h"

namespace guidon::dialects::flagd {
namespace {

using ruleset::StepKind;

// Of one flag.
constexpr std::size_t kVariants = 1'000;

class Loader {
 public:
  Loader(Problems* problems, const LoadOptions& options) : problems_(*problems), options_(options) {}

  void Add(const json::Node& root) {
    const Place place(root, &problems_);
    if (!place.IsObject()) return;
    for (const json::Node each : root.Find("$evaluators")) evaluators_[std::string(each.name())] = each;
    const Place flags = place.Member("flags");
    if (!flags.exists()) return;
    const bool is_list = flags.node().is(json::Type::kArray);  // as the daemon has them, each with its key
    if (!is_list && !flags.IsObject()) return;
    for (const json::Node each : flags.node()) {
      const std::string key(is_list ? each.Find("key").AsString().value_or("") : each.name());
      if (key.empty() || key.size() > limits::kKeyBytes) {
        flags.Child(each).Error("has a key that is not 1 to " + std::to_string(limits::kKeyBytes) + " bytes long");
      } else {
        flags_[key] = each;
      }
    }
  }

  std::shared_ptr<const ruleset::Ruleset> Run() {
    if (flags_.size() > limits::kFlags) {
      problems_.Error("/flags", "has more than " + std::to_string(limits::kFlags) + " flags");
      return nullptr;
    }
    rules_->header.project = "flagd";
    rules_->header.epoch = rules_->header.version = 1;
    for (const auto& [key, node] : flags_) {
      ruleset::Flag& flag = rules_->flags.emplace_back();
      flag.key = key;
      flag.first_step = static_cast<std::uint32_t>(rules_->steps.size());
      flag.is_valid = LoadFlag(Place(node, &problems_), &flag);
    }
    std::vector<std::string_view> keys;
    for (const ruleset::Flag& flag : rules_->flags) keys.push_back(flag.key);
    rules_->flag_index.Build(keys);
    return std::move(rules_);
  }

 private:
  bool LoadFlag(const Place& place, ruleset::Flag* flag) {
    flag->default_value = AddValue(json::Node(), rules_.get());
    const Place variants = place.Member("variants");
    if (!place.IsObject() || !variants.IsObject() || !variants.HasAtMost(kVariants, "variants")) return false;
    for (const json::Node each : variants.node()) {
      flag->variants.push_back({std::string(each.name()), AddValue(each, rules_.get())});
      flag->type = rules_->values.back().type;
    }
    const Place state = place.Member("state");
    const auto name = state.Text();
    if (!name) return false;
    if (*name != "ENABLED" && *name != "DISABLED") {
      state.Error("must be ENABLED or DISABLED, not \"" + *name + "\"");
      return false;
    }
    if (*name == "DISABLED") return EndWith(Reason::kDisabled, flag);

    const json::Node wanted = place.node().Find("defaultVariant");
    if (wanted.exists() && !wanted.is(json::Type::kNull)) {
      const auto variant = place.Member("defaultVariant").Text();
      if (!variant) return false;
      const auto at = std::find_if(flag->variants.begin(), flag->variants.end(),
                                   [&](const ruleset::NamedValue& each) { return each.name == *variant; });
      if (at == flag->variants.end()) {
        place.Member("defaultVariant").Error("there is no variant \"" + *variant + "\"");
        return false;
      }
      flag->default_variant = static_cast<std::uint32_t>(at - flag->variants.begin());
      flag->default_value = at->value;
      flag->type = rules_->values[at->value].type;
    }
    const Place targeting = place.Member("targeting");
    const bool has_targeting = targeting.exists() && !targeting.node().is(json::Type::kNull) &&
                               !(targeting.node().is(json::Type::kObject) && targeting.node().size() == 0);
    if (has_targeting && !LoadTargeting(targeting, flag)) return false;
    const bool has_default = flag->default_variant != ruleset::kNone;
    if (!has_default) return EndWith(Reason::kDefault, flag);
    AddStep(StepKind::kDefault);
    return true;
  }

  bool LoadTargeting(const Place& targeting, ruleset::Flag* flag) {
    Result<logic::Program> program = logic::Compile(targeting.node(), [this](std::string_view name) {
      const auto at = evaluators_.find(name);
      return at == evaluators_.end() ? json::Node() : at->second;
    });
    if (!program.ok()) {
      const std::string message = program.status().message();
      const std::size_t space = message.find(' ');
      problems_.Error(message.substr(0, space), message.substr(space + 1));
      return false;
    }
    program->fractional = options_.fractional;
    program->extra = "$flagd";
    flag->rules.emplace_back().id = "targeting";
    AddStep(StepKind::kSelect).index = static_cast<std::uint32_t>(rules_->programs.size());
    rules_->programs.push_back(*std::move(program));
    return true;
  }

  bool EndWith(Reason reason, ruleset::Flag* flag) {
    if (flag->rules.empty()) flag->rules.emplace_back();
    AddStep(StepKind::kNothing).part = static_cast<std::uint16_t>(reason);
    return true;
  }

  ruleset::Step& AddStep(StepKind kind) {
    ruleset::Step& step = rules_->steps.emplace_back();
    step.kind = kind;
    step.otherwise = ruleset::kNone;
    return step;
  }

  Problems& problems_;
  const LoadOptions& options_;
  std::unique_ptr<ruleset::Ruleset> rules_ = std::make_unique<ruleset::Ruleset>();
  std::map<std::string, json::Node, std::less<>> flags_;
  std::map<std::string, json::Node, std::less<>> evaluators_;
};

}  // namespace

Loaded Load(const std::vector<std::string_view>& sources, const LoadOptions& options) {
  Loaded loaded;
  std::vector<json::Document> documents;
  documents.reserve(sources.size());  // nodes point into them
  Problems problems;
  Loader loader(&problems, options);
  for (const std::string_view source : sources) {
    auto document = ParsePayload(source, &loaded);
    if (!document) return loaded;
    documents.push_back(*std::move(document));
    loader.Add(documents.back().root());
  }
  loaded.rules = loader.Run();
  loaded.more_problems = problems.more();
  loaded.problems = problems.Take();
  return loaded;
}

}  // namespace guidon::dialects::flagd
