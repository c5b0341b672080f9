#include "samples/terminal/panel.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "samples/terminal/canvas.h"
#include "samples/terminal/commands.h"
#include "samples/terminal/text.h"

namespace notes {
namespace {

using guidon::Status;
using guidon::StatusCode;

constexpr std::size_t kMostRows = 24;    // of a section, where the screen has any number
constexpr std::size_t kMostDetail = 14;  // likewise
constexpr std::size_t kFrame = 7;        // borders, sections and keys

bool HasValue(guidon::Override::Kind kind) {
  return kind == guidon::Override::Kind::kFlag || kind == guidon::Override::Kind::kAttribute;
}

// Wrapped where it is too long, what follows under its last span.
std::vector<Line> Wrapped(const Line& line, std::size_t columns) {
  if (line.empty() || Columns(line) <= columns) return {line};
  Line lead(line.begin(), line.end() - 1);
  const std::size_t indent = std::min(Columns(lead), columns / 2);
  std::vector<Line> lines;
  for (const std::string& part : Wrap(line.back().text, columns - indent)) {
    lines.push_back(lines.empty() ? lead : Line{{Style::kPlain, std::string(indent, ' ')}});
    lines.back().push_back({line.back().style, part});
  }
  return lines;
}

void DrawSections(PanelSection section, Canvas* canvas) {
  Line line;
  for (std::size_t i = 0; i < std::size(kPanelSections); ++i) {
    const bool is_it = section == static_cast<PanelSection>(i);
    const std::string name = kPanelSections[i];
    line.push_back({Style::kAccent, std::to_string(i + 1)});
    line.push_back({is_it ? Style::kFocus : Style::kPlain, is_it ? "[" + name + "]" : " " + name + " "});
    line.push_back({Style::kPlain, "  "});
  }
  canvas->Row(line);
}

}  // namespace

std::vector<PanelRow> DebugPanel::Rows() const { return PanelRows(panel_.Snapshot(), section_, 76, true); }

std::optional<PanelRow> DebugPanel::Chosen() {
  std::vector<PanelRow> rows = Rows();
  const auto row = std::find_if(rows.begin(), rows.end(), [this](const PanelRow& each) { return each.key == chosen_; });
  if (row != rows.end()) return std::move(*row);
  if (rows.empty()) return std::nullopt;
  chosen_ = rows.front().key;
  return std::move(rows.front());
}

Status DebugPanel::Choose(std::string_view key) {
  const std::vector<PanelRow> rows = Rows();
  const auto row = std::find_if(rows.begin(), rows.end(), [key](const PanelRow& each) { return each.key == key; });
  if (row == rows.end()) {
    return Status(StatusCode::kNotFound, "there is no " + std::string(key) + " among the " +
                                             kPanelSections[static_cast<std::size_t>(section_)]);
  }
  chosen_ = row->key;
  return Status();
}

void DebugPanel::Move(int by) {
  const std::vector<PanelRow> rows = Rows();
  if (rows.empty()) return;
  const auto row = std::find_if(rows.begin(), rows.end(), [this](const PanelRow& each) { return each.key == chosen_; });
  const auto at = row == rows.end() ? 0 : row - rows.begin();
  chosen_ = rows[static_cast<std::size_t>(
                     std::clamp<std::ptrdiff_t>(at + by, 0, static_cast<std::ptrdiff_t>(rows.size()) - 1))]
                .key;
}

Status DebugPanel::Force(std::string_view value) {
  const std::optional<PanelRow> row = Chosen();
  if (!row || !row->kind) return Status(StatusCode::kInvalidArgument, "there is nothing to force here");
  guidon::Override what;
  what.kind = *row->kind;
  if (what.kind != guidon::Override::Kind::kClock) what.key = row->key;
  std::string next(value);
  if (next.empty()) {
    if (row->choices.empty()) {
      question_ = row->key + ": ";
      return Status();
    }
    const auto now = std::find(row->choices.begin(), row->choices.end(), row->forced);
    const auto then = now == row->choices.end() ? row->choices.begin() : now + 1;
    if (then == row->choices.end()) return Run("clear");
    next = *then;
  }
  if (HasValue(what.kind)) {
    what.value = ParseValue(next);
  } else {
    what.variant = next;
  }
  return panel_.Force(std::move(what));
}

Status DebugPanel::Run(std::string_view command) {
  const std::size_t end = std::min(command.find(' '), command.size());
  const std::string_view verb = command.substr(0, end);
  const std::string_view rest = end == command.size() ? std::string_view() : command.substr(end + 1);
  const std::optional<PanelSection> section = FindPanelSection(verb);
  if (section || verb.empty()) {
    is_open_ = true;
    if (section && *section != section_) chosen_.clear();
    section_ = section.value_or(section_);
    return rest.empty() ? Status() : Choose(rest);
  }
  if (verb == "off") {
    is_open_ = false;
  } else if (verb == "next" || verb == "previous") {
    Move(verb == "next" ? 1 : -1);
  } else if (verb == "force") {
    return Force(rest);
  } else if (verb == "clear") {
    const std::optional<PanelRow> row = Chosen();
    const bool is_clock = row && row->kind == guidon::Override::Kind::kClock;
    if (row && row->kind) panel_.Clear(*row->kind, is_clock ? std::string_view() : row->key);
  } else if (verb == "clear-all") {
    panel_.ClearAll();
  } else if (verb == "refetch") {
    panel_.Refetch();
  } else if (verb == "send") {
    panel_.Deliver();
  } else {
    return Status(StatusCode::kInvalidArgument,
                  "panel: " + std::string(verb) + " is none of status, flags, experiments, prompts, person, events, " +
                      "next, previous, force, clear, clear-all, refetch, send, off");
  }
  return Status();
}

std::string DebugPanel::Draw(const Theme& theme, const std::string& notice, bool is_trouble, const std::string& entry) {
  Canvas canvas(theme);
  const guidon::PanelSnapshot snapshot = panel_.Snapshot();
  canvas.Top("Debug panel", snapshot.is_anything_forced ? "forced: counts in no result" : "nothing is forced");
  DrawSections(section_, &canvas);
  canvas.Divide("");
  const std::vector<PanelRow> rows = PanelRows(snapshot, section_, canvas.inside() - 2, theme.unicode);
  const auto found =
      std::find_if(rows.begin(), rows.end(), [this](const PanelRow& each) { return each.key == chosen_; });
  const std::size_t chosen = found == rows.end() ? 0 : static_cast<std::size_t>(found - rows.begin());
  std::vector<Line> detail;
  for (std::size_t i = 0; !rows.empty() && i < rows[chosen].detail.size(); ++i) {
    for (Line& line : Wrapped(rows[chosen].detail[i], canvas.inside())) detail.push_back(std::move(line));
  }
  // The list gives way to what is said of the chosen row, down to five rows; then that gives way.
  std::size_t room = theme.rows == 0 ? kMostRows + kMostDetail : std::max<std::size_t>(theme.rows, 16) - kFrame;
  const std::size_t said = std::min({detail.size(), kMostDetail, room - 5});
  const std::size_t shown = std::min({rows.size(), kMostRows, room - said});
  const std::size_t first = std::min(chosen < shown / 2 ? 0 : chosen - shown / 2, rows.size() - shown);
  for (std::size_t i = first; i < first + shown; ++i) {
    Line line = {{Style::kAccent, i == chosen ? std::string(canvas.glyphs().point) + " " : "  "}};
    line.insert(line.end(), rows[i].line.begin(), rows[i].line.end());
    canvas.Row(line);
  }
  if (rows.empty()) canvas.Row({{Style::kDim, "There are none."}});
  if (said > 0) canvas.Divide(Clean(section_ == PanelSection::kEvents ? "event" : rows[chosen].key));
  for (std::size_t i = 0; i < said; ++i) {
    const bool is_cut = i + 1 == said && said < detail.size();
    canvas.Row(is_cut ? Line{{Style::kDim, canvas.glyphs().ellipsis}} : detail[i]);
  }
  canvas.Bottom();
  if (!notice.empty()) canvas.Below({{is_trouble ? Style::kWarn : Style::kGood, Clean(notice)}});
  if (!entry.empty()) {
    canvas.Below({{Style::kAccent, std::string(canvas.glyphs().point) + " "}, {Style::kPlain, entry}});
    return canvas.Take();
  }
  Line keys;
  const auto key = [&keys](const char* name, const char* what) {
    keys.push_back({Style::kAccent, std::string(keys.empty() ? "" : "  ") + name});
    keys.push_back({Style::kDim, std::string(" ") + what});
  };
  key("1-6", "section");
  key("tab", "choose");
  key("enter", "force");
  key("c", "clear");
  key("x", "all");
  key("r", "fetch");
  key("s", "send");
  key("d", "close");
  canvas.Below(keys);
  return canvas.Take();
}

}  // namespace notes
