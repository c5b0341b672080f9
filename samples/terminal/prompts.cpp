#include "samples/terminal/prompts.h"

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
  for (const guidon::Prompt::Button& button : prompt_->buttons) view.buttons.push_back({button.label, button.primary});
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
  if (prompt_ && button < prompt_->buttons.size()) focus_ = button;
}

void Prompts::MoveFocus(int by) {
  if (!prompt_ || prompt_->buttons.empty()) return;
  const int count = static_cast<int>(prompt_->buttons.size());
  focus_ = static_cast<std::size_t>(((static_cast<int>(focus_) + by) % count + count) % count);
}

guidon::Result<std::string> Prompts::Press(std::size_t button) {
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
  prompt_.reset();
}

}  // namespace notes
