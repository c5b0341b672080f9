#include "sdk/tools/terminal.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

namespace guidon::tools {
namespace {

Colour chosen_colour = Colour::kAuto;

}  // namespace

bool IsTerminal(std::FILE* stream) {
#if defined(_WIN32)
  return _isatty(_fileno(stream)) != 0;
#else
  return isatty(fileno(stream)) != 0;
#endif
}

void Style::Choose(Colour colour) { chosen_colour = colour; }

Style Style::For(std::FILE* stream) {
  if (chosen_colour != Colour::kAuto) return Style(chosen_colour == Colour::kAlways);
  const auto is_set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
  };
  const char* no_colour = std::getenv("NO_COLOR");  // any value that is not empty, 0 too
  if (no_colour != nullptr && *no_colour != '\0') return Style(false);
  if (is_set("CLICOLOR_FORCE")) return Style(true);
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  return Style(IsTerminal(stream) && !dumb);
}

std::string Style::Paint(const char* code, std::string_view text) const {
  if (!colour_) return std::string(text);
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Table(const std::vector<std::vector<std::string>>& rows, std::size_t indent, std::size_t width) {
  std::vector<std::size_t> columns;
  for (const auto& row : rows) {
    if (row.size() > columns.size()) columns.resize(row.size(), 0);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i] = std::max(columns[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i + 1 < row.size()) {
        line += row[i] + std::string(columns[i] - Width(row[i]) + 2, ' ');
      } else {
        const std::size_t used = Width(line);
        const std::string wrapped = Wrap(row[i], used, std::max(width, used + 24));
        if (!wrapped.empty()) line += wrapped.substr(used, wrapped.size() - used - 1);
      }
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line + "\n";
  }
  return out;
}

std::string Wrap(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && indent + Width(line) + 1 + Width(word) > width) {
      out += std::string(indent, ' ') + line + "\n";
      line.clear();
    }
    if (!word.empty()) {
      if (!line.empty()) line += ' ';
      line += word;
    }
    at = end + 1;
  }
  if (!line.empty()) out += std::string(indent, ' ') + line + "\n";
  return out;
}

std::string Thousands(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string Count(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

void Print(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

std::string Plain(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

}  // namespace guidon::tools
