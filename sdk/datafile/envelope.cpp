#include "sdk/datafile/envelope.h"

#include <cstdint>
#include <limits>

#include "guidon/limits.h"

namespace guidon::datafile {
namespace {

constexpr std::size_t kCountAt = kMagic.size();
constexpr std::size_t kSignaturesAt = kCountAt + 1;
constexpr std::size_t kEntryBytes = kKeyIdBytes + kSignatureBytes;
constexpr std::size_t kLengthBytes = 4;
constexpr std::string_view kPurpose("guidon/ruleset/v1\x00", 18);

void AppendLittleEndian(std::uint64_t number, std::size_t bytes, std::string* out) {
  for (std::size_t i = 0; i < bytes; ++i) *out += static_cast<char>(number >> (8 * i) & 0xFFu);
}

Status Corrupt(std::string reason) { return Status(StatusCode::kCorrupt, "datafile: " + std::move(reason)); }

Result<Envelope> ParseSigned(std::string_view bytes) {
  if (bytes.size() < kSignaturesAt) return Corrupt("cut short before the number of signatures");
  const std::size_t count = static_cast<unsigned char>(bytes[kCountAt]);
  if (count == 0 || count > kMostSignatures) return Corrupt(std::to_string(count) + " signatures; 1 to 4 are allowed");

  const std::size_t length_at = kSignaturesAt + count * kEntryBytes;
  const std::size_t payload_at = length_at + kLengthBytes;
  if (bytes.size() < payload_at) {
    return Corrupt("cut short in the signatures, at byte " + std::to_string(bytes.size()));
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[length_at + i])) << (8 * i);
  }
  const std::size_t present = bytes.size() - payload_at;
  if (present != length) {
    return Corrupt("the payload has " + std::to_string(present) + " bytes where the envelope says " +
                   std::to_string(length));
  }
  if (length == 0) return Corrupt("the payload is empty");

  Envelope envelope;
  envelope.is_signed = true;
  envelope.payload = bytes.substr(payload_at);
  envelope.signatures.reserve(count);
  for (std::size_t at = kSignaturesAt; at < length_at; at += kEntryBytes) {
    envelope.signatures.push_back(
        {std::string(bytes.substr(at, kKeyIdBytes)), std::string(bytes.substr(at + kKeyIdBytes, kSignatureBytes))});
  }
  return envelope;
}

}  // namespace

Result<Envelope> ParseEnvelope(std::string_view bytes) {
  if (bytes.size() > limits::kDatafileBytes) {
    return Status(StatusCode::kTooLarge, "datafile: " + std::to_string(bytes.size()) + " bytes; at most " +
                                             std::to_string(limits::kDatafileBytes) + " are taken");
  }
  if (bytes.empty()) return Corrupt("empty");
  if (bytes.substr(0, kMagic.size()) == kMagic) return ParseSigned(bytes);
  if (bytes.size() < kMagic.size() && kMagic.substr(0, bytes.size()) == bytes) return Corrupt("cut short in the magic");
  if (bytes.front() != '{') return Corrupt("neither a signed datafile nor JSON that begins with {");
  Envelope envelope;
  envelope.payload = bytes;
  return envelope;
}

std::string SignedMessage(std::string_view payload) {
  std::string message;
  message.reserve(kPurpose.size() + 8 + payload.size());
  message += kPurpose;
  AppendLittleEndian(payload.size(), 8, &message);
  message += payload;
  return message;
}

std::string WriteEnvelope(const std::vector<Signature>& signatures, std::string_view payload) {
  if (signatures.empty()) return std::string(payload);
  if (signatures.size() > kMostSignatures || payload.size() > std::numeric_limits<std::uint32_t>::max()) return {};
  std::string bytes;
  bytes.reserve(kSignaturesAt + signatures.size() * kEntryBytes + kLengthBytes + payload.size());
  bytes += kMagic;
  bytes += static_cast<char>(signatures.size());
  for (const Signature& signature : signatures) {
    if (signature.key_id.size() != kKeyIdBytes || signature.signature.size() != kSignatureBytes) return {};
    bytes += signature.key_id;
    bytes += signature.signature;
  }
  AppendLittleEndian(payload.size(), kLengthBytes, &bytes);
  bytes += payload;
  return bytes;
}

std::string KeyId(Crypto& crypto, std::string_view public_key) {
  std::string digest;
  if (!crypto.Digest(DigestAlgorithm::kSha256, public_key, &digest) || digest.size() < kKeyIdBytes) return {};
  digest.resize(kKeyIdBytes);
  return digest;
}

std::string KeyIdText(std::string_view key_id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : key_id) {
    const unsigned byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15u];
  }
  return text;
}

}  // namespace guidon::datafile
