// Draws nothing, and does with prompts what a person does before the screen. For the logic around prompts; whether a
// host that draws keeps its word is tried by prompt_host_check.h.
//
//   test.client().Track("note_created");
//   REQUIRE(test.prompts().IsUp("nps"));           // or why it is not shown, gate by gate
//   CHECK(test.prompts().Answer("score", 9));
//   CHECK(test.prompts().Press("send"));
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/prompt.h"
#include "guidon/testing/verdict.h"

namespace guidon::testing {

// On the test's thread.
class FakePromptHost final : public PromptHost {
 public:
  // What it can draw and do, and what it says when it is asked.
  std::vector<std::string> kinds{"tooltip", "banner", "card", "modal", "full_screen"};
  std::vector<std::string> question_types{"nps", "csat", "choice", "choices", "text"};
  std::vector<std::string> actions{"open", "share", "copy", "review"};
  Admission admission = Admission::kNow;
  // What pressing a button asks of the app; null: nobody does it.
  std::function<void(const PromptAction&)> on_action;

  // What is on screen: a campaign's prompt, or nothing.
  Verdict IsUp(std::string_view campaign) const;
  Verdict IsEmpty() const;
  const std::optional<Prompt>& up() const;

  // What a person does. Fails where there is no such thing on screen, and where the engine refuses an answer.
  Verdict Press(std::string_view button);
  Verdict Dismiss(DismissCause cause = DismissCause::kPerson);
  Verdict Snooze(Duration wait);
  Verdict Answer(std::string_view question, const Value& answer);
  Verdict Complete();                   // the survey, after its last question
  Verdict SetVisible(bool is_visible);  // scrolled away, and back

  // Ever shown, and ever taken back by the engine (their ids), in order.
  const std::vector<Prompt>& shown() const;
  const std::vector<std::string>& retracted() const;

  // --- For whoever turns it: TestClient ---

  // `settle` is called before every look and after everything that a person does; `explain` says why a campaign's
  // prompt is not shown. Both may be null.
  void Attach(std::function<void()> settle, std::function<std::string(std::string_view campaign)> explain);
  // The process is gone, and what was on screen with it.
  void Clear();

  std::vector<std::string> Kinds() const override { return kinds; }
  std::vector<std::string> Actions() const override { return actions; }
  std::vector<std::string> Questions() const override { return question_types; }
  Admission MayPresent(const Prompt& prompt) override;
  void Present(const Prompt& prompt, PromptLease lease) override;
  void Retract(std::string_view prompt_id) override;

 private:
  void Settle() const;
  Verdict End(const std::string& how, const std::function<void(PromptLease&)>& tell);

  std::function<void()> settle_;
  std::function<std::string(std::string_view)> explain_;
  std::optional<Prompt> up_;
  std::optional<PromptLease> lease_;
  std::vector<Prompt> shown_;
  std::vector<std::string> retracted_;
};

}  // namespace guidon::testing
