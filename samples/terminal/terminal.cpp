#include "samples/terminal/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace notes {
namespace {

termios g_before;  // for the signal handler, which can reach nothing else
bool g_is_raw = false;
bool g_has_ansi = false;

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool IsDumb() { return Environment("TERM").empty() || Environment("TERM") == "dumb"; }

void WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Only what a signal handler may call.
void Restore() {
  if (!g_is_raw) return;
  g_is_raw = false;
  if (g_has_ansi) WriteAll("\x1b[?25h\x1b[?1049l");
  tcsetattr(STDIN_FILENO, TCSANOW, &g_before);
}

void OnSignal(int number) {
  Restore();
  std::signal(number, SIG_DFL);
  raise(number);
}

}  // namespace

Theme DetectTheme() {
  Theme theme;
  theme.colour = isatty(STDOUT_FILENO) == 1 && !IsDumb() && Environment("NO_COLOR").empty();
  std::string_view locale = Environment("LC_ALL");
  if (locale.empty()) locale = Environment("LC_CTYPE");
  if (locale.empty()) locale = Environment("LANG");
  theme.unicode = Environment("TERM") != "dumb" &&
                  (locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    theme.columns = size.ws_col;
    theme.rows = size.ws_row;
  }
  return theme;
}

RawTerminal::RawTerminal() {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) return;
  if (tcgetattr(STDIN_FILENO, &g_before) != 0) return;
  termios raw = g_before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) return;
  has_ansi_ = g_has_ansi = !IsDumb();
  g_is_raw = ok_ = true;
  for (int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, OnSignal);
  if (has_ansi_) WriteAll("\x1b[?1049h\x1b[?25l");
}

RawTerminal::~RawTerminal() {
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (ok_) std::signal(number, SIG_DFL);
  }
  Restore();
}

void RawTerminal::Show(const std::string& text) {
  if (!has_ansi_) {
    WriteAll("\n" + text);
    return;
  }
  // Line by line over the old picture, then the rest is cleared: nothing flickers. A newline behind the last line would
  // push the first one out of a full screen.
  std::string out = "\x1b[H";
  const bool has_end = !text.empty() && text.back() == '\n';
  for (char c : std::string_view(text).substr(0, text.size() - (has_end ? 1 : 0))) {
    if (c == '\n') out += "\x1b[K";
    out += c;
  }
  WriteAll(out + "\x1b[K\x1b[J");
}

}  // namespace notes
