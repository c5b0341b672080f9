#include "sdk/core/dialects/unleash/constraints.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "guidon/time.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/javascript.h"
#include "sdk/core/base/network.h"
#include "sdk/core/base/text.h"

namespace guidon::dialects::unleash {
namespace {

using ruleset::Comparison;
using ruleset::ConstantType;
using ruleset::Conversion;
using ruleset::Node;
using ruleset::Op;

// The grammar of semver.org 2.0.
constexpr char kVersionPattern[] =
    R"(^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$)";

struct NamedComparison {
  std::string_view name;
  Comparison comparison;
};

std::optional<Comparison> ComparisonOf(std::string_view name) noexcept {
  static constexpr NamedComparison kAll[] = {{"EQ", Comparison::kEqual},
                                             {"GT", Comparison::kGreater},
                                             {"GTE", Comparison::kGreaterOrEqual},
                                             {"LT", Comparison::kLess},
                                             {"LTE", Comparison::kLessOrEqual}};
  for (const NamedComparison& each : kAll) {
    if (each.name == name) return each.comparison;
  }
  return std::nullopt;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), text::LowerAscii);
  return lower;
}

// Also of one address, and of an address within the network.
std::optional<network::Network> NetworkOf(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = network::ReadAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  network::Network network{*address, 128};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  unsigned prefix = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || prefix > 128) return std::nullopt;
    prefix = prefix * 10 + static_cast<unsigned>(c - '0');
  }
  if (digits.empty() || prefix > (address->is_v4 ? 32u : 128u)) return std::nullopt;
  if (address->is_v4) prefix += 96;
  network.prefix = static_cast<std::uint8_t>(prefix);
  for (unsigned half = 0; half < 2; ++half) {
    const unsigned kept = std::min(std::max(prefix, 64 * half) - 64 * half, 64u);
    network.address.bits[half] &= kept == 0 ? 0 : ~std::uint64_t{0} << (64 - kept);
  }
  return network;
}

}  // namespace

std::vector<std::string> TextsOf(json::Node list) {
  std::vector<std::string> texts;
  for (const json::Node item : list) {
    if (list.is(json::Type::kArray)) texts.push_back(javascript::ToText(item.ToValue()));
  }
  return texts;
}

std::vector<std::string> SplitTexts(std::string_view list) {
  std::vector<std::string> texts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const std::string_view text = text::Trim(list.substr(0, end));
    if (!text.empty()) texts.emplace_back(text);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return texts;
}

std::uint32_t Constraints::LoadNever() {
  return parts_.Group(Op::kOr, [] {});
}

std::uint32_t Constraints::Load(json::Node constraint) {
  const auto root = static_cast<std::uint32_t>(rules_.nodes.size());
  const std::string_view field = constraint.Find("contextName").AsString().value_or("");
  parts_.Group(Op::kAnd, [&] { Test(constraint); });
  std::uint16_t slot = ruleset::kNoSlot;
  for (std::size_t i = root; i < rules_.nodes.size(); ++i) {
    const Op op = rules_.nodes[i].op;
    const bool reads = op != Op::kAnd && op != Op::kOr && op != Op::kNotTrue && op != Op::kSince && op != Op::kBefore;
    if (reads && slot == ruleset::kNoSlot) slot = rules_.nodes[i].slot;
  }
  std::string words = std::string(field) + " ";
  if (constraint.Find("inverted").AsBool().value_or(false)) words += "not ";
  words += std::string(constraint.Find("operator").AsString().value_or("?")) + " ";
  const json::Node value = constraint.Find("value"), values = constraint.Find("values");
  const bool has_values = values.size() > 0 || !value.exists();
  rules_.words.push_back({root, words + (has_values ? values : value).ToText(), slot});
  return root;
}

void Constraints::Test(json::Node constraint) {
  const std::string_view field = constraint.Find("contextName").AsString().value_or("");
  const std::string_view name = constraint.Find("operator").AsString().value_or("");
  const bool is_inverted = constraint.Find("inverted").AsBool().value_or(false);
  const auto test = [&](auto body) {
    if (is_inverted) {
      parts_.Group(Op::kNotTrue, body);
    } else {
      body();
    }
  };
  const std::size_t underscore = name.find('_');
  const std::string_view family = name.substr(0, underscore);
  const auto comparison =
      underscore == std::string_view::npos ? std::nullopt : ComparisonOf(name.substr(underscore + 1));
  const std::string pattern(constraint.Find("value").AsString().value_or(""));
  const bool is_folded = constraint.Find("caseInsensitive").AsBool().value_or(false);
  if (name == "IN") return test([&] { In(field, TextsOf(constraint.Find("values"))); });
  if (name == "NOT_IN") {
    return test([&] { parts_.Group(Op::kNotTrue, [&] { In(field, TextsOf(constraint.Find("values"))); }); });
  }
  if (name == "STR_STARTS_WITH") return test([&] { Texts(field, constraint, Op::kStartsWith); });
  if (name == "STR_ENDS_WITH") return test([&] { Texts(field, constraint, Op::kEndsWith); });
  if (name == "STR_CONTAINS") return test([&] { Texts(field, constraint, Op::kContains); });
  if (name == "DATE_AFTER") return test([&] { Date(field, constraint, Comparison::kGreater); });
  if (name == "DATE_BEFORE") return test([&] { Date(field, constraint, Comparison::kLess); });
  if (name == "REGEX") return test([&] { Matches(field, (is_folded ? "(?i)" : "") + pattern); });
  if (name == "IN_CIDR") return test([&] { Within(field, TextsOf(constraint.Find("values"))); });
  if (family == "NUM" && comparison) return test([&] { Number(field, constraint, *comparison); });
  const bool is_version = family == "SEMVER" && comparison;
  if (is_version && ruleset::ReadVersion(pattern) && pattern[0] != 'v' &&
      std::count(pattern.begin(),
                 pattern.begin() + static_cast<std::ptrdiff_t>(std::min(pattern.find_first_of("-+"), pattern.size())),
                 '.') == 2) {
    return test([&] { Version(field, constraint, *comparison); });
  }
  LoadNever();  // unknown, or nothing to compare with: also where it is inverted
}

void Constraints::Leaf(std::string_view field, Conversion conversion, Node node, std::uint32_t detail) {
  const std::string name(field);
  parts_.Leaf(node, {"", name, conversion, false, detail, false, {name}});
}

void Constraints::LocalLeaf(const std::vector<std::string>& path, Node node) {
  std::string name;
  for (const std::string& step : path) name += (name.empty() ? "" : ".") + step;
  parts_.Leaf(node, {"", name, Conversion::kPlain, false, 0, false, path, true});
}

void Constraints::IsThere(std::string_view field) {
  Node node;
  node.op = Op::kExists;
  Leaf(field, Conversion::kPlain, node);
}

std::uint32_t Constraints::LoadIn(std::string_view field, const std::vector<std::string>& texts) {
  return parts_.Group(Op::kAnd, [&] { In(field, texts); });
}

void Constraints::In(std::string_view field, const std::vector<std::string>& texts) {
  Node node;
  node.op = Op::kIn;
  node.first = static_cast<std::uint32_t>(rules_.list_texts.size());
  for (const std::string& text : texts) rules_.list_texts.push_back(parts_.Text(text));
  SortFrom(node.first, &rules_.list_texts);
  node.count = static_cast<std::uint32_t>(rules_.list_texts.size()) - node.first;
  parts_.Group(Op::kAnd, [&] {
    IsThere(field);
    Leaf(field, Conversion::kScriptText, node);
  });
}

void Constraints::Texts(std::string_view field, json::Node constraint, Op op) {
  const bool is_folded = constraint.Find("caseInsensitive").AsBool().value_or(false);
  parts_.Group(Op::kOr, [&] {
    for (const std::string& text : TextsOf(constraint.Find("values"))) {
      Node node;
      node.op = op;
      node.type = ConstantType::kText;
      node.index = parts_.Text(is_folded ? Lower(text) : text);
      parts_.Group(Op::kAnd, [&] {
        IsThere(field);
        Leaf(field, is_folded ? Conversion::kFolded : Conversion::kScriptText, node);
      });
    }
  });
}

void Constraints::Number(std::string_view field, json::Node constraint, Comparison comparison) {
  const double number = javascript::ToNumber(constraint.Find("value").ToValue());
  if (std::isnan(number)) {
    LoadNever();
    return;
  }
  Node node = CompareNode(comparison, ConstantType::kDouble);
  node.number = number;
  parts_.Group(Op::kAnd, [&] {
    IsThere(field);
    Leaf(field, Conversion::kScriptNumber, node);
  });
}

// A time that the context does not have is the present.
void Constraints::Date(std::string_view field, json::Node constraint, Comparison comparison) {
  const auto time = text::ParseTimestamp(constraint.Find("value").AsString().value_or(""));
  if (!time) {
    LoadNever();
    return;
  }
  const bool is_after = comparison == Comparison::kGreater;
  Node node = CompareNode(comparison, ConstantType::kTime);
  node.integer = ToMs(*time);
  if (field != "currentTime") return Leaf(field, Conversion::kTime, node);
  parts_.Group(Op::kOr, [&] {
    Leaf(field, Conversion::kTime, node);
    parts_.Group(Op::kAnd, [&] {
      parts_.Group(Op::kNotTrue, [&] { IsThere(field); });
      Node now;
      now.op = is_after ? Op::kSince : Op::kBefore;
      now.integer = ToMs(*time) + (is_after ? 1 : 0);
      now.end = static_cast<std::uint32_t>(rules_.nodes.size()) + 1;
      rules_.nodes.push_back(now);
    });
  });
}

// The context's has to be as strict as the standard.
void Constraints::Version(std::string_view field, json::Node constraint, Comparison comparison) {
  const std::string text(constraint.Find("value").AsString().value_or(""));
  auto version = ruleset::ParseVersion(text);
  const Result<std::uint32_t> pattern = parts_.Pattern(kVersionPattern);
  if (!version || !pattern.ok()) {
    LoadNever();
    return;
  }
  Node node = CompareNode(comparison, ConstantType::kVersion);
  node.index = static_cast<std::uint32_t>(rules_.versions.size());
  rules_.versions.push_back(*std::move(version));
  Node matches;
  matches.op = Op::kMatches;
  parts_.Group(Op::kAnd, [&] {
    Leaf(field, Conversion::kPattern, matches, *pattern);
    Leaf(field, Conversion::kVersion, node);
  });
}

void Constraints::Matches(std::string_view field, const std::string& text) {
  const Result<std::uint32_t> pattern = parts_.Pattern(text);
  if (!pattern.ok()) {
    LoadNever();
    return;
  }
  Node node;
  node.op = Op::kMatches;
  Leaf(field, Conversion::kPattern, node, *pattern);
}

std::uint32_t Constraints::LoadWithin(std::string_view field, const std::vector<std::string>& networks) {
  return parts_.Group(Op::kAnd, [&] { Within(field, networks); });
}

// What is neither an address nor a network is left out.
void Constraints::Within(std::string_view field, const std::vector<std::string>& networks) {
  Node node;
  node.op = Op::kCidr;
  node.first = static_cast<std::uint32_t>(rules_.networks.size());
  node.first_number = static_cast<std::uint32_t>(rules_.list_texts.size());
  for (const std::string& text : networks) {
    const auto network = NetworkOf(text);
    if (!network) continue;
    rules_.networks.push_back(*network);
    rules_.list_texts.push_back(parts_.Text(text));
  }
  node.count = static_cast<std::uint32_t>(rules_.networks.size()) - node.first;
  Leaf(field, Conversion::kAddress, node);
}

std::uint32_t Constraints::LoadEnabled(std::uint16_t flag, bool is_enabled) {
  const std::uint32_t at = parts_.Group(Op::kOfFlag, [&] {
    Node node = CompareNode(Comparison::kEqual, ConstantType::kBool);
    node.boolean = is_enabled;
    LocalLeaf({"value"}, node);
  });
  rules_.nodes[at].slot = flag;
  rules_.words.push_back(
      {at, "flag " + rules_.flags[flag].key + (is_enabled ? " is on" : " is off"), ruleset::kNoSlot});
  return at;
}

std::uint32_t Constraints::LoadVariant(std::uint16_t variant_flag, json::Node names) {
  Node node;
  node.op = Op::kIn;
  node.first = static_cast<std::uint32_t>(rules_.list_texts.size());
  for (const std::string& text : TextsOf(names)) rules_.list_texts.push_back(parts_.Text(text));
  SortFrom(node.first, &rules_.list_texts);
  node.count = static_cast<std::uint32_t>(rules_.list_texts.size()) - node.first;
  const std::uint32_t at = parts_.Group(Op::kOfFlag, [&] { LocalLeaf({"value", "name"}, node); });
  rules_.nodes[at].slot = variant_flag;
  rules_.words.push_back({at, "flag " + rules_.flags[variant_flag].key + " in " + names.ToText(), ruleset::kNoSlot});
  return at;
}

}  // namespace guidon::dialects::unleash
