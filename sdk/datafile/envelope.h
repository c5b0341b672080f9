// The bytes of a published datafile: signatures around a payload (docs/formats/datafile.md). What is written here is on
// disks and servers for good. Nothing is believed and nothing copied before all lengths have been checked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "guidon/ports/crypto.h"
#include "guidon/status.h"

namespace guidon::datafile {

inline constexpr std::string_view kMagic("GUIDON\x00\x01", 8);
inline constexpr std::size_t kKeyIdBytes = 8;
inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::size_t kPublicKeyBytes = 32;
inline constexpr std::size_t kMostSignatures = 4;

struct Signature {
  std::string key_id;     // kKeyIdBytes
  std::string signature;  // kSignatureBytes
};

struct Envelope {
  std::vector<Signature> signatures;  // empty when not signed
  std::string_view payload;           // into the bytes that were parsed
  bool is_signed = false;
};

// Signed bytes begin with the magic, unsigned ones with `{`; anything else, a web page say, is kCorrupt. Nothing is
// verified here. kTooLarge over limits::kDatafileBytes, signatures included.
Result<Envelope> ParseEnvelope(std::string_view bytes);

// What a signature is made of: the payload, bound to its length and to being a ruleset.
std::string SignedMessage(std::string_view payload);

// The bytes to publish; the bare payload when there are no signatures. Empty when there are over kMostSignatures, when
// one has the wrong size, or when the payload is too long for its length field.
std::string WriteEnvelope(const std::vector<Signature>& signatures, std::string_view payload);

// kKeyIdBytes; empty when the platform has no SHA-256.
std::string KeyId(Crypto& crypto, std::string_view public_key);

// A key id as messages and tools show it: 16 hexadecimal digits.
std::string KeyIdText(std::string_view key_id);

}  // namespace guidon::datafile
