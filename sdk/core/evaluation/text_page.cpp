#include "sdk/core/evaluation/text_page.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sdk/core/base/text.h"

namespace guidon::evaluation {
namespace {

constexpr std::size_t kPairIndent = 2;
constexpr std::size_t kPairColumn = 13;
constexpr std::size_t kNoteGap = 3;
constexpr std::size_t kLastNoteColumn = 52;

std::size_t Width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

// The bytes of the first `count` characters.
std::size_t BytesOf(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && count-- == 0) break;
    ++at;
  }
  return at;
}

std::uint32_t CodePoint(std::string_view utf8) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(utf8[i])); };
  switch (utf8.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
}

// Controls of a terminal, and those that turn the direction of what follows.
bool IsControl(std::uint32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

std::string_view AsciiSign(std::string_view character) noexcept {
  struct Sign {
    std::string_view sign;
    std::string_view ascii;
  };
  static constexpr Sign kSigns[] = {{"✓", "+"}, {"✗", "x"}, {"→", ">"}, {"–", "-"}, {"←", "<"}, {"…", "..."}};
  for (const Sign& each : kSigns) {
    if (each.sign == character) return each.ascii;
  }
  return {};
}

void AppendEscaped(std::uint32_t c, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const int digits = c > 0xFFFF ? 8 : 4;
  *out += digits == 8 ? "\\U" : "\\u";
  for (int i = digits - 1; i >= 0; --i) out->push_back(kHex[(c >> (4 * i)) & 15]);
}

}  // namespace

std::string TextPage::Clean(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = text::Utf8Length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    const std::uint32_t c = size == 0 ? 0xFFFD : CodePoint(character);
    const std::string_view sign = letters_ == Letters::kAscii ? AsciiSign(character) : std::string_view();
    if (!sign.empty()) {
      out += sign;
    } else if (IsControl(c) || (letters_ == Letters::kAscii && c > 0x7E)) {
      AppendEscaped(c, &out);
    } else if (size == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += character;
    }
  }
  return out;
}

// `text` is clean. Breaks at spaces; words longer than a line are broken anywhere.
void TextPage::Wrap(std::size_t first_indent, std::size_t indent, std::string_view text) {
  std::size_t at = first_indent;
  out_.append(at, ' ');
  while (true) {
    const std::size_t room = kColumns - at;
    if (Width(text) <= room) break;
    const std::size_t most = BytesOf(text, room);
    // A space just behind the last character that fits will do.
    std::size_t cut = text.rfind(' ', most);
    if (cut == std::string_view::npos || cut == 0) cut = most;
    std::string_view line = text.substr(0, cut);
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
    out_.append(line);
    text.remove_prefix(cut);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    out_.push_back('\n');
    at = indent;
    out_.append(at, ' ');
  }
  out_.append(text).push_back('\n');
}

void TextPage::Line(std::size_t indent, std::string_view text) { Wrap(indent, indent + 2, Clean(text)); }

void TextPage::Heading(std::string_view first, std::string_view second) {
  const std::string left = Clean(first);
  const std::string right = Clean(second);
  if (Width(left) + kNoteGap + Width(right) <= kColumns) {
    out_.append(left).append(kNoteGap, ' ').append(right).push_back('\n');
    return;
  }
  Wrap(0, 4, left);
  Wrap(4, 6, right);
}

void TextPage::Row(std::size_t indent, std::string_view mark, std::string_view text, std::string_view note) {
  std::string line = Clean(mark);
  if (!line.empty()) line.push_back(' ');
  line += Clean(text);
  block_.push_back({indent, std::move(line), Clean(note)});
}

void TextPage::EndBlock() {
  std::size_t column = 0;
  for (const RowParts& row : block_) {
    const std::size_t end = row.indent + Width(row.text) + kNoteGap;
    if (!row.note.empty() && end <= kLastNoteColumn) column = std::max(column, end);
  }
  for (const RowParts& row : block_) {
    const std::size_t end = row.indent + Width(row.text);
    const std::size_t note_at = std::max(column, end + kNoteGap);
    Wrap(row.indent, row.indent + 4, row.text);
    if (row.note.empty()) continue;
    if (note_at + Width(row.note) <= kColumns) {
      out_.pop_back();
      out_.append(note_at - end, ' ').append(row.note).push_back('\n');
    } else {
      Wrap(row.indent + 4, row.indent + 6, row.note);
    }
  }
  block_.clear();
}

void TextPage::Pair(std::string_view name, std::string_view text) {
  const std::size_t begin = out_.size();
  Wrap(kPairColumn, kPairColumn, Clean(text));
  out_.replace(begin + kPairIndent, name.size(), name);
}

std::string TextPage::Take() {
  EndBlock();
  return std::move(out_);
}

std::string Shortened(std::string_view text, std::size_t most) {
  if (Width(text) <= most) return std::string(text);
  return std::string(text.substr(0, BytesOf(text, most - 1))) + "…";
}

}  // namespace guidon::evaluation
