// Patterns such as 'a*b?': * stands for any run of characters, also none, ? for one character, \ takes the next
// literally.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace guidon::glob {

// Why devices refuse the pattern: empty, too long, meaningless. Empty when it is good.
std::string WhyBad(std::string_view pattern);

// Whether the whole of `text` matches a good pattern. Takes at most (text + 1) × (pattern + 1) steps and no memory,
// whatever both are. `steps`, where wanted, is how many it took.
bool Matches(std::string_view pattern, std::string_view text, std::size_t* steps = nullptr) noexcept;

}  // namespace guidon::glob
