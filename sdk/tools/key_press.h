// Single keys from a terminal, without Enter, while other things go on. Ctrl-C still ends the process.
#pragma once

#include <chrono>
#include <memory>

namespace guidon::tools {

class KeyPresses {
 public:
  KeyPresses();  // the terminal is as before once this is gone
  ~KeyPresses();
  KeyPresses(const KeyPresses&) = delete;  // one terminal
  KeyPresses& operator=(const KeyPresses&) = delete;

  // Standard input is a terminal.
  bool are_there() const { return before_ != nullptr; }
  // Waits at most so long. 0: none was pressed.
  char Next(std::chrono::milliseconds wait);

 private:
  struct Before;
  std::unique_ptr<Before> before_;  // null: no terminal
};

}  // namespace guidon::tools
