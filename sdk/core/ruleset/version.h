// Versions as rules compare them: semantic versions (semver.org 2.0), a little lenient: a leading "v" and missing minor
// and patch parts are fine ("v4.2" is 4.2.0); build metadata does not count. Parts are below 2^32.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace guidon::ruleset {

struct Version {
  std::array<std::uint32_t, 3> parts{};
  std::string prerelease;  // "beta.1"; empty: a release, which is above all its pre-releases
};

std::optional<Version> ParseVersion(std::string_view text);

// Below, equal to, above zero.
int CompareVersions(const Version& a, const Version& b) noexcept;

}  // namespace guidon::ruleset
