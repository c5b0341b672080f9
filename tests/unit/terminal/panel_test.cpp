#include "samples/terminal/panel.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

#include "samples/terminal/keyboard.h"
#include "samples/terminal/text.h"
#include "tests/unit/terminal/world.h"

using namespace notes;
using namespace notes::test;

namespace {

Theme Plain(std::size_t columns = 80, std::size_t rows = 0) {
  Theme theme;
  theme.unicode = false;
  theme.columns = columns;
  theme.rows = rows;
  return theme;
}

std::string Page(World& world) { return world.running.panel->Draw(Plain(), "", false, ""); }

// The row that begins with the name, chosen or not.
std::string RowOf(const std::string& page, const std::string& name) {
  for (const char* mark : {"| > ", "|   "}) {
    const std::size_t at = page.find(mark + name + " ");
    if (at != std::string::npos) return page.substr(at, page.find('\n', at) - at);
  }
  return "";
}

}  // namespace

TEST_CASE("the panel has a page for each section, and each shows what is there") {
  World world(Datafile(1, false, "banner"));
  DebugPanel& panel = *world.running.panel;
  CHECK_FALSE(panel.is_open());
  struct Row {
    const char* section;
    const char* shows[4];
  };
  const Row rows[] = {
      {"status", {"[status]", "datafile     1.1, unsigned", "forcing      may be done here", "guidon       0."}},
      {"flags", {"[flags]", "composer             icon", "variant control of experiment", "upload-chunk-kb"}},
      {"experiments",
       {"attach-button        running  control", "control 100 %", "labelled     0 %", "composer = icon"}},
      {"prompts", {"try-file-share       banner   no_trigger", "as soon as it is triggered", "+ status", "- trigger"}},
      {"person", {"account me", "device ", "app.version = 4.3.0", "unit"}},
      {"events", {"app_open", "event", "delivered", "[events]"}},
  };
  world.Pass(60s);
  for (const Row& row : rows) {
    REQUIRE(panel.Run(row.section).ok());
    CHECK(panel.is_open());
    const std::string page = Page(world);
    CAPTURE(page);
    for (const char* text : row.shows) CHECK_MESSAGE(Has(page, text), text);
    CHECK(Has(page, "nothing is forced"));
  }
  REQUIRE(panel.Run("off").ok());
  CHECK_FALSE(panel.is_open());
}

TEST_CASE("enter forces what can be forced, in turn, and then lets go") {
  World world(Datafile(1, false, "banner"));
  DebugPanel& panel = *world.running.panel;
  const auto natural = [&] { return world.running.client->DecideAll(); };
  REQUIRE(panel.Run("experiments attach-button").ok());
  for (const char* variant : {"control", "labelled", "off", "unassigned"}) {
    REQUIRE(panel.Run("force").ok());
    CAPTURE(variant);
    CHECK(Has(RowOf(Page(world), "attach-button"), (std::string(variant) + " ").c_str()));
    CHECK(Has(Page(world), "forced: counts in no result"));
    REQUIRE(world.running.client->overrides().List().size() == 1);
    CHECK(world.running.client->overrides().List()[0].variant == variant);
    CHECK(world.running.client->overrides().List()[0].source == guidon::Override::Source::kPanel);
  }
  CHECK(Has(RowOf(Page(world), "attach-button"), "else control"));
  REQUIRE(panel.Run("force").ok());
  CHECK(world.running.client->overrides().List().empty());
  CHECK(natural().size() == 5);

  REQUIRE(panel.Run("flags checklist").ok());
  REQUIRE(panel.Run("force").ok());
  REQUIRE(panel.Run("force").ok());
  CHECK(Has(RowOf(Page(world), "checklist"), "off"));
  CHECK(Has(RowOf(Page(world), "checklist"), "else on"));

  // A number is asked for, and then said.
  REQUIRE(panel.Run("flags upload-chunk-kb").ok());
  REQUIRE(panel.Run("force").ok());
  CHECK(panel.TakeQuestion() == "upload-chunk-kb: ");
  CHECK_FALSE(panel.TakeQuestion());
  REQUIRE(panel.Run("force 64").ok());
  CHECK(Has(RowOf(Page(world), "upload-chunk-kb"), "64"));
  CHECK(Has(Page(world), "naturally    256"));
  CHECK(panel.Run("force many").code() == guidon::StatusCode::kInvalidArgument);
  REQUIRE(panel.Run("clear").ok());
  CHECK(Has(RowOf(Page(world), "upload-chunk-kb"), "256"));
  REQUIRE(panel.Run("prompts try-file-share").ok());
  REQUIRE(panel.Run("force off").ok());
  CHECK(Has(RowOf(Page(world), "try-file-share"), "forced_off, forced"));
  REQUIRE(panel.Run("person clock").ok());
  REQUIRE(panel.Run("force").ok());
  CHECK(panel.TakeQuestion() == "clock: ");
  REQUIRE(panel.Run("force +3d").ok());
  CHECK(Has(Page(world), ", moved"));
  REQUIRE(panel.Run("clear").ok());
  CHECK_FALSE(Has(Page(world), ", moved"));
  REQUIRE(panel.Run("force -1d").ok());
  REQUIRE(panel.Run("clear-all").ok());
  CHECK(world.running.client->overrides().List().empty());
}

TEST_CASE("what the panel cannot do it says") {
  World world;
  DebugPanel& panel = *world.running.panel;
  CHECK(panel.Run("flags no-such-flag").message() == "there is no no-such-flag among the flags");
  CHECK(panel.Run("bogus").code() == guidon::StatusCode::kInvalidArgument);
  REQUIRE(panel.Run("status").ok());
  CHECK(panel.Run("force on").message() == "there is nothing to force here");
  REQUIRE(panel.Run("clear").ok());
}

TEST_CASE("its keys are commands, and its lines fit into any terminal, the chosen row among them") {
  const Theme themes[] = {Plain(60, 16), Plain(80, 24), Plain(100, 40), Plain(200, 1)};
  World world(Datafile(1, false, "banner"));
  DebugPanel& panel = *world.running.panel;
  for (int i = 0; i < 100; ++i) REQUIRE(world.running.app->WriteNote("note").ok());
  world.Pass(5s);
  Keyboard keyboard;
  View view;
  view.is_panel = true;
  for (const char* keys : {"1", "2", "3", "4", "5", "6", "\t", "\x1b[B", "\t", "\t", "\x1b[A"}) {
    for (const KeyPress& press : ReadKeys(keys)) {
      const std::string command = keyboard.Press(press, view);
      REQUIRE(command.substr(0, 6) == "panel ");
      REQUIRE(panel.Run(command.substr(6)).ok());
    }
    for (const Theme& theme : themes) {
      const std::string page = panel.Draw(theme, "a notice", false, "");
      CAPTURE(page);
      std::istringstream lines(page);
      std::size_t count = 0, chosen = 0;
      for (std::string line; std::getline(lines, line); ++count) {
        CHECK(Columns(line) <= std::min<std::size_t>(theme.columns, 100));
        chosen += line.substr(0, 4) == "| > ";
      }
      CHECK(count <= std::max<std::size_t>(theme.rows, 16));
      CHECK(chosen == 1);
    }
  }
  const std::pair<const char*, const char*> rows[] = {{"\n", "panel force"},
                                                      {"c", "panel clear"},
                                                      {"x", "panel clear-all"},
                                                      {"r", "panel refetch"},
                                                      {"s", "panel send"},
                                                      {"d", "panel off"},
                                                      {"\x1b", "panel off"},
                                                      {"q", "quit"},
                                                      {"9", ""},
                                                      {"n", ""}};
  for (const auto& [key, command] : rows) CHECK(keyboard.Press(ReadKeys(key)[0], view) == command);
  view.is_panel = false;
  CHECK(keyboard.Press(ReadKeys("d")[0], view) == "panel");
}

TEST_CASE("a script reads the panel, too") {
  World world;
  const std::string out =
      world.Script("panel experiments\npanel force labelled\nscreen\npanel off\nscreen\npanel no\n", 1);
  CHECK(Has(out, "- Debug panel -"));
  CHECK(Has(out, "attach-button        running  labelled       else control"));
  CHECK(Has(out, "- Notes -"));
  CHECK(Has(out, "failed: panel: no is none of"));
}

TEST_CASE("what is decided goes to a file from record to record off") {
  World world;
  std::remove("panel_test.trace");
  const std::string out =
      world.Script("record panel_test.trace\nscreen\nrecord off\nscreen\nrecord\nrecord no/such/folder\n", 2);
  CHECK(Has(out, "What is decided goes to panel_test.trace"));
  CHECK(Has(out, "failed: record needs a file, or off"));
  CHECK(Has(out, "failed: no/such/folder: cannot be written"));
  std::ifstream file("panel_test.trace");
  std::string line;
  REQUIRE(std::getline(file, line));
  CHECK(Has(line, "{\"guidon_trace\":1,"));
  REQUIRE(std::getline(file, line));
  CHECK(Has(line, "\"state\":"));
  std::size_t decisions = 0;
  while (std::getline(file, line)) decisions += Has(line, "\"flag\":\"welcome-text\"") ? 1u : 0u;
  CHECK(decisions == 1);  // of the one screen that was drawn meanwhile
}
