#include "samples/terminal/screen.h"

#include <algorithm>

#include "samples/terminal/canvas.h"
#include "samples/terminal/prompt_box.h"
#include "samples/terminal/text.h"

namespace notes {
namespace {

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

// The button that a tooltip points at.
constexpr const char* kAttachAnchor = "attach_button";

bool IsBesideButton(const View& view) {
  return view.prompt && view.prompt->kind == "tooltip" && view.prompt->anchor == kAttachAnchor && view.open &&
         *view.open < view.notes.size() && view.attach != AttachLook::kNone;
}

void DrawAttach(const View& view, Canvas* canvas) {
  if (view.attach == AttachLook::kNone) {
    canvas->Row({{Style::kDim, "Sharing files is not available."}});
    return;
  }
  const Span button = {Style::kAccent, view.attach == AttachLook::kIcon ? "[ + ]" : "[ + Attach a file ]"};
  if (!IsBesideButton(view)) {
    canvas->Row({button});
    return;
  }
  for (const Line& row : TooltipRows(*view.prompt, button, *canvas)) canvas->Row(row);
}

void DrawNote(const View& view, std::size_t most_lines, Canvas* canvas) {
  const Note& note = view.notes[*view.open];
  canvas->Row({{Style::kDim, "Note " + Number(*view.open + 1)}});
  canvas->Row();
  std::size_t shown = 0;
  for (const std::string& line : Wrap(Clean(note.text), canvas->inside() - 2)) {
    if (++shown > most_lines) {
      canvas->Row({{Style::kDim, canvas->glyphs().ellipsis}});
      break;
    }
    canvas->Row({{Style::kPlain, line}});
  }
  std::string files;
  for (const std::string& file : note.files) files += (files.empty() ? "" : ", ") + Clean(file);
  canvas->Row();
  if (!files.empty()) canvas->Row({{Style::kDim, "Files: "}, {Style::kPlain, files}});
  DrawAttach(view, canvas);
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
    std::string because = row.experiment.empty() ? row.reason : row.reason + " " + row.experiment;
    if (!row.natural.empty()) because = row.reason + ", else " + row.natural;
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
  if (!state.qa.empty()) canvas->Row({{Style::kWarn, Clean(state.qa)}});
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
  if (view.prompt) {
    key(&line, "tab", "next");
    const std::size_t first = view.prompt->first;
    const std::size_t last = std::min<std::size_t>(first + view.prompt->buttons.size() - 1, 9);
    const std::string digits = Number(first) + "-" + Number(last);
    if (view.prompt->buttons.size() > 1) key(&line, digits.c_str(), "choose");
    key(&line, "enter", "press");
    key(&line, "esc", "dismiss");
    if (view.prompt->kind == "modal") {
      key(&line, "q", "quit");
      canvas->Below(line);
      return;
    }
    canvas->Below(line);
    line.clear();
  }
  key(&line, "n", "note");
  if (view.open) {
    key(&line, "b", "back");
    if (view.attach != AttachLook::kNone) key(&line, "s", "share");
  } else if (!view.prompt) {
    key(&line, "1-9", "open");
  }
  key(&line, "w", "why");
  if (!view.open) key(&line, "p", "person");
  key(&line, "a", "plan");
  key(&line, "d", "debug");
  key(&line, "o", view.state.online ? "offline" : "online");
  key(&line, ":", "more");
  key(&line, "q", "quit");
  canvas->Below(line);
}

// What gives way where rows are few.
struct Room {
  std::size_t note_lines = 8;
  bool has_panel = true;
};

std::string Draw(const View& view, const Theme& theme, const Room& room) {
  Canvas canvas(theme);
  std::string who = Clean(view.person);
  if (!view.attributes.empty()) who += " " + std::string(canvas.glyphs().dot) + " " + Clean(view.attributes);
  canvas.Top("Notes", who);
  const bool is_modal = view.prompt && view.prompt->kind == "modal";
  // A tooltip whose anchor went away is not lost with it.
  if (view.prompt && !is_modal && !IsBesideButton(view)) {
    for (const Line& row : BannerRows(*view.prompt, canvas)) canvas.Row(row);
    canvas.Divide("");
  }
  canvas.Row();
  if (view.open && *view.open < view.notes.size()) {
    DrawNote(view, room.note_lines, &canvas);
  } else {
    DrawList(view, &canvas);
  }
  canvas.Row();
  if (room.has_panel) DrawFlags(view, &canvas);
  canvas.Divide("");
  DrawState(view.state, &canvas);
  if (is_modal) {
    std::size_t columns = 0;
    const std::vector<Line> box = ModalBox(*view.prompt, canvas, &columns);
    while (canvas.height() < box.size() + 1) canvas.Row();
    canvas.Bottom();
    canvas.Lay(box, columns);
  } else {
    canvas.Bottom();
  }
  if (!view.notice.empty()) {
    canvas.Below({{view.is_trouble ? Style::kWarn : Style::kGood, Clean(view.notice)}});
  }
  DrawKeys(view, &canvas);
  return canvas.Take();
}

std::size_t CountLines(const std::string& screen) {
  return static_cast<std::size_t>(std::count(screen.begin(), screen.end(), '\n'));
}

}  // namespace

std::string Render(const View& view, const Theme& theme) {
  Room room;
  std::string screen = Draw(view, theme, room);
  if (theme.rows == 0 || CountLines(screen) <= theme.rows) return screen;
  room.note_lines = 2;
  screen = Draw(view, theme, room);
  if (CountLines(screen) <= theme.rows) return screen;
  room.has_panel = !view.why.empty();  // what was asked for stays
  return Draw(view, theme, room);
}

}  // namespace notes
