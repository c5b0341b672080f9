// Delivery's part in the time that prompts and behavior go by: one line, kept in the store, moved in one commit with
// the showings that were noted along it.
#include <utility>

#include "sdk/events/delivery_impl.h"

namespace guidon::events {

void Delivery::Impl::NoteDate(std::string_view date, MonoTime sent, MonoTime received) {
  server_clock_.Note(date, sent, received);
  is_date_news_ = true;
}

// Before facts are applied, which are noted along the line.
bool Delivery::Impl::StepTime() {
  if (phase_ != Phase::kReady || !Granted() || !(commit_due_ || is_date_news_ || is_time_due_)) return false;
  is_time_due_ = false;
  const ClockReading reading = Reading();
  SteadyTime time = state_.time;
  std::optional<SteadyTime::Correction> correction = time.Note(reading);
  if (!correction && std::exchange(is_date_news_, false)) {
    if (const auto server = server_clock_.At(reading.mono)) correction = time.Confirm(*server, reading);
  }
  if (!correction) {
    state_.time = time;
    PublishTime();
    if (in_memory_ || !time.IsAnotherBoot(state_.stored_time)) return false;
    // Before its clock can jump: the next process goes by this line.
    Commit(state_.Begin(), [] {});
    return true;
  }
  Update update = state_.Begin();
  update.time = time;
  auto scopes = std::make_shared<Scopes>(*state_.scopes);
  scopes->Move(*correction);
  update.scopes = std::move(scopes);
  Commit(std::move(update), [] {});
  return true;
}

void Delivery::Impl::PublishTime() {
  if (state_.time.is_begun()) steady_offset_.store(state_.time.offset().count(), std::memory_order_relaxed);
}

Timestamp Delivery::Impl::Steady(Timestamp wall) const {
  const Duration::rep offset = steady_offset_.load(std::memory_order_relaxed);
  if (offset == kNoOffset) return SteadyTime::Bounded(wall);
  return SteadyTime::Follow(wall, Timestamp(Now().time_since_epoch() + Duration(offset)));
}

Timestamp Delivery::Impl::SteadyNow() const { return Steady(ports_.clock->Now()); }

Duration Delivery::Impl::ClockAhead() const {
  const Timestamp wall = ports_.clock->Now();
  return wall - Steady(wall);
}

void Delivery::NoteDate(std::string date, MonoTime sent, MonoTime received) {
  impl_->PostTask([date = std::move(date), sent, received](Impl& impl) { impl.NoteDate(date, sent, received); });
}

Timestamp Delivery::SteadyNow() const { return impl_->SteadyNow(); }

Duration Delivery::ClockAhead() const { return impl_->ClockAhead(); }

}  // namespace guidon::events
