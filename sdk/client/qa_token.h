// QA tokens: "gqa1.PAYLOAD.SIGNATURE", both in base64url. docs/formats/qa-token.md has the payload. The signature is
// one of Ed25519 over SignedTokenMessage(payload).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/overrides.h"
#include "guidon/ports/crypto.h"
#include "guidon/status.h"
#include "sdk/datafile/verify.h"

namespace guidon::client {

inline constexpr std::size_t kTokenBytes = 4096;  // of the whole text
inline constexpr std::size_t kTokenAllows = 64;
inline constexpr Duration kLongestToken = std::chrono::hours(24 * 7);              // in production
inline constexpr Duration kLongestDevelopmentToken = std::chrono::hours(24 * 90);  // elsewhere

// "production", "live", and whatever has "prod" in its name, in any case.
bool IsProduction(std::string_view environment) noexcept;

// What a device is called in tokens: of SHA-256 over the install id, so that it tells nothing of it. Empty without it.
std::string DeviceCodeOf(Crypto* crypto, std::string_view install_id);

// The token in a text that is one, or a link with one as its parameter `t`. Empty when there is none.
std::string_view FindToken(std::string_view text) noexcept;

// What may be said without a key, which is why nothing may be done with it yet: size, spelling, members, times, scope.
struct UncheckedToken {
  QaToken token;
  std::string payload;
  std::string signature;
};
Result<UncheckedToken> ParseToken(std::string_view text);

// Calls `done` exactly once, as `crypto` does. kUntrusted: not signed by one of `keys` that is for QA.
void VerifyToken(std::string_view text, const std::vector<datafile::VerificationKey>& keys, Crypto* crypto,
                 std::function<void(Result<QaToken>)> done);

// The payload of a token to be signed, and the text of one that is. The inverse of ParseToken.
std::string TokenPayload(const QaToken& token);
std::string SignedTokenMessage(std::string_view payload);
std::string TokenText(std::string_view payload, std::string_view signature);

// Whether one of `allow` covers it.
bool Covers(const std::vector<std::string>& allow, const Override& what);

// Why `entry` is no scope ("experiment:KEY=VARIANT", "flag:*", "*"); empty when it is one.
std::string WhyNoScope(std::string_view entry);

}  // namespace guidon::client
