#include "sdk/datafile/verify.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/base64.h"
#include "sdk/core/base/text.h"
#include "sdk/datafile/envelope.h"
#include "sdk/datafile/weak_keys.h"

namespace guidon::datafile {
namespace {

constexpr std::size_t kMostKeys = 4;

Status Untrusted(std::string reason) { return Status(StatusCode::kUntrusted, "datafile: " + std::move(reason)); }

std::string UnknownKeys(const std::vector<Signature>& signatures) {
  std::string ids;
  for (const Signature& signature : signatures) {
    if (!ids.empty()) ids += ", ";
    ids += KeyIdText(signature.key_id);
  }
  return "signed by key " + ids + ", which the app does not trust";
}

// Why nothing that this key signed is taken; empty when it may sign datafiles.
std::string WhyNot(const VerificationKey& key, Timestamp now) {
  const std::string signed_by = "signed by key " + KeyIdText(key.id);
  if (key.role == TrustedKey::Role::kQa) return signed_by + ", which is for QA and signs no datafile";
  if (now >= key.not_after) {
    return signed_by + ", which the app trusted until " + text::FormatTimestamp(key.not_after);
  }
  return std::string();
}

// One verification, from signature to signature, as the answers come in. Lives in the callbacks it hands out.
class Verification : public std::enable_shared_from_this<Verification> {
 public:
  Verification(Verified verified, Crypto* crypto, std::function<void(Result<Verified>)> done)
      : verified_(std::move(verified)), crypto_(crypto), done_(std::move(done)) {}

  void Begin(const std::vector<Signature>& signatures, const std::vector<VerificationKey>& keys, Timestamp now) {
    std::string why_not = UnknownKeys(signatures);
    for (const TrustedKey::Role role :
         {TrustedKey::Role::kQa, TrustedKey::Role::kRelease, TrustedKey::Role::kDevelopment}) {
      for (const VerificationKey& key : keys) {
        for (const Signature& signature : signatures) {
          if (key.role != role || key.id != signature.key_id) continue;
          std::string reason = WhyNot(key, now);
          if (reason.empty()) {
            attempts_.push_back({key, signature.signature});
          } else {
            why_not = std::move(reason);
          }
        }
      }
    }
    if (attempts_.empty()) {
      done_(Untrusted(std::move(why_not)));
      return;
    }
    message_ = SignedMessage(verified_.payload);
    Next();
  }

 private:
  struct Attempt {
    VerificationKey key;
    std::string signature;
  };

  // At most 16 deep where the platform answers at once: four keys, four signatures.
  void Next() {
    if (at_ == attempts_.size()) {
      done_(Untrusted("the signature by key " + KeyIdText(attempts_.back().key.id) + " is not good"));
      return;
    }
    const Attempt& attempt = attempts_[at_];
    crypto_->Verify(attempt.key.public_key, message_, attempt.signature,
                    [self = shared_from_this()](bool good) { self->Answer(good); });
  }

  void Answer(bool good) {
    const VerificationKey& key = attempts_[at_++].key;
    if (!good) {
      Next();
      return;
    }
    verified_.role = key.role;
    verified_.key_id = key.id;
    done_(std::move(verified_));
  }

  Verified verified_;
  Crypto* crypto_;
  std::function<void(Result<Verified>)> done_;
  std::vector<Attempt> attempts_;
  std::size_t at_ = 0;
  std::string message_;
};

}  // namespace

Result<std::vector<VerificationKey>> DecodeKeys(const std::vector<TrustedKey>& keys, Crypto* crypto) {
  const auto invalid = [](std::size_t index, std::string_view reason) {
    return Status(StatusCode::kInvalidArgument, "trusted_keys[" + std::to_string(index) + "]: " + std::string(reason));
  };
  std::vector<VerificationKey> decoded;
  if (keys.empty()) return decoded;
  if (crypto == nullptr) {
    return Status(StatusCode::kUnsupported, "trusted_keys: the platform has no cryptography to check signatures with");
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == kMostKeys) return invalid(i, "more than four keys");
    std::optional<std::string> key = DecodeBase64(keys[i].public_key);
    if (!key) return invalid(i, "not base64");
    if (key->size() != kPublicKeyBytes) return invalid(i, "an Ed25519 public key has 32 bytes");
    const std::string_view weakness = WhyWeak(*key);
    if (!weakness.empty()) return invalid(i, weakness);
    for (const VerificationKey& other : decoded) {
      if (other.public_key == *key) return invalid(i, "the same key is there twice");
    }
    std::string id = KeyId(*crypto, *key);
    if (id.empty()) return Status(StatusCode::kUnsupported, "trusted_keys: the platform has no SHA-256");
    decoded.push_back({std::move(id), *std::move(key), keys[i].role, keys[i].not_after});
  }
  return decoded;
}

void VerifyEnvelope(std::shared_ptr<const std::string> bytes, const std::vector<VerificationKey>& keys,
                    bool allow_unsigned, Timestamp now, Crypto* crypto, std::function<void(Result<Verified>)> done) {
  const Result<Envelope> envelope = ParseEnvelope(*bytes);
  if (!envelope.ok()) {
    done(envelope.status());
    return;
  }
  Verified verified;
  verified.bytes = std::move(bytes);
  verified.payload = envelope->payload;
  verified.is_signed = envelope->is_signed;
  if (!envelope->is_signed) {
    if (allow_unsigned) {
      done(std::move(verified));
    } else {
      done(Untrusted("no signature, and the app takes signed datafiles only"));
    }
    return;
  }
  if (crypto == nullptr) {
    done(Status(StatusCode::kUnsupported, "datafile: the platform has no cryptography to check the signature with"));
    return;
  }
  std::make_shared<Verification>(std::move(verified), crypto, std::move(done))->Begin(envelope->signatures, keys, now);
}

}  // namespace guidon::datafile
