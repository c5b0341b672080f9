// The suite of notes.cpp with doctest; notes_catch2.cpp and notes_gtest.cpp have the same with Catch2 and GoogleTest.
// docs/guide/testing.md walks through it.
#include <doctest/doctest.h>
#include <guidon/testing.h>

#include <chrono>

#include "notes.h"

using namespace guidon::testing;

GUIDON_TESTING_WITH_DOCTEST();

// What the app ships with. NOTES_DATAFILE is a path.
Datafile Shipped() { return Datafile::FromFile(NOTES_DATAFILE).Flag("file-sharing", true); }

TEST_CASE("without file sharing there is no button, nothing is shared, and nobody is exposed") {
  TestClient test;
  test.Flag("file-sharing", false).Variant("attach-button", "labelled", {{"composer", "icon-and-text"}});
  Notes notes(test.client());
  CHECK(notes.AttachLabel() == "");
  CHECK_FALSE(notes.Share("pdf"));
  CHECK(test.events().Tracked("file_shared", {}, kNever));
  CHECK(test.events().Exposed("attach-button", "labelled", kNever));
}

TEST_CASE("files are shared whatever the button looks like") {
  ForEachVariant(Shipped(), "attach-button", [](TestClient& test) {
    Notes notes(test.client());
    CHECK(notes.AttachLabel() != "");
    CHECK(notes.Share("pdf"));
    CHECK(test.events().Tracked("file_shared", {{"kind", "pdf"}}, kOnce));
  });
}

TEST_CASE("whoever sees the labelled button is exposed to it, once a day") {
  TestClient test(Shipped().Variant("attach-button", "labelled"));
  Notes notes(test.client());
  CHECK(notes.AttachLabel() == "[ + Attach a file ]");
  CHECK(notes.AttachLabel() == "[ + Attach a file ]");
  CHECK(test.events().Exposed("attach-button", "labelled", kOnce));
  test.Advance(std::chrono::hours(24));
  notes.AttachLabel();
  CHECK(test.events().Exposed("attach-button", "labelled", Exactly(2)));
}

TEST_CASE("a long note leads to the composer, by a prompt") {
  TestClient test(Shipped().Prompt("try-file-share"));
  Notes notes(test.client());
  test.prompts().on_action = [&](const guidon::PromptAction& action) { notes.Do(action); };
  notes.Save("short");
  CHECK(test.prompts().IsEmpty());
  notes.Save(std::string(500, 'x'));
  REQUIRE(test.prompts().IsUp("try-file-share"));
  CHECK(test.prompts().Press("b1"));
  CHECK(notes.has_open_composer());
  CHECK(test.events().PromptPressed("try-file-share", "b1", kOnce));
}

TEST_CASE("what was shared on the train arrives, also when the app was closed meanwhile") {
  TestClient test(Shipped());
  test.http().SetOnline(false);
  CHECK(Notes(test.client()).Share("pdf"));
  test.Restart();
  test.http().SetOnline(true);
  test.Advance(std::chrono::minutes(10));
  CHECK(test.client().status().ledger.pending == 0);
}

TEST_CASE("any two experiments get along") {
  ForAllPairs(Shipped(), {"attach-button", "onboarding"}, [](TestClient& test) {
    Notes notes(test.client());
    CHECK(notes.AttachLabel() != "");
    CHECK(notes.Share("pdf"));
  });
}
