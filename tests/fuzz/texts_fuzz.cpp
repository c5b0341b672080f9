// Three lines of any bytes as what operators compare: versions have an order, globs cost what they may, networks hold
// what is in them, times and waits read back the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/core/base/glob.h"
#include "sdk/core/base/network.h"
#include "sdk/core/base/retry_after.h"
#include "sdk/core/base/text.h"
#include "sdk/core/ruleset/version.h"
#include "tests/fuzz/require.h"

using namespace guidon;

namespace {

using Lines = std::array<std::string_view, 3>;

Lines LinesOf(std::string_view bytes) {
  Lines lines;
  for (std::string_view& line : lines) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return lines;
}

int Sign(int order) { return order < 0 ? -1 : static_cast<int>(order > 0); }

void CompareVersions(const Lines& lines) {
  const auto a = ruleset::ReadVersion(lines[0]);
  const auto b = ruleset::ReadVersion(lines[1]);
  const auto c = ruleset::ReadVersion(lines[2]);
  GUIDON_REQUIRE(a.has_value() == ruleset::ParseVersion(lines[0]).has_value());
  if (!a || !b) return;
  const int order = ruleset::CompareVersions(*a, *b);
  GUIDON_REQUIRE(ruleset::CompareVersions(*a, *a) == 0);
  GUIDON_REQUIRE(Sign(order) == -Sign(ruleset::CompareVersions(*b, *a)));
  if (!c || order > 0 || ruleset::CompareVersions(*b, *c) > 0) return;
  GUIDON_REQUIRE(ruleset::CompareVersions(*a, *c) <= 0);
}

// The pattern that the text alone matches.
std::string Literal(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

void MatchGlobs(const Lines& lines) {
  const std::string_view subject = lines[1];
  if (glob::WhyBad(lines[0]).empty()) {
    std::size_t steps = 0;
    glob::Matches(lines[0], subject, &steps);
    GUIDON_REQUIRE(steps <= (lines[0].size() + 1) * (subject.size() + 1));
    // What matches does so with a star on either side, too.
    if (glob::Matches(lines[0], subject)) GUIDON_REQUIRE(glob::Matches("*" + std::string(lines[0]) + "*", subject));
  }
  // A star stands for whole characters.
  if (!text::IsUtf8(subject) || !text::IsUtf8(lines[2])) return;
  const std::string literal = Literal(subject);
  if (!glob::WhyBad(literal).empty()) return;
  GUIDON_REQUIRE(glob::Matches(literal, subject));
  GUIDON_REQUIRE(!glob::Matches(literal, std::string(subject) + "x"));
  GUIDON_REQUIRE(glob::Matches("*" + literal, std::string(lines[2]) + std::string(subject)));
  GUIDON_REQUIRE(glob::Matches(literal + "*", std::string(subject) + std::string(lines[2])));
}

void LookIntoNetworks(const Lines& lines) {
  std::string why;
  const auto network = network::ReadNetwork(lines[0], &why);
  GUIDON_REQUIRE(network.has_value() == why.empty());
  if (network) GUIDON_REQUIRE(network::Contains(*network, network->address));
  const auto address = network::ReadAddress(lines[1]);
  if (!address) return;
  const bool is_dotted = lines[1].find(':') == std::string_view::npos;
  const auto own = network::ReadNetwork(std::string(lines[1]) + (is_dotted ? "/32" : "/128"), nullptr);
  GUIDON_REQUIRE(own.has_value());
  GUIDON_REQUIRE(network::Contains(*own, *address));
  const auto other = network::ReadAddress(lines[2]);
  if (other) GUIDON_REQUIRE(network::Contains(*own, *other) == (other->bits == address->bits));
}

void ReadTimes(const Lines& lines) {
  if (const auto time = text::ParseTimestamp(lines[0])) {
    GUIDON_REQUIRE(text::ParseTimestamp(text::FormatTimestamp(*time)) == time);
  }
  if (const auto wait = text::ParseDuration(lines[0])) GUIDON_REQUIRE(wait->count() > 0);
  if (const auto wait = ParseRetryAfter(lines[0], lines[1], TimestampFromMs(1'795'000'000'000))) {
    GUIDON_REQUIRE(wait->count() >= 0 && *wait <= kMostRetryAfter);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Lines lines = LinesOf({reinterpret_cast<const char*>(data), size});
  CompareVersions(lines);
  MatchGlobs(lines);
  LookIntoNetworks(lines);
  ReadTimes(lines);
  return 0;
}
