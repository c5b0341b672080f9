#include "sdk/client/prompt_lease.h"

namespace guidon {

PromptLease::PromptLease(std::unique_ptr<Rep> rep) noexcept : rep_(std::move(rep)) {}
PromptLease::PromptLease(PromptLease&&) noexcept = default;

PromptLease& PromptLease::operator=(PromptLease&& other) noexcept {
  if (this != &other) {
    if (rep_) rep_->End(PromptOutcome::kFailed, "the lease was dropped");
    rep_ = std::move(other.rep_);
  }
  return *this;
}

PromptLease::~PromptLease() {
  if (rep_) rep_->End(PromptOutcome::kFailed, "the lease was dropped");
}

void PromptLease::Presented() noexcept {
  if (!rep_ || rep_->is_presented || rep_->has_ended) return;
  rep_->is_presented = true;
  rep_->report(PromptOutcome::kPresented, std::string());
}

void PromptLease::Action(std::string_view button_id) noexcept {
  if (rep_) rep_->End(PromptOutcome::kAction, button_id);
}

void PromptLease::Dismissed(DismissCause cause) noexcept {
  static constexpr std::string_view kNames[] = {"person", "timeout", "navigation", "host"};
  if (rep_) rep_->End(PromptOutcome::kDismissed, kNames[static_cast<int>(cause)]);
}

void PromptLease::Snoozed(Duration wait) noexcept {
  if (rep_) rep_->End(PromptOutcome::kSnoozed, std::to_string(wait.count()));
}

void PromptLease::Failed(std::string_view why) noexcept {
  if (rep_) rep_->End(PromptOutcome::kFailed, why);
}

}  // namespace guidon
