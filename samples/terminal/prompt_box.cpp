#include "samples/terminal/prompt_box.h"

#include <algorithm>
#include <utility>

#include "samples/terminal/text.h"

namespace notes {
namespace {

constexpr std::size_t kMostBodyLines = 8;
constexpr std::size_t kWidestText = 52;

std::string ButtonText(const PromptView& prompt, std::size_t index) {
  const PromptView::Button& button = prompt.buttons[index];
  return "[" + std::to_string(prompt.first + index) + (button.is_score ? "" : " " + Clean(button.label)) + "]";
}

std::string ImageText(const PromptView& prompt) { return "[image: " + Clean(prompt.image) + "]"; }

std::vector<std::string> Body(const PromptView& prompt, std::size_t columns, const Canvas& canvas) {
  std::vector<std::string> lines = Wrap(Clean(prompt.body), columns);
  if (!prompt.image.empty()) {
    std::vector<std::string> image = Wrap(ImageText(prompt), columns);
    lines.insert(lines.begin(), image.begin(), image.end());
  }
  if (lines.size() > kMostBodyLines) {
    lines.resize(kMostBodyLines);
    lines.back() = Fit(lines.back() + " " + std::string(columns, ' '), columns, canvas.glyphs().ellipsis);
  }
  if (prompt.question.empty()) return lines;
  if (!lines.empty()) lines.emplace_back();
  for (std::string& line : Wrap(Clean(prompt.question), columns)) lines.push_back(std::move(line));
  return lines;
}

// The buttons, over as many lines as they need. What has the focus is marked by a sign as well as by its colour.
std::vector<Line> Buttons(const PromptView& prompt, std::size_t columns, const Canvas& canvas) {
  std::vector<Line> lines;
  std::size_t left = 0;
  for (std::size_t i = 0; i < prompt.buttons.size(); ++i) {
    const PromptView::Button& button = prompt.buttons[i];
    const bool has_focus = i == prompt.focus;
    std::string label = ButtonText(prompt, i);
    if (Columns(label) + 1 > columns) label = Fit(label, columns - 2, canvas.glyphs().ellipsis) + "]";
    const std::size_t wide = Columns(label) + 1;
    const bool is_own = i > 0 && i == prompt.answers;  // the prompt's own buttons begin a line
    if (lines.empty() || wide + 1 > left || is_own) {
      lines.emplace_back();
      left = columns;
    } else {
      lines.back().push_back({Style::kPlain, " "});
      left -= 1;
    }
    lines.back().push_back({Style::kAccent, has_focus ? canvas.glyphs().point : " "});
    lines.back().push_back({has_focus ? Style::kFocus : button.is_primary ? Style::kBold : Style::kPlain, label});
    left -= wide;
  }
  return lines;
}

std::size_t ButtonColumns(const PromptView& prompt) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < prompt.buttons.size(); ++i) columns += Columns(ButtonText(prompt, i)) + 2;
  return columns;
}

// Rows with borders around them, each `columns` wide.
std::vector<Line> Box(const PromptView& prompt, std::size_t columns, const Canvas& canvas) {
  const Glyphs& glyphs = canvas.glyphs();
  std::vector<Line> box;
  box.push_back(canvas.Border(glyphs.corner_nw, glyphs.corner_ne, columns, Clean(prompt.title), Style::kBold,
                              prompt.forced ? "forced" : "", Style::kWarn));
  const auto row = [&](const Line& line) {
    Line framed = {{Style::kDim, glyphs.down}, {Style::kPlain, " "}};
    for (Span& span : canvas.Fitted(line, columns - 4)) framed.push_back(std::move(span));
    framed.push_back({Style::kPlain, " "});
    framed.push_back({Style::kDim, glyphs.down});
    box.push_back(std::move(framed));
  };
  const std::vector<std::string> body = Body(prompt, columns - 4, canvas);
  for (const std::string& line : body) row({{Style::kPlain, line}});
  const std::vector<Line> buttons = Buttons(prompt, columns - 4, canvas);
  if (!buttons.empty()) row({});
  for (const Line& line : buttons) row(line);
  if (box.size() == 1) row({});
  box.push_back(canvas.Border(glyphs.corner_sw, glyphs.corner_se, columns, "", Style::kPlain, "", Style::kPlain));
  return box;
}

}  // namespace

std::vector<Line> TooltipRows(const PromptView& prompt, const Span& anchor, const Canvas& canvas) {
  const Glyphs& glyphs = canvas.glyphs();
  const std::string pointer = std::string(" ") + glyphs.at_left + glyphs.across;
  const std::size_t indent = Columns(anchor.text) + Columns(pointer);
  const std::size_t columns = std::min(canvas.inside() - indent, kWidestText + 4);
  std::vector<Line> rows;
  for (Line& line : Box(prompt, columns, canvas)) {
    Line row;
    if (rows.size() == 1) {  // the pointer runs into the box's left side
      row = {anchor, {Style::kAccent, pointer}};
      line.front().text = glyphs.tee_e;
    } else {
      row = {{Style::kPlain, std::string(indent, ' ')}};
    }
    row.insert(row.end(), line.begin(), line.end());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Line> BannerRows(const PromptView& prompt, const Canvas& canvas) {
  const std::size_t columns = canvas.inside() - 2;
  const std::string bar = std::string(canvas.glyphs().bar) + " ";
  std::vector<Line> rows;
  Line title = {{Style::kAccent, bar}};
  const std::size_t mark = prompt.forced ? 8 : 0;
  const std::string text = Clean(prompt.title);
  title.push_back({Style::kBold, Fit(text, std::min(Columns(text), columns - mark), canvas.glyphs().ellipsis)});
  if (prompt.forced) title.push_back({Style::kWarn, "  forced"});
  rows.push_back(std::move(title));
  for (const std::string& line : Body(prompt, columns, canvas))
    rows.push_back({{Style::kAccent, bar}, {Style::kPlain, line}});
  for (const Line& line : Buttons(prompt, columns, canvas)) {
    Line row = {{Style::kAccent, bar}};
    row.insert(row.end(), line.begin(), line.end());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Line> ModalBox(const PromptView& prompt, const Canvas& canvas, std::size_t* columns) {
  // As wide as its widest part needs, within what stays readable; a column of air at each side.
  const std::size_t needed = std::max({Columns(Clean(prompt.title)) + 4, Columns(Clean(prompt.body)),
                                       prompt.image.empty() ? 0 : Columns(ImageText(prompt)),
                                       Columns(Clean(prompt.question)), ButtonColumns(prompt), std::size_t{24}});
  const std::size_t box_columns = std::min(std::min(needed, kWidestText) + 4, canvas.inside() - 4);
  *columns = box_columns + 2;
  std::vector<Line> box = Box(prompt, box_columns, canvas);
  for (Line& line : box) {
    line.insert(line.begin(), {Style::kPlain, " "});
    line.push_back({Style::kPlain, " "});
  }
  return box;
}

std::string PromptLine(const PromptView& prompt) {
  std::string line = Clean(prompt.kind);
  if (!prompt.anchor.empty()) line += " at " + Clean(prompt.anchor);
  if (prompt.forced) line += ", forced";
  line += ": " + Clean(prompt.title) + ".";
  if (!prompt.image.empty()) line += " " + ImageText(prompt);
  if (!prompt.body.empty()) line += " " + Clean(prompt.body);
  if (!prompt.question.empty()) line += " " + Clean(prompt.question);
  for (std::size_t i = 0; i < prompt.buttons.size(); ++i) line += " " + ButtonText(prompt, i);
  return line;
}

}  // namespace notes
