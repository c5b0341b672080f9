// The notes app as a host of prompts: which moments suit it, the one prompt that is up, and what its buttons do. It
// draws nothing; screen.h does.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/prompt.h"
#include "guidon/status.h"
#include "samples/terminal/view.h"

namespace notes {

// All methods on the app's thread; the client calls it there, too, through the UI's queue.
class Prompts final : public guidon::PromptHost {
 public:
  // Is what a tooltip points at, by its name, on the screen now? Nothing for a name that the app does not know.
  using Anchors = std::function<std::optional<bool>(std::string_view)>;
  explicit Prompts(Anchors anchors) : anchors_(std::move(anchors)) {}

  std::vector<std::string> Kinds() const override { return {"tooltip", "banner", "modal"}; }
  std::vector<std::string> Questions() const override { return {"nps", "csat", "choice", "choices", "text"}; }
  std::vector<std::string> Actions() const override { return {"open", "share", "copy"}; }
  guidon::Admission MayPresent(const guidon::Prompt& prompt) override;
  void Present(const guidon::Prompt& prompt, guidon::PromptLease lease) override;
  void Retract(std::string_view prompt_id) override;

  // Nothing is put before people who are writing.
  void SetTyping(bool is_typing) noexcept { is_typing_ = is_typing; }

  // How often the client asked whether a prompt may be presented.
  std::uint64_t times_asked() const noexcept { return times_asked_; }

  // Null when none is up.
  const guidon::Prompt* up() const noexcept { return prompt_ ? &*prompt_ : nullptr; }
  std::optional<PromptView> Look() const;
  // It was drawn, or read out: from now on it has been seen.
  void Seen();

  // The question that is asked now; null: none.
  const guidon::SurveyQuestion* question() const noexcept { return question_; }
  // Answers it in the person's own words and goes on. Refused when no such question is asked.
  guidon::Status Write(std::string_view text);
  // Whether the button is one of the answers, which stand before the prompt's own; then it answers the question or
  // chooses one of several, and says what became of that.
  std::optional<guidon::Result<std::string>> PressAnswer(std::size_t button);
  std::size_t answers() const noexcept { return answers_.size(); }

  void Focus(std::size_t button);  // 0 is the first; ignored when there is none
  void MoveFocus(int by);          // around, at the ends
  std::size_t focus() const noexcept { return focus_; }

  // Presses a button, which closes the prompt. What it asks of the app; of no kind when nothing. Refused when no prompt
  // is up or it has no such button.
  guidon::Result<guidon::PromptAction> Press(std::size_t button);
  // False when none is up.
  bool Dismiss(guidon::DismissCause cause);
  // Takes a tooltip down whose anchor has left the screen.
  void CheckAnchor();

 private:
  guidon::Admission Admit(const guidon::Prompt& prompt) const;
  void Close();
  void AskAfter(std::string_view question, const guidon::Value& answer);
  guidon::Status Give(const guidon::Value& answer);

  Anchors anchors_;
  bool is_typing_ = false;
  std::uint64_t times_asked_ = 0;
  std::optional<guidon::Prompt> prompt_;
  std::optional<guidon::PromptLease> lease_;
  bool is_seen_ = false;
  std::size_t focus_ = 0;

  // A way to answer. With neither of the two it is "skip" or, of a question with several choices, "go on".
  struct Answer {
    std::string label;
    std::optional<guidon::Value> value;
    bool is_written = false;
  };
  const guidon::SurveyQuestion* question_ = nullptr;  // of `prompt_`
  std::vector<Answer> answers_;
  guidon::List chosen_;  // of several
};

}  // namespace notes
