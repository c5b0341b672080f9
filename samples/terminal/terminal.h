// The terminal itself: what it can show, and keys one by one.
#pragma once

#include <string>

#include "samples/terminal/screen.h"

namespace notes {

// What standard output can show: colour only on a terminal that is not dumb and without NO_COLOR; boxes only in UTF-8.
Theme DetectTheme();

// While it lives, keys come unbuffered and unechoed, and the screen is the app's own. The old state comes back at its
// end, also when a signal ends the process.
class RawTerminal {
 public:
  RawTerminal();
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;

  // False where standard input or output is no terminal.
  bool ok() const noexcept { return ok_; }

  // Replaces what is on screen.
  void Show(const std::string& text);

 private:
  bool ok_ = false;
  bool has_ansi_ = false;
};

}  // namespace notes
