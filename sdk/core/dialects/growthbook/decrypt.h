// GrowthBook's encrypted payloads: base64 of the initialization vector, a dot, base64 of the ciphertext, by AES-128 in
// CBC mode. SDK specification 0.8.0.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "guidon/ports/crypto.h"
#include "guidon/status.h"

namespace guidon::dialects::growthbook {

// Nothing unless `key` is base64 of 16 bytes, and all of it is as it should be, and the result is UTF-8.
std::optional<std::string> Decrypt(std::string_view text, std::string_view key, Crypto& crypto);

// A payload with everything that came encrypted (`encryptedFeatures` and its like) in its own place; one without is
// returned as it is. An error names the member that cannot be read.
Result<std::string> DecryptPayload(std::string_view payload, std::string_view key, Crypto& crypto);

}  // namespace guidon::dialects::growthbook
