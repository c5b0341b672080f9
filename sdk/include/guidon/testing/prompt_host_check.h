// For an app's own tests: does its PromptHost keep what guidon/prompt.h asks of it? Link guidon::testing; it needs no
// client, no datafile and no network.
//
//   MyAppDriver app;                                   // the app's screen, and what a person does before it
//   EXPECT_EQ(guidon::testing::CheckPromptHost(app), std::vector<std::string>{});
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/prompt.h"
#include "guidon/time.h"
#include "guidon/value.h"

namespace guidon::testing {

// What people have before them, and what a screen reader is told. What a toolkit knows nothing of, such as roles in a
// terminal, stays empty and is not checked.
struct PromptScreen {
  bool has_prompt = false;
  // Everything that can be read of the prompt, buttons too, in the order in which it is read out. How lines are broken
  // makes no difference.
  std::vector<std::string> texts;
  std::string role;      // as WAI-ARIA names them: "dialog", "status", "region", "tooltip"
  std::string label;     // what is read out when the prompt comes
  std::string language;  // in which it is read out, as a language tag
  // Where a key goes: to a button of the prompt, by its id; "prompt" for another part of it; any other name for what is
  // not of the prompt. Empty: nobody knows.
  std::string focus;
  std::string question;  // the id of the one that is asked; empty: none
};

// What became of an attempt.
enum class Tried { kDone, kNoWay, kCannotTry };

// The app as it is tested: on one thread, the test's.
class PromptHostDriver {
 public:
  virtual ~PromptHostDriver();

  // Of the running app; another one after Restart.
  virtual PromptHost& Host() = 0;
  // Does what waits on the app's UI thread, and draws, until nothing is left to do.
  virtual void Settle() = 0;
  virtual PromptScreen Look() = 0;
  // As people do it, by key or finger. False: there is no such thing to press, or nothing to close.
  virtual bool Press(std::string_view button_id) = 0;
  virtual bool Close() = 0;  // Escape, Back, a cross, a tap beside it: whatever way there is for this kind
  // Ends the app with whatever is up, and starts it anew; nothing is up then.
  virtual void Restart() = 0;

  // Something that a tooltip can point at is on the screen, by the app's name for it. Empty: tooltips are not tried.
  virtual std::string Anchor() { return std::string(); }
  // Makes it a bad moment for any prompt (a call, a dialog, somebody types), or a good one again. False: it cannot.
  virtual bool SetBusy(bool /*is_busy*/) { return false; }
  // What a screen reader has said by itself since it was asked last, in order. Nothing: nobody knows.
  virtual std::optional<std::vector<std::string>> ReadOut() { return std::nullopt; }
  // The key for the next place that takes keys, as Tab. False: it cannot.
  virtual bool MoveFocus() { return false; }
  // Answers the question that is asked, as PromptLease::Answer has it, and goes on; a null `answer`: goes on without
  // one. kNoWay: people cannot, or may not.
  virtual Tried Answer(std::string_view /*question_id*/, const Value& /*answer*/) { return Tried::kCannotTry; }
  // What buttons had the app do since it was asked last. Nothing: nobody knows.
  virtual std::optional<std::vector<PromptAction>> TakeActions() { return std::nullopt; }
  // Lets the app's clock go on with a screen reader on. False: it cannot.
  virtual bool PassTime(Duration /*time*/) { return false; }
};

// Shows scripted prompts of every kind that the host draws, with every type of question that it asks and every action
// that it does, and does with them what people and the engine do. Each
// broken promise, as "modal, closed: Dismissed was said twice"; empty when all are kept. What the driver could not try
// is not among them: `skipped`, when given, says what that was.
std::vector<std::string> CheckPromptHost(PromptHostDriver& driver, std::vector<std::string>* skipped = nullptr);

}  // namespace guidon::testing
