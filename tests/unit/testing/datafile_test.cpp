// Datafiles of a test's own, and the app's with some of it set.
#include "guidon/testing/datafile.h"

#include <doctest/doctest.h>

#include "guidon/platform_parts.h"
#include "guidon/testing.h"
#include "tests/support/signer.h"
#include "tests/unit/testing/heard.h"

namespace guidon::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr guidon::Flag<bool> kSharing{"file-sharing", false};
constexpr guidon::Flag<std::string> kComposer{"composer", "fallback"};
constexpr guidon::Flag<std::string> kWelcome{"welcome", "fallback"};

// Everything that could keep somebody out is in it: nobody is in attach-button and nobody is shown try-share by nature.
constexpr char kNotes[] = R"({"format":"guidon/1","project":"notes","environment":"production","epoch":2,"version":40,
  "issued_at":"2027-03-01T08:00:00Z","expires_at":"2027-06-01T08:00:00Z",
  "layers":{"default":{"unit":"device","salt":"default.1"}},
  "holdouts":{"all":{"unit":"device","salt":"all","size":500000,"experiments":"*","campaigns":["try-share"]}},
  "groups":{"all":{"caps":[{"count":1,"per":"400d"}],"gap":"1d","quiet_hours":"09:00-08:00"}},
  "experiments":{
    "attach-button":{"iteration":3,"status":"paused","layer":"default","slots":[[0,10]],"salt":"attach-button.3",
      "when":{"op":"==","attribute":"plan","value":"nobody's"},"starts_at":"2027-05-01T00:00:00Z",
      "audiences":[{"name":"pro","when":{"op":"==","attribute":"plan","value":"pro"},"slots":[[0,10]],
        "variants":{"control":[[0,1000000]]}}],
      "variants":{"control":{"slots":[[0,500000]],"flags":{"composer":"icon"}},
                  "labelled":{"slots":[[500000,1000000]],"flags":{"composer":"icon-and-text"}}}},
    "welcome":{"iteration":1,"status":"running","layer":"default","slots":[[10,1000000]],"salt":"welcome.1",
      "variants":{"short":{"slots":[[0,1000000]],"flags":{"welcome":"Hi"}}}}},
  "campaigns":{"try-share":{"iteration":1,"status":"paused","unit":"device","salt":"try-share.1","holdout":500000,
      "trigger":{"event":"note_created"},"when":{"op":"==","attribute":"plan","value":"nobody's"},
      "ends_at":"2027-03-01T00:00:00Z",
      "caps":[{"count":1},{"group":"all"},{"days":["tue"]},{"until":{"op":">=","count":"note_created","value":1}}],
      "waits":{"dismissal":"400d"},
      "variants":{"news":{"slots":[[0,1000000]],"show":{"kind":"modal","title":"News","buttons":[]}},
                  "benefit":{"slots":[],"show":{"kind":"modal","title":"Benefit","buttons":[]}}}}},
  "flags":{
    "file-sharing":{"type":"bool","default":false,"hold":"session","rules":[{"id":"r1","serve":false}]},
    "composer":{"type":"string","default":"plain","kill":true,"rules":[
      {"id":"first","serve":"served"},
      {"id":"r1","when":{"op":"==","attribute":"plan","value":"nobody's"},"experiment":"attach-button"}]},
    "welcome":{"type":"string","default":"Welcome","rules":[{"id":"r1","experiment":"welcome"}]}}})";

TEST_CASE("the app's own datafile decides as it would for people, at the time when it was issued") {
  TestClient test(Datafile::FromBytes(kNotes));
  CHECK(test.client().status().datafile_version == 40);
  CHECK_FALSE(test.client().status().datafile_expired);
  CHECK(test.clock().Now() - test.client().status().datafile_issued_at == hours(1));
  CHECK(test.client().Get(kComposer) == "plain");
  CHECK(test.client().Decide(kComposer).reason() == Reason::kKilled);
}

TEST_CASE("a variant that is set is met, whatever stood in its way, and others are left alone") {
  for (const char* variant : {"control", "labelled"}) {
    CAPTURE(variant);
    TestClient test(Datafile::FromBytes(kNotes).Variant("attach-button", variant));
    test.client().Identify(Context().Set("plan", "pro"));  // whose audience is in control alone
    const Decision decision = test.client().Decide(kComposer);
    CHECK(decision.reason() == Reason::kExperiment);
    CHECK(decision.variant() == variant);
    decision.Expose();
    CHECK(test.events().Exposed("attach-button", variant, kOnce));
    CHECK(test.client().Decide(kWelcome).reason() != Reason::kForced);
  }
}

TEST_CASE("nobody is in an experiment that is unassigned: the next rule decides") {
  TestClient test(Datafile::FromBytes(kNotes).Variant("welcome", "unassigned"));
  CHECK(test.client().Get(kWelcome) == "Welcome");
  CHECK(test.client().Decide(kWelcome).reason() == Reason::kDefault);
  CHECK(test.events().Exposed("welcome", "short", kNever));
}

TEST_CASE("two experiments of one layer are set side by side") {
  TestClient test(Datafile::FromBytes(kNotes).Variant("attach-button", "labelled").Variant("welcome", "short"));
  CHECK(test.client().Get(kComposer) == "icon-and-text");
  CHECK(test.client().Get(kWelcome) == "Hi");
}

TEST_CASE("a flag that is set has its value, whatever rules said, and keeps its type") {
  TestClient test(Datafile::FromBytes(kNotes).Flag("composer", "text").Flag(kSharing, true));
  CHECK(test.client().Get(kComposer) == "text");
  CHECK(test.client().Get(kSharing));
  test.Flag(kSharing, false);
  CHECK(test.client().Get(kSharing));  // which holds for the session
  test.Restart();
  CHECK_FALSE(test.client().Get(kSharing));
}

TEST_CASE("a prompt that is set is shown by its trigger, whatever stood in its way") {
  TestClient test(Datafile::FromBytes(kNotes).Prompt("try-share").Variant("try-share", "benefit"));
  test.client().Track("note_created");
  REQUIRE(test.prompts().IsUp("try-share"));
  CHECK(test.prompts().up()->title == "Benefit");
  CHECK(test.prompts().up()->variant == "benefit");
  CHECK_FALSE(test.prompts().up()->forced);
  CHECK(test.prompts().Dismiss());
  test.client().Track("note_created");
  CHECK(test.prompts().IsUp("try-share"));
}

TEST_CASE("a prompt that is not set has the gates that people meet, and a look for it says which") {
  TestClient test(Datafile::FromBytes(kNotes));
  test.client().Track("note_created");
  const Verdict verdict = test.prompts().IsUp("try-share");
  CHECK_FALSE(verdict);
  CHECK(Contains(verdict.text(), "no prompt is up\ntry-share is not shown"));
  CHECK(Contains(verdict.text(), "paused"));
}

TEST_CASE("what cannot be set fails the test and says what there is") {
  Heard heard;
  const auto open = [&heard](const Datafile& datafile) {
    heard.failures.clear();
    (void)TestClient(datafile).client();
    return heard.failures.empty() ? std::string() : heard.failures.front();
  };
  const Datafile notes = Datafile::FromBytes(kNotes);
  CHECK(open(Datafile(notes).Variant("attach-button", "blue")) ==
        "\"attach-button\" has no variant \"blue\"; it has control, labelled");
  CHECK(Contains(open(Datafile(notes).Variant("attach", "blue")), "there is no experiment \"attach\""));
  CHECK(Contains(open(Datafile(notes).Prompt("nps")), "there is no campaign \"nps\""));
  CHECK(open(Datafile(notes).Flag(guidon::Flag<std::int64_t>("composer", 1), 3)) ==
        "the flag \"composer\" is of type string, not int");
  CHECK(Contains(open(Datafile(notes).Flag("composer", 3)), "/flags/composer/default must be of the flag's type"));
  CHECK(Contains(open(Datafile(notes).Flag("composer", Value())), "/flags/composer/default"));
  CHECK(open(Datafile(notes).Flag("file-shraing", true)) == "the datafile has no flag \"file-shraing\" to set");
  CHECK(open(Datafile(notes).Flag(guidon::Flag<bool>("new", false), true)).empty());
  CHECK(open(Datafile().Variant("a", "x", {{"f", 1}}).Variant("b", "y", {{"f", 2}})) ==
        "\"a\" and \"b\" both set the flag \"f\", so nobody is in a variant of both");
  CHECK(Contains(open(Datafile::FromBytes("{\"format\":")), "this is no datafile: line 1"));
  CHECK(Contains(open(Datafile::FromBytes("GUIDON")), "this is no datafile"));
  CHECK(Contains(open(Datafile::FromFile("no-such.datafile")), "no-such.datafile cannot be read"));
  CHECK(Contains(open(Datafile().Experiment("empty", {})), "has no variants"));
  CHECK(open(notes).empty());
}

TEST_CASE("a test's own experiment has all its variants") {
  const Datafile datafile = Datafile().Experiment(
      "attach-button", {{"control", {{"composer", "icon"}}}, {"labelled", {{"composer", "icon-and-text"}}}});
  CHECK(datafile.VariantsOf("attach-button") == std::vector<std::string>{"control", "labelled"});
  TestClient test(datafile);
  CHECK(test.client().Get(kComposer) == "icon");
  test.Variant("attach-button", "labelled");
  CHECK(test.client().Get(kComposer) == "icon-and-text");
}

TEST_CASE("a signature is looked at with the app's own keys, also where something is set") {
  const test::Signer signer;
  const test::Signer stranger;
  const std::string bytes = signer.Sign(kNotes);
  const auto open = [&](const Datafile& datafile, const std::string& key) {
    Heard heard;
    TestClient test(datafile);
    test.platform().crypto = OpenSslCrypto();
    if (!key.empty()) test.options().trusted_keys = {{key}};
    const ClientStatus status = test.client().status();
    std::string said = status.datafile_signed ? "signed" : "unsigned";
    for (const std::string& failure : heard.failures) said += "; " + failure;
    return said;
  };
  const Datafile plain = Datafile::FromBytes(bytes);
  const Datafile set = Datafile::FromBytes(bytes).Flag("composer", "text");
  CHECK(open(plain, signer.trusted().public_key) == "signed");
  CHECK(open(set, signer.trusted().public_key) == "unsigned");
  CHECK(open(set, "") == "unsigned");
  CHECK(Contains(open(plain, stranger.trusted().public_key), "the datafile was refused: "));
  CHECK(Contains(open(set, stranger.trusted().public_key), "the datafile was refused: "));
}

}  // namespace
}  // namespace guidon::testing
