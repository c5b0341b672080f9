// flagd's cases: scenarios of its testbed, the case list of jsonlogic.com, examples of its schemas.
#include "sdk/core/dialects/flagd/load.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/base/javascript.h"
#include "sdk/core/base/json.h"
#include "sdk/core/dialects/values.h"
#include "sdk/core/evaluation/evaluate.h"
#include "sdk/core/logic/compile.h"
#include "sdk/core/logic/run.h"
#include "tests/conformance/flagd_schemas.h"
#include "tests/conformance/gherkin.h"
#include "tests/conformance/suite.h"
#include "tests/conformance/text_file.h"

namespace guidon::conformance {
namespace {

using Paths = std::vector<std::filesystem::path>;

Paths FilesIn(const std::filesystem::path& folder, const std::string& extension) {
  Paths files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A set of flags, with each way to share out.
class Set {
 public:
  explicit Set(const Paths& files) {
    for (const auto& file : files) texts_.push_back(TextOf(file));
    const std::vector<std::string_view> sources(texts_.begin(), texts_.end());
    for (const auto fractional : {logic::Fractional::kV1, logic::Fractional::kV2, logic::Fractional::kV3}) {
      loaded_.push_back(dialects::flagd::Load(sources, {fractional}));
    }
    for (const std::string& text : texts_) {
      documents_.push_back(json::Document::Parse(text, nullptr, dialects::PayloadLimits()));
    }
  }

  const ruleset::Ruleset* rules(std::size_t version) const { return loaded_[version - 1].rules.get(); }

  // The flag's own over its file's.
  Object MetadataOf(const std::string& key) const {
    Object metadata;
    const auto put = [&metadata](json::Node members) {
      for (const json::Node member : members) {
        const auto at = std::find_if(metadata.begin(), metadata.end(),
                                     [&](const Member& each) { return each.name == member.name(); });
        if (at == metadata.end()) {
          metadata.push_back({std::string(member.name()), member.ToValue()});
        } else {
          at->value = member.ToValue();
        }
      }
    };
    for (auto document = documents_.rbegin(); document != documents_.rend(); ++document) {
      const json::Node root = document->has_value() ? (*document)->root() : json::Node();
      const json::Node flag = root.Find("flags").Find(key);
      if (!flag.exists()) continue;
      put(root.Find("metadata"));
      put(flag.Find("metadata"));
      break;
    }
    return metadata;
  }

 private:
  std::vector<std::string> texts_;
  std::vector<dialects::Loaded> loaded_;
  std::vector<std::optional<json::Document>> documents_;
};

// A cell of a table, in its type.
Value ValueOf(const std::string& type, const std::string& cell) {
  if (type == "Boolean") return Value(cell == "true");
  if (type == "Integer" || type == "Float") return Value(std::strtod(cell.c_str(), nullptr));
  if (type != "Object") return Value(cell);
  const auto document = json::Document::Parse(cell, nullptr, dialects::PayloadLimits());
  return document ? document->root().ToValue() : Value(cell);
}

bool IsOf(const std::string& type, ruleset::ValueType value) {
  using ruleset::ValueType;
  if (type == "Boolean") return value == ValueType::kBool;
  if (type == "Integer" || type == "Float") return value == ValueType::kInt || value == ValueType::kDouble;
  return type == "String" ? value == ValueType::kString : value == ValueType::kJson;
}

// One scenario, step by step: what each expects beside what came.
class Play {
 public:
  Play(const Set& all, const std::filesystem::path& flags) : set_(&all), flags_(flags) {}

  void Take(const Step& step, const std::set<std::string>& tags) {
    const std::vector<std::string> quoted = step.Quoted();
    if (step.Has("-flag with key ") && quoted.size() == 2) {
      const std::size_t end = step.text.find("-flag");
      type_ = step.text.substr(step.text.find(' ') + 1, end - step.text.find(' ') - 1);
      key_ = quoted[0];
      fallback_ = ValueOf(type_, quoted[1]);
    } else if (step.Has("an option ") && quoted.size() == 3 && quoted[0] == "selector") {
      const std::filesystem::path file = flags_ / std::filesystem::path(quoted[2]).filename();
      if (std::filesystem::exists(file)) {
        own_.emplace(Paths{file});
        set_ = &*own_;
      }
    } else if (step.Has("a targeting key with value") && quoted.size() == 1) {
      context_.Unit("targetingKey", quoted[0]);
    } else if (step.Has("a nested property with outer key") && quoted.size() == 3) {
      context_.Set(quoted[0], Object{{quoted[1], Value(quoted[2])}});
    } else if (step.Has("a context containing a key") && quoted.size() == 3) {
      context_.Set(quoted[0], ValueOf(quoted[1], quoted[2]));
    } else if (step.Has("was evaluated with details")) {
      Evaluate(tags.count("@fractional-v1") != 0 ? 1 : tags.count("@fractional-v3") != 0 ? 3 : 2);
    } else if (step.Has("details value should be") && quoted.size() == 1) {
      Expect("value", javascript::ToJson(ValueOf(type_, quoted[0])), javascript::ToJson(value_));
    } else if (step.Has("reason should be") && quoted.size() == 1) {
      Expect("reason", quoted[0], reason_);
    } else if (step.Has("error-code should be") && quoted.size() == 1) {
      Expect("error", quoted[0], error_);
    } else if (step.Has("variant should be") && quoted.size() == 1) {
      Expect("variant", quoted[0], variant_);
    } else if (step.Has("metadata is empty")) {
      Expect("metadata", "{}", javascript::ToJson(Value(set_->MetadataOf(key_))));
    } else if (step.Has("metadata should contain")) {
      ExpectMetadata(step.table);
    } else if (!step.Has("an option ") && !step.Has("provider") && !step.Has("an evaluator")) {
      Expect("step", "a known one", step.text);
    }
  }

  const std::string& expected() const { return expected_; }
  const std::string& actual() const { return actual_; }

 private:
  void Expect(const std::string& what, const std::string& expected, const std::string& actual) {
    expected_ += what + " " + expected + "; ";
    actual_ += what + " " + actual + "; ";
  }

  void ExpectMetadata(const std::vector<std::vector<std::string>>& table) {
    const Object metadata = set_->MetadataOf(key_);
    for (std::size_t row = 1; row < table.size(); ++row) {
      const auto at = std::find_if(metadata.begin(), metadata.end(),
                                   [&](const Member& each) { return each.name == table[row][0]; });
      const Value actual = at == metadata.end() ? Value() : at->value;
      Expect(table[row][0], javascript::ToJson(ValueOf(table[row][1], table[row][2])), javascript::ToJson(actual));
    }
  }

  void Evaluate(std::size_t version) {
    value_ = fallback_;
    const ruleset::Ruleset* rules = set_->rules(version);
    const ruleset::Flag* flag = rules == nullptr ? nullptr : rules->FindFlag(key_);
    evaluation::Outcome outcome;
    if (flag != nullptr) {
      const evaluation::PreparedContext prepared(*rules, context_);
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      outcome = evaluation::Evaluate(*rules, *flag, prepared, Timestamp(std::chrono::duration_cast<Duration>(now)));
    }
    if (outcome.value != nullptr && !IsOf(type_, outcome.value->type)) {
      outcome.value = nullptr;
      outcome.reason = Reason::kTypeMismatch;
    }
    reason_ = OpenFeatureReason(outcome.reason);
    error_ = OpenFeatureError(outcome.reason);
    if (outcome.value == nullptr) return;
    value_ = ruleset::ToValue(*outcome.value);
    variant_ = evaluation::VariantName(*rules, *flag, outcome);
  }

  const Set* set_;
  const std::filesystem::path flags_;
  std::optional<Set> own_;
  std::string type_, key_, reason_, error_, variant_;
  Value fallback_, value_;
  Context context_;
  std::string expected_, actual_;
};

void RunFeatures(const std::filesystem::path& folder, const std::filesystem::path& flags, const Set& set,
                 Outcome* out) {
  for (const auto& file : FilesIn(folder, ".feature")) {
    for (const Scenario& scenario : ParseFeature(TextOf(file))) {
      const std::string name =
          folder.parent_path().filename().string() + "/" + file.filename().string() + ": " + scenario.name;
      if (scenario.tags.count("@deprecated") != 0) {
        out->Skip(name, "tagged @deprecated");
        continue;
      }
      Play play(set, flags);
      for (const Step& step : scenario.steps) play.Take(step, scenario.tags);
      out->Compare(name, play.expected(), play.actual());
    }
  }
}

void RunJsonLogic(const std::filesystem::path& path, Outcome* out) {
  if (!std::filesystem::exists(path)) return;
  const auto file = ReadJson(path.string(), &out->unreadable);
  if (!file) return;
  std::size_t number = 0;
  for (const json::Node each : file->root()) {
    if (!each.is(json::Type::kArray)) continue;  // a heading
    const json::Node rule = each.First(), data = rule.Next(), expected = data.Next();
    const std::string name = "jsonlogic " + std::to_string(++number) + ": " + rule.ToText();
    const Result<logic::Program> program = logic::Compile(rule);
    if (!program.ok()) {
      out->Compare(name, javascript::ToJson(expected.ToValue()), program.status().message());
      continue;
    }
    const Value root = data.ToValue();
    logic::Input input;
    input.root = &root;
    logic::Run run(*program, input);
    out->Compare(name, javascript::ToJson(expected.ToValue()), javascript::ToJson(logic::ToValue(run.Result())));
  }
}

}  // namespace

Outcome RunFlagd(const std::string& folder) {
  Outcome out;
  const std::filesystem::path root(folder);
  Paths files = FilesIn(root / "flags", ".json");
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const auto& file) { return file.filename().string().rfind("selector", 0) == 0; }),
              files.end());
  RunFeatures(root / "gherkin", root / "flags", Set(files), &out);
  RunFeatures(root / "evaluator/gherkin", root / "evaluator/flags", Set(FilesIn(root / "evaluator/flags", ".json")),
              &out);
  RunJsonLogic(root / "jsonlogic/tests.json", &out);
  RunSchemas(folder + "/schemas", &out);
  if (out.passed + out.failures.size() == 0 && out.unreadable.empty()) out.unreadable = folder + " has no cases";
  return out;
}

}  // namespace guidon::conformance
