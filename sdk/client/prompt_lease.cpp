#include <utility>

#include "guidon/prompt.h"

namespace guidon {

namespace {

constexpr char kIsOver[] = "the prompt is not up any more";

}  // namespace

PromptReceiver::~PromptReceiver() = default;

void PromptReceiver::Visible(bool) noexcept {}

Status PromptReceiver::Answer(std::string_view, const Value&) noexcept {
  return {StatusCode::kUnsupported, "answers are not heard"};
}

Status PromptReceiver::Completed() noexcept { return {StatusCode::kUnsupported, "answers are not heard"}; }

PromptLease::PromptLease(std::unique_ptr<PromptReceiver> receiver) noexcept : receiver_(std::move(receiver)) {}
PromptLease::PromptLease(PromptLease&&) noexcept = default;
PromptLease& PromptLease::operator=(PromptLease&&) noexcept = default;
PromptLease::~PromptLease() = default;

void PromptLease::Presented() noexcept {
  if (receiver_) receiver_->Presented();
}

void PromptLease::Visible(bool is_visible) noexcept {
  if (receiver_) receiver_->Visible(is_visible);
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

Status PromptLease::Answer(std::string_view question_id, const Value& answer) noexcept {
  return receiver_ ? receiver_->Answer(question_id, answer) : Status(StatusCode::kClosed, kIsOver);
}

Status PromptLease::Completed() noexcept {
  return receiver_ ? receiver_->Completed() : Status(StatusCode::kClosed, kIsOver);
}

}  // namespace guidon
