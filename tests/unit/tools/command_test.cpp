// The command as people and scripts meet it: output, files, exit codes.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>

#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"

using namespace guidon;
using namespace guidon::tools;

TEST_CASE("a source becomes a signed datafile that inspect finds good") {
  const Folder folder;
  const Outcome key = Run("keygen --quiet --out " + folder / "key.pem");
  REQUIRE(key.exit_code == 0);
  const std::string public_key = key.output.substr(0, key.output.size() - 1);
  CHECK(public_key.size() == 44);
  struct stat info {};
  REQUIRE(stat((folder / "key.pem").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const Outcome again = Run("keygen --out " + folder / "key.pem");
  CHECK(again.exit_code == 1);
  CHECK(Says(again, "never overwritten"));

  const std::string build = std::string("build ") + GUIDON_NOTES_SOURCE + " --key " + (folder / "key.pem");
  const Outcome first = Run(build + " --now 2026-11-21T10:00:00Z --out " + folder / "1");
  CAPTURE(first.output);
  REQUIRE(first.exit_code == 0);
  CHECK(Says(first, "notes/production version 1: 5 flags, 2 experiments, 1 campaign, "));
  CHECK(Says(Run(build + " --previous " + (folder / "1") + " --out " + folder / "2"), "version 2"));

  const Outcome good = Run("inspect " + (folder / "2") + " --key " + public_key);
  CHECK(good.exit_code == 0);
  CHECK(Says(good, "✓ good"));
  CHECK(Says(good, "attach-button"));
  CHECK(Says(good,
             "  try-file-share  running  10 %      at note_created where chars >= 400\n"
             "                                     if count('app_open', '14d') >= 2 &&\n"
             "                                     count('file_shared', '28d') == 0\n"
             "                                     at most 1 per 7d, 3 ever\n"
             "                                     tooltip at attach_button: Drop the file in\n"
             "                                     goal file_shared within 7d\n"));
  CHECK(Says(good, "  activation   file_shared within 7d\n"));
  const Outcome json = Run("inspect --json " + folder / "1");
  CHECK(json.output.rfind("{\"format\":\"guidon/1\"", 0) == 0);

  std::string damaged = *ReadFile(folder / "2");
  damaged[damaged.size() - 3] ^= 1;
  REQUIRE(WriteFile(folder / "2", damaged).ok());
  const Outcome tampered = Run("inspect --json " + (folder / "2") + " --key " + public_key);
  CHECK(tampered.exit_code == 1);
  CHECK(Says(tampered, "the signature is bad"));
  const Outcome refused = Run(build + " --previous " + (folder / "2") + " --out " + folder / "3");
  CHECK(refused.exit_code == 1);
  CHECK_FALSE(std::filesystem::exists(folder / "3"));
}

TEST_CASE("equal input gives equal bytes, signed or not") {
  const Folder folder;
  REQUIRE(Run("keygen --out " + folder / "key.pem").exit_code == 0);
  const std::string build = std::string("build ") + GUIDON_NOTES_SOURCE + " --now 2026-11-21 --out ";
  const std::string ways[] = {" --unsigned", " --key " + folder / "key.pem"};
  for (const std::string& way : ways) {
    REQUIRE(Run(build + (folder / "a") + way).exit_code == 0);
    REQUIRE(Run(build + (folder / "b") + way).exit_code == 0);
    CHECK(*ReadFile(folder / "a") == *ReadFile(folder / "b"));
  }
}

TEST_CASE("a faulty source is not published, and lint says why") {
  const Folder folder;
  REQUIRE(WriteFile(folder / "s.json",
                    "{\"format\":\"guidon-source/1\",\"project\":\"p\",\"environment\":\"e\",\n\"flags\":{\"f\":{}}}")
              .ok());
  const Outcome build = Run("build --unsigned " + (folder / "s.json") + " --out " + folder / "out");
  CHECK(build.exit_code == 1);
  CHECK(Says(build, "nothing was published"));
  CHECK_FALSE(std::filesystem::exists(folder / "out"));
  const Outcome lint = Run("lint " + folder / "s.json");
  CHECK(lint.exit_code == 1);
  CHECK(Says(lint, "s.json:2:10  error  /flags/f\n  the flag has no default"));
  CHECK(Says(lint, "1 error"));
}

TEST_CASE("behind a fault of syntax lint says that the rest was not checked") {
  const Folder folder;
  REQUIRE(WriteFile(folder / "s.json", "{\"format\":\"guidon-source/1\",}").ok());
  const Outcome lint = Run("lint " + folder / "s.json");
  CHECK(lint.exit_code == 1);
  CHECK(Says(lint, "s.json: 1 error; the rest was not checked\n"));
}

TEST_CASE("inspect knows a source from a datafile") {
  const Outcome outcome = Run(std::string("inspect ") + GUIDON_NOTES_SOURCE);
  CHECK(outcome.exit_code == 1);
  CHECK(Says(outcome, "this is a source; `guidon build`"));
}

namespace {

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  CAPTURE(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// The notes sample as version 1, and with a longer rollout and a shorter experiment as version 2.
void PublishTwo(const Folder& folder) {
  std::string source = *ReadFile(GUIDON_NOTES_SOURCE);
  REQUIRE(WriteFile(folder / "1.json", source).ok());
  source = Replaced(source, "\"percent\": 10, \"serve\": 512", "\"percent\": 20, \"serve\": 512");
  source =
      Replaced(source, "\"layer\": \"onboarding\", \"percent\": 100", "\"layer\": \"onboarding\", \"percent\": 60");
  REQUIRE(WriteFile(folder / "2.json", source).ok());
  const std::string unsigned_at = "build --unsigned --now 2026-11-21 ";
  REQUIRE(Run(unsigned_at + (folder / "1.json") + " --out " + folder / "1").exit_code == 0);
  REQUIRE(
      Run(unsigned_at + (folder / "2.json") + " --previous " + (folder / "1") + " --out " + folder / "2").exit_code ==
      0);
}

}  // namespace

TEST_CASE("diff says who moves between two datafiles, and explain confirms the one it names") {
  const Folder folder;
  PublishTwo(folder);
  const std::string both = (folder / "1") + " " + (folder / "2");
  const Outcome diff = Run("diff " + both + " --units 2000 --at 2026-11-22 --check");
  CAPTURE(diff.output);
  CHECK(diff.exit_code == 0);
  CHECK(Says(diff,
             "notes/production 1.1 → 1.2\n  2,000 made-up people, decided under both as of 2026-11-22T00:00:00Z\n"
             "  ! 1 of 5 flags asks for what is not known of them, and passes them over there:\n"
             "  notes_per_week, plan (--context FILE tells)\n"));
  CHECK(Says(diff,
             "  ~ flag upload-chunk-kb   r2 10 % 512 by device → 20 % 512 by device\n"
             "  ~ experiment onboarding  100 % → 60 % of layer onboarding\n"));
  CHECK(Says(diff, "  256 (default)\n    device-000002  →  512 (rollout r2)\n"));
  CHECK(Says(diff, "nobody changes variant within an iteration"));
  const std::string ask = "explain --flag upload-chunk-kb --at 2026-11-22 --context " + (folder / "c") + " ";
  REQUIRE(WriteFile(folder / "c", "{\"units\":{\"device\":\"device-000002\"}}").ok());
  CHECK(Says(Run(ask + folder / "1"), "upload-chunk-kb = 256"));
  CHECK(Says(Run(ask + folder / "2"), "upload-chunk-kb = 512"));

  const Outcome same = Run("diff " + (folder / "1") + " " + (folder / "1") + " --units 100");
  CHECK(same.exit_code == 0);
  CHECK(Says(same, "the rules say the same\n\n✓ nobody moves\n"));
  CHECK(Says(Run("diff " + (folder / "2") + " " + (folder / "1") + " --units 10"),
             "devices that have the first refuse it"));
  const Outcome json = Run("diff --json --units 2000 " + both);
  CHECK(json.output.rfind("{\n  \"old\": {\n    \"project\": \"notes\"", 0) == 0);
  CHECK(Says(json, "\"change_within_iteration\": 0"));
  const Outcome others = Run("diff " + both + " --units 2000 --prefix other-");
  CHECK(Says(others, "other-device-0"));
}

TEST_CASE("diff --check fails when somebody changes variant within an iteration") {
  const Folder folder;
  PublishTwo(folder);
  REQUIRE(WriteFile(folder / "3", Replaced(*ReadFile(folder / "2"), "attach-button.1", "attach-button.2")).ok());
  const std::string both = (folder / "2") + " " + (folder / "3") + " --units 1000";
  CHECK(Run("diff " + both).exit_code == 0);
  const Outcome checked = Run("diff --check " + both);
  CHECK(checked.exit_code == 1);
  CHECK(Says(checked, "CHANGE VARIANT  control → labelled"));
  CHECK(Says(checked, "within an iteration: results before and after"));
}

TEST_CASE("diff takes what is known of people from a file, and only published datafiles") {
  const Folder folder;
  PublishTwo(folder);
  const std::string both = (folder / "1") + " " + (folder / "2") + " --units 300 --context " + (folder / "c");
  REQUIRE(WriteFile(folder / "c", "{\"attributes\":{\"plan\":\"pro\",\"notes_per_week\":1}}\n").ok());
  const Outcome pro = Run("diff " + both);
  CHECK_FALSE(Says(pro, "not known"));
  CHECK_FALSE(Says(pro, "256"));
  REQUIRE(WriteFile(folder / "c",
                    "{\"attributes\":{\"plan\":\"pro\",\"notes_per_week\":1}}\n"
                    "{\"attributes\":{\"plan\":\"free\",\"notes_per_week\":1}}\n")
              .ok());
  const Outcome mixed = Run("diff " + both);
  CHECK_FALSE(Says(mixed, "not known"));
  CHECK(Says(mixed, "256 (default)"));
  REQUIRE(WriteFile(folder / "c", "{}\n{\"attributes\":7}\n").ok());
  CHECK(Says(Run("diff " + both), "c:2: line 1, column 15 (/attributes): expected an object"));
  REQUIRE(WriteFile(folder / "c", "{\"units\":{\"device\":\"d\"}}").ok());
  CHECK(Says(Run("diff " + both), "unit ids are made up here, so leave out 'units'"));
  const Outcome source = Run("diff " + (folder / "1") + " " + folder / "2.json");
  CHECK(source.exit_code == 1);
  CHECK(Says(source, "2.json: this is a source"));
  CHECK(Says(source, "`guidon build --previous OLD` first"));
}

TEST_CASE("a pipe is written to and stays a pipe") {
  const Folder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const int reader = open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  REQUIRE(WriteFile(folder / "pipe", "datafile").ok());
  char bytes[16];
  CHECK(read(reader, bytes, sizeof bytes) == 8);
  close(reader);
  CHECK(std::filesystem::is_fifo(folder / "pipe"));
}

TEST_CASE("a link stays and the file behind it is replaced, with the rights it had") {
  const Folder folder;
  REQUIRE(std::filesystem::create_directory(folder / "real"));
  std::filesystem::create_symlink("real/1", folder / "link");
  REQUIRE(WriteFile(folder / "link", "one").ok());
  CHECK(*ReadFile(folder / "real/1") == "one");
  REQUIRE(chmod((folder / "real/1").c_str(), 0640) == 0);
  REQUIRE(WriteFile(folder / "link", "two").ok());
  CHECK(*ReadFile(folder / "real/1") == "two");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  struct stat info {};
  REQUIRE(stat((folder / "real/1").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
  const std::filesystem::directory_iterator left(folder / "real");
  CHECK(std::distance(begin(left), end(left)) == 1);
  CHECK(WriteFile(folder / "real", "x").message().find("it is a folder") != std::string::npos);
}

#if defined(__linux__)
TEST_CASE("what a full disk cuts off is no success") {
  const Folder folder;
  const std::string source = GUIDON_NOTES_SOURCE;
  REQUIRE(Run("build " + source + " --unsigned --out " + folder / "1").exit_code == 0);
  REQUIRE(WriteFile(folder / "c.json", "{}").ok());
  const std::string on = (folder / "1") + " --context " + (folder / "c.json");
  const std::string rows[] = {"lint " + source,
                              "inspect " + folder / "1",
                              "inspect --json " + folder / "1",
                              "eval " + on,
                              "explain " + on,
                              "build --unsigned " + source,
                              "keygen --out " + folder / "k",
                              "diff --units 10 " + (folder / "1") + " " + folder / "1"};
  for (const std::string& row : rows) {
    CAPTURE(row);
    const Outcome outcome = Run(row, "2>&1 >/dev/full");
    CHECK(outcome.exit_code == 1);
    CHECK(Says(outcome, "cannot write to standard output: No space left on device"));
  }
  const Outcome device = Run("build " + source + " --unsigned --out /dev/full");
  CHECK(device.exit_code == 1);
  CHECK(Says(device, "cannot write /dev/full: No space left on device"));
  CHECK(std::filesystem::is_character_file("/dev/full"));
}
#endif

TEST_CASE("wrong usage is told apart from problems, and help is no error") {
  const struct {
    const char* arguments;
    int exit_code;
    const char* says;
  } rows[] = {
      {"", 2, "guidon COMMAND --help"},
      {"--help", 0, "keygen"},
      {"--version", 0, "guidon 0."},
      {"help build", 0, "--previous FILE"},
      {"lint --help", 0, "guidon lint SOURCE"},
      {"biuld", 2, "did you mean 'build'?"},
      {"lint", 2, "a file or a name is missing"},
      {"lint a b", 2, "one argument too many"},
      {"lint a --jsno", 2, "did you mean --json?"},
      {"lint a --now", 2, "--now needs a value"},
      {"lint a --now soon", 2, "--now needs a date"},
      {"lint /nowhere/s.json", 1, "cannot read /nowhere/s.json"},
      {"build a", 2, "give --key KEY to sign, or --unsigned"},
      {"build a --unsigned --expires never --out x", 2, "--expires needs a time"},
      {"inspect a --key short", 2, "needs a public key in base64"},
      {"inspect /nowhere/d", 1, "cannot read"},
      {"diff a", 2, "a file or a name is missing"},
      {"diff a b --units 0", 2, "--units needs a whole number from 1 to 10000000"},
      {"diff a b --units 10000001", 2, "--units needs"},
      {"diff a b --units 1e3", 2, "--units needs"},
      {"diff a b --at soon", 2, "--at needs a date"},
      {"diff /nowhere/d b", 1, "cannot read /nowhere/d"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.arguments);
    const Outcome outcome = Run(row.arguments);
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == row.exit_code);
    CHECK(Says(outcome, row.says));
    CHECK_FALSE(Says(outcome, "\x1b["));
  }
}

TEST_CASE("what starts a campaign without an event is named like one") {
  const Folder folder;
  REQUIRE(WriteFile(folder / "source",
                    R"J({"format":"guidon-source/1","project":"p","environment":"e","flags":{},"campaigns":{
    "back":{"hypothesis":"h","owner":"o","holdout":0,"trigger":["session_start","screen editor for 10s","idle 30s"],
      "when":"count('session_start') == 0 && count('idle') == 0","caps":["1 ever"],
      "show":{"kind":"banner","title":"Hello"}}}})J")
              .ok());
  REQUIRE(Run("build " + (folder / "source") + " --unsigned --out " + (folder / "datafile")).exit_code == 0);
  REQUIRE(WriteFile(folder / "context", R"({"units":{"device":"d-1"},"history":[]})").ok());
  const std::string explain =
      "explain " + (folder / "datafile") + " --context " + (folder / "context") + " --prompt back --json --event ";
  for (const char* event : {"session_start", "\"screen editor\"", "idle"}) {
    CAPTURE(event);
    const Outcome outcome = Run(explain + event);
    CAPTURE(outcome.output);
    CHECK(Says(outcome, "\"why\": \"may_show\""));
  }
  for (const char* event : {"\"screen home\"", "screen", "sent"}) {
    CAPTURE(event);
    CHECK(Says(Run(explain + event), "\"why\": \"no_trigger\""));
  }
}

TEST_CASE("simulate says what is wrong with what it is asked, and draws where it is told to") {
  const Folder folder;
  const std::string simulate = std::string("simulate ") + GUIDON_NOTES_SOURCE + " --from 2026-12-01 ";
  const Outcome drawn = Run(simulate + "--users 3 --days 5 --seed 9 --svg " + (folder / "picture.svg"));
  CAPTURE(drawn.output);
  CHECK(drawn.exit_code == 0);
  CHECK(Says(drawn, "3 people"));
  CHECK(ReadFile(folder / "picture.svg")->rfind("<svg ", 0) == 0);
  const std::pair<const char*, const char*> wrong[] = {{"--users 0", "--users needs"},
                                                       {"--days 4000", "--days needs"},
                                                       {"--seed x", "--seed needs"},
                                                       {"--answer shout", "--answer needs"},
                                                       {"--answer press:50,dismiss:40", "--answer needs"},
                                                       {"--timeline - --users 3", "no place beside it"},
                                                       {"--from soon", "--from needs"}};
  for (const auto& [words, says] : wrong) {
    CAPTURE(words);
    const Outcome outcome = Run(simulate + words);
    CHECK(outcome.exit_code == 2);
    CHECK(Says(outcome, says));
  }
  REQUIRE(WriteFile(folder / "lines", "{\"at\":\"+1d\",\"event\":\"e\"}\n{\"at\":\"+1d\"}\n").ok());
  const Outcome refused = Run(simulate + "--timeline " + (folder / "lines"));
  CHECK(refused.exit_code == 1);
  CHECK(Says(refused, "lines: line 2, column 1: the line says not one thing that happens"));
}
