// Draws a view as lines of text for a terminal. Pure: same view and theme, same bytes.
#pragma once

#include <string>

#include "samples/terminal/view.h"

namespace notes {

struct Theme {
  bool colour = false;
  bool unicode = true;       // false: borders and marks in ASCII
  std::size_t columns = 80;  // 60 at least, 100 at most are used
  std::size_t rows = 0;      // 0: any number
};

// All lines of the screen, each ended by a newline. No line is wider than the theme's columns. Where rows are few, less
// of the open note is shown, and then no panel.
std::string Render(const View& view, const Theme& theme);

}  // namespace notes
