#include "samples/terminal/keyboard.h"

#include <doctest/doctest.h>

#include "samples/terminal/text.h"

using namespace notes;

namespace {

View WithPrompt(const char* kind, std::size_t buttons) {
  View view;
  view.prompt.emplace();
  view.prompt->kind = kind;
  view.prompt->buttons.resize(buttons);
  return view;
}

// What comes of the bytes, command by command.
std::string Typed(Keyboard& keyboard, const std::string& bytes, const View& view) {
  std::string commands;
  for (const KeyPress& press : ReadKeys(bytes)) {
    const std::string command = keyboard.Press(press, view);
    if (!command.empty()) commands += "<" + command + ">";
  }
  return commands;
}

}  // namespace

TEST_CASE("keys of a prompt choose, press and dismiss; the others still work beside a tooltip") {
  struct Row {
    const char* name;
    const char* bytes;
    const char* tooltip;
    const char* modal;
  };
  const Row rows[] = {
      {"tab", "\t", "<focus next>", "<focus next>"},
      {"right", "\x1b[C", "<focus next>", "<focus next>"},
      {"down, as application keys", "\x1bOB", "<focus next>", "<focus next>"},
      {"left", "\x1b[D", "<focus previous>", "<focus previous>"},
      {"shift tab", "\x1b[Z", "<focus previous>", "<focus previous>"},
      {"a number chooses", "2", "<focus 2>", "<focus 2>"},
      {"a number without a button", "7", "<open 7>", ""},
      {"enter", "\r", "<press 2>", "<press 2>"},
      {"escape", "\x1b", "<dismiss>", "<dismiss>"},
      {"a function key is no escape", "\x1b[15~", "", ""},
      {"a letter", "b", "<back>", ""},
      {"quit", "q", "<quit>", "<quit>"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    for (const bool is_modal : {false, true}) {
      View view = WithPrompt(is_modal ? "modal" : "tooltip", 3);
      view.prompt->focus = 1;
      Keyboard keyboard;
      CHECK(Typed(keyboard, row.bytes, view) == (is_modal ? row.modal : row.tooltip));
    }
  }
}

TEST_CASE("enter closes a prompt without buttons, and does nothing where there is none") {
  Keyboard keyboard;
  CHECK(Typed(keyboard, "\r", WithPrompt("modal", 0)) == "<dismiss>");
  CHECK(Typed(keyboard, "\r\t\x1b", View()).empty());
}

TEST_CASE("while an entry is typed, all keys are its own, whatever is up") {
  Keyboard keyboard;
  const View view = WithPrompt("tooltip", 3);
  CHECK(Typed(keyboard, "n", view).empty());
  CHECK(keyboard.is_typing());
  CHECK(Typed(keyboard, "a1q\tbc\x7f\x1b[D", view).empty());
  CHECK(keyboard.entry() == "Note: a1qb_");
  CHECK(Typed(keyboard, "\n", view) == "<note a1qb>");
  CHECK_FALSE(keyboard.is_typing());
  CHECK(Typed(keyboard, "nxyz\x1b", view).empty());
  CHECK_FALSE(keyboard.is_typing());
}

TEST_CASE("a button may ask for an entry") {
  Keyboard keyboard;
  keyboard.Ask("File: ", "share ");
  CHECK(Typed(keyboard, "plan.pdf\r", View()) == "<share plan.pdf>");
}

TEST_CASE("of a long entry the end is shown") {
  Keyboard keyboard;
  Typed(keyboard, "n" + std::string(300, 'a') + "ünd", View());
  CHECK(keyboard.entry().size() < 80);
  CHECK(keyboard.entry().find("aünd_") != std::string::npos);
}
