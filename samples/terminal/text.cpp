#include "samples/terminal/text.h"

#include <algorithm>
#include <cstdint>

namespace notes {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// One code point from `text` at `*at`, which moves behind it. Anything malformed is one U+FFFD a byte.
char32_t Next(std::string_view text, std::size_t* at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(*at);
  if (first < 0x80) {
    ++*at;
    return first;
  }
  const std::size_t length = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (first >= 0xF5 || length == 0 || *at + length > text.size()) {
    ++*at;
    return kReplacement;
  }
  char32_t point = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(*at + i) & 0xC0u) != 0x80u) {
      ++*at;
      return kReplacement;
    }
    point = (point << 6) | (byte(*at + i) & 0x3Fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    ++*at;
    return kReplacement;
  }
  *at += length;
  return point;
}

std::size_t Width(char32_t point) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kNone[] = {{0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
  constexpr Range kWide[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                             {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
  const auto in = [point](const Range& range) { return point >= range.first && point <= range.last; };
  if (std::any_of(std::begin(kNone), std::end(kNone), in)) return 0;
  return std::any_of(std::begin(kWide), std::end(kWide), in) ? 2 : 1;
}

// Bytes of the longest start of `text` that fits, and the columns it takes.
std::size_t Prefix(std::string_view text, std::size_t columns, std::size_t* taken) {
  std::size_t at = 0;
  *taken = 0;
  while (at < text.size()) {
    std::size_t next = at;
    const std::size_t width = Width(Next(text, &next));
    if (*taken + width > columns) break;
    *taken += width;
    at = next;
  }
  return at;
}

}  // namespace

std::string Clean(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t point = Next(text, &at);
    // U+202A to U+202E and U+2066 to U+2069 turn the direction of whatever follows.
    const bool steers = point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x202A && point <= 0x202E) ||
                        (point >= 0x2066 && point <= 0x2069);
    if (steers) {
      clean += ' ';
    } else if (point == kReplacement) {
      clean += "\xEF\xBF\xBD";
    } else {
      clean += text.substr(start, at - start);
    }
  }
  return clean;
}

std::size_t Columns(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) columns += Width(Next(text, &at));
  return columns;
}

std::string Right(const std::string& text, std::size_t columns) {
  return std::string(columns - std::min(columns, Columns(text)), ' ') + text;
}

std::string Fit(std::string_view text, std::size_t columns, std::string_view ellipsis) {
  std::size_t taken = 0;
  std::string fitted;
  if (Columns(text) <= columns) {
    fitted = text;
    taken = Columns(text);
  } else {
    const std::size_t mark = std::min(Columns(ellipsis), columns);
    fitted = text.substr(0, Prefix(text, columns - mark, &taken));
    if (mark == Columns(ellipsis)) {
      fitted += ellipsis;
      taken += mark;
    }
  }
  fitted.append(columns - taken, ' ');
  return fitted;
}

std::string Rest(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  std::size_t taken = 0;
  while (at < text.size() && taken < columns) taken += Width(Next(text, &at));
  // Marks belong to the character before them.
  for (std::size_t next = at; next < text.size() && taken >= columns && Width(Next(text, &next)) == 0;) at = next;
  return std::string(taken > columns ? taken - columns : 0, ' ') + std::string(text.substr(at));
}

std::vector<std::string> Wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (!text.empty() && columns >= 2) {
    std::size_t taken = 0;
    std::size_t end = Prefix(text, columns, &taken);
    std::size_t next = end;
    if (end < text.size() && text[end] == ' ') {
      next = end + 1;
    } else if (end < text.size()) {
      const std::size_t space = text.rfind(' ', end);
      if (space != std::string_view::npos && text.find_first_not_of(' ') < space) {
        end = space;
        next = space + 1;
      }
    }
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(next);
  }
  return lines;
}

bool IsName(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= 64 && text[0] != '.' && std::all_of(text.begin(), text.end(), good);
}

bool DropLastCharacter(std::string* text) {
  if (text->empty()) return false;
  while (text->size() > 1 && (static_cast<unsigned char>(text->back()) & 0xC0u) == 0x80u) text->pop_back();
  text->pop_back();
  return true;
}

}  // namespace notes
