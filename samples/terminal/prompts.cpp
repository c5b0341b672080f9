#include "samples/terminal/prompts.h"

#include <algorithm>
#include <utility>

namespace notes {

using guidon::Admission;
using guidon::Status;
using guidon::StatusCode;

Admission Prompts::MayPresent(const guidon::Prompt& prompt) {
  ++times_asked_;
  return Admit(prompt);
}

Admission Prompts::Admit(const guidon::Prompt& prompt) const {
  if (prompt.kind == "tooltip") {
    const std::optional<bool> is_visible = anchors_(prompt.anchor);
    if (!is_visible) return Admission::kNever;
    if (!*is_visible) return Admission::kLater;
  }
  return is_typing_ || prompt_ ? Admission::kLater : Admission::kNow;
}

void Prompts::Present(const guidon::Prompt& prompt, guidon::PromptLease lease) {
  // Time has passed since it was admitted.
  if (Admit(prompt) != Admission::kNow) {
    lease.Failed("the screen has changed");
    return;
  }
  prompt_ = prompt;
  lease_ = std::move(lease);
  is_seen_ = false;
  focus_ = 0;
  for (std::size_t i = 0; i < prompt.buttons.size(); ++i) {
    if (prompt.buttons[i].primary) focus_ = i;
  }
  if (!prompt.questions.empty()) AskAfter("", guidon::Value());
}

void Prompts::Retract(std::string_view prompt_id) {
  if (prompt_ && prompt_->id == prompt_id) Close();
}

std::optional<PromptView> Prompts::Look() const {
  if (!prompt_) return std::nullopt;
  PromptView view;
  view.kind = prompt_->kind;
  view.anchor = prompt_->anchor;
  view.title = prompt_->title;
  view.body = prompt_->body;
  view.image = prompt_->image.alt;
  view.answers = answers_.size();
  if (question_ != nullptr) view.question = question_->label;
  if (question_ != nullptr && question_->type == "nps") view.first = 0;
  for (const Answer& answer : answers_) {
    const bool is_chosen = answer.value && std::find(chosen_.begin(), chosen_.end(), *answer.value) != chosen_.end();
    view.buttons.push_back({(is_chosen ? "* " : "") + answer.label, false, answer.label.empty()});
  }
  for (const guidon::Prompt::Button& button : prompt_->buttons)
    view.buttons.push_back({button.label, button.primary, false});
  view.focus = focus_;
  view.forced = prompt_->forced;
  return view;
}

void Prompts::Seen() {
  if (!lease_ || is_seen_) return;
  is_seen_ = true;
  lease_->Presented();
}

void Prompts::Focus(std::size_t button) {
  if (prompt_ && button < answers_.size() + prompt_->buttons.size()) focus_ = button;
}

void Prompts::MoveFocus(int by) {
  const int count = prompt_ ? static_cast<int>(answers_.size() + prompt_->buttons.size()) : 0;
  if (count == 0) return;
  focus_ = static_cast<std::size_t>(((static_cast<int>(focus_) + by) % count + count) % count);
}

guidon::Result<guidon::PromptAction> Prompts::Press(std::size_t button) {
  if (!prompt_) return Status(StatusCode::kNotFound, "no prompt is up");
  if (button >= prompt_->buttons.size()) {
    return Status(StatusCode::kNotFound, "the prompt has no button " + std::to_string(button + 1));
  }
  Seen();
  const guidon::Prompt::Button pressed = prompt_->buttons[button];
  lease_->Action(pressed.id);
  Close();
  return pressed.action;
}

bool Prompts::Dismiss(guidon::DismissCause cause) {
  if (!prompt_) return false;
  // What nobody has seen was not dismissed.
  if (is_seen_) {
    lease_->Dismissed(cause);
  } else {
    lease_->Failed("it was closed before it was drawn");
  }
  Close();
  return true;
}

void Prompts::CheckAnchor() {
  if (prompt_ && prompt_->kind == "tooltip" && !anchors_(prompt_->anchor).value_or(false)) {
    Dismiss(guidon::DismissCause::kNavigation);
  }
}

void Prompts::Close() {
  lease_.reset();
  question_ = nullptr;
  answers_.clear();
  chosen_.clear();
  prompt_.reset();
}

// With no further question the survey is over, and the prompt with it.
void Prompts::AskAfter(std::string_view question, const guidon::Value& answer) {
  question_ = guidon::NextQuestion(prompt_->questions, question, answer);
  answers_.clear();
  chosen_.clear();
  focus_ = 0;
  if (question_ == nullptr) {
    (void)lease_->Completed();  // nothing that is required was left out: there was no button for that
    return Close();
  }
  for (int score = question_->least;
       question_->options.empty() && score <= question_->most && question_->type != "text"; ++score) {
    answers_.push_back({"", guidon::Value(score), false});
  }
  for (const auto& option : question_->options) answers_.push_back({option.label, guidon::Value(option.id), false});
  if (question_->type == "text") answers_.push_back({"Write", std::nullopt, true});
  if (question_->type == "choices") answers_.push_back({"Go on", std::nullopt, false});
  if (question_->type != "choices" && !question_->required) answers_.push_back({"Skip", std::nullopt, false});
}

Status Prompts::Give(const guidon::Value& answer) {
  Seen();
  Status told = lease_->Answer(question_->id, answer);
  if (told.ok()) AskAfter(question_->id, answer);
  return told;
}

Status Prompts::Write(std::string_view text) {
  if (question_ == nullptr || question_->type != "text") {
    return Status(StatusCode::kNotFound, "no question waits for words");
  }
  return Give(guidon::Value(text));
}

std::optional<guidon::Result<std::string>> Prompts::PressAnswer(std::size_t button) {
  if (question_ == nullptr || button >= answers_.size()) return std::nullopt;
  const Answer answer = answers_[button];
  if (answer.is_written) return std::string();
  const bool is_one_of_several = question_->type == "choices";
  if (answer.value && is_one_of_several) {
    const auto at = std::find(chosen_.begin(), chosen_.end(), *answer.value);
    if (at == chosen_.end()) {
      chosen_.push_back(*answer.value);
    } else {
      chosen_.erase(at);
    }
    focus_ = button;
    return std::string(answer.label + ".");
  }
  Status told;
  if (answer.value || is_one_of_several) {
    told = Give(answer.value ? *answer.value : guidon::Value(chosen_));
  } else {
    Seen();
    AskAfter(question_->id, guidon::Value());
  }
  if (!told.ok()) return told;
  return std::string(prompt_ ? "Thank you." : "Thank you, that was all.");
}

}  // namespace notes
