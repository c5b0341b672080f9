// Prompts as they are drawn: by kind, width and alphabet, with texts that a datafile might hold.
#include "samples/terminal/prompt_box.h"

#include <doctest/doctest.h>

#include <sstream>

#include "samples/terminal/screen.h"
#include "samples/terminal/text.h"

using namespace notes;

namespace {

View WithPrompt(const std::string& kind) {
  View view;
  view.person = "me";
  view.welcome = "Write something down.";
  view.notes = {{"Ideas for the talk", {}}};
  view.attach = AttachLook::kLabelled;
  view.state.ready = true;
  view.state.datafile = "1.1";
  view.state.source = "network";
  view.state.is_signed = true;
  view.state.has_collector = true;
  PromptView prompt;
  prompt.kind = kind;
  prompt.title = "Drop the file in";
  prompt.body = "This note is getting long. A file says it in one go: share it right here.";
  prompt.buttons = {{"Attach a file", true}, {"Later", false}, {"No thanks", false}};
  if (kind == "tooltip") {
    prompt.anchor = "attach_button";
    view.open = 0;
  }
  view.prompt = prompt;
  return view;
}

Theme Plain(bool unicode, std::size_t columns = 80) {
  Theme theme;
  theme.unicode = unicode;
  theme.columns = columns;
  return theme;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an image is said in words, before the body") {
  PromptView prompt;
  prompt.kind = "modal";
  prompt.title = "Meet Canvas";
  prompt.body = "Plan it.";
  prompt.image = "Three columns";
  CHECK(PromptLine(prompt) == "modal: Meet Canvas. [image: Three columns] Plan it.");
}

TEST_CASE("a tooltip stands beside the button that it points at") {
  const std::string screen = Render(WithPrompt("tooltip"), Plain(false));
  const std::string expected =
      "|                       +- Drop the file in ---------------------------------+ |\n"
      "| [ + Attach a file ] <-+ This note is getting long. A file says it in one   | |\n"
      "|                       | go: share it right here.                           | |\n"
      "|                       |                                                    | |\n"
      "|                       | >[1 Attach a file]  [2 Later]  [3 No thanks]       | |\n"
      "|                       +----------------------------------------------------+ |\n";
  CAPTURE(screen);
  CHECK(Has(screen, expected));
  CHECK(Has(screen, "\n tab next  1-3 choose  enter press  esc dismiss\n n note  b back  s share"));
}

TEST_CASE("a tooltip whose button is not on the screen becomes a banner") {
  View view = WithPrompt("tooltip");
  SUBCASE("sharing was switched off") { view.attach = AttachLook::kNone; }
  SUBCASE("no note is open") { view.open.reset(); }
  SUBCASE("the app has no such button") { view.prompt->anchor = "share_menu"; }
  const std::vector<std::string> lines = Lines(Render(view, Plain(false)));
  CHECK(Has(lines[1], "| # Drop the file in "));
}

TEST_CASE("a banner is a strip across the top") {
  View view = WithPrompt("banner");
  view.prompt->forced = true;
  const std::string screen = Render(view, Plain(true));
  const std::string expected =
      "│ ▌ Drop the file in  forced                                                   │\n"
      "│ ▌ This note is getting long. A file says it in one go: share it right here.  │\n"
      "│ ▌ ›[1 Attach a file]  [2 Later]  [3 No thanks]                               │\n"
      "├──────────────────────────────────────────────────────────────────────────────┤\n";
  CAPTURE(screen);
  CHECK(Has(screen, expected));
}

TEST_CASE("a modal box lies over the middle of the dimmed screen") {
  View view = WithPrompt("modal");
  const std::string expected =
      "| Write som +- Drop the file in -----------------------------------+           |\n"
      "|           | This note is getting long. A file says it in one go: |           |\n"
      "| 1   Ideas | share it right here.                                 |           |\n"
      "|           |                                                      |           |\n"
      "+- Why am I | >[1 Attach a file]  [2 Later]  [3 No thanks]         | ----------+\n"
      "| No datafi +------------------------------------------------------+           |\n";
  const std::string screen = Render(view, Plain(false));
  CAPTURE(screen);
  CHECK(Has(screen, expected));
  CHECK(Has(screen, "\n tab next  1-3 choose  enter press  esc dismiss  q quit\n"));
  CHECK_FALSE(Has(screen, "n note"));
  Theme theme = Plain(false);
  theme.colour = true;
  CHECK(Has(Render(view, theme), "\x1b[2m| Write som\x1b[0m"));
}

TEST_CASE("the focused button is marked without colour, too") {
  for (const char* kind : {"tooltip", "banner", "modal"}) {
    for (std::size_t focus : {0u, 1u, 2u}) {
      CAPTURE(kind);
      CAPTURE(focus);
      View view = WithPrompt(kind);
      view.prompt->focus = focus;
      const std::string screen = Render(view, Plain(false));
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(Has(screen, ">[" + std::to_string(i + 1) + " ") == (i == focus));
      }
      Theme theme = Plain(false);
      theme.colour = true;
      CHECK(Has(Render(view, theme), "\x1b[7m[" + std::to_string(focus + 1) + " "));
    }
  }
}

TEST_CASE("no prompt leaves its columns, of any kind, width and alphabet, whatever it says") {
  struct Row {
    const char* name;
    std::string title, body, label;
    std::size_t buttons;
  };
  const Row rows[] = {
      {"short", "Hi", "Hello", "Ok", 1},
      {"no body and no button", "Hi", "", "", 0},
      {"longest there is", std::string(200, 't'), std::string(1000, 'b'), std::string(100, 'l'), 4},
      {"many words", std::string(60, 'x') + " y", std::string(400, ' ') + "z", "a b c d e f g h i j k l", 4},
      {"wide characters", "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語",
       "ファイルを共有する ファイルを共有する", "共有する", 4},
      {"nothing at all", "", "", "", 4},
  };
  for (const Row& row : rows) {
    for (const char* kind : {"tooltip", "banner", "modal", "carousel"}) {
      for (std::size_t columns : {60u, 61u, 79u, 80u, 100u}) {
        for (int variant = 0; variant < 8; ++variant) {
          CAPTURE(row.name);
          CAPTURE(kind);
          CAPTURE(columns);
          CAPTURE(variant);
          View view = WithPrompt(kind);
          view.prompt->title = row.title;
          view.prompt->body = row.body;
          view.prompt->buttons.assign(row.buttons, {row.label, false});
          view.prompt->forced = (variant & 1) != 0;
          if ((variant & 4) != 0) view.attach = AttachLook::kIcon;
          const bool unicode = (variant & 2) != 0;
          const std::string screen = Render(view, Plain(unicode, columns));
          for (const std::string& line : Lines(screen)) {
            CAPTURE(line);
            CHECK(Columns(line) <= columns);
            const bool is_framed = line.compare(0, 1, " ") != 0;
            if (is_framed) CHECK(Columns(line) == columns);
          }
          for (std::size_t i = 1; i <= row.buttons; ++i) CHECK(Has(screen, "[" + std::to_string(i) + " "));
          if (!unicode && row.title.find('t') != std::string::npos) CHECK(Has(screen, "tt.. "));
        }
      }
    }
  }
}

TEST_CASE("where rows are few, the note and then the panel give way to the prompt") {
  View view = WithPrompt("tooltip");
  view.notes[0].text = std::string(450, 'm');
  view.flags.assign(5, {"composer", "icon", "control", "experiment", "attach-button", false});
  Theme theme = Plain(false);
  const std::size_t whole = Lines(Render(view, theme)).size();
  CHECK(Has(Render(view, theme), std::string(74, 'm')));
  theme.rows = whole;
  CHECK(Lines(Render(view, theme)).size() == whole);
  theme.rows = whole - 1;
  std::string screen = Render(view, theme);
  CHECK(Lines(screen).size() < whole);
  CHECK(Has(screen, "Why am I seeing this?"));
  CHECK(Has(screen, "Drop the file in"));
  theme.rows = 24;
  screen = Render(view, theme);
  CHECK(Lines(screen).size() <= 24);
  CHECK_FALSE(Has(screen, "Why am I seeing this?"));
  CHECK(Has(screen, "+- Notes -"));
  CHECK(Has(screen, "[3 No thanks]"));
}

TEST_CASE("texts of a datafile steer no terminal, drawn or read out") {
  for (const char* kind : {"tooltip", "banner", "modal"}) {
    CAPTURE(kind);
    View view = WithPrompt(kind);
    view.prompt->title = "\x1b]0;gone\x07title";
    view.prompt->body = "a\x1b[2Jb\nc\xC2\x9B\x33\x31md";
    view.prompt->buttons[1].label = "x\ry\x1b[H";
    for (const std::string& text : {Render(view, Plain(true)), PromptLine(*view.prompt)}) {
      for (const char* bad : {"\x1b", "\r", "\x07", "\xC2\x9B"}) CHECK_FALSE(Has(text, bad));
    }
    CHECK_FALSE(Has(PromptLine(*view.prompt), "\n"));
  }
}

TEST_CASE("read out, a prompt is one line that says all of it") {
  View view = WithPrompt("tooltip");
  view.prompt->forced = true;
  CHECK(PromptLine(*view.prompt) ==
        "tooltip at attach_button, forced: Drop the file in. This note is getting long. A file says it in one go: "
        "share it right here. [1 Attach a file] [2 Later] [3 No thanks]");
}

TEST_CASE("a forced value has the natural one beside it") {
  View view = WithPrompt("banner");
  view.prompt.reset();
  view.flags = {{"composer", "icon-and-text", "labelled", "forced", "attach-button", true, "icon"}};
  CHECK(Has(Render(view, Plain(false)), "| composer         icon-and-text       labelled      forced, else icon "));
}
