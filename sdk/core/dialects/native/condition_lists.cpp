// Lists: of values, of units, of digests, of networks.
#include <algorithm>

#include "guidon/limits.h"
#include "sdk/core/base/ascii.h"
#include "sdk/core/base/text.h"
#include "sdk/core/dialects/native/condition_loader.h"

namespace guidon::dialects {
namespace {

using ruleset::ConstantType;
using ruleset::Conversion;
using ruleset::Node;
using ruleset::Op;

constexpr std::int64_t kExactDouble = std::int64_t{1} << 53;
constexpr std::size_t kDigestDigits = 32;

// 32 lower hex digits.
std::optional<ruleset::Digest128> ReadDigest(std::string_view text) noexcept {
  if (text.size() != kDigestDigits) return std::nullopt;
  ruleset::Digest128 digest{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_letter = c >= 'a' && c <= 'f';
    if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
    std::uint64_t& half = digest[i / 16];
    half = half << 4 | static_cast<std::uint64_t>(is_letter ? c - 'a' + 10 : c - '0');
  }
  return digest;
}

}  // namespace

// {"op": "in", "attribute": A, "values": […]} and its likes: of a unit, hashed.
bool ConditionLoader::LoadList(const Place& place, Node* node) {
  const Place values = place.Member("values");
  const Place hashed = place.Member("hashed");
  const Place unit = place.Member("unit");
  const Place lower = place.Member("lower");
  if (hashed.exists()) {
    if (lower.exists()) {
      lower.Error("stands beside \"hashed\": what was hashed cannot be folded");
      return false;
    }
    const auto salt = hashed.Name(ruleset::kSaltBytes);
    if (!salt) return false;
    node->op = Op::kInDigests;
    const std::uint32_t detail = parts_.Salt(*salt);
    const bool has_slot = unit.exists() ? LoadUnit(place, unit, Conversion::kDigest, detail, node)
                                        : LoadSlot(place, Conversion::kDigest, node, detail);
    return has_slot && LoadDigests(values, node);
  }
  if (!unit.exists()) {
    return LoadSlot(place, PlainOrLower(place), node) && LoadIn(values, node) && IsFolded(place, values, *node);
  }
  if (!LoadUnit(place, unit, Conversion::kPlain, 0, node) || !LoadIn(values, node)) return false;
  if (node->number_count == 0 && node->integer == 0) return true;
  values.Error("must hold texts, as units' ids are");
  return false;
}

bool ConditionLoader::LoadUnit(const Place& place, const Place& unit, Conversion conversion, std::uint32_t detail,
                               Node* node) {
  for (const std::string_view name : {"attribute", "kind", "lower"}) {
    const Place other = place.Member(name);
    if (!other.exists()) continue;
    other.Error("stands beside \"unit\": a condition compares one thing");
    return false;
  }
  const auto name = unit.Name(limits::kKeyBytes);
  return name && AddSlot(unit, {std::string(), *name, conversion, true, detail}, node);
}

bool ConditionLoader::CountList(const Place& place) {
  if (!place.IsArray() || !place.HasAtMost(limits::kListValues, "values")) return false;
  list_values_ += place.node().size();
  if (place.node().size() > 0 && list_values_ <= limits::kAllListValues) return true;
  place.Error(place.node().size() == 0
                  ? "is empty, so nothing is in it"
                  : "brings the values of all lists above " + std::to_string(limits::kAllListValues));
  return false;
}

bool ConditionLoader::LoadDigests(const Place& place, Node* node) {
  if (!CountList(place)) return false;
  node->first = static_cast<std::uint32_t>(rules_.digests.size());
  for (const json::Node item : place.node()) {
    const auto digest = ReadDigest(item.AsString().value_or(std::string_view()));
    if (!digest) {
      place.Child(item).Error("must be a digest: 32 of the digits 0 to 9 and a to f");
      return false;
    }
    rules_.digests.push_back(*digest);
  }
  SortFrom(node->first, &rules_.digests);
  node->count = static_cast<std::uint32_t>(rules_.digests.size()) - node->first;
  return true;
}

bool ConditionLoader::LoadIn(const Place& place, Node* node) {
  if (!CountList(place)) return false;
  node->first = static_cast<std::uint32_t>(rules_.list_texts.size());
  node->first_number = static_cast<std::uint32_t>(rules_.list_numbers.size());
  for (const json::Node item : place.node()) {
    const Place item_place = place.Child(item);
    if (item.AsString()) {
      rules_.list_texts.push_back(parts_.Text(*item.AsString()));
    } else if (item.AsInt() && (*item.AsInt() > kExactDouble || *item.AsInt() < -kExactDouble)) {
      item_place.Error("whole numbers in a list go from -2^53 to 2^53");
      return false;
    } else if (item.AsBool()) {
      node->integer |= *item.AsBool() ? 2 : 1;
    } else if (item.AsNumber()) {
      rules_.list_numbers.push_back(*item.AsNumber());
    } else {
      item_place.Error("must be a text, a number, true or false");
      return false;
    }
  }
  SortFrom(node->first, &rules_.list_texts);
  SortFrom(node->first_number, &rules_.list_numbers);
  node->count = static_cast<std::uint32_t>(rules_.list_texts.size()) - node->first;
  node->number_count = static_cast<std::uint32_t>(rules_.list_numbers.size()) - node->first_number;
  if (node->op == Op::kContainsAll && node->count + node->number_count > limits::kAttributeElements) {
    place.Error("has more values than a list may have elements: " + std::to_string(limits::kAttributeElements));
    return false;
  }
  return true;
}

bool ConditionLoader::LoadNetworks(const Place& place, Node* node) {
  if (!place.IsArray() || !place.HasAtMost(limits::kNetworks, "networks")) return false;
  if (place.node().size() == 0) {
    place.Error("is empty, so nothing is in it");
    return false;
  }
  node->first = static_cast<std::uint32_t>(rules_.networks.size());
  node->first_number = static_cast<std::uint32_t>(rules_.list_texts.size());
  node->count = static_cast<std::uint32_t>(place.node().size());
  for (const json::Node item : place.node()) {
    const Place at = place.Child(item);
    const auto text = at.Text();
    std::string why;
    const auto network = text ? network::ReadNetwork(*text, &why) : std::nullopt;
    if (!network) {
      if (text) at.Error("\"" + *text + "\" " + why);
      return false;
    }
    rules_.networks.push_back(*network);
    rules_.list_texts.push_back(parts_.Text(*text));
  }
  return true;
}

// Of a leaf that folds capitals: whether its constants are texts without any, as nothing else could match.
bool ConditionLoader::IsFolded(const Place& leaf, const Place& constant, const Node& node) const {
  if (PlainOrLower(leaf) != Conversion::kLower) return true;
  const bool is_list = node.op == Op::kIn;
  bool are_texts = is_list ? node.number_count == 0 && node.integer == 0 : node.type == ConstantType::kText;
  bool has_upper = !is_list && are_texts && text::HasUpperAscii(rules_.texts[node.index]);
  for (std::uint32_t i = 0; i < node.count; ++i) {
    has_upper = has_upper || text::HasUpperAscii(rules_.texts[rules_.list_texts[node.first + i]]);
  }
  if (are_texts && !has_upper) return true;
  constant.Error(are_texts ? "has capitals, and is compared with what has none: \"lower\" is true"
                           : "is compared with a text: \"lower\" is true");
  return false;
}

}  // namespace guidon::dialects
