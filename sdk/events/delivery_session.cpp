// Delivery's part in sessions: of which one each fact is that this process applies. What another process applies it knows
// nothing of, so from then on it says nothing of the session at all.
#include "sdk/events/delivery_impl.h"

namespace guidon::events {

void Delivery::Impl::BeginSession(MonoTime began) {
  ++sessions_;
  session_began_ = began;
  knows_session_ = !IsFollower();
}

std::uint32_t Delivery::Impl::SessionOf(MonoTime when) const { return when >= session_began_ ? sessions_ : 0; }

behavior::Session Delivery::Impl::SessionNow() const {
  return {knows_session_ ? sessions_ : 0, SteadyNow() - (Now() - session_began_)};
}

void Delivery::Impl::LoseSession() { knows_session_ = false; }

}  // namespace guidon::events
