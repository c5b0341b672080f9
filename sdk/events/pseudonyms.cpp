#include "sdk/events/pseudonyms.h"

#include <utility>

namespace guidon::events {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256

std::string Padded(std::string key, unsigned char with) {
  key.resize(kBlockBytes, '\0');
  for (char& c : key) c = static_cast<char>(static_cast<unsigned char>(c) ^ with);
  return key;
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kDigits[static_cast<unsigned char>(c) & 0xF]);
  }
  return text;
}

}  // namespace

// HMAC as RFC 2104 has it.
Pseudonyms::Pseudonyms(std::string_view key, std::shared_ptr<Crypto> crypto)
    : crypto_(std::move(crypto)), hashes_(!key.empty()) {
  if (!hashes_) return;
  std::string short_key(key);
  if (key.size() < kLeastUnitKeyBytes) {
    status_ = Status(StatusCode::kInvalidArgument, "unit_key has less than 16 bytes, so no unit id is sent");
  } else if (crypto_ == nullptr ||
             (key.size() > kBlockBytes && !crypto_->Digest(DigestAlgorithm::kSha256, key, &short_key))) {
    status_ = Status(StatusCode::kUnsupported, "the platform has no SHA-256 for unit_key, so no unit id is sent");
  }
  if (!status_.ok()) return;
  inner_ = Padded(short_key, 0x36);
  outer_ = Padded(std::move(short_key), 0x5C);
  std::string tried;
  if (Hash("", &tried)) return;
  status_ = Status(StatusCode::kUnsupported, "the platform has no SHA-256 for unit_key, so no unit id is sent");
}

bool Pseudonyms::Hash(std::string_view message, std::string* out) const {
  std::string digest;
  return crypto_->Digest(DigestAlgorithm::kSha256, inner_ + std::string(message), &digest) &&
         crypto_->Digest(DigestAlgorithm::kSha256, outer_ + digest, out);
}

std::string Pseudonyms::Of(std::string_view kind, std::string_view id) const {
  if (!hashes_) return std::string(id);
  if (id.empty() || !status_.ok()) return std::string();
  std::string message(kind);
  message.append(1, '\x1F').append(id);
  std::string hash;
  return Hash(message, &hash) ? Hex(hash) : std::string();
}

void Pseudonyms::Replace(Fact* fact) const {
  if (!hashes_) return;
  for (Context::UnitId& unit : fact->units) unit.id = Of(unit.kind, unit.id);
  fact->unit_id = Of(fact->unit_kind, fact->unit_id);
}

}  // namespace guidon::events
