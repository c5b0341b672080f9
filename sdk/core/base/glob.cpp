// The last * is the only one that ever has to be taken back: what stood before it is matched as early as can be, which
// leaves the most to the rest. So one place to return to is enough, and a pattern such as a*a*a*b costs no more than
// another of its length.
#include "sdk/core/base/glob.h"

#include "guidon/limits.h"

namespace guidon::glob {
namespace {

// Behind the character at `at`; a byte that begins none is one by itself.
std::size_t Behind(std::string_view text, std::size_t at) noexcept {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

}  // namespace

std::string WhyBad(std::string_view pattern) {
  if (pattern.empty()) return "is empty, so only an empty text would match";
  if (pattern.size() > limits::kGlobBytes) {
    return "has more than " + std::to_string(limits::kGlobBytes) + " bytes";
  }
  if (pattern.find_first_not_of('*') == std::string_view::npos) return "matches every text";
  std::size_t at = 0;
  while (at < pattern.size()) at += pattern[at] == '\\' ? 2u : 1u;
  return at == pattern.size() ? "" : "ends with a \\ that stands before nothing";
}

bool Matches(std::string_view pattern, std::string_view text, std::size_t* steps) noexcept {
  std::size_t ignored = 0;
  std::size_t& count = steps == nullptr ? ignored : *steps;
  count = 0;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // behind the last * met
  std::size_t taken = 0;                      // where what it stands for ends
  while (t < text.size() || p < pattern.size()) {
    ++count;
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      taken = t;
      continue;
    }
    if (p < pattern.size() && t < text.size()) {
      if (pattern[p] == '?') {
        ++p;
        t = Behind(text, t);
        continue;
      }
      const std::size_t literal = pattern[p] == '\\' && p + 1 < pattern.size() ? p + 1 : p;
      if (pattern[literal] == text[t]) {
        p = literal + 1;
        ++t;
        continue;
      }
    }
    if (star == std::string_view::npos || taken >= text.size()) return false;
    taken = Behind(text, taken);
    p = star;
    t = taken;
  }
  return true;
}

}  // namespace guidon::glob
