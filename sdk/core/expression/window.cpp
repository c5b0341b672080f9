#include "sdk/core/expression/window.h"

#include <cstddef>
#include <optional>

#include "guidon/limits.h"
#include "sdk/core/expression/token_stream.h"

namespace guidon::expression {
namespace {

constexpr std::string_view kForm = "write it like '36h', '14d', '2w', '14cd' or 'session', or leave it out to mean ever";

struct Unit {
  std::string_view begins;
  char letter;  // that a window has, c of calendar days; 0: there is none
};

// What people write behind the number. Longest first where one begins another.
constexpr Unit kUnits[] = {{"mo", 0},  {"min", 0}, {"ms", 0},  {"m", 0}, {"cd", 'c'}, {"CD", 'c'}, {"s", 0},  {"y", 0},
                           {"h", 'h'}, {"d", 'd'}, {"w", 'w'}, {"M", 0}, {"H", 'h'},  {"D", 'd'},  {"W", 'w'}};

std::string TooLong(char unit) {
  if (unit == 'h') {
    return "hours go up to " + std::to_string(limits::kBehaviorHours) + "h; write days, as in '5d'";
  }
  return "at most " + std::to_string(limits::kBehaviorDays) + "d is kept; leave the window out to mean ever";
}

}  // namespace

bool ReadWindow(std::string_view text, behavior::Window* window, std::string* reason, std::string* advice) {
  if (const std::optional<behavior::Window> read = behavior::ParseWindow(text)) {
    *window = *read;
    return true;
  }
  *reason = Quote(text) + " is no window";
  *advice = kForm;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const std::string_view number = text.substr(0, digits);
  std::string_view rest = text.substr(digits);
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  if (number.empty()) return false;
  if (rest.empty()) {
    *reason = Quote(text) + " has no unit";
    *advice = "write '" + std::string(number) + "d' for days, 'h' for hours or 'w' for weeks";
    return false;
  }
  if (number.find_first_not_of('0') == std::string_view::npos) {
    *advice = "the shortest are '1h' and '1d'";
    return false;
  }
  for (const Unit& unit : kUnits) {
    if (rest.substr(0, unit.begins.size()) != unit.begins) continue;
    if (unit.letter == 0) {
      *reason = Quote(text) + " is no window: its unit is not hours, days or weeks";
      return false;
    }
    const std::string meant = std::string(number) + (unit.letter == 'c' ? "cd" : std::string(1, unit.letter));
    if (behavior::ParseWindow(meant)) {
      *advice = "write " + Quote(meant);
    } else {
      *reason = Quote(text) + " is too long a window";
      *advice = TooLong(unit.letter);
    }
    return false;
  }
  return false;
}

}  // namespace guidon::expression
