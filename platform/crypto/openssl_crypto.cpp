#include <openssl/err.h>
#include <openssl/evp.h>

#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "guidon/platform_parts.h"

namespace guidon {
namespace {

constexpr std::size_t kPublicKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kAesBytes = 16;
constexpr std::size_t kMostCiphertext = 64u << 20;

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Never null: OpenSSL takes a null pointer as a question, whatever the length.
const unsigned char* Bytes(std::string_view view) noexcept {
  return reinterpret_cast<const unsigned char*>(view.data() == nullptr ? "" : view.data());
}

// What OpenSSL leaves in this thread's error queue is none of the host's business.
class ErrorMark {
 public:
  ErrorMark() noexcept { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

bool IsGood(std::string_view public_key, std::string_view message, std::string_view signature) noexcept {
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) return false;
  const ErrorMark mark;
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()));
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  if (!key || !context) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message), message.size()) == 1;
}

class OpenSsl final : public Crypto {
 public:
  bool Digest(DigestAlgorithm algorithm, std::string_view in, std::string* out) noexcept override {
    if (algorithm != DigestAlgorithm::kSha256) return false;
    const ErrorMark mark;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(Bytes(in), in.size(), digest, &size, EVP_sha256(), nullptr) != 1) return false;
    out->assign(reinterpret_cast<const char*>(digest), size);
    return true;
  }

  bool DecryptAesCbc(std::string_view key, std::string_view iv, std::string_view in,
                     std::string* out) noexcept override {
    const bool fits = key.size() == kAesBytes && iv.size() == kAesBytes && in.size() <= kMostCiphertext;
    if (!fits || in.empty() || in.size() % kAesBytes != 0) return false;
    const ErrorMark mark;
    const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
    if (!context) return false;
    if (EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, Bytes(key), Bytes(iv)) != 1) return false;
    std::string plain;
    try {
      plain.resize(in.size() + kAesBytes);
    } catch (const std::bad_alloc&) {
      return false;
    }
    auto* const to = reinterpret_cast<unsigned char*>(&plain[0]);
    int size = 0, rest = 0;
    if (EVP_DecryptUpdate(context.get(), to, &size, Bytes(in), static_cast<int>(in.size())) != 1) return false;
    if (EVP_DecryptFinal_ex(context.get(), to + size, &rest) != 1) return false;
    plain.resize(static_cast<std::size_t>(size + rest));
    *out = std::move(plain);
    return true;
  }

  void Verify(std::string_view public_key, std::string_view message, std::string_view signature,
              std::function<void(bool good)> done) override {
    done(IsGood(public_key, message, signature));
  }
};

}  // namespace

std::shared_ptr<Crypto> OpenSslCrypto() { return std::make_shared<OpenSsl>(); }

}  // namespace guidon
