// What the person agreed to. The app asks and remembers the answers; the client obeys them from the moment it is told.
// docs/guide/privacy.md says what is kept and sent with which.
#pragma once

#include <cstdint>

namespace guidon {

enum class Consent : std::uint8_t {
  kUnknown,  // not granted; what was kept with an earlier consent stays, unused
  kGranted,
  kDenied,  // not granted; what was kept is erased
};

enum class Purpose : std::uint8_t {
  // The app is tomorrow as it was today: install id, enrollments, which prompts were shown and their caps are kept on
  // the device. Without it nothing is kept at all, so the others need it, too, and no prompts are shown.
  kFunctional,
  // Events are kept until they are delivered, and sent. Without it nothing of what happened waits or leaves the device.
  kAnalytics,
  // What was done how often is kept on the device, and rules and prompts ask for it. Without it that is unknown.
  kPersonalization,
};

// An answer for each purpose. `Consent` converts: the same for all.
class Consents {
 public:
  constexpr Consents(Consent all) noexcept  // NOLINT(google-explicit-constructor)
      : bits_(static_cast<std::uint8_t>(static_cast<std::uint8_t>(all) * 0x15)) {}

  constexpr Consent Of(Purpose purpose) const noexcept { return static_cast<Consent>(bits_ >> ShiftOf(purpose) & 3); }
  // The same with another answer for one.
  constexpr Consents With(Purpose purpose, Consent consent) const noexcept {
    Consents result = *this;
    const int others = bits_ & ~(3 << ShiftOf(purpose));
    result.bits_ = static_cast<std::uint8_t>(others | static_cast<int>(consent) << ShiftOf(purpose));
    return result;
  }
  // Granted, and so is kFunctional, without which nothing may be done for the others.
  constexpr bool Allows(Purpose purpose) const noexcept {
    return Of(purpose) == Consent::kGranted && Of(Purpose::kFunctional) == Consent::kGranted;
  }

  friend constexpr bool operator==(Consents a, Consents b) noexcept { return a.bits_ == b.bits_; }
  friend constexpr bool operator!=(Consents a, Consents b) noexcept { return a.bits_ != b.bits_; }

 private:
  static constexpr int ShiftOf(Purpose purpose) noexcept { return 2 * static_cast<int>(purpose); }

  std::uint8_t bits_;  // two for each purpose
};

}  // namespace guidon
