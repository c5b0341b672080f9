#include "samples/terminal/canvas.h"

#include <algorithm>

#include "samples/terminal/text.h"

namespace notes {
namespace {

constexpr Glyphs kUnicode = {"╭", "╮", "╰", "╯", "├", "┤", "─", "│", "✓", "○", "·", "…", "›", "◂", "▌"};
constexpr Glyphs kAscii = {"+", "+", "+", "+", "+", "+", "-", "|", "x", "o", "-", "..", ">", "<", "#"};

const char* Code(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kDim: return "\x1b[2m";
    case Style::kBold: return "\x1b[1m";
    case Style::kAccent: return "\x1b[36m";
    case Style::kGood: return "\x1b[32m";
    case Style::kWarn: return "\x1b[33m";
    case Style::kFocus: return "\x1b[7m";
  }
  return "";
}

std::string Repeat(const char* glyph, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += glyph;
  return text;
}

std::string TextOf(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

}  // namespace

std::size_t Columns(const Line& line) {
  std::size_t columns = 0;
  for (const Span& span : line) columns += Columns(span.text);
  return columns;
}

Canvas::Canvas(const Theme& theme)
    : has_colour_(theme.colour),
      glyphs_(theme.unicode ? kUnicode : kAscii),
      columns_(std::clamp<std::size_t>(theme.columns, 60, 100)) {}

void Canvas::Top(const std::string& title, const std::string& right) {
  framed_.push_back(Border(glyphs_.corner_nw, glyphs_.corner_ne, columns_, title, Style::kBold, right, Style::kAccent));
}

void Canvas::Divide(const std::string& title) {
  framed_.push_back(Border(glyphs_.tee_w, glyphs_.tee_e, columns_, title, Style::kBold, "", Style::kPlain));
}

void Canvas::Bottom() {
  framed_.push_back(Border(glyphs_.corner_sw, glyphs_.corner_se, columns_, "", Style::kPlain, "", Style::kPlain));
}

void Canvas::Row(const Line& line) { framed_.push_back(Framed(line)); }

void Canvas::Below(const Line& line) {
  Line below = {{Style::kPlain, " "}};
  for (Span& span : Fitted(line, columns_ - 2)) below.push_back(std::move(span));
  below_.push_back(std::move(below));
}

void Canvas::Lay(const std::vector<Line>& box, std::size_t columns) {
  const std::size_t shown = std::min(box.size(), framed_.size());
  const std::size_t top = (framed_.size() - shown) / 2;
  const std::size_t left = (columns_ - std::min(columns_, columns)) / 2;
  for (std::size_t i = 0; i < framed_.size(); ++i) {
    const std::string behind = TextOf(framed_[i]);
    if (i < top || i >= top + shown) {
      framed_[i] = {{Style::kDim, behind}};
      continue;
    }
    Line line = {{Style::kDim, Fit(behind, left, "")}};
    line.insert(line.end(), box[i - top].begin(), box[i - top].end());
    line.push_back({Style::kDim, Rest(behind, left + columns)});
    framed_[i] = std::move(line);
  }
}

std::string Canvas::Take() {
  std::string out;
  const auto paint = [&](const Line& line) {
    for (const Span& span : line) {
      const char* code = has_colour_ && !span.text.empty() ? Code(span.style) : "";
      out += code;
      out += span.text;
      if (*code != '\0') out += "\x1b[0m";
    }
  };
  for (const Line& line : framed_) {
    paint(line);
    out += '\n';
  }
  for (const Line& line : below_) {
    paint(line);
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

Line Canvas::Fitted(const Line& line, std::size_t columns) const {
  Line fitted;
  std::size_t left = columns;
  for (const Span& span : line) {
    const std::size_t wide = std::min(left, Columns(span.text));
    if (wide == 0) continue;
    fitted.push_back({span.style, Fit(span.text, wide, glyphs_.ellipsis)});
    left -= wide;
  }
  if (left > 0) fitted.push_back({Style::kPlain, std::string(left, ' ')});
  return fitted;
}

Line Canvas::Framed(const Line& line) const {
  Line framed = {{Style::kDim, glyphs_.down}, {Style::kPlain, " "}};
  for (Span& span : Fitted(line, inside())) framed.push_back(std::move(span));
  framed.push_back({Style::kPlain, " "});
  framed.push_back({Style::kDim, glyphs_.down});
  return framed;
}

Line Canvas::Border(const char* west, const char* east, std::size_t columns, const std::string& title,
                    Style title_style, const std::string& right, Style right_style) const {
  std::size_t left = columns - 2;
  Line line = {{Style::kDim, west}};
  const auto across = [&](std::size_t count) {
    line.push_back({Style::kDim, Repeat(glyphs_.across, count)});
    left -= count;
  };
  // A title leaves half of the line to a remark, and nearly all of it where there is none.
  if (!title.empty()) {
    const std::size_t most = right.empty() ? left - 4 : columns / 2;
    const std::string fitted = Fit(title, std::min(Columns(title), most), glyphs_.ellipsis);
    across(1);
    line.push_back({title_style, " " + fitted + " "});
    left -= Columns(fitted) + 2;
  }
  if (!right.empty() && left > 5) {
    const std::string fitted = Fit(right, std::min(Columns(right), left - 4), glyphs_.ellipsis);
    across(left - Columns(fitted) - 3);
    line.push_back({right_style, " " + fitted + " "});
    left -= Columns(fitted) + 2;
  }
  across(left);
  line.push_back({Style::kDim, east});
  return line;
}

}  // namespace notes
