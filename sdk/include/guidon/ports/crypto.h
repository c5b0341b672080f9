// Port: signatures and digests. Never our own code; the default is OpenSSL.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon {

enum class DigestAlgorithm { kSha256 };

class Crypto {
 public:
  virtual ~Crypto() = default;

  // Replaces `out` by the digest's bytes. False when the algorithm is not there. Any thread; at once.
  virtual bool Digest(DigestAlgorithm algorithm, std::string_view in, std::string* out) noexcept = 0;

  // Is `signature` (64 bytes) a good Ed25519 signature of `message` by `public_key` (32 bytes), as RFC 8032 demands?
  // Wrong sizes are not good. `done` is called exactly once: inside this call, or later from any thread where the
  // system's cryptography is asynchronous. The views need to live only as long as this call.
  virtual void Verify(std::string_view public_key, std::string_view message, std::string_view signature,
                      std::function<void(bool good)> done) = 0;

  // Replaces `out` by what AES-128 in CBC mode with PKCS #7 padding (NIST SP 800-38A, RFC 5652 section 6.3) made `in`
  // of, under a key and an initialization vector of 16 bytes each. False when they are not, or the padding is none, or
  // there is no AES here, as in a port that does not override this. For payloads of other vendors that come encrypted.
  // Any thread; at once.
  virtual bool DecryptAesCbc(std::string_view /*key*/, std::string_view /*iv*/, std::string_view /*in*/,
                             std::string* /*out*/) noexcept {
    return false;
  }
};

}  // namespace guidon
