// Signatures that are a hash of key and message: enough to tell one key or one bit from another. Proves nothing about
// Ed25519; the suites under tests/ports do that for the real port.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guidon/ports/crypto.h"
#include "sdk/core/hash/hash.h"

namespace guidon::test {

inline std::string HashText(std::string_view bytes, std::size_t size) {
  std::string out;
  while (out.size() < size) {
    const Hash128 hash = HashBytes128(std::string(bytes) + std::to_string(out.size()));
    for (int i = 0; i < 8; ++i) out += static_cast<char>(hash.high >> (8 * i) & 0xFF);
    for (int i = 0; i < 8; ++i) out += static_cast<char>(hash.low >> (8 * i) & 0xFF);
  }
  return out.substr(0, size);
}

class PretendCrypto final : public Crypto {
 public:
  static std::string Sign(std::string_view public_key, std::string_view message) {
    return HashText(std::string(public_key) + "\n" + std::string(message), 64);
  }

  bool Digest(DigestAlgorithm, std::string_view in, std::string* out) noexcept override {
    if (!has_digest) return false;
    *out = HashText(in, 32);
    return true;
  }

  void Verify(std::string_view public_key, std::string_view message, std::string_view signature,
              std::function<void(bool good)> done) override {
    verified.emplace_back(public_key);
    const bool good = signature == Sign(public_key, message);
    if (answers_later) {
      later.push_back([done = std::move(done), good] { done(good); });
    } else {
      done(good);
    }
  }

  bool has_digest = true;
  bool answers_later = false;
  std::vector<std::function<void()>> later;
  std::vector<std::string> verified;  // the keys asked for, in order
};

}  // namespace guidon::test
