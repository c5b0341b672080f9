// The answer to "did it happen?", with what was seen in words. It goes as it is into CHECK and REQUIRE of doctest and
// Catch2 and into EXPECT_TRUE, EXPECT_FALSE and ASSERT_TRUE of GoogleTest; where it fails, each prints the words.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace guidon::testing {

class Verdict {
 public:
  Verdict(bool is_yes, std::string text) : is_yes_(is_yes), text_(std::move(text)) {}

  explicit operator bool() const noexcept { return is_yes_; }
  Verdict operator!() const { return {!is_yes_, text_}; }
  // What was seen.
  const std::string& text() const noexcept { return text_; }

  // GoogleTest's AssertionResult, which nobody else has to know.
  template <class R, class = decltype(std::declval<const R&>().failure_message())>
  operator R() const {  // NOLINT(google-explicit-constructor)
    return R(is_yes_) << text_;
  }

  friend std::ostream& operator<<(std::ostream& out, const Verdict& verdict) { return out << verdict.text_; }

 private:
  bool is_yes_;
  std::string text_;
};

}  // namespace guidon::testing
