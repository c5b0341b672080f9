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
      {"action", "press 1", "Attach a file: which file? (share NAME)", "exposure impression viewable action:b1"},
      {"snooze", "press 2", "Later: it may come back.", "exposure impression viewable snooze:b2"},
      {"closing button", "press 3", "No thanks: closed.", "exposure impression viewable dismissal:"},
      {"escape", "dismiss", "Closed.", "exposure impression viewable dismissal:person"},
      {"going back", "back", "", "exposure impression viewable dismissal:navigation"},
      {"another note", "note something else", "Note kept.", "exposure impression viewable dismissal:navigation"},
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

TEST_CASE("a survey asks one question after the other, each answered by a button or in words") {
  // Written into the kind's place.
  const char* const kSurvey = R"(survey", "in": "modal", "questions": [
    {"id": "score", "type": "nps", "label": "How likely?", "required": true, "next": [{"any": [9, 10], "go": "love"}]},
    {"id": "why", "type": "choices", "label": "Why?",
     "options": [{"id": "speed", "label": "Slow"}, {"id": "price", "label": "Dear"}]},
    {"id": "love", "type": "text", "label": "What do you like?", "max_chars": 20}], "about": ")";
  World world(Datafile(1, false, kSurvey));
  LongNote(&world);
  CHECK(Has(world.Script("prompt\n"),
            "Share it right here. How likely? [0] [1] [2] [3] [4] [5] [6] [7] [8] [9] [10] [11 "
            "Attach a file] [12 Later]"));
  const std::string screen = world.Script("screen\n");
  CHECK(Has(screen, "| How likely?"));
  CHECK(Has(screen, ">[0]  [1]"));
  CHECK(Has(screen, "0-9 choose"));
  CHECK(Has(world.Script("answer fine\n", 1), "no question waits for words"));
  CHECK(Has(world.Script("press 3\n"), "Thank you."));
  CHECK(Has(world.Script("prompt\n"), "Why? [1 Slow] [2 Dear] [3 Go on]"));
  world.Script("press 2\npress 1\npress 2\npress 2\n");
  CHECK(Has(world.Script("prompt\n"), "Why? [1 * Slow] [2 * Dear] [3 Go on]"));
  CHECK(Has(world.Script("press 3\n"), "Thank you."));
  CHECK(Has(world.Script("prompt\n"), "What do you like? [1 Write] [2 Skip]"));
  CHECK(Has(world.Script("press 1\n"), "In your words?"));
  CHECK(Has(world.Script("answer \n", 1), "an empty text is no answer"));
  CHECK(Has(world.Script("answer the notes\n"), "Thank you."));
  CHECK(world.running.app->prompts().up() == nullptr);
  world.Pass(1s);
  CHECK(world.Prompted() == "exposure impression answer answer answer completion");
}

TEST_CASE("a survey may be left half-way, by its own button") {
  World world(Datafile(1, false, R"(survey", "in": "banner", "questions": [
    {"id": "mood", "type": "csat", "label": "How was it?"}, {"id": "why", "type": "text", "label": "Why?"}], "about": ")"));
  LongNote(&world);
  CHECK(Has(world.Script("prompt\n"), "How was it? [1] [2] [3] [4] [5] [6 Skip] [7 Attach a file]"));
  CHECK(Has(world.Script("press 6\n"), "Thank you."));
  CHECK(Has(world.Script("press 4\n"), "Later: it may come back."));
  world.Pass(1s);
  CHECK(world.Prompted() == "exposure impression snooze:b2");
}
