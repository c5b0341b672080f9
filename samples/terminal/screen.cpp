#include "samples/terminal/screen.h"

#include <algorithm>

#include "samples/terminal/text.h"

namespace notes {
namespace {

enum class Style { kPlain, kDim, kBold, kAccent, kGood, kWarn };

struct Span {
  Style style = Style::kPlain;
  std::string text;
};
using Line = std::vector<Span>;

struct Glyphs {
  const char *corner_nw, *corner_ne, *corner_sw, *corner_se, *tee_w, *tee_e, *across, *down;
  const char *done, *open, *dot, *ellipsis, *point;
};
constexpr Glyphs kUnicode = {"╭", "╮", "╰", "╯", "├", "┤", "─", "│", "✓", "○", "·", "…", "›"};
constexpr Glyphs kAscii = {"+", "+", "+", "+", "+", "+", "-", "|", "x", "o", "-", "..", ">"};

const char* Code(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kDim: return "\x1b[2m";
    case Style::kBold: return "\x1b[1m";
    case Style::kAccent: return "\x1b[36m";
    case Style::kGood: return "\x1b[32m";
    case Style::kWarn: return "\x1b[33m";
  }
  return "";
}

// Collects the lines of one screen, inside a frame or below it.
class Canvas {
 public:
  explicit Canvas(const Theme& theme)
      : theme_(theme),
        glyphs_(theme.unicode ? kUnicode : kAscii),
        columns_(std::clamp<std::size_t>(theme.columns, 60, 100)) {}

  const Glyphs& glyphs() const { return glyphs_; }
  std::size_t inside() const { return columns_ - 4; }

  void Top(const std::string& title, const std::string& right) {
    Border(glyphs_.corner_nw, glyphs_.corner_ne, title, right);
  }
  void Divide(const std::string& title) { Border(glyphs_.tee_w, glyphs_.tee_e, title, ""); }
  void Bottom() { Border(glyphs_.corner_sw, glyphs_.corner_se, "", ""); }

  // One line within the frame; what does not fit is cut.
  void Row(const Line& line = {}) {
    Put(Style::kDim, glyphs_.down);
    out_ += ' ';
    Paint(line, inside());
    out_ += ' ';
    Put(Style::kDim, glyphs_.down);
    out_ += '\n';
  }
  void Below(const Line& line) {
    out_ += ' ';
    Paint(line, columns_ - 2);
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
  }
  std::string Take() { return std::move(out_); }

 private:
  void Put(Style style, std::string_view text) {
    if (!theme_.colour || style == Style::kPlain) {
      out_ += text;
      return;
    }
    out_ += Code(style);
    out_ += text;
    out_ += "\x1b[0m";
  }

  void Paint(const Line& line, std::size_t columns) {
    std::size_t left = columns;
    for (const Span& span : line) {
      const std::size_t wide = std::min(left, Columns(span.text));
      if (wide == 0) continue;
      Put(span.style, Fit(span.text, wide, glyphs_.ellipsis));
      left -= wide;
    }
    out_.append(left, ' ');
  }

  void Border(const char* west, const char* east, const std::string& title, const std::string& right) {
    std::size_t left = columns_ - 2;
    std::string line = west;
    Put(Style::kDim, west);
    const auto across = [&](std::size_t count) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i) text += glyphs_.across;
      Put(Style::kDim, text);
      left -= count;
    };
    if (!title.empty()) {
      const std::string fitted = Fit(title, std::min(Columns(title), columns_ / 2), glyphs_.ellipsis);
      across(1);
      Put(Style::kBold, " " + fitted + " ");
      left -= Columns(fitted) + 2;
    }
    if (!right.empty()) {
      const std::string fitted = Fit(right, std::min(Columns(right), left - 4), glyphs_.ellipsis);
      across(left - Columns(fitted) - 3);
      Put(Style::kAccent, " " + fitted + " ");
      left -= Columns(fitted) + 2;
    }
    across(left);
    Put(Style::kDim, east);
    out_ += '\n';
  }

  const Theme& theme_;
  const Glyphs& glyphs_;
  std::size_t columns_;
  std::string out_;
};

std::string Number(std::uint64_t value) { return std::to_string(value); }

void DrawList(const View& view, Canvas* canvas) {
  for (const std::string& line : Wrap(Clean(view.welcome), canvas->inside())) canvas->Row({{Style::kBold, line}});
  if (!view.checklist.empty()) {
    canvas->Row();
    Line line;
    for (const View::Step& step : view.checklist) {
      const char* mark = step.done ? canvas->glyphs().done : canvas->glyphs().open;
      line.push_back({step.done ? Style::kGood : Style::kDim, mark});
      line.push_back({step.done ? Style::kDim : Style::kPlain, " " + step.label + "   "});
    }
    canvas->Row(line);
  }
  canvas->Row();
  if (view.notes.empty()) canvas->Row({{Style::kDim, "No notes yet."}});
  // The latest ones; older notes are counted, so that the screen keeps its height.
  constexpr std::size_t kShown = 6;
  const std::size_t first = view.notes.size() > kShown ? view.notes.size() - kShown : 0;
  if (first > 0) canvas->Row({{Style::kDim, "    " + Number(first) + " older"}});
  for (std::size_t i = first; i < view.notes.size(); ++i) {
    const Note& note = view.notes[i];
    const std::string files =
        note.files.empty() ? "" : Number(note.files.size()) + (note.files.size() == 1 ? " file" : " files");
    const std::string number = Fit(Number(i + 1), 3, "");
    const std::string text = Fit(Clean(note.text), canvas->inside() - 4 - 10, canvas->glyphs().ellipsis);
    canvas->Row({{Style::kAccent, number + " "},
                 {Style::kPlain, text},
                 {Style::kDim, "  " + std::string(8 - std::min<std::size_t>(files.size(), 8), ' ') + files}});
  }
}

void DrawNote(const View& view, Canvas* canvas) {
  const Note& note = view.notes[*view.open];
  canvas->Row({{Style::kDim, "Note " + Number(*view.open + 1)}});
  canvas->Row();
  std::size_t shown = 0;
  for (const std::string& line : Wrap(Clean(note.text), canvas->inside() - 2)) {
    if (++shown > 8) {
      canvas->Row({{Style::kDim, canvas->glyphs().ellipsis}});
      break;
    }
    canvas->Row({{Style::kPlain, line}});
  }
  std::string files;
  for (const std::string& file : note.files) files += (files.empty() ? "" : ", ") + Clean(file);
  canvas->Row();
  if (!files.empty()) canvas->Row({{Style::kDim, "Files: "}, {Style::kPlain, files}});
  switch (view.attach) {
    case AttachLook::kNone: canvas->Row({{Style::kDim, "Sharing files is not available."}}); break;
    case AttachLook::kIcon: canvas->Row({{Style::kAccent, "[ + ]"}}); break;
    case AttachLook::kLabelled: canvas->Row({{Style::kAccent, "[ + Attach a file ]"}}); break;
  }
}

void DrawFlags(const View& view, Canvas* canvas) {
  if (!view.why.empty()) {
    canvas->Divide("Why " + Clean(view.why) + "?");
    for (const std::string& text : view.explanation) {
      for (const std::string& line : Wrap(Clean(text), canvas->inside())) canvas->Row({{Style::kPlain, line}});
    }
    return;
  }
  canvas->Divide("Why am I seeing this?");
  constexpr std::size_t kOthers = 17 + 14 + 1 + 25;  // key, variant, a space, reason
  const std::size_t value_columns = std::max<std::size_t>(canvas->inside(), kOthers + 10) - kOthers;
  const char* ellipsis = canvas->glyphs().ellipsis;
  for (const View::FlagRow& row : view.flags) {
    const std::string because = row.experiment.empty() ? row.reason : row.reason + " " + row.experiment;
    canvas->Row({{Style::kPlain, Fit(Clean(row.key), 16, ellipsis) + " "},
                 {row.forced ? Style::kWarn : Style::kGood, Fit(Clean(row.value), value_columns, ellipsis) + " "},
                 {Style::kPlain, Fit(Clean(row.variant), 13, ellipsis) + " "},
                 {row.forced ? Style::kWarn : Style::kDim, Clean(because)}});
  }
  if (view.flags.empty())
    canvas->Row({{Style::kDim, "No datafile is in force: every flag answers with its fallback."}});
}

void DrawState(const View::State& state, Canvas* canvas) {
  const std::string dot = std::string(" ") + canvas->glyphs().dot + " ";
  Line line;
  if (state.ready) {
    line.push_back({Style::kPlain, "datafile " + state.datafile});
    line.push_back({Style::kDim, " " + state.source + ", "});
    line.push_back({state.is_signed ? Style::kGood : Style::kWarn, state.is_signed ? "signed" : "unsigned"});
    if (state.expired) line.push_back({Style::kWarn, ", expired"});
  } else {
    line.push_back({Style::kWarn, "no datafile"});
  }
  line.push_back({Style::kDim, dot});
  line.push_back(
      {Style::kPlain, "events: " + Number(state.pending) + " pending, " + Number(state.delivered) + " delivered"});
  if (state.lost > 0) line.push_back({Style::kWarn, ", " + Number(state.lost) + " lost"});
  line.push_back({Style::kDim, dot});
  line.push_back({state.online ? Style::kGood : Style::kWarn, state.online ? "online" : "offline"});
  canvas->Row(line);
  if (!state.has_collector) canvas->Row({{Style::kDim, "No collector: events stay on this device."}});
  if (!state.trouble.empty()) canvas->Row({{Style::kWarn, Clean(state.trouble)}});
}

void DrawKeys(const View& view, Canvas* canvas) {
  if (!view.entry.empty()) {
    canvas->Below({{Style::kAccent, std::string(canvas->glyphs().point) + " "}, {Style::kPlain, view.entry}});
    return;
  }
  const auto key = [](Line* line, const char* name, const char* what) {
    line->push_back({Style::kAccent, std::string(line->empty() ? "" : "  ") + name});
    line->push_back({Style::kDim, std::string(" ") + what});
  };
  Line line;
  key(&line, "n", "note");
  if (view.open) {
    key(&line, "b", "back");
    if (view.attach != AttachLook::kNone) key(&line, "s", "share");
  } else {
    key(&line, "1-9", "open");
  }
  key(&line, "w", "why");
  if (!view.open) key(&line, "p", "person");
  key(&line, "a", "plan");
  key(&line, "f", "force");
  key(&line, "o", view.state.online ? "offline" : "online");
  key(&line, ":", "more");
  key(&line, "q", "quit");
  canvas->Below(line);
}

}  // namespace

std::string Render(const View& view, const Theme& theme) {
  Canvas canvas(theme);
  std::string who = Clean(view.person);
  if (!view.attributes.empty()) who += " " + std::string(canvas.glyphs().dot) + " " + Clean(view.attributes);
  canvas.Top("Notes", who);
  canvas.Row();
  if (view.open && *view.open < view.notes.size()) {
    DrawNote(view, &canvas);
  } else {
    DrawList(view, &canvas);
  }
  canvas.Row();
  DrawFlags(view, &canvas);
  canvas.Divide("");
  DrawState(view.state, &canvas);
  canvas.Bottom();
  if (!view.notice.empty()) {
    canvas.Below({{view.is_trouble ? Style::kWarn : Style::kGood, Clean(view.notice)}});
  }
  DrawKeys(view, &canvas);
  return canvas.Take();
}

}  // namespace notes
