// A history of published datafiles, and what an audit makes of it once somebody has been at it.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "sdk/core/evaluation/bucketing.h"
#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

// Four versions in the folder `published`, a day apart; each raises the rollout.
struct History {
  History() {
    const Outcome key = Run("keygen --quiet --out " + folder / "key.pem");
    REQUIRE(key.exit_code == 0);
    public_key = key.output.substr(0, key.output.size() - 1);
    std::filesystem::create_directory(published());
    for (int version = 1; version <= 4; ++version) {
      Build(version, version * 10, version > 1 ? version - 1 : 0, std::to_string(version));
    }
  }
  std::string published() const { return folder / "published"; }
  std::string File(const std::string& name) const { return published() + "/" + name; }
  void Build(int day, int percent, int previous, const std::string& name, const std::string& project = "notes") const {
    REQUIRE(WriteFile(folder / "source", R"({"format":"guidon-source/1","project":")" + project +
                                             R"(","environment":"production","flags":{"chunk":{"default":1,"rules":)" +
                                             R"([{"percent":)" + std::to_string(percent) + R"(,"serve":2}]}}})")
                .ok());
    const Outcome built = Run(
        "build " + (folder / "source") + " --key " + (folder / "key.pem") + " --now 2026-01-0" + std::to_string(day) +
        (previous > 0 ? " --previous " + File(std::to_string(previous)) : "") + " --out " + File(name));
    CAPTURE(built.output);
    REQUIRE(built.exit_code == 0);
  }
  Outcome Audit(const std::string& more = {}) const {
    return Run("audit " + published() + " --key " + public_key + " " + more);
  }

  Folder folder;
  std::string public_key;
};

}  // namespace

TEST_CASE("an untouched history is a chain, with what changed when") {
  const History history;
  const Outcome audit = history.Audit();
  CAPTURE(audit.output);
  CHECK(audit.exit_code == 0);
  CHECK(Says(audit, "notes/production  4 versions"));
  CHECK(Says(audit, "1.1  2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z, signed by "));
  CHECK(Says(audit, "1.4  2026-01-04T00:00:00Z to 2026-04-04T00:00:00Z, when it expires"));
  CHECK(Says(audit, "~ flag chunk  r1 10 % 2 by device → 20 % 2 by device"));
  CHECK(Says(audit, "✓ each version follows the one before"));
  CHECK(Says(history.Audit("--json"), "\"faults\": 0"));
}

TEST_CASE("an audit tells what somebody got under each version") {
  const History history;
  std::string device;
  for (int i = 0; device.empty(); ++i) {
    const std::string id = "d-" + std::to_string(i);
    const std::uint32_t slot = evaluation::Slot('r', "chunk.1", id);
    if (slot >= 200'000 && slot < 300'000) device = id;  // not in it before the third version
  }
  REQUIRE(WriteFile(history.folder / "c", R"({"units":{"device":")" + device + "\"}}").ok());
  const Outcome audit = history.Audit("--flag chunk --context " + history.folder / "c");
  CAPTURE(audit.output);
  CHECK(audit.exit_code == 0);
  CHECK(Says(audit, "→ chunk = 1  default"));
  CHECK(Says(audit, "→ chunk = 2  rollout"));
  CHECK(audit.output.rfind("chunk = 1") < audit.output.find("1.3  "));
  CHECK(audit.output.find("chunk = 2") > audit.output.find("1.3  "));
  const Outcome nothing = history.Audit("--flag other --context " + history.folder / "c");
  CHECK(Says(nothing, "→ other: no such flag"));
}

TEST_CASE("whatever is done to a history afterwards is found") {
  const struct {
    std::string name;
    void (*change)(const History& history);
    const char* says;
  } rows[] = {
      {"a version taken out", [](const History& history) { std::filesystem::remove(history.File("2")); },
       "what it follows is not there: versions 2 to 2 are missing"},
      {"several taken out",
       [](const History& history) {
         std::filesystem::remove(history.File("2"));
         std::filesystem::remove(history.File("3"));
       },
       "versions 2 to 3 are missing"},
      {"a version built anew with other rules", [](const History& history) { history.Build(2, 99, 1, "2"); },
       "does not follow this version 1.2, but another file"},
      {"a second one of the same version", [](const History& history) { history.Build(2, 99, 1, "2b"); },
       "the same version with other content, beside "},
      {"built without the last file",
       [](const History& history) {
         history.Build(1, 50, 0, "other");
         std::filesystem::remove(history.File("1"));
         std::filesystem::rename(history.File("other"), history.File("1"));
       },
       "does not follow this version 1.1, but another file"},
      {"a bit of it changed",
       [](const History& history) {
         std::string bytes = *ReadFile(history.File("4"));
         bytes.replace(bytes.find("400000"), 6, "400001");
         REQUIRE(WriteFile(history.File("4"), bytes).ok());
       },
       "is not good"},
      {"not signed",
       [](const History& history) {
         REQUIRE(Run("build " + (history.folder / "source") + " --unsigned --now 2026-01-05 --previous " +
                     history.File("4") + " --out " + history.File("5"))
                     .exit_code == 0);
       },
       "has no good signature by a key given"},
      {"issued before the one it follows", [](const History& history) { history.Build(1, 50, 4, "5"); },
       "was issued before version 1.4 was"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const History history;
    row.change(history);
    const Outcome audit = history.Audit();
    CAPTURE(audit.output);
    CHECK(audit.exit_code == 1);
    CHECK(Says(audit, row.says));
    CHECK_FALSE(Says(audit, "✓ each version"));
  }
}

TEST_CASE("more signatures on the same version are the same version") {
  const History history;
  REQUIRE(Run("keygen --out " + history.folder / "next.pem").exit_code == 0);
  REQUIRE(Run("sign " + history.File("2") + " --key " + (history.folder / "next.pem") + " --out " + history.File("2b"))
              .exit_code == 0);
  const Outcome audit = history.Audit();
  CAPTURE(audit.output);
  CHECK(audit.exit_code == 0);
  CHECK(Says(audit, "4 versions"));
}

TEST_CASE("what cannot be audited is refused with the reason") {
  const History history;
  const Folder empty;
  CHECK(Says(Run("audit " + empty / "nowhere"), "cannot read the folder"));
  REQUIRE(WriteFile(history.File("notes.txt"), "not a datafile").ok());
  CHECK(Says(history.Audit(), "notes.txt: "));
  std::filesystem::remove(history.File("notes.txt"));
  history.Build(5, 50, 0, "5", "other");
  const Outcome mixed = history.Audit();
  CHECK(mixed.exit_code == 1);
  CHECK(Says(mixed, "is of other/production, and others here are of notes/production"));
  CHECK(Run("audit " + history.published() + " --flag chunk").exit_code == 2);
}
