#include "samples/terminal/screen.h"

#include <doctest/doctest.h>

#include <sstream>

#include "samples/terminal/text.h"

using namespace notes;

namespace {

View Example() {
  View view;
  view.person = "me";
  view.attributes = "plan=pro";
  view.welcome = "Three steps and you are set.";
  view.checklist = {{"Look around", true}, {"Write a note", false}, {"Share a file", false}};
  view.notes = {{"Shopping: bread, olives, a new lamp", {"list.pdf"}}, {"Ideas for the talk", {}}};
  view.attach = AttachLook::kLabelled;
  view.flags = {{"checklist", "on", "checklist", "experiment", "onboarding", false},
                {"composer", "icon-and-text", "labelled", "forced", "attach-button", true},
                {"file-sharing", "on", "default", "static", "", false},
                {"upload-chunk-kb", "1024", "r1", "rule", "", false}};
  view.state.ready = true;
  view.state.datafile = "1.3";
  view.state.source = "network";
  view.state.is_signed = true;
  view.state.pending = 2;
  view.state.delivered = 14;
  view.state.has_collector = true;
  view.notice = "Note kept.";
  return view;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Theme Ascii() {
  Theme theme;
  theme.unicode = false;
  return theme;
}

}  // namespace

TEST_CASE("the list shows notes, first steps, every flag with its reason, and the state") {
  const std::string expected =
      "+- Notes ------------------------------------------------------ me - plan=pro -+\n"
      "|                                                                              |\n"
      "| Three steps and you are set.                                                 |\n"
      "|                                                                              |\n"
      "| x Look around   o Write a note   o Share a file                              |\n"
      "|                                                                              |\n"
      "| 1   Shopping: bread, olives, a new lamp                               1 file |\n"
      "| 2   Ideas for the talk                                                       |\n"
      "|                                                                              |\n"
      "+- Why am I seeing this? ------------------------------------------------------+\n"
      "| checklist        on                  checklist     experiment onboarding     |\n"
      "| composer         icon-and-text       labelled      forced attach-button      |\n"
      "| file-sharing     on                  default       static                    |\n"
      "| upload-chunk-kb  1024                r1            rule                      |\n"
      "+------------------------------------------------------------------------------+\n"
      "| datafile 1.3 network, signed - events: 2 pending, 14 delivered - online      |\n"
      "+------------------------------------------------------------------------------+\n"
      " Note kept.\n"
      " n note  1-9 open  w why  p person  a plan  d debug  o offline  : more  q quit\n";
  CHECK(Render(Example(), Ascii()) == expected);
}

TEST_CASE("the attach button looks as its flag says") {
  struct Row {
    AttachLook look;
    const char* shown;
    bool offers_key;
  };
  const Row rows[] = {{AttachLook::kNone, "Sharing files is not available.", false},
                      {AttachLook::kIcon, "[ + ]", true},
                      {AttachLook::kLabelled, "[ + Attach a file ]", true}};
  for (const Row& row : rows) {
    CAPTURE(row.shown);
    View view = Example();
    view.open = 1;
    view.attach = row.look;
    const std::string screen = Render(view, Ascii());
    CHECK(screen.find(row.shown) != std::string::npos);
    CHECK((screen.find("s share") != std::string::npos) == row.offers_key);
  }
}

TEST_CASE("no line leaves its columns, whatever is on it") {
  View view = Example();
  view.person = std::string(200, 'p');
  view.attributes = std::string(300, 'a');
  view.welcome = std::string(300, 'w') + " " + std::string(20, 'x');
  view.notes.assign(20, {std::string(4000, 'n'), {std::string(300, 'f')}});
  for (View::FlagRow& row : view.flags) row.key = row.value = row.variant = row.experiment = std::string(128, 'v');
  view.state.trouble = std::string(500, 't');
  view.notice = std::string(500, 'n');
  for (bool open : {false, true}) {
    for (std::size_t columns : {1u, 60u, 80u, 100u, 300u}) {
      for (bool unicode : {false, true}) {
        Theme theme;
        theme.columns = columns;
        theme.unicode = unicode;
        if (open) view.open = 0;
        const std::size_t most = std::min<std::size_t>(std::max<std::size_t>(columns, 60), 100);
        for (const std::string& line : Lines(Render(view, theme))) {
          CAPTURE(line);
          CHECK(Columns(line) <= most);
        }
      }
    }
  }
}

TEST_CASE("all keys fit into 80 columns") {
  for (bool open : {false, true}) {
    View view = Example();
    if (open) view.open = 0;
    view.state.online = false;
    CHECK(Lines(Render(view, Ascii())).back().find("q quit") != std::string::npos);
  }
}

TEST_CASE("escape sequences appear only with colour, and none comes from outside") {
  View view = Example();
  view.welcome = "\x1b[31mred";
  view.notes[0].text = "\x1b]0;title\x07";
  view.flags[0].value = "\x1b[2J";
  view.notice = "\x1b[H";
  CHECK(Render(view, Ascii()).find('\x1b') == std::string::npos);
  Theme theme = Ascii();
  theme.colour = true;
  const std::string screen = Render(view, theme);
  CHECK(screen.find("\x1b[36m") != std::string::npos);
  CHECK(screen.find("\x1b[31m") == std::string::npos);
  CHECK(screen.find("\x1b[2J") == std::string::npos);
  CHECK(screen.find("\x1b]0") == std::string::npos);
}

TEST_CASE("the panel explains one flag where asked, and says when there is no datafile") {
  View view = Example();
  view.why = "composer";
  view.explanation = {"rule r1: experiment attach-button", "  slot 123456 of the split"};
  std::string screen = Render(view, Ascii());
  CHECK(screen.find("+- Why composer? -") != std::string::npos);
  CHECK(screen.find("|   slot 123456 of the split ") != std::string::npos);
  view = View();
  screen = Render(view, Ascii());
  CHECK(screen.find("No datafile is in force") != std::string::npos);
  CHECK(screen.find("| no datafile - events: 0 pending, 0 delivered - online") != std::string::npos);
  CHECK(screen.find("No collector: events stay on this device.") != std::string::npos);
}
