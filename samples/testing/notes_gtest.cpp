// The suite of notes.cpp with GoogleTest; notes_doctest.cpp has the same with doctest.
#include <gtest/gtest.h>
#include <guidon/testing.h>

#include <chrono>

#include "notes.h"

using namespace guidon::testing;

GUIDON_TESTING_WITH_GTEST();

// What the app ships with. NOTES_DATAFILE is a path.
Datafile Shipped() { return Datafile::FromFile(NOTES_DATAFILE).Flag("file-sharing", true); }

TEST(Notes, HasNoButtonWithoutFileSharing) {
  TestClient test;
  test.Flag("file-sharing", false).Variant("attach-button", "labelled", {{"composer", "icon-and-text"}});
  Notes notes(test.client());
  EXPECT_EQ(notes.AttachLabel(), "");
  EXPECT_FALSE(notes.Share("pdf"));
  EXPECT_TRUE(test.events().Tracked("file_shared", {}, kNever));
  EXPECT_TRUE(test.events().Exposed("attach-button", "labelled", kNever));
}

TEST(Notes, SharesWhateverTheButtonLooksLike) {
  ForEachVariant(Shipped(), "attach-button", [](TestClient& test) {
    Notes notes(test.client());
    EXPECT_NE(notes.AttachLabel(), "");
    EXPECT_TRUE(notes.Share("pdf"));
    EXPECT_TRUE(test.events().Tracked("file_shared", {{"kind", "pdf"}}, kOnce));
  });
}

TEST(Notes, ExposesToTheLabelledButtonOnceADay) {
  TestClient test(Shipped().Variant("attach-button", "labelled"));
  Notes notes(test.client());
  EXPECT_EQ(notes.AttachLabel(), "[ + Attach a file ]");
  EXPECT_EQ(notes.AttachLabel(), "[ + Attach a file ]");
  EXPECT_TRUE(test.events().Exposed("attach-button", "labelled", kOnce));
  test.Advance(std::chrono::hours(24));
  notes.AttachLabel();
  EXPECT_TRUE(test.events().Exposed("attach-button", "labelled", Exactly(2)));
}

TEST(Notes, LeadsFromALongNoteToTheComposer) {
  TestClient test(Shipped().Prompt("try-file-share"));
  Notes notes(test.client());
  test.prompts().on_action = [&](const guidon::PromptAction& action) { notes.Do(action); };
  notes.Save("short");
  EXPECT_TRUE(test.prompts().IsEmpty());
  notes.Save(std::string(500, 'x'));
  ASSERT_TRUE(test.prompts().IsUp("try-file-share"));
  EXPECT_TRUE(test.prompts().Press("b1"));
  EXPECT_TRUE(notes.has_open_composer());
  EXPECT_TRUE(test.events().PromptPressed("try-file-share", "b1", kOnce));
}

class OnTheTrain : public ::testing::Test {
 protected:
  void SetUp() override { test_.http().SetOnline(false); }

  TestClient test_{Shipped()};
};

TEST_F(OnTheTrain, WhatIsSharedArrivesAlsoWhenTheAppWasClosedMeanwhile) {
  EXPECT_TRUE(Notes(test_.client()).Share("pdf"));
  test_.Restart();
  test_.http().SetOnline(true);
  test_.Advance(std::chrono::minutes(10));
  EXPECT_EQ(test_.client().status().ledger.pending, 0u);
}

TEST(Notes, HasExperimentsThatGetAlong) {
  ForAllPairs(Shipped(), {"attach-button", "onboarding"}, [](TestClient& test) {
    Notes notes(test.client());
    EXPECT_NE(notes.AttachLabel(), "");
    EXPECT_TRUE(notes.Share("pdf"));
  });
}
