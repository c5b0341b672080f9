// Signing and verifying as those who publish meet it.
#include <doctest/doctest.h>

#include <string>

#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

std::string MakeKey(const Folder& folder, const char* name) {
  const Outcome key = Run("keygen --quiet --out " + folder / name);
  REQUIRE(key.exit_code == 0);
  return key.output.substr(0, key.output.size() - 1);
}

std::string Build(const Folder& folder, const std::string& key, const char* out) {
  const Outcome built =
      Run(std::string("build ") + GUIDON_NOTES_SOURCE + " --now 2026-11-21 --key " + key + " --out " + folder / out);
  CAPTURE(built.output);
  REQUIRE(built.exit_code == 0);
  return *ReadFile(folder / out);
}

}  // namespace

TEST_CASE("a key may come from a file, the environment or a command, and signs the same") {
  const Folder folder;
  const std::string public_key = MakeKey(folder, "key.pem");
  const std::string file = folder / "key.pem";
  const std::string signed_by_file = Build(folder, file, "1");
  REQUIRE(setenv("GUIDON_TEST_KEY", ReadFile(file)->c_str(), 1) == 0);
  CHECK(Build(folder, "env:GUIDON_TEST_KEY", "2") == signed_by_file);
  CHECK(Build(folder, "'command:cat " + file + "'", "3") == signed_by_file);
  CHECK(Build(folder, "- <" + file, "4") == signed_by_file);
  REQUIRE(unsetenv("GUIDON_TEST_KEY") == 0);

  const struct {
    std::string key;
    const char* says;
  } rows[] = {
      {"env:GUIDON_TEST_KEY", "env:GUIDON_TEST_KEY: the environment has no GUIDON_TEST_KEY"},
      {"'command:exit 3'", "command:exit 3: the command ended with exit code 3"},
      {"'command:echo secret'", "command:echo secret: this is no private key in PEM"},
      {"'command:yes'", "command:yes: the command printed more than a key"},
      {"/nowhere/key.pem", "cannot read /nowhere/key.pem"},
      {file + " --key 'command:cat " + file + "'", ": this key is given twice"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.key);
    const Outcome refused = Run("sign " + (folder / "1") + " --key " + row.key);
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 1);
    CHECK(Says(refused, row.says));
    CHECK(*ReadFile(folder / "1") == signed_by_file);
  }
}

TEST_CASE("while keys are changed a datafile is signed by both, and taken by apps that trust either") {
  const Folder folder;
  const std::string old_key = MakeKey(folder, "old.pem");
  const std::string new_key = MakeKey(folder, "new.pem");
  const std::string strange_key = MakeKey(folder, "strange.pem");
  (void)Build(folder, folder / "old.pem", "d");
  const std::string verify = "verify " + (folder / "d") + " --at 2026-11-22 --key ";
  CHECK(Run(verify + old_key).exit_code == 0);
  CHECK(Says(Run(verify + new_key), "which the app does not trust"));
  const Outcome added = Run("sign " + (folder / "d") + " --key " + folder / "new.pem");
  CAPTURE(added.output);
  REQUIRE(added.exit_code == 0);
  for (const std::string& key : {old_key, new_key, strange_key + " --key " + new_key}) {
    CAPTURE(key);
    const Outcome good = Run(verify + key);
    CHECK(good.exit_code == 0);
    CHECK(Says(good, "✓ notes/production 1.1: signed well, good until 2027-02-19T00:00:00Z"));
  }
  CHECK(Run(verify + strange_key).exit_code == 1);

  // What a key has signed already it need not sign again.
  const std::string before = *ReadFile(folder / "d");
  REQUIRE(Run("sign " + (folder / "d") + " --key " + (folder / "old.pem")).exit_code == 0);
  CHECK(*ReadFile(folder / "d") == before);
}

TEST_CASE("verify refuses what an app would, and says why") {
  const Folder folder;
  const std::string key = MakeKey(folder, "key.pem");
  const std::string bytes = Build(folder, folder / "key.pem", "d");
  std::string damaged = bytes;
  damaged[damaged.size() - 3] ^= 1;
  REQUIRE(WriteFile(folder / "damaged", damaged).ok());
  REQUIRE(WriteFile(folder / "page", "<html>Log in</html>").ok());
  REQUIRE(Run(std::string("build ") + GUIDON_NOTES_SOURCE + " --unsigned --out " + folder / "unsigned").exit_code == 0);
  const struct {
    std::string arguments;
    int exit_code;
    const char* says;
  } rows[] = {
      {(folder / "d"), 2, "give --key BASE64"},
      {(folder / "d") + " --key short", 2, "--key[0]: not base64"},
      {(folder / "d") + " --key AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 2, "--key[0]: a point of small order"},
      {(folder / "damaged") + " --key " + key, 1, "is not good"},
      {(folder / "page") + " --key " + key, 1, "neither"},
      {(folder / "unsigned") + " --key " + key, 1, "no signature, and the app takes signed datafiles only"},
      {(folder / "d") + " --project other --key " + key, 1, "is for the project \"notes\""},
      {(folder / "d") + " --environment staging --key " + key, 1, "is for the environment \"production\""},
      {(folder / "d") + " --at 2026-11-19 --key " + key, 1, "more than a day ahead of this device's clock"},
      {(folder / "d") + " --at 2027-02-19 --key " + key, 1, "is signed well, and expired at 2027-02-19T00:00:00Z"},
      {(folder / "d") + " --at 2027-02-18 --project notes --environment production --key " + key, 0, "✓"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.arguments);
    const Outcome outcome = Run("verify " + row.arguments);
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == row.exit_code);
    CHECK(Says(outcome, row.says));
  }
}
