#include "samples/terminal/keyboard.h"

#include <algorithm>
#include <iterator>

#include "samples/terminal/notebook.h"
#include "samples/terminal/panel_rows.h"
#include "samples/terminal/text.h"

namespace notes {
namespace {

constexpr char kEscapeByte = 27;

// Of "\x1b[…": bytes that belong to it.
std::size_t SequenceLength(std::string_view bytes) {
  std::size_t length = 2;
  while (length < bytes.size() && (bytes[length] < '@' || bytes[length] > '~')) ++length;
  return std::min(length + 1, bytes.size());
}

}  // namespace

std::vector<KeyPress> ReadKeys(std::string_view bytes) {
  std::vector<KeyPress> keys;
  while (!bytes.empty()) {
    std::size_t length = 1;
    const char first = bytes[0];
    if (first == kEscapeByte && bytes.size() > 1 && (bytes[1] == '[' || bytes[1] == 'O')) {
      length = SequenceLength(bytes);
      const char last = bytes[length - 1];
      if (last == 'A' || last == 'D' || last == 'Z') keys.push_back({Key::kPrevious, 0});
      if (last == 'B' || last == 'C') keys.push_back({Key::kNext, 0});
    } else if (first == kEscapeByte) {
      keys.push_back({Key::kEscape, 0});
    } else if (first == '\t') {
      keys.push_back({Key::kNext, 0});
    } else if (first == '\n' || first == '\r') {
      keys.push_back({Key::kEnter, 0});
    } else if (first == 127 || first == 8) {
      keys.push_back({Key::kErase, 0});
    } else {
      keys.push_back({Key::kText, first});
    }
    bytes.remove_prefix(length);
  }
  return keys;
}

std::string Keyboard::Press(KeyPress press, const View& view) {
  if (is_typing()) return Type(press);
  if (view.is_panel) return ForPanel(press);
  if (view.prompt) {
    const std::string command = ForPrompt(press, view);
    const bool is_modal = view.prompt->kind == "modal";
    if (!command.empty() || (is_modal && press.text != 'q')) return command;
  }
  return press.key == Key::kText ? Letter(press.text, view) : "";
}

std::string Keyboard::ForPrompt(KeyPress press, const View& view) {
  const std::size_t buttons = view.prompt->buttons.size();
  switch (press.key) {
    case Key::kNext: return "focus next";
    case Key::kPrevious: return "focus previous";
    case Key::kEnter:
      return buttons == 0 ? "dismiss" : "press " + std::to_string(view.prompt->focus + view.prompt->first);
    case Key::kEscape: return "dismiss";
    case Key::kText: break;
    case Key::kErase: return "";
  }
  const std::size_t first = view.prompt->first;
  const bool is_digit = press.text >= '0' && press.text <= '9' && static_cast<std::size_t>(press.text - '0') >= first;
  const bool is_button = is_digit && static_cast<std::size_t>(press.text - '0') < first + buttons;
  return is_button ? std::string("focus ") + press.text : "";
}

std::string Keyboard::ForPanel(KeyPress press) {
  switch (press.key) {
    case Key::kNext: return "panel next";
    case Key::kPrevious: return "panel previous";
    case Key::kEnter: return "panel force";
    case Key::kEscape: return "panel off";
    case Key::kErase: return "";
    case Key::kText: break;
  }
  switch (press.text) {
    case 'c': return "panel clear";
    case 'x': return "panel clear-all";
    case 'r': return "panel refetch";
    case 's': return "panel send";
    case 'd': return "panel off";
    case 'q': return "quit";
    default: break;
  }
  const bool is_section = press.text >= '1' && press.text < '1' + static_cast<char>(std::size(kPanelSections));
  return is_section ? std::string("panel ") + kPanelSections[press.text - '1'] : std::string();
}

std::string Keyboard::Letter(char letter, const View& view) {
  switch (letter) {
    case 'n': Ask("Note: ", "note "); return "";
    case 's':
      if (view.open && view.attach != AttachLook::kNone) Ask("File: ", "share ");
      return "";
    case 'p': Ask("Person: ", "person "); return "";
    case 'f': Ask("Force (experiment variant): ", "force "); return "";
    case ':': Ask("Command: ", ""); return "";
    case 'w':
      if (!view.why.empty()) return "why";
      Ask("Why (flag): ", "why ");
      return "";
    case 'b': return "back";
    case 'c': return "clear";
    case 'd': return "panel";
    case 'a': return view.attributes.find("plan=pro") == std::string::npos ? "set plan pro" : "set plan free";
    case 'o': return view.state.online ? "offline" : "online";
    case 'q': return "quit";
    default: break;
  }
  return letter >= '1' && letter <= '9' ? std::string("open ") + letter : std::string();
}

void Keyboard::Ask(std::string question, std::string verb) {
  question_ = std::move(question);
  verb_ = std::move(verb);
  typed_.clear();
}

std::string Keyboard::Type(KeyPress press) {
  switch (press.key) {
    case Key::kEscape: question_.clear(); return "";
    case Key::kEnter: {
      const std::string command = typed_.empty() && verb_ != "share " ? "" : verb_ + typed_;
      question_.clear();
      return command;
    }
    case Key::kErase: DropLastCharacter(&typed_); return "";
    case Key::kNext:
    case Key::kPrevious: return "";
    case Key::kText:
      if (typed_.size() < Notebook::kMostBytes) typed_ += press.text;
      return "";
  }
  return "";
}

std::string Keyboard::entry() const {
  if (question_.empty()) return "";
  // The end of it is what people look at.
  std::string shown = Clean(typed_);
  while (Columns(shown) > 60) shown.erase(0, 1);
  while (!shown.empty() && (static_cast<unsigned char>(shown[0]) & 0xC0u) == 0x80u) shown.erase(0, 1);
  return question_ + shown + "_";
}

}  // namespace notes
