// Versions as rules compare them: semantic versions (semver.org 2.0), a little lenient: a leading "v" and missing minor
// and patch parts are fine ("v4.2" is 4.2.0); build metadata does not count. Parts are below 2^32.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace guidon::ruleset {

// Borrows the text it was read from.
struct VersionView {
  std::array<std::uint32_t, 3> parts{};
  std::string_view prerelease;  // "beta.1"; empty: a release, which is above all its pre-releases
};

struct Version {
  std::array<std::uint32_t, 3> parts{};
  std::string prerelease;

  operator VersionView() const noexcept { return {parts, prerelease}; }
};

std::optional<VersionView> ReadVersion(std::string_view text) noexcept;
std::optional<Version> ParseVersion(std::string_view text);

// Below, equal to, above zero.
int CompareVersions(const VersionView& a, const VersionView& b) noexcept;

}  // namespace guidon::ruleset
