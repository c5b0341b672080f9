// starts_with, ends_with, sem_ver, fractional: docs/dialects.md. What is wrong with their arguments gives null.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "sdk/core/base/javascript.h"
#include "sdk/core/hash/murmur3.h"
#include "sdk/core/logic/cbor.h"
#include "sdk/core/logic/run.h"

namespace guidon::logic {
namespace {

using Kind = Term::Kind;

constexpr double kMostWeight = 2147483647;

// A version of semver.org 2.0; its parts are numbers of any length, without zeros in front.
struct SemanticVersion {
  std::array<std::string_view, 3> parts;
  std::string_view prerelease;
};

bool IsDigits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsPart(std::string_view text) noexcept { return IsDigits(text) && (text.size() == 1 || text[0] != '0'); }

// Identifiers of letters, digits and dashes, between dots.
bool AreIdentifiers(std::string_view text, bool are_numbers_strict) noexcept {
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view identifier = text.substr(0, end);
    const bool is_good = !identifier.empty() && identifier.find_first_not_of(
                                                    "0123456789abcdefghijklmnopqrstuvwxyz"
                                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == std::string_view::npos;
    if (!is_good || (are_numbers_strict && IsDigits(identifier) && !IsPart(identifier))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

// A "v" in front is fine; minor and patch may be missing where nothing else follows.
std::optional<SemanticVersion> ReadVersion(std::string_view text) noexcept {
  if (!text.empty() && (text[0] == 'v' || text[0] == 'V')) text.remove_prefix(1);
  const std::size_t plus = text.find('+');
  const bool has_build = plus != std::string_view::npos;
  if (has_build && !AreIdentifiers(text.substr(plus + 1), false)) return std::nullopt;
  text = text.substr(0, plus);
  const std::size_t dash = text.find('-');
  const bool has_prerelease = dash != std::string_view::npos;
  SemanticVersion version;
  if (has_prerelease) version.prerelease = text.substr(dash + 1);
  if (has_prerelease && !AreIdentifiers(version.prerelease, true)) return std::nullopt;
  text = text.substr(0, dash);
  version.parts = {"0", "0", "0"};
  std::size_t count = 0;
  for (bool is_last = false; !is_last;) {
    const std::size_t end = text.find('.');
    is_last = end == std::string_view::npos;
    const std::string_view part = text.substr(0, end);
    if (count == 3 || !IsPart(part)) return std::nullopt;
    version.parts[count++] = part;
    if (!is_last) text.remove_prefix(end + 1);
  }
  if (count < 3 && (has_build || has_prerelease)) return std::nullopt;
  return version;
}

int OrderNumbers(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

int OrderIdentifiers(std::string_view a, std::string_view b) noexcept {
  while (!a.empty() && !b.empty()) {
    const std::string_view first = a.substr(0, a.find('.')), second = b.substr(0, b.find('.'));
    const bool is_number = IsDigits(first), other_is = IsDigits(second);
    const int order = is_number && other_is   ? OrderNumbers(first, second)
                      : is_number || other_is ? (is_number ? -1 : 1)
                                              : first.compare(second);
    if (order != 0) return order;
    a.remove_prefix(std::min(first.size() + 1, a.size()));
    b.remove_prefix(std::min(second.size() + 1, b.size()));
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

int OrderVersions(const SemanticVersion& a, const SemanticVersion& b) noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    const int order = OrderNumbers(a.parts[i], b.parts[i]);
    if (order != 0) return order;
  }
  if (a.prerelease.empty() || b.prerelease.empty()) {
    return static_cast<int>(a.prerelease.empty()) - static_cast<int>(b.prerelease.empty());
  }
  return OrderIdentifiers(a.prerelease, b.prerelease);
}

std::optional<std::string> VersionText(const Term& term) {
  if (term.kind != Kind::kText && term.kind != Kind::kNumber) return std::nullopt;
  return TextOf(term);
}

// What may name a variant.
bool IsName(const Term& term) noexcept {
  return term.kind == Kind::kText || term.kind == Kind::kBool || term.kind == Kind::kNumber || term.kind == Kind::kNull;
}

}  // namespace

Term Run::Affix(std::uint32_t index, const Term& data) {
  const Node& node = program_.nodes[index];
  const Term text = Argument(index, 0, data), affix = Argument(index, 1, data);
  if (node.children != 2 || text.kind != Kind::kText || affix.kind != Kind::kText) return Term();
  if (text.text.size() < affix.text.size()) return FromBool(false);
  const std::size_t at = node.op == Op::kStartsWith ? 0 : text.text.size() - affix.text.size();
  return FromBool(text.text.substr(at, affix.text.size()) == affix.text);
}

Term Run::Version(std::uint32_t index, const Term& data) {
  const Term a = Argument(index, 0, data), op = Argument(index, 1, data), b = Argument(index, 2, data);
  if (program_.nodes[index].children != 3 || op.kind != Kind::kText) return Term();
  const auto first_text = VersionText(a), second_text = VersionText(b);
  const auto first = first_text ? ReadVersion(*first_text) : std::nullopt;
  const auto second = second_text ? ReadVersion(*second_text) : std::nullopt;
  if (!first || !second) return Term();
  const int order = OrderVersions(*first, *second);
  if (op.text == "=") return FromBool(order == 0);
  if (op.text == "!=") return FromBool(order != 0);
  if (op.text == "<") return FromBool(order < 0);
  if (op.text == "<=") return FromBool(order <= 0);
  if (op.text == ">") return FromBool(order > 0);
  if (op.text == ">=") return FromBool(order >= 0);
  const bool is_same_major = first->parts[0] == second->parts[0];
  if (op.text == "^") return FromBool(is_same_major);
  if (op.text == "~") return FromBool(is_same_major && first->parts[1] == second->parts[1]);
  return Term();
}

bool Run::TargetingKey(std::string_view* key) {
  if (input_.context == nullptr) return false;
  if (const std::string* unit = input_.context->FindUnit(kTargetingKey)) return *key = *unit, true;
  for (const Context::Attribute& attribute : input_.context->attributes()) {
    if (attribute.name != kTargetingKey || !attribute.kind.empty() || attribute.value.AsString() == nullptr) continue;
    return *key = *attribute.value.AsString(), true;
  }
  return false;
}

// [what to hash by, if it is there, then entries: a variant, or a variant and its weight].
Term Run::Fractional(std::uint32_t index, const Term& data) {
  const Node& node = program_.nodes[index];
  const bool is_v3 = program_.fractional == logic::Fractional::kV3;
  std::uint32_t at = index + 1;
  std::uint32_t count = node.children;
  if (count == 0) return Term();
  const Term first = Take(at, data);
  const bool is_entry = IsList(first);
  std::uint32_t hash = 0;
  std::string_view key;
  if (!is_entry && is_v3) {
    if (first.kind == Kind::kNull) return Term();
    hash = Murmur3Of(ToCbor(ToValue(first)));
  } else if (!is_entry && first.kind == Kind::kText) {
    hash = Murmur3Of(first.text);
  } else if (!is_entry && first.kind != Kind::kNull) {
    return Term();
  } else if (!TargetingKey(&key) || (key.empty() && !is_v3)) {
    return Term();
  } else if (is_v3) {
    hash = Murmur3Of(ToCbor(Value(List{Value(input_.flag), Value(key)})));
  } else {
    Murmur3 both;
    both.Add(input_.flag);
    both.Add(key);
    hash = both.Hash();
  }
  if (!is_entry) {
    at = program_.nodes[at].end;
    --count;
  }

  constexpr std::uint32_t kEntries = 1'000;
  if (count > kEntries) return Full();
  double total = 0;
  Term* const variants = arena_.Terms(count);
  Term* const weights = arena_.Terms(count);
  if (variants == nullptr || weights == nullptr) return Full();
  for (std::uint32_t i = 0; i < count; ++i, at = program_.nodes[at].end) {
    const Term entry = i == 0 && is_entry ? first : Take(at, data);
    if (!IsList(entry) || SizeOf(entry) < 1 || SizeOf(entry) > 2) return Term();
    variants[i] = ItemOf(entry, 0);
    weights[i] = SizeOf(entry) == 2 ? ItemOf(entry, 1) : FromNumber(1);
    const double weight = weights[i].number;
    if (!IsName(variants[i]) || weights[i].kind != Kind::kNumber || weight != std::floor(weight)) return Term();
    weights[i].number = std::max(weight, 0.0);
    total += weights[i].number;
  }
  if (!(total > 0) || total > kMostWeight) return Term();
  double below = 0;
  if (program_.fractional == logic::Fractional::kV1) {
    const double magnitude = std::fabs(static_cast<double>(static_cast<std::int32_t>(hash)));
    const double place = std::trunc(magnitude / kMostWeight * 100);
    for (std::uint32_t i = 0; i < count; ++i) {
      below += 100 * weights[i].number / total;
      if (place < below) return variants[i];
    }
    return Term();
  }
  const auto place = static_cast<double>((std::uint64_t{hash} * static_cast<std::uint64_t>(total)) >> 32);
  for (std::uint32_t i = 0; i < count; ++i) {
    below += weights[i].number;
    if (place < below) return variants[i];
  }
  return Term();
}

}  // namespace guidon::logic
