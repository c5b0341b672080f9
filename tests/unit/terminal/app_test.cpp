#include "samples/terminal/app.h"

#include "tests/unit/terminal/world.h"

using namespace notes;
using namespace notes::test;

TEST_CASE("the app shows and does what its flags say") {
  World world;
  const std::string out = world.Script("screen\nnote hello\nopen 2\nscreen\nshare plan.pdf\nscreen\n");
  CHECK(Has(out, "| Good to see you. "));
  CHECK(Has(out, "x Look around   o Write a note   o Share a file"));
  CHECK(Has(out, "| [ + ] "));
  CHECK(Has(out, "| Files: plan.pdf "));
  CHECK(Has(out, "| upload-chunk-kb  256 "));
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kTracked, "app_open") == 1);
  CHECK(world.Count(guidon::EventKind::kTracked, "note_created") == 1);
  CHECK(world.Count(guidon::EventKind::kTracked, "file_shared") == 1);
}

TEST_CASE("only who comes to see the button is exposed to it") {
  World world;
  world.Script("screen\nwhy composer\nscreen\n");
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kExposure, "attach-button") == 0);
  world.Script("open 1\nscreen\n");
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kExposure, "attach-button") == 1);
}

TEST_CASE("a kill switch published while the app runs takes the button away, and says so") {
  World world;
  CHECK(Has(world.Script("open 1\nscreen\n"), "| [ + ] "));
  world.datafile = Datafile(2, true);
  world.Pass(70s);
  const std::string out = world.Script("await file-sharing 1\nscreen\nshare plan.pdf\n", 1);
  CHECK(Has(out, " file-sharing: on -> off (killed)"));
  CHECK(Has(out, "Sharing files was just switched off."));
  CHECK(Has(out, "Sharing files is not available."));
  CHECK_FALSE(Has(out, "[ + ]"));
  CHECK(Has(out, "datafile 1.2 network, unsigned"));
  CHECK(Has(out, "failed: sharing files is not available"));
  world.Pass(200ms);
  CHECK(world.Count(guidon::EventKind::kTracked, "file_shared") == 0);
}

TEST_CASE("attributes and forced variants show at once, and clearing brings the natural one back") {
  World world;
  std::string out = world.Script("set plan pro\nforce attach-button labelled\nopen 1\nscreen\n");
  CHECK(Has(out, "me - plan=pro"));
  CHECK(Has(out, "| upload-chunk-kb  1024 "));
  CHECK(Has(out, "[ + Attach a file ]"));
  CHECK(Has(out, "forced"));
  out = world.Script("clear\nunset plan\nscreen\n");
  CHECK(Has(out, "| upload-chunk-kb  256 "));
  CHECK(Has(out, "| [ + ] "));
  CHECK_FALSE(Has(out, "forced attach-button"));
  out = world.Script("force attach-button purple\nforce-flag composer 3\n", 2);
}

TEST_CASE("somebody else finds their own notes and no attributes") {
  World world;
  const std::string out = world.Script("note mine alone\nset plan pro\nperson p2\nscreen\nperson ../p3\n", 1);
  CHECK(Has(out, "- p2 -"));
  CHECK_FALSE(Has(out.substr(out.find("Hello, p2")), "mine alone"));
  CHECK(Has(out, "failed: a person's id is"));
}

TEST_CASE("offline, events wait; online again, they are delivered") {
  World world;
  world.Pass(15s);
  world.Script("offline\nnote written underground\n");
  const std::uint64_t before = world.running.client->status().ledger.delivered;
  world.Pass(15s);
  const std::string out = world.Script("screen\n");
  CHECK(Has(out, "- offline"));
  CHECK(world.running.client->status().ledger.delivered == before);
  CHECK(world.running.client->status().ledger.pending > 0);
  world.Script("online\n");
  for (int i = 0; i < 20; ++i) world.Pass(60s);
  CHECK(world.running.client->status().ledger.pending == 0);
}

TEST_CASE("a command that cannot be obeyed says why, and the script goes on") {
  struct Row {
    const char* command;
    const char* reason;
  };
  const Row rows[] = {{"open", "open needs the number of a note"},
                      {"open 0", "open needs the number of a note"},
                      {"open 7", "there is no note 7"},
                      {"share plan.pdf", "open a note first"},
                      {"note", "a note needs a text"},
                      {"force attach-button", "force needs a name and what to force it to"},
                      {"set ../x 1", "an attribute needs a name and a value"},
                      {"await file-sharing", "await needs a flag and 1 to 3600 seconds"},
                      {"dance", "there is no command dance"}};
  World world;
  for (const Row& row : rows) {
    CAPTURE(row.command);
    CHECK(Has(world.Script(std::string(row.command) + "\n# comment\n\nscreen\n", 1), row.reason));
  }
}
