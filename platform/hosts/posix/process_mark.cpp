#include "platform/hosts/posix/process_mark.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

#include "platform/hosts/posix/file.h"

namespace guidon {
namespace {

// Where the system does not say it.
constexpr std::string_view kUnknown = "-";

#if defined(__linux__)
struct About {
  char state = '?';
  std::string started;  // in ticks since the machine's start
};

// proc(5): "number (name) state … started …"; the name may hold anything.
bool Ask(const std::string& process, About* about) {
  const Descriptor fd = OpenFile("/proc/" + process + "/stat", O_RDONLY);
  if (!fd) return false;
  char text[1'024];
  const ssize_t size = read(fd.get(), text, sizeof text);
  if (size <= 0) return false;
  const std::string_view all(text, static_cast<std::size_t>(size));
  const std::size_t name_end = all.rfind(')');
  if (name_end == std::string_view::npos) return false;
  constexpr int kState = 3, kStarted = 22;
  std::size_t at = name_end + 1;
  for (int field = kState; field <= kStarted; ++field) {
    const std::size_t from = all.find_first_not_of(' ', at);
    if (from == std::string_view::npos) return false;
    at = std::min(all.find_first_of(" \n", from), all.size());
    if (field == kState) about->state = all[from];
    if (field == kStarted) about->started = std::string(all.substr(from, at - from));
  }
  return true;
}

std::string Space() {
  char text[64];
  const ssize_t size = readlink("/proc/self/ns/pid", text, sizeof text);
  return size <= 0 ? std::string(kUnknown) : std::string(text, static_cast<std::size_t>(size));
}
#else
std::string Space() { return std::string(kUnknown); }
#endif

std::string Started() {
#if defined(__linux__)
  About about;
  if (Ask("self", &about)) return about.started;
#endif
  return std::string(kUnknown);
}

}  // namespace

std::string ProcessMark() { return std::to_string(getpid()) + " " + Started() + " " + Space(); }

bool HasEnded(std::string_view mark) {
  const std::size_t first = mark.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : mark.find(' ', first + 1);
  if (second == std::string_view::npos || mark.substr(second + 1) != Space()) return false;
  const std::string number(mark.substr(0, first));
  const std::string_view started = mark.substr(first + 1, second - first - 1);
  pid_t process = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), process);
  if (parsed.ec != std::errc() || process <= 0) return false;
  if (kill(process, 0) != 0 && errno == ESRCH) return true;
#if defined(__linux__)
  About about;
  if (!Ask(number, &about)) return false;
  return about.state == 'Z' || about.state == 'X' || (started != kUnknown && started != about.started);
#else
  (void)started;
  return false;
#endif
}

}  // namespace guidon
