// Ed25519 keys of those who publish. The only file of the tool that names OpenSSL is keys.cpp.
#pragma once

#include <string>
#include <string_view>

#include "guidon/status.h"

namespace guidon::tools {

struct KeyPair {
  std::string private_pem;  // PKCS#8
  std::string public_key;   // 32 bytes
};

Result<KeyPair> MakeKeyPair();

// The pair that a PEM file holds.
Result<KeyPair> ReadPrivateKey(std::string_view pem);

// 64 bytes.
Result<std::string> Sign(const KeyPair& key, std::string_view message);

bool VerifySignature(std::string_view public_key, std::string_view message, std::string_view signature);

// 32 bytes.
std::string Sha256(std::string_view bytes);

// The 8 bytes by which an envelope names a key.
std::string KeyIdOf(std::string_view public_key);

}  // namespace guidon::tools
