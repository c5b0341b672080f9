#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "guidon/limits.h"
#include "guidon/platform_parts.h"

namespace guidon {
namespace {

// A program that does not fit into its part of the memory is refused. The rest is for the states it met; beyond, RE2
// goes on without remembering states, still in linear time. The parsed pattern is not counted and takes up to 1 KiB for
// each byte of its text (\pL{0}), so all patterns of a datafile take at most 16 MiB for programs and states, and 8 MiB
// beside.
constexpr std::int64_t kPatternMemory = limits::kPatternMemory;
static_assert(limits::kPatterns * limits::kPatternMemory <= 16u << 20);
static_assert(limits::kAllPatternBytes * 1024 <= 8u << 20);

RE2::Options OptionsForAll() {
  RE2::Options options(RE2::Quiet);  // nothing on stderr
  options.set_max_mem(kPatternMemory);
  options.set_never_capture(true);
  return options;
}

// What people miss who know other engines.
std::string WhyNot(const RE2& pattern) {
  if (pattern.error_code() == RE2::ErrorPatternTooLarge) {
    return "it takes more than " + std::to_string(kPatternMemory >> 10) + " KiB of memory";
  }
  const std::string part = pattern.error_arg();
  for (const char* around : {"(?=", "(?!", "(?<"}) {
    if (part.rfind(around, 0) == 0) return pattern.error() + ", as a pattern cannot look ahead or behind";
  }
  const bool is_reference = part.size() >= 2 && part[0] == '\\' && part[1] >= '1' && part[1] <= '9';
  if (is_reference) return pattern.error() + ", as a pattern cannot refer back to what a group matched";
  return pattern.error();
}

class Re2Pattern final : public Pattern {
 public:
  explicit Re2Pattern(std::string_view pattern)
      : pattern_(re2::StringPiece(pattern.data(), pattern.size()), OptionsForAll()) {}

  const RE2& pattern() const noexcept { return pattern_; }

  // A failure to find memory is taken for no match.
  bool Matches(std::string_view text) const noexcept override {
    try {
      return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern_);
    } catch (...) {
      return false;
    }
  }

 private:
  RE2 pattern_;
};

class AllRe2 final : public Patterns {
 public:
  Result<std::shared_ptr<const Pattern>> Compile(std::string_view pattern) noexcept override {
    try {
      auto compiled = std::make_shared<const Re2Pattern>(pattern);
      const RE2& re2 = compiled->pattern();
      if (re2.ok()) return std::shared_ptr<const Pattern>(std::move(compiled));
      const bool is_large = re2.error_code() == RE2::ErrorPatternTooLarge;
      return Status(is_large ? StatusCode::kTooLarge : StatusCode::kInvalidArgument, WhyNot(re2));
    } catch (...) {
      return Status(StatusCode::kInternal, "no memory to compile it");
    }
  }
};

}  // namespace

std::shared_ptr<Patterns> Re2Patterns() { return std::make_shared<AllRe2>(); }

}  // namespace guidon
