#include <utility>

#include "guidon/prompt.h"

namespace guidon {

PromptReceiver::~PromptReceiver() = default;

PromptLease::PromptLease(std::unique_ptr<PromptReceiver> receiver) noexcept : receiver_(std::move(receiver)) {}
PromptLease::PromptLease(PromptLease&&) noexcept = default;
PromptLease& PromptLease::operator=(PromptLease&&) noexcept = default;
PromptLease::~PromptLease() = default;

void PromptLease::Presented() noexcept {
  if (receiver_) receiver_->Presented();
}

void PromptLease::Action(std::string_view button_id) noexcept {
  if (receiver_) receiver_->Action(button_id);
}

void PromptLease::Dismissed(DismissCause cause) noexcept {
  if (receiver_) receiver_->Dismissed(cause);
}

void PromptLease::Snoozed(Duration wait) noexcept {
  if (receiver_) receiver_->Snoozed(wait);
}

void PromptLease::Failed(std::string_view why) noexcept {
  if (receiver_) receiver_->Failed(why);
}

}  // namespace guidon
