#include "tests/property/line.h"

#include <cstdarg>
#include <cstdio>

namespace guidon::property {

std::string Line(const char* format, ...) {
  char text[256] = "";
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

}  // namespace guidon::property
