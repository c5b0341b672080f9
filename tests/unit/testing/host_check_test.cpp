#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "guidon/testing.h"
#include "tests/unit/testing/toy_host.h"

using namespace guidon;
using namespace guidon::testing;

TEST_CASE("a host that keeps its promises breaks none, and everything was tried") {
  ToyDriver driver(Fault::kNone);
  std::vector<std::string> skipped;
  CHECK(CheckPromptHost(driver, &skipped) == std::vector<std::string>{});
  CHECK(skipped.empty());
}

TEST_CASE("each broken promise is found, and named") {
  struct Row {
    Fault fault;
    const char* broken;
  };
  const Row rows[] = {
      {Fault::kNoKinds, "kinds, asked twice: the host draws nothing"},
      {Fault::kUnknownKind, "kinds, asked twice: no campaign is of the kind \"toast\""},
      {Fault::kDrawsWhenAsked, "banner, asked for: MayPresent draws it, also before people who are held out"},
      {Fault::kNeverNow, "banner, shown: MayPresent says no although nothing is up"},
      {Fault::kBusyIsNever, "banner, busy: MayPresent does not say kLater"},
      {Fault::kForgetsPresented,
       "modal, shown: it is on screen, of which a lease says Presented once; it said nothing"},
      {Fault::kPresentsTwice,
       "modal, shown: it is on screen, of which a lease says Presented once; it said Presented, Presented"},
      {Fault::kNeverDraws, "modal, shown: it is not on screen; the lease said nothing"},
      {Fault::kDropsLease, "modal, shown: the lease is gone while the prompt is up"},
      {Fault::kCloseSaysNothing, "modal, closed: the lease said Presented instead of Presented, Dismissed(kPerson)"},
      {Fault::kCloseTwice,
       "modal, closed: the lease said Presented, Dismissed(kPerson), Dismissed(kPerson) instead of Presented, "
       "Dismissed(kPerson)"},
      {Fault::kCloseIsHost,
       "modal, closed: the lease said Presented, Dismissed(kHost) instead of Presented, Dismissed(kPerson)"},
      {Fault::kNoClose, "modal, closed: there is no way to close it"},
      {Fault::kStaysAfterPress, "modal, button try: it is still on screen"},
      {Fault::kWrongButton,
       "modal, button later: the lease said Presented, Action(OK) instead of Presented, Action(later)"},
      {Fault::kNoButton, "modal, button no: there is no such button to press"},
      {Fault::kLastButtonMissing, "modal, as long as can be: its last button cannot be pressed"},
      {Fault::kMarkup,
       "modal, plain text: the title \"<b>1 & 2</b> &amp; %s {0}\" is not to be read, or not in its order"},
      {Fault::kButtonsFirst, "modal, shown: the button \"Attach a file\" is not to be read, or not in its order"},
      {Fault::kNoBody,
       "modal, shown: the body \"Share it right here.\nIt stays yours.\" is not to be read, or not in its order"},
      {Fault::kRetractsAny, "modal, retracted: it went away when another one was retracted"},
      {Fault::kIgnoresRetract, "modal, retracted: it is still on screen"},
      {Fault::kDrawsRetracted, "modal, retracted at once: it is still on screen"},
      {Fault::kFocusOutside, "full_screen, shown: the focus stays outside, at \"editor\""},
      {Fault::kFocusStolen, "banner, shown: it takes the focus from what people do, to \"prompt\""},
      {Fault::kFocusLost, "banner, closed: the focus was at \"editor\" before, and is at \"\" now"},
      {Fault::kRoleOfRegion, "modal, shown: what keeps people from the rest is a dialog, and its role is \"region\""},
      {Fault::kOtherLabel, "modal, shown: its label \"Window 2\" does not say its title"},
      {Fault::kOwnLanguage, "modal, another language: it is read out in \"de\" instead of \"ar\""},
      {Fault::kVanishes, "modal, left alone: it went away by itself, under a screen reader"},
      {Fault::kKeepsLeaseAtEnd, "modal, the app ends: nobody hears of its end: the lease is kept"},
      {Fault::kEndsTwice,
       "modal, the app ends: the lease said Presented, Failed(the app ends), Dismissed(kNavigation)"},
      {Fault::kComesBack, "modal, the app ends: it is up again when the app is back"},
      {Fault::kReadsNothing, "banner, shown: nobody hears that it comes: the title is not read out"},
      {Fault::kReadsBodyFirst, "modal, shown: the body is not read out after the title"},
      {Fault::kReadsTwice, "tooltip, shown: it is read out more than once"},
      {Fault::kReadsWhenAsked, "modal, asked for: MayPresent has something read out, also to people who are held out"},
      {Fault::kBannerIsDialog,
       "banner, shown: what people may pass by is a status, region or tooltip, and its role is \"dialog\""},
      {Fault::kFocusOnLast, "modal, shown: the focus begins at \"no\", and what stands before it goes unheard"},
      {Fault::kFocusBackwards,
       "modal, shown: the focus goes from \"try\" to \"no\", which is not the order of its buttons"},
      {Fault::kFocusLeaves, "modal, shown: the focus leaves it, for \"editor\""},
      {Fault::kFocusStays,
       "full_screen, shown: the focus goes from \"try\" to \"try\", which is not the order of its buttons"},
      {Fault::kForgetsAnswer,
       "modal, a question of type nps: the lease said Presented when Answer(first, 9) was given"},
      {Fault::kAnswersTwice,
       "card, a question of type choices: the lease said Presented, Answer(first, b+c), Answer(first, b+c) when "
       "Answer(first, b+c) was given"},
      {Fault::kIgnoresBranch, "modal, a question of type choice: it asks \"between\" where the way leads to \"last\""},
      {Fault::kLeavesOutRequired, "modal, a question of type csat: one that is required can be left out"},
      {Fault::kNoWayOn, "modal, a question of type text: there is no way to go on without an answer to \"last\""},
      {Fault::kNoWayToAnswer, "banner, a question of type text: there is no way to answer \"first\""},
      {Fault::kNeverCompletes,
       "modal, a question of type nps: the lease said Presented, Answer(first, 9), Dismissed(kHost) instead of "
       "Presented, Answer(first, 9), Completed"},
      {Fault::kCompletesTwice,
       "modal, a question of type nps: the lease said Presented, Answer(first, 9), Completed, Completed instead of "
       "Presented, Answer(first, 9), Completed"},
      {Fault::kCompletesAfterAction,
       "modal, left half-way, a question of type nps: the lease said Presented, Answer(first, 9), Action(no), "
       "Completed instead of Presented, Answer(first, 9), Action(no)"},
      {Fault::kAsksUnknown, "modal, questions: no question is of the type \"stars\""},
      {Fault::kNoOptions,
       "modal, a question of type choice: the option \"The price\" is not to be read, or not in its order"},
      {Fault::kQuestionLast,
       "modal, a question of type nps: the button \"Thanks, no\" is not to be read, or not in its order"},
      {Fault::kForgetsAction, "modal, action copy: the app did nothing instead of copy GUIDON <50>"},
      {Fault::kDropsArguments,
       "modal, action board: the app did custom board instead of custom board board=b 1&2 who=Ann"},
      {Fault::kActsTwice, "modal, action review: the app did review, review instead of review"},
      {Fault::kActsOnClosing, "modal, button later: the app did review instead of nothing"},
  };
  CHECK(std::size(rows) == static_cast<std::size_t>(Fault::kActsOnClosing));
  for (const Row& row : rows) {
    ToyDriver driver(row.fault);
    const std::vector<std::string> broken = CheckPromptHost(driver);
    std::string all;
    for (const std::string& one : broken) all += one + "\n";
    CAPTURE(all);
    CAPTURE(row.broken);
    CHECK(std::find(broken.begin(), broken.end(), row.broken) != broken.end());
  }
}

TEST_CASE("what a driver cannot do is skipped, and said") {
  class Simple final : public PromptHostDriver {
   public:
    PromptHost& Host() override { return inner.Host(); }
    void Settle() override { inner.Settle(); }
    PromptScreen Look() override {
      PromptScreen screen = inner.Look();
      screen.role = screen.label = screen.language = screen.focus = "";
      return screen;
    }
    bool Press(std::string_view id) override { return inner.Press(id); }
    bool Close() override { return inner.Close(); }
    void Restart() override { inner.Restart(); }
    ToyDriver inner{Fault::kNone};
  };
  Simple driver;
  std::vector<std::string> skipped;
  CHECK(CheckPromptHost(driver, &skipped) == std::vector<std::string>{});
  std::vector<std::string> expected;
  for (const char* kind : {"banner", "card", "full_screen", "modal"}) {
    for (const char* what :
         {"no bad moment was tried", "what is read out is not known", "what buttons have the app do is not known",
          "no question was answered", "time did not pass"}) {
      expected.push_back(std::string(kind) + ": " + what);
    }
  }
  expected.emplace_back("tooltip: there is no anchor to point at");
  CHECK(skipped == expected);
}
