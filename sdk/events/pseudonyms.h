// Unit ids in the form in which they leave the device: as they are, or hashed with the app's key. Whatever decides on
// the device uses the plain ones. The form is permanent (docs/formats/events.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "guidon/ports/crypto.h"
#include "guidon/status.h"
#include "sdk/events/fact.h"

namespace guidon::events {

inline constexpr std::size_t kLeastUnitKeyBytes = 16;

class Pseudonyms {
 public:
  // With an empty key ids leave as they are, and `crypto` may be null.
  Pseudonyms(std::string_view key, std::shared_ptr<Crypto> crypto);

  // Not ok: ids cannot be hashed, so nothing that may name one leaves.
  const Status& status() const noexcept { return status_; }
  bool hashes() const noexcept { return hashes_; }

  // Of a unit, or of the installation with the kind "device". An empty id stays empty; where it cannot be hashed it
  // comes out empty, never plain. Any thread.
  std::string Of(std::string_view kind, std::string_view id) const;
  // All ids that the fact names. To do it twice is to hash hashes.
  void Replace(Fact* fact) const;

 private:
  bool Hash(std::string_view message, std::string* out) const;

  std::shared_ptr<Crypto> crypto_;
  bool hashes_;
  std::string inner_;  // the key with HMAC's two paddings, a block each
  std::string outer_;
  Status status_;
};

}  // namespace guidon::events
