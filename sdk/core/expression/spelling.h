// Which known word somebody meant who wrote another.
#pragma once

#include <string_view>
#include <vector>

namespace guidon::expression {

// The candidate with the fewest slips from `word`, case aside, or empty when none is near enough to be meant.
std::string_view Closest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace guidon::expression
