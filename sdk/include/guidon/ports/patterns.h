// Port: regular expressions, for rules such as name.matches('^a.*z$'). Never our own code; the default is RE2, whose
// matching takes time linear in the text, whatever the pattern.
#pragma once

#include <memory>
#include <string_view>

#include "guidon/status.h"

namespace guidon {

// Compiled. Any thread.
class Pattern {
 public:
  virtual ~Pattern() = default;

  // Whether some part of `text` matches; ^ and $ stand for its ends. Has to be fast for any text of 1 KiB.
  virtual bool Matches(std::string_view text) const noexcept = 0;
};

class Patterns {
 public:
  virtual ~Patterns() = default;

  // RE2's syntax. Refused: what is none (kInvalidArgument, with the reason in words), and what would take more memory
  // than limits::kPatternMemory (kTooLarge), of which a datafile may have limits::kPatterns. Any thread; at once. What
  // it returns outlives this object.
  virtual Result<std::shared_ptr<const Pattern>> Compile(std::string_view pattern) noexcept = 0;
};

}  // namespace guidon
