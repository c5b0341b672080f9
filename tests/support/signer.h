// A key of the moment that signs datafiles. For tests that link OpenSSL's libcrypto.
#pragma once

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "guidon/options.h"
#include "guidon/platform_parts.h"
#include "sdk/core/base/base64.h"
#include "sdk/datafile/envelope.h"

namespace guidon::test {

class Signer {
 public:
  Signer() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free) {
    std::size_t size = datafile::kPublicKeyBytes;
    public_key_.resize(size);
    REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), Bytes(&public_key_), &size) == 1);
  }

  TrustedKey trusted(TrustedKey::Role role = TrustedKey::Role::kRelease) const {
    return {EncodeBase64(public_key_), role};
  }

  // As messages show it.
  std::string key_id() const { return datafile::KeyIdText(datafile::KeyId(*OpenSslCrypto(), public_key_)); }

  datafile::Signature SignatureOf(std::string_view payload) const {
    return {datafile::KeyId(*OpenSslCrypto(), public_key_), SignMessage(datafile::SignedMessage(payload))};
  }

  // 64 bytes.
  std::string SignMessage(const std::string& message) const {
    std::string signature(datafile::kSignatureBytes, '\0');
    std::size_t size = signature.size();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
    REQUIRE(EVP_DigestSign(context.get(), Bytes(&signature), &size,
                           reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
    return signature;
  }

  std::string Sign(std::string_view payload) const { return datafile::WriteEnvelope({SignatureOf(payload)}, payload); }

 private:
  static unsigned char* Bytes(std::string* text) { return reinterpret_cast<unsigned char*>(&(*text)[0]); }

  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::string public_key_;
};

}  // namespace guidon::test
