#include "samples/terminal/prompts.h"

#include "tests/unit/terminal/world.h"

using namespace notes;
using namespace notes::test;
using guidon::EventKind;

namespace {

// A note that is long enough, written and opened.
std::string LongNote(World* world) {
  std::string out = world->Script("note-of 450\nopen 2\n");
  for (int i = 0; i < 3; ++i) world->Pass(1s);
  return out;
}

}  // namespace

TEST_CASE("a tooltip waits until its button is on the screen, and is drawn there") {
  World world(Datafile(1, false, "tooltip"));
  world.Script("note-of 450\n");
  for (int i = 0; i < 3; ++i) world.Pass(1s);
  CHECK(Has(world.Script("prompt\n"), "No prompt is up."));
  world.Script("open 2\n");
  for (int i = 0; i < 3; ++i) world.Pass(1s);
  const std::string out = world.Script("screen\nprompt\n");
  CHECK(Has(out, "| [ + ] <-+ Share it right here. "));
  CHECK(Has(out, "  tooltip at attach_button: Drop the file in. Share it right here. [1 Attach a file] [2 Later]"));
  world.Pass(1s);
  CHECK(world.Prompted() == "exposure impression");
}

TEST_CASE("a short note brings no prompt") {
  World world(Datafile(1, false, "banner"));
  world.Script("note-of 399\n");
  for (int i = 0; i < 3; ++i) world.Pass(1s);
  CHECK(Has(world.Script("prompt\n"), "No prompt is up."));
  world.Script("note-of 400\n");
  for (int i = 0; i < 3; ++i) world.Pass(1s);
  CHECK(Has(world.Script("prompt\n"), "  banner: Drop the file in."));
}

TEST_CASE("nobody who is typing is disturbed") {
  World world(Datafile(1, false, "modal"));
  world.running.app->prompts().SetTyping(true);
  LongNote(&world);
  CHECK(world.running.app->prompts().up() == nullptr);
  CHECK(world.Prompted().empty());
  world.running.app->prompts().SetTyping(false);
  for (int i = 0; i < 3; ++i) world.Pass(1s);
  CHECK(world.running.app->prompts().up() != nullptr);
}

TEST_CASE("what a person does with a prompt is told, once") {
  struct Row {
    const char* name;
    const char* script;
    const char* reply;
    const char* story;
  };
  const Row rows[] = {
      {"action", "press 1", "Attach a file: which file? (share NAME)", "exposure impression action:b1"},
      {"snooze", "press 2", "Later: it may come back.", "exposure impression snooze:b2"},
      {"closing button", "press 3", "No thanks: closed.", "exposure impression dismissal:"},
      {"escape", "dismiss", "Closed.", "exposure impression dismissal:person"},
      {"going back", "back", "", "exposure impression dismissal:navigation"},
      {"another note", "note something else", "Note kept.", "exposure impression dismissal:navigation"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    World world(Datafile(1, false, "tooltip"));
    LongNote(&world);
    world.Script("prompt\n");
    world.Pass(1s);
    const std::string out = world.Script(row.script + std::string("\nprompt\n"));
    CAPTURE(out);
    CHECK(Has(out, row.reply));
    CHECK(Has(out, "No prompt is up."));
    world.Pass(1s);
    CHECK(world.Prompted().find(row.story) == 0);
    world.Script("press 1\ndismiss\n", 2);
  }
}

TEST_CASE("the button of the nudge asks for the file, and the file is shared") {
  World world(Datafile(1, false, "tooltip"));
  LongNote(&world);
  world.Script("prompt\npress 1\n");
  CHECK(world.running.app->TakeShareWanted());
  CHECK_FALSE(world.running.app->TakeShareWanted());
  world.Script("share plan.pdf\n");
  world.Pass(1s);
  CHECK(world.Count(EventKind::kTracked, "file_shared") == 1);
}

TEST_CASE("a press that hits nothing says why") {
  World world(Datafile(1, false, "modal"));
  CHECK(Has(world.Script("press 1\n", 1), "failed: no prompt is up"));
  LongNote(&world);
  CHECK(Has(world.Script("press 4\n", 1), "failed: the prompt has no button 4"));
  CHECK(Has(world.Script("press x\n", 1), "failed: press needs the number of a button"));
}

TEST_CASE("a prompt that was never drawn was not dismissed by anybody") {
  World world(Datafile(1, false, "tooltip"));
  LongNote(&world);
  REQUIRE(world.running.app->prompts().up() != nullptr);
  world.Script("back\n");
  world.Pass(1s);
  CHECK(Has(world.Prompted(), "exposure failure"));
  CHECK_FALSE(Has(world.Prompted(), "dismissal"));
}

TEST_CASE("when sharing is switched off under a tooltip, the tooltip goes, too") {
  World world(Datafile(1, false, "tooltip"));
  LongNote(&world);
  world.Script("prompt\n");
  world.datafile = Datafile(2, true, "tooltip");
  world.Pass(70s);
  CHECK(world.running.app->prompts().up() == nullptr);
}

TEST_CASE("the focus begins at the primary button and goes around") {
  World world(Datafile(1, false, "modal"));
  LongNote(&world);
  Prompts& prompts = world.running.app->prompts();
  REQUIRE(prompts.up() != nullptr);
  CHECK(prompts.focus() == 0);
  prompts.MoveFocus(-1);
  CHECK(prompts.focus() == 2);
  prompts.MoveFocus(1);
  CHECK(prompts.focus() == 0);
  prompts.Focus(1);
  prompts.Focus(3);
  CHECK(prompts.focus() == 1);
}

TEST_CASE("an anchor that the app does not have is never waited for") {
  Prompts prompts([](std::string_view) { return std::optional<bool>(); });
  guidon::Prompt prompt;
  prompt.kind = "tooltip";
  prompt.anchor = "share_menu";
  CHECK(prompts.MayPresent(prompt) == guidon::Admission::kNever);
  prompt.kind = "modal";
  CHECK(prompts.MayPresent(prompt) == guidon::Admission::kNow);
}

TEST_CASE("QA sees a prompt past all gates, marked, and what is forced beside what it would be") {
  World world(Datafile(1, false, "modal"));
  std::string out = world.Script("force-prompt try-file-share\n");
  for (int i = 0; i < 3; ++i) world.Pass(1s);
  out = world.Script("prompt\ndismiss\n");
  CHECK(Has(out, "  modal, forced: Drop the file in."));
  world.Pass(1s);
  CHECK(world.Prompted() == "exposure! impression! dismissal:person!");
  world.Script("clear\nforce attach-button labelled\n");
  out = world.Script("forced\nopen 1\nscreen\n");
  CHECK(Has(out, "  attach-button: labelled (api), else control"));
  CHECK(Has(out, "forced, else icon"));
  world.Script("force-prompt try-fle-share\nforce-prompt\n", 2);
}

TEST_CASE("a script can ask why a prompt is not shown") {
  World world(Datafile(1, false, "banner"));
  CHECK(Has(world.Script("why-prompt try-file-share\n"), "try-file-share is not shown   no_trigger"));
  const std::string screen = world.Script("screen\n");
  CHECK(Has(screen, "- Why try-file-share? -"));
  world.Script("why-prompt\n", 1);
}
