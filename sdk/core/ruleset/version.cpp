#include "sdk/core/ruleset/version.h"

namespace guidon::ruleset {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNumeric(std::string_view text) {
  for (const char c : text) {
    if (!IsDigit(c)) return false;
  }
  return !text.empty();
}

// A number without leading zeros, below 2^32.
bool TakePart(std::string_view* text, std::uint32_t* part) {
  std::size_t size = 0;
  std::uint64_t number = 0;
  while (size < text->size() && IsDigit((*text)[size])) {
    number = number * 10 + static_cast<std::uint64_t>((*text)[size] - '0');
    if (++size > 10) return false;
  }
  if (size == 0 || (size > 1 && text->front() == '0') || number > UINT32_MAX) return false;
  *part = static_cast<std::uint32_t>(number);
  text->remove_prefix(size);
  return true;
}

// Identifiers of letters, digits and dashes between dots; numeric ones without leading zeros where that matters.
bool AreIdentifiers(std::string_view text, bool zeros_matter) {
  while (true) {
    const std::string_view identifier = text.substr(0, text.find('.'));
    if (identifier.empty()) return false;
    for (const char c : identifier) {
      if (!IsDigit(c) && c != '-' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) return false;
    }
    if (zeros_matter && identifier.size() > 1 && identifier.front() == '0' && IsNumeric(identifier)) return false;
    if (identifier.size() == text.size()) return true;
    text.remove_prefix(identifier.size() + 1);
  }
}

int CompareIdentifiers(std::string_view a, std::string_view b) {
  const bool a_numeric = IsNumeric(a);
  const bool b_numeric = IsNumeric(b);
  if (a_numeric != b_numeric) return a_numeric ? -1 : 1;
  if (a_numeric && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;  // no leading zeros
  const int order = a.compare(b);
  return order < 0 ? -1 : static_cast<int>(order > 0);
}

}  // namespace

std::optional<VersionView> ReadVersion(std::string_view text) noexcept {
  if (text.size() > 256) return std::nullopt;
  if (!text.empty() && (text.front() == 'v' || text.front() == 'V')) text.remove_prefix(1);
  VersionView version;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) {
      if (text.empty() || text.front() != '.') break;
      text.remove_prefix(1);
    }
    if (!TakePart(&text, &version.parts[i])) return std::nullopt;
  }
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos) {
    if (!AreIdentifiers(text.substr(plus + 1), false)) return std::nullopt;
    text = text.substr(0, plus);
  }
  if (text.empty()) return version;
  if (text.front() != '-' || !AreIdentifiers(text.substr(1), true)) return std::nullopt;
  version.prerelease = text.substr(1);
  return version;
}

std::optional<Version> ParseVersion(std::string_view text) {
  const auto version = ReadVersion(text);
  if (!version) return std::nullopt;
  return Version{version->parts, std::string(version->prerelease)};
}

int CompareVersions(const VersionView& a, const VersionView& b) noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    if (a.parts[i] != b.parts[i]) return a.parts[i] < b.parts[i] ? -1 : 1;
  }
  std::string_view left = a.prerelease;
  std::string_view right = b.prerelease;
  if (left.empty() || right.empty()) return static_cast<int>(left.empty()) - static_cast<int>(right.empty());
  while (true) {
    const std::string_view left_identifier = left.substr(0, left.find('.'));
    const std::string_view right_identifier = right.substr(0, right.find('.'));
    const int order = CompareIdentifiers(left_identifier, right_identifier);
    if (order != 0) return order;
    const bool left_ends = left_identifier.size() == left.size();
    const bool right_ends = right_identifier.size() == right.size();
    if (left_ends || right_ends) return static_cast<int>(right_ends) - static_cast<int>(left_ends);
    left.remove_prefix(left_identifier.size() + 1);
    right.remove_prefix(right_identifier.size() + 1);
  }
}

}  // namespace guidon::ruleset
