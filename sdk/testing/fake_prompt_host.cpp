#include "guidon/testing/fake_prompt_host.h"

#include <algorithm>
#include <utility>

namespace guidon::testing {
namespace {

Verdict NothingUp(const char* wanted) { return {false, std::string(wanted) + ": no prompt is up"}; }

std::string Named(const Prompt& prompt) { return "the prompt of " + prompt.campaign + ", \"" + prompt.title + "\""; }

}  // namespace

void FakePromptHost::Attach(std::function<void()> settle, std::function<std::string(std::string_view)> explain) {
  settle_ = std::move(settle);
  explain_ = std::move(explain);
}

void FakePromptHost::Clear() {
  up_.reset();
  lease_.reset();
}

void FakePromptHost::Settle() const {
  if (settle_) settle_();
}

const std::optional<Prompt>& FakePromptHost::up() const {
  Settle();
  return up_;
}

const std::vector<Prompt>& FakePromptHost::shown() const {
  Settle();
  return shown_;
}

const std::vector<std::string>& FakePromptHost::retracted() const {
  Settle();
  return retracted_;
}

Verdict FakePromptHost::IsUp(std::string_view campaign) const {
  Settle();
  if (up_ && up_->campaign == campaign) return {true, Named(*up_) + " is up"};
  std::string text = up_ ? Named(*up_) + " is up" : "no prompt is up";
  if (explain_) text += "\n" + explain_(campaign);
  return {false, std::move(text)};
}

Verdict FakePromptHost::IsEmpty() const {
  Settle();
  return {!up_, up_ ? Named(*up_) + " is up" : "no prompt is up"};
}

Verdict FakePromptHost::End(const std::string& how, const std::function<void(PromptLease&)>& tell) {
  Settle();
  if (!up_) return NothingUp(how.c_str());
  Verdict done(true, how + " " + Named(*up_));
  tell(*lease_);
  Clear();
  Settle();
  return done;
}

Verdict FakePromptHost::Press(std::string_view button) {
  Settle();
  if (!up_) return NothingUp("press");
  const auto& buttons = up_->buttons;
  const auto pressed =
      std::find_if(buttons.begin(), buttons.end(), [&](const auto& each) { return each.id == button; });
  if (pressed != buttons.end()) {
    const PromptAction action = pressed->action;
    Verdict done = End("pressed " + std::string(button) + " of", [&](PromptLease& lease) { lease.Action(button); });
    if (on_action && !action.kind.empty()) on_action(action);
    return done;
  }
  std::string text = Named(*up_) + " has no button " + std::string(button) + "; it has";
  for (const Prompt::Button& each : buttons) text += " " + each.id;
  return {false, buttons.empty() ? text + " none" : text};
}

Verdict FakePromptHost::Dismiss(DismissCause cause) {
  return End("dismissed", [&](PromptLease& lease) { lease.Dismissed(cause); });
}

Verdict FakePromptHost::Snooze(Duration wait) {
  return End("snoozed", [&](PromptLease& lease) { lease.Snoozed(wait); });
}

Verdict FakePromptHost::Answer(std::string_view question, const Value& answer) {
  Settle();
  if (!up_) return NothingUp("answer");
  const Status status = lease_->Answer(question, answer);
  Settle();
  if (!status.ok()) return {false, "the answer to " + std::string(question) + " was refused: " + status.message()};
  return {true, "answered " + std::string(question) + " of " + Named(*up_)};
}

Verdict FakePromptHost::Complete() {
  Settle();
  if (!up_) return NothingUp("complete");
  const Status status = lease_->Completed();
  if (!status.ok()) return {false, Named(*up_) + " is not complete: " + status.message()};
  Verdict done(true, "completed " + Named(*up_));
  Clear();
  Settle();
  return done;
}

Verdict FakePromptHost::SetVisible(bool is_visible) {
  Settle();
  if (!up_) return NothingUp(is_visible ? "show" : "hide");
  lease_->Visible(is_visible);
  Settle();
  return {true, Named(*up_) + (is_visible ? " can be seen" : " cannot be seen")};
}

Admission FakePromptHost::MayPresent(const Prompt&) { return admission; }

void FakePromptHost::Present(const Prompt& prompt, PromptLease lease) {
  shown_.push_back(prompt);
  up_ = prompt;
  lease.Presented();
  lease_.emplace(std::move(lease));
}

void FakePromptHost::Retract(std::string_view prompt_id) {
  if (!up_ || up_->id != prompt_id) return;
  retracted_.emplace_back(prompt_id);
  Clear();
}

}  // namespace guidon::testing
