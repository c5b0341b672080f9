#include "sdk/tools/svg.h"

#include <cstdio>

namespace guidon::tools::svg {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string TextAt(double x, double y, std::string_view classes, std::string_view text) {
  return "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" class=\"" + std::string(classes) + "\">" +
         Escaped(text) + "</text>\n";
}

std::string Box(double x, double y, double width, double height, std::string_view classes) {
  if (height <= 0) return {};
  return "<rect x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" width=\"" + Number(width) + "\" height=\"" +
         Number(height) + "\" class=\"" + std::string(classes) + "\"/>\n";
}

}  // namespace guidon::tools::svg
