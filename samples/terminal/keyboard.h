// What is typed: keys become commands, or text at the bottom of the screen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "samples/terminal/view.h"

namespace notes {

enum class Key : unsigned char { kText, kEnter, kEscape, kErase, kNext, kPrevious };

struct KeyPress {
  Key key = Key::kText;
  char text = 0;  // a byte of UTF-8, of kText
};

// Bytes of one read from a terminal. An escape sequence that is no arrow and no tab is no key; one that stands alone is
// Escape.
std::vector<KeyPress> ReadKeys(std::string_view bytes);

class Keyboard {
 public:
  // The command that the key completes; empty while there is none. Commands about the prompt's focus are "focus N" and
  // "focus next".
  std::string Press(KeyPress press, const View& view);

  // Asks for text; a command made of the verb and what is typed comes out of `Press` in the end.
  void Ask(std::string question, std::string verb);

  bool is_typing() const noexcept { return !question_.empty(); }
  std::string entry() const;

 private:
  std::string Type(KeyPress press);
  static std::string ForPrompt(KeyPress press, const View& view);
  static std::string ForPanel(KeyPress press);
  std::string Letter(char letter, const View& view);

  std::string question_;
  std::string verb_;
  std::string typed_;
};

}  // namespace notes
