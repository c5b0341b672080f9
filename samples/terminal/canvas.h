// Lines of styled text inside a frame and below it, made into one screen. A box can be laid over the middle.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "samples/terminal/screen.h"

namespace notes {

enum class Style { kPlain, kDim, kBold, kAccent, kGood, kWarn, kFocus };

struct Span {
  Style style = Style::kPlain;
  std::string text;
};
using Line = std::vector<Span>;

struct Glyphs {
  const char *corner_nw, *corner_ne, *corner_sw, *corner_se, *tee_w, *tee_e, *across, *down;
  const char *done, *open, *dot, *ellipsis, *point, *at_left, *bar;
};

// Columns that the line takes.
std::size_t Columns(const Line& line);

class Canvas {
 public:
  explicit Canvas(const Theme& theme);

  const Glyphs& glyphs() const noexcept { return glyphs_; }
  std::size_t inside() const noexcept { return columns_ - 4; }
  std::size_t height() const noexcept { return framed_.size(); }

  void Top(const std::string& title, const std::string& right);
  void Divide(const std::string& title);
  void Bottom();
  // One line within the frame; what does not fit is cut.
  void Row(const Line& line = {});
  void Below(const Line& line);

  // Over the middle of the frame, which is dimmed. Every line of the box is `columns` wide; it is cut to the frame's
  // height.
  void Lay(const std::vector<Line>& box, std::size_t columns);

  std::string Take();

  // A border of `columns` from one corner to the other, with a title and, at the right, a remark.
  Line Border(const char* west, const char* east, std::size_t columns, const std::string& title, Style title_style,
              const std::string& right, Style right_style) const;
  // Exactly `columns` wide: cut or padded.
  Line Fitted(const Line& line, std::size_t columns) const;

 private:
  Line Framed(const Line& line) const;

  const bool has_colour_;
  const Glyphs& glyphs_;
  const std::size_t columns_;
  std::vector<Line> framed_;
  std::vector<Line> below_;
};

}  // namespace notes
