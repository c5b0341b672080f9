// How the command looks: colour where a terminal shows it, tables that line up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace guidon::tools {

enum class Colour { kAuto, kAlways, kNever };

// Colour on a terminal that is not dumb. NO_COLOR turns it off and CLICOLOR_FORCE on; Choose, for --color, is stronger.
class Style {
 public:
  // Of all that is made from now on; before there are threads.
  static void Choose(Colour colour);
  explicit Style(bool colour) : colour_(colour) {}
  static Style For(std::FILE* stream);

  std::string Bold(std::string_view text) const { return Paint("1", text); }
  std::string Dim(std::string_view text) const { return Paint("2", text); }
  std::string Red(std::string_view text) const { return Paint("31", text); }
  std::string Green(std::string_view text) const { return Paint("32", text); }
  std::string Yellow(std::string_view text) const { return Paint("33", text); }
  std::string Cyan(std::string_view text) const { return Paint("36", text); }

 private:
  std::string Paint(const char* code, std::string_view text) const;
  bool colour_;
};

bool IsTerminal(std::FILE* stream);

// Characters, not bytes; each counts one column.
std::size_t Width(std::string_view text);

// Rows of cells, left-aligned, two spaces between columns; the last column goes on below where it is wider than `width`
// leaves room for.
std::string Table(const std::vector<std::vector<std::string>>& rows, std::size_t indent, std::size_t width = 80);

// Words of `text` in lines of at most `width` columns, each behind `indent` spaces.
std::string Wrap(std::string_view text, std::size_t indent, std::size_t width = 80);

// "1 flag", "3 flags".
std::string Count(std::size_t count, std::string_view what);

// "1,204".
std::string Thousands(std::uint64_t count);

void Print(std::FILE* stream, std::string_view text);

// A text from a file on its way to a terminal: control characters become spaces.
std::string Plain(std::string_view text);

}  // namespace guidon::tools
