#include "sdk/tools/key_press.h"

#include <thread>

#if !defined(_WIN32)
#include <poll.h>
#include <termios.h>
#include <unistd.h>
#endif

namespace guidon::tools {

#if defined(_WIN32)

struct KeyPresses::Before {};
KeyPresses::KeyPresses() = default;
KeyPresses::~KeyPresses() = default;
char KeyPresses::Next(std::chrono::milliseconds wait) {
  std::this_thread::sleep_for(wait);
  return 0;
}

#else

struct KeyPresses::Before {
  termios settings;
};

KeyPresses::KeyPresses() {
  auto before = std::make_unique<Before>();
  // Who runs in the background may not touch the terminal.
  if (tcgetattr(STDIN_FILENO, &before->settings) != 0 || tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
  termios raw = before->settings;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0) before_ = std::move(before);
}

KeyPresses::~KeyPresses() {
  if (before_ != nullptr) tcsetattr(STDIN_FILENO, TCSANOW, &before_->settings);
}

char KeyPresses::Next(std::chrono::milliseconds wait) {
  char key = 0;
  if (before_ == nullptr) {
    std::this_thread::sleep_for(wait);
    return 0;
  }
  pollfd waits = {STDIN_FILENO, POLLIN, 0};
  if (poll(&waits, 1, static_cast<int>(wait.count())) <= 0) return 0;
  if (read(STDIN_FILENO, &key, 1) == 1) return key;
  std::this_thread::sleep_for(wait);  // the terminal is gone
  return 0;
}

#endif

}  // namespace guidon::tools
