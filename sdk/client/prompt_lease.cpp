#include "sdk/client/prompt_lease.h"

namespace guidon {

PromptLease::PromptLease(std::unique_ptr<Rep> rep) noexcept : rep_(std::move(rep)) {}
PromptLease::PromptLease(PromptLease&&) noexcept = default;
PromptLease& PromptLease::operator=(PromptLease&&) noexcept = default;
PromptLease::~PromptLease() = default;

void PromptLease::Presented() noexcept {
  if (rep_) rep_->shown->Presented();
}

void PromptLease::Action(std::string_view button_id) noexcept {
  if (rep_) rep_->shown->Action(button_id);
}

void PromptLease::Dismissed(DismissCause cause) noexcept {
  if (rep_) rep_->shown->Dismissed(cause);
}

void PromptLease::Snoozed(Duration wait) noexcept {
  if (rep_) rep_->shown->Snoozed(wait);
}

void PromptLease::Failed(std::string_view why) noexcept {
  if (rep_) rep_->shown->Failed(why);
}

}  // namespace guidon
