// Text as a terminal shows it: measured in columns, cut and wrapped there, and free of what would steer the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace notes {

// Text from people, files and servers before it is shown: control characters (escape sequences begin with one) become
// spaces, bytes that are not UTF-8 become U+FFFD.
std::string Clean(std::string_view text);

// Columns that clean text takes: combining marks none, East Asian wide characters and emoji two.
std::size_t Columns(std::string_view text);
// With spaces before it, so that it ends in that column.
std::string Right(const std::string& text, std::size_t columns);

// Exactly that many columns: cut, with `ellipsis` where something is missing, or padded with spaces.
std::string Fit(std::string_view text, std::size_t columns, std::string_view ellipsis);

// What is left behind that many columns; a wide character that is cut in two leaves a space.
std::string Rest(std::string_view text, std::size_t columns);

// Lines of at most that many columns, broken at spaces where there are some; no line for no text.
std::vector<std::string> Wrap(std::string_view text, std::size_t columns);

// Names of persons and attributes: 1 to 64 letters, digits, dots, dashes and underscores; no dot at the start.
bool IsName(std::string_view text);

// Takes off the last character, whole. False when there is none.
bool DropLastCharacter(std::string* text);

}  // namespace notes
