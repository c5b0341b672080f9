// Tells a process from all others, also from one that has its number later.
#pragma once

#include <string>
#include <string_view>

namespace guidon {

// Of the calling process: its number, when it started, and in which space of numbers that holds. One line, no end of
// line.
std::string ProcessMark();

// Whether the process of that mark has provably ended. False also where nobody can tell: another space of numbers, a
// mark that is none.
bool HasEnded(std::string_view mark);

}  // namespace guidon
