// `guidon qa`: what it makes is what devices take, and what they would not take it does not make.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "guidon/platform_parts.h"
#include "sdk/client/qa_token.h"
#include "sdk/core/base/json.h"
#include "sdk/tools/files.h"
#include "tests/unit/tools/command.h"
#include "tests/unit/tools/workbench.h"

using namespace guidon;
using namespace guidon::tools;

namespace {

constexpr const char* kDevice = "AAAAAAAAAAAAAAAAAAAAAA";

std::string OneLine(const Outcome& outcome) { return outcome.output.substr(0, outcome.output.find('\n')); }

struct Desk {
  Desk() {
    const auto make_key = [this](const char* name) {
      const Outcome key = Run("keygen --quiet --out " + folder / name);
      REQUIRE(key.exit_code == 0);
      return OneLine(key);
    };
    public_key = make_key("qa.key");
    (void)make_key("release.key");
    const char* members = R"J("flags":{"composer":{"default":"icon"},"secret":{"default":false,"protected":true}},
      "experiments":{"look":{"hypothesis":"h","owner":"o","decide_by":"2027-01-15","percent":30,
        "goals":["g within 7d"],"variants":{"control":{"composer":"icon"},"labelled":{"composer":"text"}}}})J";
    REQUIRE(WriteFile(folder / "source", SourceWith(members)).ok());
    const Outcome built = Run("build " + (folder / "source") + " --now 2026-11-21 --key " + (folder / "release.key") +
                              " --out " + datafile());
    CAPTURE(built.output);
    REQUIRE(built.exit_code == 0);
  }
  std::string datafile() const { return folder / "datafile"; }
  Outcome Make(const std::string& rest, const char* redirect = "2>&1") const {
    return Run("qa token " + datafile() + " --key " + (folder / "qa.key") + " --now 2026-11-23T10:00:00Z " + rest,
               redirect);
  }

  Folder folder;
  std::string public_key;
};

}  // namespace

TEST_CASE("a token that the command makes is one that an app takes which trusts the key for QA") {
  const Desk desk;
  const Outcome made =
      desk.Make(std::string("--device ") + kDevice +
                    " --force 'experiment:look=labelled' --local --for 2d --issuer ann --note 'the button'",
                "2>/dev/null");
  REQUIRE(made.exit_code == 0);
  const auto crypto = OpenSslCrypto();
  const auto keys = datafile::DecodeKeys({{desk.public_key, TrustedKey::Role::kQa}}, crypto.get());
  REQUIRE(keys.ok());
  std::optional<QaToken> token;
  client::VerifyToken(OneLine(made), *keys, crypto.get(), [&token](Result<QaToken> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    token = *std::move(result);
  });
  REQUIRE(token.has_value());
  CHECK(token->device == kDevice);
  CHECK(token->allow == std::vector<std::string>{"experiment:look"});  // what it forces
  CHECK(token->force == "experiment:look=labelled");
  CHECK(token->allows_local);
  CHECK(token->expires_at - token->not_before == std::chrono::hours(48));
  CHECK(token->id.substr(0, 14) == "qa-2026-11-23-");

  const std::string inspect = "qa inspect " + OneLine(made) + " --now 2026-11-24T09:00:00Z";
  const Outcome checked = Run(inspect + " --key " + desk.public_key);
  CAPTURE(checked.output);
  CHECK(checked.exit_code == 0);
  CHECK(Says(checked, "experiment:look=labelled"));
  CHECK(Says(checked, "signed well; good for another 25 h"));
  CHECK(Says(Run(inspect), "which was not checked"));
  const Outcome over = Run("qa inspect " + OneLine(made) + " --now 2026-11-26");
  CHECK(over.exit_code == 1);
  CHECK(Says(over, "it ended at 2026-11-25T10:00:00Z"));
  const Outcome json = Run(inspect + " --json --key " + desk.public_key, "2>/dev/null");
  const auto document = json::Document::Parse(json.output, nullptr);
  REQUIRE(document);
  CHECK(document->root()["good"].AsBool() == true);
  CHECK(document->root()["says"]["issuer"].AsString() == "ann");
}

TEST_CASE("a link has the token, and its QR code is as wide as it is high") {
  const Desk desk;
  const std::string rest = std::string("--device ") + kDevice + " --allow 'experiment:*' --key " +
                           (desk.folder / "qa.key") + " --now 2026-11-23T10:00:00Z --app 'notes://guidon?from=qa'";
  const Outcome link = Run("qa link " + desk.datafile() + " " + rest, "2>/dev/null");
  CHECK(link.exit_code == 0);
  CHECK(link.output.find("notes://guidon?from=qa&t=gqa1.") == 0);
  CHECK_FALSE(client::FindToken(OneLine(link)).empty());
  const Outcome inspected = Run("qa inspect '" + OneLine(link) + "' --now 2026-11-23T10:00:00Z");
  CHECK(inspected.exit_code == 0);
  CHECK(Says(inspected, "experiment:*"));
  const Outcome drawn = Run("qa link " + desk.datafile() + " " + rest + " --qr", "2>/dev/null");
  if (drawn.exit_code != 0) return;  // built without libqrencode, which it says
  std::size_t lines = 0;
  for (const char c : drawn.output) lines += c == '\n' ? 1 : 0;
  CHECK(lines > 25);
}

TEST_CASE("what no device would take, or nobody meant, is not made, and it says why") {
  const Desk desk;
  const std::string device = std::string("--device ") + kDevice + " ";
  const struct {
    std::string rest;
    int exit_code;
    const char* says;
  } rows[] = {
      {device + "--force 'experiment:loook=labelled'", 1, "did you mean \"look\"?"},
      {device + "--force 'experiment:look=labeled'", 1, "has no variant \"labeled\"; it has control, labelled, off"},
      {device + "--force 'flag:secret=true'", 1, "the datafile protects flag:secret"},
      {device + "--force 'flag:composr=\"x\"'", 1, "flag \"composr\" is not in the datafile"},
      {device + "--force 'flag:secret=3'", 1, "is of type bool"},
      {device + "--force 'look=labelled'", 1, "character 1: an entry begins with"},
      {device + "--allow 'experiment:loook'", 1, "did you mean \"look\"?"},
      {device + "--allow 'look'", 1, "is none of *, flag:KEY, experiment:KEY, prompt:KEY"},
      {device + "--allow 'prompt:*' --force 'experiment:look=off'", 1, "--allow does not cover experiment:look=off"},
      {device + "--allow '*' --for 8d", 0, "environment test"},
      {device + "--allow '*' --for 91d", 1, "it lasts 90 days at most"},
      {"--device abc --allow '*'", 1, "\"device\" is no device's code"},
      {"--allow '*'", 2, "give --device CODE"},
      {device, 2, "give --force or --allow"},
      {device + "--allow '*' --for soon", 2, "--for needs a time"},
      {device + "--allow '*' --key " + (desk.folder / "release.key"), 1, "this key signs datafiles"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.rest);
    const Outcome outcome = desk.Make(row.rest);
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == row.exit_code);
    if (row.exit_code != 0) CHECK(Says(outcome, row.says));
  }
  CHECK(Says(Run("qa tokn x"), "did you mean 'qa token'?"));
  CHECK(Run("qa inspect gqa1.x").exit_code == 1);
  CHECK(Run("qa").exit_code == 2);
}
