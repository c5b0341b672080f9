// GrowthBook's cases: files of sections, each a list of lists.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "guidon/platform_parts.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/json.h"
#include "sdk/core/dialects/growthbook/bucketing.h"
#include "sdk/core/dialects/growthbook/conditions.h"
#include "sdk/core/dialects/growthbook/decrypt.h"
#include "sdk/core/dialects/growthbook/url_targeting.h"
#include "sdk/core/evaluation/targeting.h"
#include "tests/conformance/growthbook_results.h"
#include "tests/conformance/suite.h"
#include "tests/conformance/text_file.h"

namespace guidon::conformance {
namespace {

using namespace guidon::dialects::growthbook;

// Rounded down to eight decimals.
std::string ShareText(double share) { return javascript::ToText(std::floor(share * 1e8) / 1e8); }

std::string TextOf(const std::vector<double>& shares) {
  std::string text;
  for (const double share : shares) text += (text.empty() ? "[" : ",") + ShareText(share);
  return text.empty() ? "[]" : text + "]";
}

std::string TextOf(const std::vector<ShareRange>& ranges) {
  std::string text;
  for (const ShareRange& range : ranges) text += TextOf(std::vector<double>{range.begin, range.end});
  return text;
}

template <class Number>
std::string TextOf(const std::optional<Number>& number) {
  return number ? javascript::ToText(static_cast<double>(*number)) : "null";
}

std::vector<double> Numbers(json::Node list) {
  std::vector<double> numbers;
  for (const json::Node each : list) numbers.push_back(each.AsNumber().value_or(0));
  return numbers;
}

std::vector<ShareRange> Ranges(json::Node list) {
  std::vector<ShareRange> ranges;
  for (const json::Node each : list) {
    ranges.push_back({each.First().AsNumber().value_or(0), each.First().Next().AsNumber().value_or(0)});
  }
  return ranges;
}

// The items of one case.
class Case {
 public:
  explicit Case(json::Node list) {
    for (const json::Node each : list) items_.push_back(each);
  }
  json::Node operator[](std::size_t index) const { return index < items_.size() ? items_[index] : json::Node(); }
  std::string Text(std::size_t index) const { return javascript::ToText((*this)[index].ToValue()); }
  std::int64_t Int(std::size_t index) const { return (*this)[index].AsInt().value_or(0); }
  double Number(std::size_t index) const { return (*this)[index].AsNumber().value_or(0); }

 private:
  std::vector<json::Node> items_;
};

std::string EvaluateCondition(json::Node condition, json::Node attributes, json::Node groups) {
  ruleset::Ruleset rules;
  const auto patterns = Re2Patterns();
  dialects::ConditionParts parts(&rules, patterns.get());
  dialects::Problems problems;
  const auto root = Conditions(&rules, &parts, groups).Load(dialects::Place(condition, &problems));
  if (!root) return problems.Take()[0].reason;
  parts.BuildIndexes();
  const Context context = growthbook::ContextOf(attributes);
  const evaluation::PreparedContext prepared(rules, context);
  const bool is_true = evaluation::Targeting(rules, prepared, Timestamp()).Evaluate(*root) == evaluation::Truth::kTrue;
  return is_true ? "true" : "false";
}

// Where its experiments lead from its page, until one does.
std::string Redirects(json::Node context) {
  growthbook::World world(context, json::Node(), false);
  const std::string url = javascript::ToText(context.Find("url").ToValue());
  List results;
  std::size_t position = 0;
  for (const json::Node experiment : context.Find("experiments")) {
    const growthbook::World::Result result = world.RunExperiment(position++);
    if (!result.is_in) continue;
    const Value* target = result.value.Find("urlRedirect");
    if (target == nullptr || target->AsString() == nullptr) continue;
    const bool persists = experiment.Find("persistQueryString").AsBool().value_or(false);
    const std::string to = persists ? WithQueryOf(url, *target->AsString()) : *target->AsString();
    const bool is_there = IsUrlTargeted(to, experiment.Find("urlPatterns"), Re2Patterns().get());
    results.push_back(Value(
        Object{{"inExperiment", true}, {"urlRedirect", *target}, {"urlWithParams", is_there ? std::string() : to}}));
    if (!is_there) break;
  }
  return growthbook::Canonical(Value(std::move(results)));
}

// What a section's case expects, and what came; nothing when there is nothing yet that it is about.
using Compared = std::optional<std::pair<std::string, std::string>>;

Compared RunCase(std::string_view section, const Case& one) {
  if (section == "evalCondition") return {{one.Text(3), EvaluateCondition(one[1], one[2], one[4])}};
  if (section == "feature" || section == "contextualBandit") {
    growthbook::World world(one[1], json::Node(), false);
    const auto result = world.EvaluateFeature(one.Text(2));
    return {{growthbook::Canonical(one[3].ToValue()), result.error.empty() ? result.feature : result.error}};
  }
  if (section == "run") {
    const auto result = growthbook::World(one[1], one[2], false).RunExperiment();
    const auto text = [](const Value& value, bool is_in, bool is_hash_used) {
      return growthbook::Canonical(Value(List{value, Value(is_in), Value(is_hash_used)}));
    };
    return {{text(one[3].ToValue(), one[4].AsBool() == true, one[5].AsBool() == true),
             result.error.empty() ? text(result.value, result.is_in, result.is_hash_used) : result.error}};
  }
  if (section == "stickyBucket") {
    growthbook::World world(one[1], json::Node(), true);
    for (const json::Node document : one[2]) world.AddStored(document);
    const auto result = world.EvaluateFeature(one.Text(3));
    return {{growthbook::Canonical(one[4].ToValue()) + " " + growthbook::Canonical(one[5].ToValue()),
             (result.error.empty() ? result.experiment : result.error) + " " +
                 growthbook::Canonical(world.StickyDocuments())}};
  }
  if (section == "decrypt") {
    const auto plain = Decrypt(one.Text(1), one.Text(2), *OpenSslCrypto());
    return {{one.Text(3), plain.value_or("null")}};
  }
  if (section == "urlRedirect") return {{growthbook::Canonical(one[2].ToValue()), Redirects(one[1])}};
  if (section == "hash") {
    const auto bucket = BucketOf(one.Text(0), one.Text(1), one.Int(2));
    return {{one.Text(3), bucket ? javascript::ToText(bucket->share()) : "null"}};
  }
  if (section == "getBucketRange") {
    const Case asked(one[1]);
    const bool has_coverage = asked[1].AsNumber().has_value();
    return {{TextOf(Ranges(one[2])),
             TextOf(RangesOf(asked.Int(0), has_coverage ? asked.Number(1) : 1, Numbers(asked[2])))}};
  }
  if (section == "chooseVariation") {
    const auto index = VariationAt(one.Number(1), Ranges(one[2]));
    return {{one.Text(3), index ? TextOf(index) : "-1"}};
  }
  if (section == "getQueryStringOverride") {
    return {{one.Text(4), TextOf(QueryOverride(one.Text(1), one.Text(2), one.Int(3)))}};
  }
  if (section == "inNamespace") {
    const Case space(one[2]);
    const bool is_in = IsInNamespace(one.Text(1), space.Text(0), {space.Number(1), space.Number(2)});
    return {{one.Text(3), is_in ? "true" : "false"}};
  }
  if (section == "getEqualWeights") return {{TextOf(Numbers(one[1])), TextOf(EqualWeights(one.Int(0)))}};
  return std::nullopt;
}

// The first item where it names the case.
std::string NameOf(std::string_view section, std::size_t number, const Case& one) {
  std::string name = std::string(section) + " " + std::to_string(number);
  if (section != "hash" && one[0].AsString()) name += ": " + one.Text(0);
  return name;
}

void RunFile(const json::Document& file, Outcome* out) {
  for (const json::Node section : file.root()) {
    if (!section.is(json::Type::kArray)) continue;  // "specVersion"
    std::size_t number = 0;
    for (const json::Node each : section) {
      const Case one(each);
      const std::string name = NameOf(section.name(), ++number, one);
      if (const Compared compared = RunCase(section.name(), one)) {
        out->Compare(name, compared->first, compared->second);
      } else {
        out->Skip(name, std::string(section.name()) + ": not built yet");
      }
    }
  }
}

}  // namespace

Outcome RunGrowthBook(const std::string& folder) {
  Outcome out;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) out.unreadable = folder + " has no .json file";
  for (const auto& path : files) {
    const std::optional<json::Document> file = ReadJson(path.string(), &out.unreadable);
    if (!file) return out;
    RunFile(*file, &out);
  }
  return out;
}

}  // namespace guidon::conformance
